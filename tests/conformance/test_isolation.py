"""Nothing that a runtime or its user does to processes costs more than the one case, and nothing outlives a run."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from conformance import runner
from conformance.guard import is_gone
from conformance.runner import run
from graphs.blocks.conv import Conv
from graphs.grid import Case

ROOT = Path(__file__).parents[2]
FAKES = "backend:tests.fakes.backends"
VICTIM = Case(Conv(batch=1, channels=1, extent=(9,), kernel_shape=(2,), strides=(2,)), "small")
OTHERS = [Case(Conv(batch=1, channels=1, extent=(n, n), kernel_shape=(3, 3)), "small") for n in range(3, 9)]
posix = pytest.mark.skipif(os.name == "nt", reason="process groups")
DUE = {
    (3, 0): ("crash", "the process ended by SIGABRT"),
    (3, 1): ("crash", "the process ended by SIGSEGV"),
    (7, 0): ("timeout", "no result after 1 s"),
    (7, 1): ("timeout", "no result after 1 s"),
    (11, 0): ("crash", "the process ended with exit status 3"),
    (11, 1): ("crash", "the process ended with exit status 0"),
}


@posix
@pytest.mark.parametrize("number", [40, pytest.param(1000, marks=pytest.mark.long)])
def test_crashes_hangs_and_exits_cost_their_cases(number: int) -> None:
    """Of 1,000 cases 50 crash, 50 hang and 50 exit: each has that verdict, and a hang costs its limit once."""
    extents = range(20, 20 + number)
    tried = [Case(Conv(batch=1, channels=1, extent=(n,), kernel_shape=(3,)), "small") for n in extents]
    due = {c.id: DUE.get((n % 20, n // 20 % 2), ("pass", "")) for c, n in zip(tried, extents, strict=True)}
    unrepeated: list[str] = []
    start = time.monotonic()
    found = list(run(f"{FAKES}.Hazardous", tried, workers=2, limit=1, unrepeated=unrepeated))
    seconds = time.monotonic() - start
    assert len(found) == number
    assert {record.case: (record.verdict, record.message) for record in found} == due
    assert unrepeated == []
    assert seconds < 10 + number / 8  # 42 s for 1,000 on two cores; five limits a hang, as by halves, would be 125 s


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_memory_without_end_costs_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "MEMORY", 1 << 30)
    found = {record.case: record for record in run(f"{FAKES}.Hoards", [*OTHERS, VICTIM], workers=1, limit=60)}
    hit = found.pop(VICTIM.id)
    assert (hit.verdict, hit.message) == (
        "crash",
        "the process ended by SIGKILL, perhaps out of memory: more than 1 GiB",
    )
    assert {record.verdict for record in found.values()} == {"pass"}


def ids(path: Path) -> list[int]:
    """The process ids that a fake has written, once it has."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            if len(found := path.read_text(encoding="utf-8").split()) > 1:
                return [int(pid) for pid in found]
        time.sleep(0.05)
    pytest.fail("the case was never reached")


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or dead and not yet reaped by whoever adopted it."""
    stat = Path(f"/proc/{pid}/stat")
    return is_gone(pid) or (stat.exists() and ") Z " in stat.read_text(encoding="utf-8"))


@posix
def test_a_time_out_ends_what_the_runtime_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHILD", str(tmp_path / "ids"))
    (record,) = run(f"{FAKES}.Parent", [VICTIM], workers=1, limit=1)
    assert record.verdict == "timeout"
    assert all(map(has_ended, ids(tmp_path / "ids")))


@posix
def test_a_killed_parent_takes_its_workers_and_theirs_along(tmp_path: Path) -> None:
    """Within two seconds, even those that hang in native code."""
    code = (
        "from tests.conformance.test_isolation import FAKES, VICTIM; from conformance.runner import run\n"
        "if __name__ == '__main__': list(run(FAKES + '.Parent', [VICTIM], workers=1, limit=600))"
    )
    (tmp_path / "main.py").write_text(code, encoding="utf-8")
    spare = {**os.environ, "CHILD": str(tmp_path / "ids"), "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, tmp_path / "main.py"], cwd=ROOT, env=spare) as parent:
        found = ids(tmp_path / "ids")
        parent.kill()
    until = time.monotonic() + 2
    while time.monotonic() < until and not (all(map(has_ended, found)) and not list(tmp_path.glob("convformance-*"))):
        time.sleep(0.02)
    assert all(map(has_ended, found))
    assert not list(tmp_path.glob("convformance-*"))


@posix
def test_a_worker_killed_from_outside_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case at work is tried again and has its own verdict; the kill is told."""
    monkeypatch.setenv("SLOW", "0.5")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed: list[int] = []

    def kill() -> None:
        while not killed:
            for path in tmp_path.glob("convformance-*/worker-*"):
                if list(path.parent.glob("batch-*")):
                    time.sleep(0.7)
                    killed.append(int(path.name.removeprefix("worker-")))
                    os.kill(killed[0], signal.SIGKILL)
                    return
            time.sleep(0.02)

    thread = threading.Thread(target=kill)
    thread.start()
    unrepeated: list[str] = []
    found = list(run(f"{FAKES}.Slow", OTHERS, workers=1, limit=30, unrepeated=unrepeated))
    thread.join()
    assert Counter((r.case, r.verdict) for r in found) == Counter((c.id, "pass") for c in OTHERS)
    (text,) = unrepeated
    assert "SIGKILL, perhaps out of memory, near " in text
