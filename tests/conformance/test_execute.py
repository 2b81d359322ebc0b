"""One case on one runtime: the stage at which it ends, and the verdict for each way to end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from conformance.execute import lost, try_case
from conformance.problem import Problem
from conformance.results import Record
from conformance.runtimes.protocol import Run, Unsupported
from graphs.blocks.conv import Conv
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.network import Network
from graphs.blocks.relu import Relu
from graphs.grid import Case, plan
from graphs.windowed import Spatial
from reference import KERNELS
from reference.claim import Claim
from tests.fakes.backends import PanicException
from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import Fake

RELU = Case(Relu(shape=(2, 3)), "small")
CASES = {case.id: case for case in plan("quick")}
SILENT = next(case for case in CASES.values() if case.spec.silent and case.data == "small")
PLAIN = Case(MaxPool(batch=2, channels=3, extent=(5,), kernel_shape=(2,)), "small")
# Column major, but of which axes?  The values are due whatever the answer.
ORDER = Case(MaxPool(batch=2, channels=3, extent=(4, 5), kernel_shape=(2, 2), storage_order=1, indices=True), "random")
EMPTY = Case(MaxPool(batch=1, channels=2, extent=(5,), kernel_shape=(2,), pads=(2, 0), opset=12), "small")
SPECIAL = [Case(Relu(shape=(2, 3, n)), "special") for n in range(4, 99)]
OPEN = next(
    case for case in SPECIAL if np.isnan(Problem(case).operands["x"]).any()
)  # NaN is undecided, all else is not


class Raises:
    """A runtime that raises at one stage."""

    claim = Claim()

    def __init__(self, stage: str, error: BaseException):
        self.stage, self.error = stage, error

    def version(self) -> str:
        """Any."""
        return "0"

    def prepare(self, model: bytes) -> Run:
        """Raise now or later."""
        if self.stage == "prepare":
            raise self.error

        def run(feeds: Mapping[str, Tensor]) -> Sequence[Tensor]:
            raise self.error

        return run


@pytest.mark.parametrize("stage", ["prepare", "run"])
@pytest.mark.parametrize(("error", "verdict", "message"), [
    (Unsupported("no such\n  kernel"), "unsupported", "no such kernel"),
    (ValueError("two\nlines"), "error", "ValueError: two lines"),
    (MemoryError(), "error", "MemoryError"),
    (RecursionError("deep"), "error", "RecursionError: deep"),
    (AssertionError(), "error", "AssertionError"),
    (TimeoutError("slow"), "error", "TimeoutError: slow"),
    (SystemExit(0), "error", "SystemExit: 0"),
    (PanicException("no index"), "error", "PanicException: no index"),
])  # fmt: skip
def test_the_runtime_raises(stage: str, error: BaseException, verdict: str, message: str) -> None:
    """Whatever it raises is a result, with the stage and one line."""
    record = try_case(RELU, "fake", Raises(stage, error))
    assert (record.verdict, record.stage, record.message) == (verdict, stage, message)


def fail(*_: Any, **__: Any) -> Any:
    """A part of ours that breaks."""
    raise ZeroDivisionError("ours")


@pytest.mark.parametrize(("target", "stage"), [
    ("conformance.problem.to_model", "build"), ("conformance.problem.Problem.expected", "reference"),
    ("conformance.execute.judge", None), ("conformance.problem.Problem.feeds", None),
])  # fmt: skip
def test_a_bug_of_ours_is_a_harness_error(target: str, stage: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, fail)
    record = try_case(RELU, "fake", Fake())
    assert (record.verdict, record.message) == ("harness-error", "ZeroDivisionError: ours")
    assert record.stage == (stage or "compare")


def test_a_kernel_that_raises_is_a_harness_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case whose partial sums might overflow must not be planned."""
    monkeypatch.setitem(KERNELS, "relu", fail)
    record = try_case(RELU, "fake", Fake())
    assert (record.verdict, record.stage) == ("harness-error", "reference")


def test_a_silent_text_fails_nobody() -> None:
    """The sentence at issue stands in the message, what the runtime did beside it."""
    assert SILENT.spec.silent
    right = try_case(SILENT, "fake", Fake())
    wrong = try_case(SILENT, "fake", Fake(after=lambda c, r: [np.repeat(y, 2, axis=-1) for y in r]))
    refused = try_case(SILENT, "fake", Raises("run", ValueError("no")))
    declined = try_case(SILENT, "fake", Raises("prepare", Unsupported("no")))
    assert {right.verdict, wrong.verdict, refused.verdict} == {"unspecified"}
    assert {right.message, wrong.message, refused.message} == {SILENT.spec.silent.sentence}
    assert right.outcome == "as later versions of the text say"
    assert wrong.outcome.startswith("y has shape [")
    assert refused.outcome == "refused at run: ValueError: no"
    assert (declined.verdict, declined.stage) == ("unsupported", "prepare")


# sentence -> a case whose only result it leaves open
OF_ONE_RESULT = {
    case.spec.silent.sentence: case
    for case in CASES.values()
    if isinstance(case.spec, Spatial)  # of a Pad batch and channels may be at issue, and the fake may not know it
    and case.spec.silent and case.data == "small" and case.spec.dtype == "float32" and len(case.spec.outputs()) == 1
}  # fmt: skip
FORMS: dict[str, tuple[Callable[[list[Tensor]], Any], str]] = {
    "number": (lambda r: [*r, r[0]], r"2 results, should be 1 \(y\)"),
    "none": (lambda r: [], r"0 results, should be 1 \(y\)"),
    "kind": (lambda r: [r[0].tolist()], "y is a list, should be an array"),
    "dtype": (lambda r: [r[0].astype(np.float16)], "y is float16, should be float32"),
    "rank": (lambda r: [r[0][..., None]], r"y has shape \[.*\], should be \["),
    "batch": (lambda r: [np.concatenate([r[0], r[0]])], r"y has shape \[.*\], should be \["),
    "no batch": (lambda r: [r[0][:0]], r"y has shape \[0, .*\], should be \["),
    "channels": (lambda r: [np.repeat(r[0], 2, axis=1)], r"y has shape \[.*\], should be \["),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", OF_ONE_RESULT.values())
def test_a_silent_text_excuses_no_other_form(case: Case, form: str) -> None:
    """Number, kind, dtype, rank, batch and channels are never at issue."""
    change, message = FORMS[form]
    record = try_case(case, "fake", Fake(after=lambda c, r: change(r)))
    assert (record.verdict, record.stage, record.outcome) == ("fail", "compare", "")
    assert re.match(message, record.message)


def test_a_silence_on_one_result_excuses_no_other() -> None:
    """Indices may count as they like, and there must be as many of them, in their type."""
    silence = ORDER.spec.silent
    assert silence
    assert silence.outputs == ("indices",)
    counted = try_case(ORDER, "fake", Fake(after=lambda c, r: [r[0], r[1] + 7]))
    assert (counted.verdict, counted.message) == ("unspecified", silence.sentence)
    assert counted.outcome.startswith("indices[")
    value = try_case(ORDER, "fake", Fake(after=lambda c, r: [r[0] + 1, r[1]]))
    assert (value.verdict, value.message[:2], value.outcome) == ("fail", "y[", "")
    narrow = try_case(ORDER, "fake", Fake(after=lambda c, r: [r[0], r[1].astype(np.int32)]))
    assert (narrow.verdict, narrow.message) == ("fail", "indices is int32, should be int64")
    small = try_case(ORDER, "fake", Fake(after=lambda c, r: [r[0][..., :-1], r[1]]))
    assert (small.verdict, small.message) == ("fail", "y has shape [2, 3, 3, 3], should be [2, 3, 3, 4]")


@pytest.mark.parametrize("given", [np.nan, -np.inf, 0.0, 3.0])
def test_a_window_of_padding_alone_is_anything_and_excuses_no_other(given: float) -> None:
    def after(call: Call, results: list[Tensor]) -> list[Tensor]:
        results[0][..., 0] = given
        return results

    open_one = try_case(EMPTY, "fake", Fake(after=after))
    assert EMPTY.spec.silent is None
    assert open_one.verdict == "unspecified"
    assert "holds only pad" in open_one.message
    assert open_one.outcome == f"undecided elements come out as {'NaN' if np.isnan(given) else 'a number'}"
    wrong = try_case(EMPTY, "fake", Fake(after=lambda c, r: [y + 1 for y in after(c, r)]))
    assert wrong.verdict == "fail"
    assert not wrong.message.startswith(("y[0,0,0]", "y[0,1,0]"))


def test_a_silent_text_excuses_no_overwritten_input() -> None:
    def after(call: Call, results: list[Tensor]) -> list[Tensor]:
        call.operands[0][...] = 0
        return results

    record = try_case(SILENT, "fake", Fake(after=after))
    assert (record.verdict, record.message) == ("fail", "input x was overwritten by the run")


def test_undecided_elements_fail_nobody_and_excuse_no_others() -> None:
    decided = try_case(OPEN, "fake", Fake())
    assert decided.verdict == "unspecified"
    assert "NaN" in decided.message
    assert "NaN" in decided.outcome
    number = try_case(OPEN, "fake", Fake(after=lambda c, r: [np.nan_to_num(y, posinf=np.inf) for y in r]))
    assert number.verdict == "unspecified"
    assert number.outcome != decided.outcome
    shifted = try_case(OPEN, "fake", Fake(after=lambda c, r: [y + 1 for y in r]))
    assert shifted.verdict == "fail"


@pytest.mark.parametrize("given", [None, 3, "text"])
def test_results_that_are_no_sequence_of_arrays_are_theirs(given: Any) -> None:
    """Whatever a runtime hands over can be no bug of ours."""
    assert try_case(RELU, "fake", Fake(after=lambda c, r: given)).verdict in ("fail", "error")


@pytest.mark.parametrize("is_deterministic", [True, False])
def test_order_of_runs(is_deterministic: bool) -> None:
    """Other inputs first, then the case's own, and again under the claim."""
    seen: list[Tensor] = []

    def before(call: Call) -> None:
        seen.append(call.operands[0].copy())

    record = try_case(RELU, "fake", Fake(before, claim=Claim(deterministic=is_deterministic)))
    x = Problem(RELU).operands["x"]
    assert record.verdict == "pass"
    assert len(seen) == 2 + is_deterministic
    assert not np.array_equal(seen[0], x)
    assert all(np.array_equal(again, x) for again in seen[1:])


def test_the_operands_are_as_declared() -> None:
    """C-contiguous, of the spec's type and shape, and writeable."""

    def before(call: Call) -> None:
        (x,) = call.operands
        assert x.dtype == np.float64
        assert x.shape == (3, 2, 5)
        assert x.flags.c_contiguous
        assert x.flags.writeable

    spec = MaxPool(batch=3, channels=2, extent=(5,), kernel_shape=(2,), dtype="float64")
    assert try_case(Case(spec, "random"), "fake", Fake(before)).verdict == "pass"


def test_a_stale_result_says_so() -> None:
    """The run before had other inputs: giving its results again is told apart from computing wrongly."""

    def after(call: Call, results: list[Tensor]) -> list[Tensor]:
        kept: list[Tensor] = call.memory.setdefault("kept", results)
        return kept

    assert "the run before" in try_case(RELU, "fake", Fake(after=after)).message
    assert "the run before" not in try_case(RELU, "fake", Fake(after=lambda c, r: [y + 1 for y in r])).message


def test_a_change_in_the_third_run_alone_is_found() -> None:
    def after(call: Call, results: list[Tensor]) -> list[Tensor]:
        call.memory["runs"] = call.memory.get("runs", 0) + 1
        return [y + (call.memory["runs"] == 3) for y in results]

    record = try_case(RELU, "fake", Fake(after=after))
    assert record.verdict == "fail"
    assert record.message.endswith("when the run is repeated (6 of 6)")
    assert try_case(RELU, "fake", Fake(after=after, claim=Claim())).verdict == "pass"


def test_equal_results_for_other_inputs_excuse_no_change_in_the_third_run() -> None:
    """Zeros where the inputs do not matter, and ones when the run is repeated."""

    def after(call: Call, results: list[Tensor]) -> list[Tensor]:
        call.memory["runs"] = call.memory.get("runs", 0) + 1
        return [y + (call.memory["runs"] == 3) for y in results]

    spec = Relu(shape=(1,))
    zero = next(c for c in (Case(spec, "small", f"zero-{n}") for n in range(999)) if not Problem(c).operands["x"].any())
    assert try_case(zero, "fake", Fake(after=after)).verdict == "fail"


def test_seconds_fraction_and_precision() -> None:
    record = try_case(CASES["lecture-average-pool-2x2-stride-2"], "fake", Fake())
    assert set(record.seconds) == {"ours", "prepare", "run"}
    assert all(seconds >= 0 for seconds in record.seconds.values())
    assert record.fraction is not None
    assert 0 <= record.fraction <= 1
    assert record.precision is None  # not wide integers
    wide = try_case(Case(Relu(shape=(7,)), "wide"), "fake", Fake())
    assert (wide.verdict, wide.precision) == ("pass", "float32")


def test_other_inputs_differ_in_every_operand() -> None:
    """What a run keeps of any of them shows in the next one."""
    spec = Conv(batch=1, channels=2, filters=3, extent=(5,), kernel_shape=(2,), bias=True, weights="input")
    problem = Problem(Case(spec, "small"))
    feeds, decoy = problem.feeds(), problem.decoy()
    assert list(decoy) == list(feeds) == ["x", "w", "b"]
    np.testing.assert_array_equal(decoy["x"], -2 * feeds["x"])
    np.testing.assert_array_equal(decoy["w"], feeds["w"] + 1)
    np.testing.assert_array_equal(decoy["b"], feeds["b"] + 1)
    assert all(decoy[name].dtype == feeds[name].dtype and decoy[name].shape == feeds[name].shape for name in feeds)


def test_operands_that_belong_to_the_setting_stay_in_other_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = Conv(batch=1, channels=1, filters=1, extent=(5,), kernel_shape=(2,), weights="input")
    problem = Problem(Case(spec, "small"))
    w = problem.operands["w"]
    monkeypatch.setattr(Conv, "given", lambda self: {"w": w})
    np.testing.assert_array_equal(problem.decoy()["w"], w)
    np.testing.assert_array_equal(problem.decoy()["x"], -2 * problem.operands["x"])


def test_other_inputs_of_a_scalar_are_an_array() -> None:
    decoy = Problem(Case(Relu(shape=()), "small")).decoy()["x"]
    assert isinstance(decoy, np.ndarray)
    assert decoy.shape == ()


@pytest.mark.parametrize("offset", [0.0, 0.25])
def test_in_detail_the_worst_element_is_named(offset: float) -> None:
    """Inside or outside; without the wish it is not looked for."""
    shifted = Fake(after=lambda c, r: [r[0] + np.float32(offset)])
    assert try_case(PLAIN, "fake", shifted).worst == ""
    worst = try_case(PLAIN, "fake", shifted, detail=True).worst
    assert re.match(rf"y\[\d,\d,\d\] is \S+, should be \S+ \(error {offset:g}, bound 0\)$", worst), worst


def test_in_detail_the_worst_element_may_be_of_any_result() -> None:
    """Of a network with probes, whose last result alone is wrong."""
    case = Case(Network(architecture="conv-lrn-pool", probes=True), "random")
    wrong = Fake(after=lambda c, r: [*r[:-1], r[-1] + np.float32(1)])
    record = try_case(case, "fake", wrong, detail=True)
    assert record.verdict == "fail"
    assert record.message.startswith("y[")
    assert record.worst.startswith("y[")


def test_in_detail_an_undecided_element_is_not_the_worst() -> None:
    worst = try_case(EMPTY, "fake", Fake(after=lambda c, r: [r[0] + np.float32(1)]), detail=True).worst
    assert worst
    assert not worst.startswith(("y[0,0,0]", "y[0,1,0]"))


@pytest.mark.parametrize(
    "change", [lambda y: y.tolist(), lambda y: y[..., :-1], lambda y: y.astype(object), lambda y: y.astype(str)]
)
def test_in_detail_another_form_has_no_worst_element(change: Callable[[Tensor], Any]) -> None:
    """And is the runtime's failure, not ours."""
    record = try_case(PLAIN, "fake", Fake(after=lambda c, r: [change(r[0])]), detail=True)
    assert record.verdict == "fail", record
    assert record.worst


def test_every_record_is_plain_data() -> None:
    """Log lines are JSON without NaN; every case of the quick tier has one, every twentieth of a run."""
    for number, case in enumerate(CASES.values()):
        record = lost(case, "fake", "crash", "gone") if number % 20 else try_case(case, "fake", Fake())
        assert record.case == case.id
        assert json.loads(json.dumps(vars(record), allow_nan=False))["traits"]["data"] == case.data


def test_a_lost_case() -> None:
    record = lost(RELU, "fake", "crash", "the process ended by SIGABRT")
    assert record == Record(
        case=RELU.id, block="relu", runtime="fake", verdict="crash", stage="run",
        message="the process ended by SIGABRT", traits=try_case(RELU, "fake", Fake()).traits,
    )  # fmt: skip
