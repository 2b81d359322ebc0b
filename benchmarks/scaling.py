"""What a run costs: cases a second and core, memory of a process, bytes of a result; and what a larger run needs."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click

LARGE = 1_000_000  # cases
RUNTIMES = 10
FLOOR = 0.1  # seconds between two looks at the memory of the processes


class Cost(NamedTuple):
    """Of one run."""

    results: int
    seconds: float
    parent: int  # bytes, the most resident
    worker: int  # bytes, the most resident of one process below
    raw: int  # bytes of the log
    packed: int  # bytes of the log, by gzip


def measured(tier: str, runtime: str, workers: int, block: tuple[str, ...], executor: str) -> Cost:
    """Run a tier on a runtime as a user does."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["run", "--tier", tier, "--runtime", runtime, "-j", str(workers), "--executor", executor]
        words += ["--out", folder, *(word for name in block for word in ("--block", name))]
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        parent = worker = 0
        while process.poll() is None:
            parent = max(parent, resident(process.pid))
            worker = max([worker, *map(resident, below(process.pid))])
            time.sleep(FLOOR)
        seconds = time.perf_counter() - start
        log = (Path(folder) / "results.jsonl").read_bytes()
        return Cost(log.count(b"\n") - 2, seconds, parent, worker, len(log), len(gzip.compress(log)))


def resident(pid: int) -> int:
    """Bytes of a process in memory, by Linux's /proc; 0 where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def below(pid: int) -> list[int]:
    """A process's children and theirs."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in path.read_text().split()]
        except OSError:
            continue
        found += [one for child in children for one in (child, *below(child))]
    return found


@click.command()
@click.option("--tier", default="quick", show_default=True)
@click.option("--runtime", multiple=True, default=("onnxruntime", "torch", "onnx-reference"), show_default=True)
@click.option("--block", multiple=True)
@click.option("--executor", default="local", show_default=True)
@click.option("-j", "workers", multiple=True, type=click.IntRange(1), default=(1, 2), show_default=True)
def main(tier: str, runtime: tuple[str, ...], block: tuple[str, ...], executor: str, workers: tuple[int, ...]) -> None:
    """Print what runs cost, and what LARGE cases on RUNTIMES runtimes of the kind would."""
    click.echo(f"{'runtime':<16}{'-j':>3}{'results':>9}{'seconds':>9}{'a second and core':>19}", nl=False)
    click.echo(f"{'parent MB':>11}{'worker MB':>11}{'bytes':>7}{'by gzip':>9}{'core hours':>12}{'GB':>7}")
    for name in runtime:
        for count in workers:
            cost = measured(tier, name, count, block, executor)
            rate, each = cost.results / cost.seconds / count, cost.packed / cost.results
            hours, size = LARGE * RUNTIMES / rate / 3600, LARGE * RUNTIMES * each / 1e9
            click.echo(f"{name:<16}{count:>3}{cost.results:>9,}{cost.seconds:>9.1f}{rate:>19.0f}", nl=False)
            click.echo(f"{cost.parent / 1e6:>11.0f}{cost.worker / 1e6:>11.0f}", nl=False)
            click.echo(f"{cost.raw / cost.results:>7.0f}{each:>9.0f}{hours:>12.1f}{size:>7.2f}")


if __name__ == "__main__":
    main()
