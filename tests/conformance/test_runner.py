"""Worker processes: whatever ends one costs the case that did it, and no other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from conformance.execute import try_case
from conformance.repeat import death
from conformance.results import BAD, Record
from conformance.runner import run
from conformance.trial import trial
from graphs.blocks.conv import Conv
from graphs.grid import Case, cases
from graphs.statistics import STATISTICS
from tests.fakes.backends import is_victim

# The lecture's sizes and a few more; one of them has a stride of 2 on every axis and sets the faults off.
ONE_VICTIM = [case for case in cases("conv", "quick") if case.name and case.name not in STATISTICS] + [
    Case(Conv(batch=1, channels=1, extent=(n, n), kernel_shape=(3, 3)), "small") for n in range(3, 16)
]
TWO_VICTIMS = [*ONE_VICTIM[:6], Case(Conv(batch=1, channels=1, extent=(9,), kernel_shape=(2,), strides=(2,)), "random")]

# Seconds a case; a busy machine may keep a case without fault waiting for longer, and then the next is tried.
LIMITS = (1, 4, 16)
DEATHS = {
    "Abort": ("crash", "SIGABRT"),
    "Segfault": ("crash", "SIGSEGV"),
    "Leave": ("crash", "exit status 3"),
    "LeaveQuietly": ("crash", "exit status 0"),
    "Killed": ("crash", "SIGKILL, perhaps out of memory"),
    "HangHard": ("timeout", "no result after {limit} s"),
    "Prints": ("timeout", "no result after {limit} s"),
    "Hang": ("timeout", "no result after {limit} s"),
    "Quit": ("error", "SystemExit: 0"),
    "Panic": ("error", "PanicException: index out of bounds"),
}


def is_hit(case: Case) -> bool:
    """Whether the fakes misbehave on a case."""
    return isinstance(case.spec, Conv) and is_victim(case.spec.strides)


def records_of(fake: str, tried: Sequence[Case], *, limit: float = 60) -> dict[str, Record]:
    """Records by case, after a check that each case has exactly one."""
    found = list(run(f"backend:tests.fakes.backends.{fake}", tried, workers=2, limit=limit))
    assert Counter(record.case for record in found) == Counter(case.id for case in tried)
    return {record.case: record for record in found}


def patient_records(fake: str, tried: Sequence[Case]) -> tuple[int, dict[str, Record]]:
    """The first of LIMITS that every case without fault keeps to, and the records; the last one in any case."""
    for limit in LIMITS:
        records = records_of(fake, tried, limit=limit)
        if all(is_hit(case) or records[case.id].verdict != "timeout" for case in tried):
            break
    return limit, records


def test_the_cases_are_as_the_tests_need_them() -> None:
    assert [is_hit(case) for case in ONE_VICTIM].count(True) == 1
    assert [is_hit(case) for case in TWO_VICTIMS].count(True) == 2


@pytest.mark.parametrize("fake", DEATHS)
def test_a_death_costs_the_case_that_did_it(fake: str) -> None:
    verdict, message = DEATHS[fake]
    if verdict == "timeout":
        tried = ONE_VICTIM[:7]
        limit, records = patient_records(fake, tried)
        message = message.format(limit=limit)
    else:
        tried, records = ONE_VICTIM, records_of(fake, ONE_VICTIM)
    for case in tried:
        record = records[case.id]
        assert record.verdict == (verdict if is_hit(case) else "pass"), record
        if is_hit(case):
            assert message in record.message
            assert record.stage == "run"
            assert record.traits["strides"] == (2, 2)


def test_a_crash_that_no_case_repeats_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case passes when its batch is run in halves; the run must not look as if nothing had happened."""
    monkeypatch.setenv("ABORT_ONCE", str(tmp_path / "done"))
    name, unrepeated = "backend:tests.fakes.backends.AbortOnce", list[str]()
    found = list(run(name, ONE_VICTIM, workers=2, limit=60, unrepeated=unrepeated))
    assert (tmp_path / "done").exists()
    assert Counter(record.case for record in found) == Counter(case.id for case in ONE_VICTIM)
    assert {record.verdict for record in found} == {"pass"}
    (text,) = unrepeated
    assert text.startswith(f"{name}: ")
    assert "SIGABRT" in text
    assert text.endswith(", and not when repeated")
    assert any(f", near {case.id}, " in text for case in ONE_VICTIM)


@pytest.mark.parametrize("fake", ["Correct", "Abort", "Quit"])
def test_a_crash_that_a_case_repeats_is_that_case_s(fake: str) -> None:
    unrepeated: list[str] = []
    list(run(f"backend:tests.fakes.backends.{fake}", TWO_VICTIMS, workers=2, limit=60, unrepeated=unrepeated))
    assert unrepeated == []


def test_a_batch_that_is_too_long_for_the_limit_of_one_case_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is halved until it is not, and every case keeps to the limit, of which it takes a quarter."""
    tried = ONE_VICTIM[:12]
    for limit in LIMITS:
        unrepeated: list[str] = []
        monkeypatch.setenv("SLOW", str(limit / 4))
        found = list(run("backend:tests.fakes.backends.Slow", tried, workers=1, limit=limit, unrepeated=unrepeated))
        if all(record.verdict != "timeout" for record in found):
            break
    assert Counter((record.case, record.verdict) for record in found) == Counter((case.id, "pass") for case in tried)
    assert unrepeated == []


@pytest.mark.parametrize("detail", [True, False])
def test_detail_is_for_the_asking(detail: bool) -> None:
    found = list(
        run(
            "backend:tests.fakes.backends.Correct",
            ONE_VICTIM[:3],
            workers=1,
            limit=60,
            attempt=partial(try_case, detail=detail),
        )
    )
    assert [bool(record.worst) for record in found] == [detail] * 3


def test_every_death_is_counted() -> None:
    verdicts = Counter(record.verdict for record in records_of("Abort", TWO_VICTIMS).values())
    assert verdicts == {"crash": 2, "pass": len(TWO_VICTIMS) - 2}


def test_a_run_of_one_case() -> None:
    (victim,) = (case for case in ONE_VICTIM if is_hit(case))
    assert records_of("Abort", [victim])[victim.id].verdict == "crash"


def test_no_cases_are_no_records() -> None:
    assert records_of("Correct", []) == {}


@pytest.mark.parametrize(("fake", "verdict"), [("Chatty", "pass"), ("Declines", "unsupported")])
def test_the_whole_batch_lives(fake: str, verdict: str) -> None:
    """What a runtime prints goes nowhere and blocks nothing; one that declines says so."""
    assert {record.verdict for record in records_of(fake, ONE_VICTIM).values()} == {verdict}


@pytest.mark.parametrize("way", ["raise", "abort"])
def test_a_runtime_that_opens_here_and_not_in_a_worker(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cases are bad results, each of them, and the run goes on to the next runtime."""
    monkeypatch.setenv("ONLY_HERE", way)
    tried = ONE_VICTIM[:6]
    found = list(run("backend:tests.fakes.only_here", tried, workers=2, limit=60))
    assert Counter(record.case for record in found) == Counter(case.id for case in tried)
    assert {record.verdict for record in found} <= set(BAD)
    said = {"raise": "the device is taken", "abort": "no worker process outlives the opening of the runtime"}[way]
    assert all(said in record.message for record in found), found
    assert {record.verdict for record in found} == {"error" if way == "raise" else "crash"}


def test_more_cases_than_a_pool_looks_at_before_it_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their tasks never fit into the pipe to workers that do not read it; each case still has its record."""
    monkeypatch.setenv("ONLY_HERE", "abort")
    tried = [case for block in ("conv", "max_pool", "pad") for case in cases(block, "quick")]
    found = list(run("backend:tests.fakes.only_here", tried, workers=2, limit=60))
    assert Counter(record.case for record in found) == Counter(case.id for case in tried)
    assert {record.verdict for record in found} == {"crash"}


def test_a_worker_that_fails_to_open_once_costs_no_case_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool breaks, for none of its workers is at work; another one takes over."""
    monkeypatch.setenv("ONLY_HERE", "abort once")
    monkeypatch.setenv("ABORT_ONCE", str(tmp_path / "done"))
    unrepeated: list[str] = []
    found = list(run("backend:tests.fakes.only_here", ONE_VICTIM, workers=1, limit=60, unrepeated=unrepeated))
    assert (tmp_path / "done").exists()
    assert Counter((record.case, record.verdict) for record in found) == Counter(
        (case.id, "pass") for case in ONE_VICTIM
    )
    (text,) = unrepeated
    assert text.endswith(f", near {ONE_VICTIM[0].id}, and not when repeated")


@pytest.mark.skipif(sys.platform == "win32", reason="a path to devnull is all that is shared")
def test_a_runtime_that_never_opens_ends_its_worker(tmp_path: Path) -> None:
    """In its own process, with the limit made short: nothing else would ever end it."""
    (tmp_path / "never_opens.py").write_text("import time\ntime.sleep(3600)\n", encoding="utf-8")
    code = "import conformance.worker as r; r.OPENING = 0.5; r.start_worker('backend:never_opens')"
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, timeout=60, check=False
    )
    assert done.returncode == 1


def test_a_worker_whose_runtime_has_opened_lives_on(tmp_path: Path) -> None:
    """Its modules are loaded beforehand: how long that takes is the machine's affair."""
    code = (
        "import time; import tests.fakes.backends; import conformance.worker as r; r.OPENING = 5; "
        "r.start_worker('backend:tests.fakes.backends.Correct'); time.sleep(6)"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, timeout=60, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (-6, "SIGABRT"),
        (-11, "SIGSEGV"),
        (3, "exit status 3"),
        (0, "exit status 0"),
        (-99, "signal 99"),
        (None, "vanished"),
    ],
)
def test_how_a_worker_ended(code: int | None, text: str) -> None:
    assert text in death(code)


@pytest.mark.parametrize("name", ["Abort", "LeaveQuietly", pytest.param("Hang", marks=pytest.mark.long)])
def test_a_trial_says_what_a_run_says(name: str) -> None:
    """Of a batch with one case that ends its worker; a quiet exit is no time-out."""
    runtime = f"backend:tests.fakes.backends.{name}"
    bad = next(case for case in ONE_VICTIM if isinstance(case.spec, Conv) and is_victim(case.spec.strides))
    some = [ONE_VICTIM[-1], bad, ONE_VICTIM[-2]]
    verdict, words = DEATHS[name]
    with trial(runtime, "1", [], 2.0) as tried:
        found = tried.records(some)
    assert [record.case for record in found] == [case.id for case in some]
    assert [record.verdict for record in found] == ["pass", verdict, "pass"]
    assert words.format(limit=2) in found[1].message
