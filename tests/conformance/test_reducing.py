"""A failing case is reduced to the least that its fault needs; drawing is repeatable and goes beyond the grid."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance import bundle, drawing
from conformance.cli import main
from conformance.execute import try_case
from conformance.fuzzing import Fuzzed, consider
from conformance.reducing import Reduced, kind, reduced
from conformance.results import BAD, Record
from conformance.runtimes.protocol import Unavailable
from conformance.trial import Trial
from conformance.variants import known
from graphs.blocks import BLOCKS
from graphs.data import DATA
from graphs.grid import Case, cases
from tests.fakes.faults import FAULTS


def least(fault: str, block: str) -> Reduced:
    """What the last failing case of tier quick is reduced to, on a runtime with a planted fault."""
    runtime = FAULTS[fault].runtime()

    def judge(case: Case) -> Record:
        return try_case(case, fault, runtime)

    for case in reversed(cases(block, "quick")):
        record = judge(case)
        if record.verdict in BAD:
            found = reduced(case, record, judge, 60)
            assert kind(found.record) == kind(record)
            return found
    raise AssertionError("no case fails")


# fault -> block and the id that is left: a first channel of 9 filters, a border of 1 at the end, one NaN
LEAST = {
    "partial block of 8 channels lost": ("conv", "conv-1d-x1.1.1-m9-k1-f32-op22-small"),
    "pads at the end on both sides": ("conv", "conv-1d-x1.1.1-m1-k1-p0.1-f32-op22-small"),
    "NaN becomes infinity": ("conv", "conv-1d-x1.1.1-m1-k1-f32-op22-special"),
}


@pytest.mark.parametrize(
    "fault",
    [pytest.param(name, marks=[pytest.mark.long] * (name != "pads at the end on both sides")) for name in LEAST],
)
def test_a_planted_fault_is_reduced_to_what_it_needs(fault: str) -> None:
    block, due = LEAST[fault]
    found = least(fault, block)
    assert found.case.id == due
    assert not found.is_cut_short


def test_reduction_is_repeatable() -> None:
    first, second = least("leakage of 0.2 by default", "leaky_relu"), least("leakage of 0.2 by default", "leaky_relu")
    assert (first.case, first.record.message) == (second.case, second.record.message)
    assert [r.case for r in first.seen] == [r.case for r in second.seen]


def test_kinds_leave_numbers_and_names_out() -> None:
    def of(message: str, verdict: str = "fail") -> tuple[str, str, str]:
        return kind(Record(case="c", block="b", runtime="r", verdict=verdict, message=message))

    value = "y[0,1] is 1, should be 2 (error 1, bound 0, 1 of 2 outside)"
    assert of(value) == of("y[3] is -2.5e-07, should be inf (error inf, bound 0, 7 of 9 outside)")
    assert of(value) != of("y has shape [1, 2], should be [1, 3]")
    assert of("Error: no 'x' in 3", "error") == of("Error: no 'yz' in 14", "error")
    assert of("Error: no", "error") != of("Error: yes", "error")
    assert of(value) != of(value, "crash")


@pytest.mark.parametrize("block", list(BLOCKS)[::12])
def test_drawn_cases_are_valid_and_repeatable(block: str) -> None:
    drawn = drawing.cases(block, 30, 7)
    assert drawn
    assert [case.id for case in drawing.cases(block, 30, 7)] == [case.id for case in drawn]
    assert [case.id for case in drawing.cases(block, 30, 8)] != [case.id for case in drawn]
    for case in drawn:
        case.spec.validate()
        assert DATA[case.data].applies(case.spec)


def test_drawing_goes_beyond_the_grid() -> None:
    values = known("conv")
    drawn = [case.spec for seed in range(3) for case in drawing.cases("conv", 60, seed)]
    assert any(repr(getattr(spec, name)) not in map(repr, of) for spec in drawn for name, of in values.items())


class Fake(Trial):
    """A planted fault, in this process."""

    def __init__(self, fault: str):
        self.fault, self.runtime, self.tried = fault, FAULTS[fault].runtime(), 0

    def records(self, cases: list[Case]) -> list[Record]:  # type: ignore[override]
        """One after the other."""
        return [try_case(case, self.fault, self.runtime) for case in cases]


def test_failures_of_one_cause_are_one_finding() -> None:
    trial = Fake("pads at the end on both sides")
    found = Fuzzed()
    for case in cases("conv", "quick")[:60]:
        (record,) = trial.records([case])
        found.records["conv"].append(record)
        if record.verdict in BAD:
            consider(found, case, record, trial, 20, lambda _: None)
    shapes = [f for f in found.findings if "has shape" in f.kind[2]]
    assert len(shapes) == 1
    assert shapes[0].failures > 3
    reason = found.reason(shapes[0])
    assert reason is not None
    assert reason.is_exact
    assert str(reason).endswith((": asymmetric", ": pads other at the end"))


@pytest.mark.long
def test_a_crash_is_reduced_in_worker_processes(tmp_path: Path) -> None:
    case = next(c.id for c in cases("conv", "quick") if getattr(c.spec, "strides", None) == (2, 2))
    runtime, out = "backend:tests.fakes.backends.Abort", tmp_path / "made"
    words = ["reduce", case, "--runtime", runtime, "--seconds", "1", "--out", str(out)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    manifest = bundle.manifest_of(out)
    assert manifest is not None
    assert manifest["verdict"] == "crash"
    assert "SIGABRT" in manifest["message"]
    assert set(manifest["spec"]["strides"]) == {2}


def test_a_passing_case_is_not_reduced(tmp_path: Path) -> None:
    words = ["reduce", "lecture-relu", "--runtime", "onnx-reference", "--out", str(tmp_path / "made")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "lecture-relu does not fail on onnx-reference, it is pass" in result.stderr
    assert not (tmp_path / "made").exists()


def test_without_hypothesis(monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance.reducing import hypothesis

    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(Unavailable, match="convformance"):
        hypothesis()


@pytest.mark.long
def test_fuzzing_finds_a_planted_fault_and_writes_its_folder(tmp_path: Path) -> None:
    runtime = "backend:tests.fakes.planted.pads_at_the_end_on_both_sides"
    words = ["fuzz", "--runtime", runtime, "--block", "conv", "--seconds", "8", "--out", str(tmp_path)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1, result.output
    assert "findings beside known deviations" in result.output
    assert any((path / "repro.py").exists() for path in tmp_path.iterdir())
    calm = CliRunner().invoke(main, [*words[:2], "backend:tests.fakes.backends.Correct", *words[3:-1], str(tmp_path)])
    assert calm.exit_code == 0, calm.output
