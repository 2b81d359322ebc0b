"""Memory of the parent process of a run against the number of cases: planning, the loop over results, the reports.

Results are made up on the spot, one for each case on one runtime, a share of them bad, so that only the parent's own
work is measured: the plan, the log, progress, waivers, and the three reports.  Each size is measured in a process of
its own; printed are its peak resident set (MB) after each step and the log's bytes a result.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from conformance import deviations, runner, session
from conformance.choose import plan_of
from conformance.execute import traits
from conformance.results import LOG_NAME, Record, opened
from graphs.grid import FULL, Case, cases
from reports import PIECES

SIZES = (9_000, 100_000, 400_000)  # the last with the two of the largest blocks
ORDER = (
    "p_relu", "space_to_depth", "classical_filter", "depth_to_space", "clip", "global_lp_pool", "conv", "max_pool",
)  # fmt: skip
BAD = 50  # one result in so many


def made(name: str, tried: Sequence[Case], **_: Any) -> Iterator[Record]:
    """A result for each case, without running it."""
    for number, case in enumerate(tried):
        record = Record(case=case.id, block=case.spec.block, runtime=name, verdict="pass", traits=traits(case))
        record.seconds = {"ours": 0.001, "prepare": 0.001, "run": 0.001}
        if number % BAD == 0:
            record.verdict, record.message = "fail", f"y[0] is 1, should be {number} (error 1, bound 0)"
        yield record


def peak() -> float:
    """The largest resident set so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(least: int) -> None:
    """One size: whole blocks of tier full until there are so many cases."""
    shown, start = [f"{peak():.0f}"], time.time()
    blocks: list[str] = []
    count = 0
    for block in ORDER:
        if count >= least:
            break
        blocks.append(block)
        count += len(cases(block, FULL))
    runner.run = made  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder:
        chosen = plan_of(FULL, blocks, ())
        plan = session.Plan(FULL, blocks, chosen, {"made": "1"}, {}, waivers=deviations.load())
        header = plan.header()
        shown.append(f"{peak():.0f}")
        path = Path(folder, LOG_NAME)
        with path.open("w", encoding="utf-8", buffering=1) as stream:
            session.execute(plan, header, stream, workers=1, limit=1, on_result=lambda record: None)
        shown.append(f"{peak():.0f}")
        log = opened(path)
        for pieces in PIECES.values():
            for _ in pieces(log):
                pass
        shown.append(f"{peak():.0f}")
        size = path.stat().st_size / log.size
        print(f"| {log.size:,} | {' | '.join(shown)} | {size:.0f} | {time.time() - start:.0f} |", flush=True)


def main() -> None:
    """A table, a row for each number of cases."""
    print("| results | start, MB | planned, MB | run, MB | reported, MB | bytes a result | seconds |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for size in map(int, sys.argv[1:]) if len(sys.argv) > 1 else SIZES:
        subprocess.run([sys.executable, "-m", "benchmarks.memory", f"={size}"], check=True)


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("="):
        measure(int(sys.argv[1][1:]))
    else:
        main()
