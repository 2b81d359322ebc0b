"""Planted faults are caught with a message that names the place, and nothing that is correct is ever failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np
import pytest

from conformance.execute import try_case
from conformance.precision import fits
from conformance.problem import Problem
from conformance.results import BAD, Record
from conformance.runtimes.protocol import Runtime
from graphs.blocks import BLOCKS, SINGLE
from graphs.data import DATA
from graphs.grid import Case, cases
from graphs.norm import Norm
from graphs.statistics import JUDGED
from reference.ball import Ball
from reference.claim import (
    BFLOAT16_FLOAT32,
    CAST_BFLOAT16,
    CAST_FLOAT16,
    FLOAT16_FLOAT32,
    NATIVE,
    TF32,
    Claim,
)
from reports.summary import measured
from tests.fakes.arithmetic import CORRECT, PLAIN, divide_backwards, divide_wider, one_by_one, straight
from tests.fakes.executor import Arithmetic, Call, Tensor
from tests.fakes.fake import Fake
from tests.fakes.faults import (
    FAULTS,
    INDEX,
    PADDED,
    QUIRKS,
    SHAPE,
    VALUE,
    change_tensors,
    flicker,
    on_y,
    round_inputs,
    rounded,
)
from tests.fakes.fusion import RIGHT
from tests.fakes.misquantised import step
from tests.fakes.quantised import WAYS

# Those that end their process are killed through the runner's isolation, in test_power.py.
EACH = [
    (name, block)
    for name, fault in FAULTS.items()
    for block in fault.blocks
    if not (fault.ends_process or fault.is_standard)
]
# Blocks whose results on wide integers tell the precision; others, such as a sigmoid, give 0 and 1.
TELLING = [block for block in BLOCKS if any(case.data == "wide" for case in cases(block, "quick"))]
# What these do wrong is which elements they read: on small integers there is no rounding to hide behind.
MISREAD = [
    "begin and end pads swapped", "SAME_UPPER and SAME_LOWER swapped", "pads ignored", "auto_pad ignored",
    "strides swapped", "dilation ignored", "ceil_mode ignored", "count_include_pad ignored", "padding by zero",
    "bias dropped", "kernel flipped", "kernel transposed", "first group serves all", "groups interleaved",
    "the last two axes pooled alone", "channels pooled too", "a zero pooled too",
    "root not taken", "norm of means",
    "first image serves all", "last column lost", "negatives leak", "amounts swapped", "amounts read in pairs",
    "nothing removed", "axes sorted", "constant_value ignored", "border reflected too", "edge taken for wrap",
    "alpha ignored", "absolute value", "sloped on both sides",
    "alpha itself passes", "alpha subtracted", "one slope for all", "slope along the first axis", "min ignored",
    "max ignored", "bounds swapped", "1 not subtracted", "exp of alpha x", "gamma ignored", "beta ignored",
    "slope of 1/6", "open above", "open below", "sign of the exponent", "straight pieces",
    "output_padding ignored", "output_padding in front", "output_shape ignored", "odd pixel of output_shape at the end",
    "DCR and CRD swapped", "mode ignored", "rows and columns of a block swapped", "channels before blocks",
    "first image of the batch serves all", "all channels land in the first", "indices read as column major",
    "indices count the padding too", "indices one off", "gaps filled", "gaps not cleared", "size asked for ignored",
    "mean taken for the median", "last element of a window lost", "lower middle alone", "upper middle alone",
    "first window wins", "overlapping windows added up", "gaps of copies filled",
    "zeros left to MaxPool", "padding of any mode left to the window",
    "any constant left to the window", "zeros left to the window not counted", "removal lost in fusion",
    "amounts of batch and channels lost in fusion", "the window's own pads lost in fusion",
    "window ignored that starts in fused padding",
    "derivative 1 at 0", "derivative of the other side", "slope of a derivative ignored", "drawn slopes ignored",
    "one drawn slope for all", "divided by the size of the kernel", "not divided", "pads of a derivative swapped",
    "last elements first", "weights turned twice", "dY turned", "strides and dilations not exchanged",
    "groups of dX mixed", "groups of dW mixed", "averaged over the batch",
    "half a pixel lost", "corners not aligned", "nearest_mode ignored", "halves rounded the other way",
    "floor and ceil swapped", "linear taken for nearest", "cubic taken for linear", "cubic_coeff_a ignored",
    "exclude_outside ignored", "extrapolation_value ignored", "transformation ignored",
    "named axes sorted", "policies swapped", "policy ignored", "region ignored", "region read in pairs",
    "weights of bytes flipped", "weights of bytes transposed", "bytes of the first group serve all",
    "groups of bytes interleaved", "x's zero point ignored", "w's zero point ignored", "y's zero point ignored",
    "first zero point for all filters", "zero points by group", "first scale for all filters",
    "padding that is not the zero point", "bytes of x read with the other sign",
    "x and its zero point read with the other sign", "bytes of w read with the other sign",
    "bias of bytes dropped", "bias added unscaled", "halves rounded away from 0", "halves rounded up",
    "fractions cut off", "fractions rounded down", "zero point added before rounding", "bytes not saturated",
    "saturated to the other type", "saturated past 32 bits", "factor in fixed point", "y_scale inverted",
    "zero point ignored", "zero point of another channel", "first scale for all", "scale of the next block",
]  # fmt: skip
SUMS = ["pad_conv", "pad_average_pool", "sub_pixel"]  # of the chains


MEASURING = ("wide", "single", "impulse")  # data sets that tell a precision by exact sums
SELECTING = ("max_pool", "min_pool", "global_max_pool", "max_unpool", "relu", "pad_max_pool")


TELLING = [block for block in BLOCKS if any(case.data == "wide" for case in cases(block, "quick"))]


def tried(
    block: str, runtime: Runtime, *, dtype: str | None = None, data: Collection[str] = DATA
) -> Iterator[tuple[Case, Record]]:
    """Every quick case of a block, or those of a type and of some data sets, with what becomes of it.

    Those of many sums have tests of their own.
    """
    for case in cases(block, "quick"):
        is_meant = dtype in (None, case.spec.dtype) and (data is DATA or case.data in data)
        if is_meant and case.data not in JUDGED:
            yield case, try_case(case, "fake", runtime)


def bad_ones(block: str, runtime: Runtime) -> list[str]:
    """A line for each bad verdict over all quick cases of a block."""
    return [f"{r.verdict}: {r.case}: {r.message}" for _, r in tried(block, runtime) if r.verdict in BAD]


def results(case: Case, runtime: Runtime) -> list[Tensor]:
    """What a runtime gives for a case, unjudged."""
    problem = Problem(case)
    return list(runtime.prepare(problem.model)(problem.feeds()))


def differ(case: Case, first: list[Tensor], second: list[Tensor]) -> bool:
    """Whether two lists of results differ in an element that the text decides, or in shape."""
    for want, a, b in zip(Problem(case).expected(Claim()), first, second, strict=True):
        decided = np.asarray(True if want.undecided is None else ~want.undecided)
        if isinstance(want, Ball) and a.shape == b.shape:  # where one of a few values is due, any of them will do
            for other in want.others:
                decided = decided & ~((other.value != want.value) & ((b == other.value) | (b == want.value)))
        if a.shape != b.shape or (decided & (a != b) & ~(np.isnan(a) & np.isnan(b))).any():
            return True
    return False


def is_resolved(case: Case) -> bool:
    """Whether the bound is below any difference of integers or their averages; in float16 long sums round."""
    (ball, *_) = Problem(case).expected(Claim())
    return isinstance(ball, Ball) and float(ball.radius.max()) < 1e-4


def adds(case: Case) -> bool:
    """Whether a case's results add something up, as far as the spec says; those of graphs of many nodes do."""
    return case.spec.terms > 1 or case.spec.block in ("network", "pyramid", "classical_filter", "resize")


# Each is much like another one; the nightly run has them as well.
ALIKE = ("shuffled", "one by one, shuffled", "blocks of eight", "ascending", "descending", "pairwise")
NIGHTLY = {True: [pytest.mark.long], False: []}


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("how", [pytest.param(how, marks=NIGHTLY[how in ALIKE]) for how in CORRECT])
def test_correct_arithmetic_is_never_failed(how: str, block: str) -> None:
    """Any order of summation, with or without FMA, in this type or a wider one, by quotient or by reciprocal."""
    if how != "as it comes" and not any(map(adds, cases(block, "quick"))):
        return  # there is nothing to do in another order
    assert bad_ones(block, Fake(how=CORRECT[how])) == []


@pytest.mark.long
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("how", CORRECT)
def test_correct_arithmetic_is_never_failed_in_tier_standard(how: str, block: str) -> None:
    """The same; cases that add nothing up are tried in one order."""
    runtime = Fake(how=CORRECT[how])
    todo = (case for case in cases(block, "standard") if how == "as it comes" or adds(case))
    records = (try_case(case, "fake", runtime) for case in todo)
    assert [f"{r.verdict}: {r.case}: {r.message}" for r in records if r.verdict in BAD] == []


@pytest.mark.parametrize("way", WAYS)
def test_every_order_of_scales_is_never_failed(way: str) -> None:
    """Products and quotients in float32 in any order, or in float64."""
    assert bad_ones("qlinear_conv", Fake(step("scale", WAYS[way]))) == []


@pytest.mark.parametrize("block", PADDED)
@pytest.mark.parametrize("how", [pytest.param(how, marks=NIGHTLY[how in ALIKE[3:]]) for how in CORRECT])
def test_padding_left_to_the_window_is_never_failed(how: str, block: str) -> None:
    """Where that is right, in any order of summation; and it is done."""
    changed: list[Call] = []

    def before(call: Call) -> None:
        operands = call.operands[:]
        RIGHT(call)
        changed.extend([call] if call.operands[0] is not operands[0] else [])

    assert bad_ones(block, Fake(before, how=CORRECT[how])) == []
    assert len(changed) > 10


def skipping(left: Tensor, right: Tensor) -> Tensor:
    """A product of matrices that forms no product with +0, which padding is and no element of the special values."""
    terms = left[..., :, :, None] * right[..., None, :, :]
    is_padding = (left == 0) & ~np.signbit(left)
    return np.asarray(np.where(is_padding[..., None], 0, terms).sum(axis=-2, dtype=left.dtype))


def test_a_padded_zero_that_meets_no_infinite_weight_is_caught() -> None:
    """What is padded is an element of Conv's input, so that 0 * inf is due; of Conv's own padding nothing is."""
    found = bad_ones("pad_conv", Fake(how=Arithmetic(skipping, PLAIN.mean)))
    assert found
    assert all("should be nan" in line for line in found)
    assert bad_ones("conv", Fake(how=Arithmetic(skipping, PLAIN.mean))) == []


@pytest.mark.parametrize("block", [pytest.param(block, marks=NIGHTLY[block not in SINGLE]) for block in BLOCKS])
@pytest.mark.parametrize("quirk", QUIRKS)
def test_correct_results_in_an_unusual_form_are_never_failed(quirk: str, block: str) -> None:
    """Such as a buffer that every run uses again: right when handed over, changed afterwards."""
    assert bad_ones(block, Fake(*QUIRKS[quirk])) == []


@pytest.mark.parametrize(("name", "block"), EACH)
def test_fault_is_caught(name: str, block: str) -> None:
    """At least one quick case gets the due verdict and message; every bad result on the way there names a place."""
    fault = FAULTS[name]
    runtime, told = fault.runtime(), re.compile("|".join((VALUE, SHAPE, INDEX, fault.message)))
    for case in cases(block, "quick"):
        record = try_case(case, name, runtime)
        if record.verdict in BAD:
            assert record.verdict == fault.verdict, record
            assert told.match(record.message), record
            if re.match(fault.message, record.message):
                return
    pytest.fail(f"{name} passes all quick cases of {block}")


@pytest.mark.parametrize(("name", "block"), [pair for pair in EACH if pair[0] in MISREAD])
def test_small_integers_find_every_misread_element(name: str, block: str) -> None:
    """Wherever the fault changes any element of a case that the text decides, the case fails."""
    runtime, changed = FAULTS[name].runtime(), 0
    for case in cases(block, "quick"):
        if case.data == "small" and not case.spec.silent and is_resolved(case):
            is_wrong = differ(case, results(case, Fake()), results(case, runtime))
            changed += is_wrong
            record = try_case(case, name, runtime)
            assert (record.verdict == "fail") == is_wrong, record
    assert changed


def test_wide_integers_tell_of_every_block_but_those_that_saturate_or_weigh() -> None:
    curves, weighing = {"sigmoid", "tanh", "hard_sigmoid"}, {"classical_filter", "network", "pyramid"}
    codes = {"quantize_linear", "dequantize_linear", "qdq_conv", "conv_integer", "qlinear_conv"}
    assert set(BLOCKS) - set(TELLING) == {*curves, *weighing, *codes, "average_pool_gradient"}


@pytest.mark.parametrize("block", TELLING)
def test_tf32_is_caught_by_every_decided_case_of_wide_integers(block: str) -> None:
    """Whatever the length of the sums, and the report can say what it was."""
    fault, caught = FAULTS["inputs rounded to TF32"], 0
    for case, record in tried(block, fault.runtime()):
        if case.data == "wide" and case.spec.dtype == "float32" and not case.spec.silent:
            changes = differ(case, results(case, Fake()), results(case, fault.runtime()))
            assert (record.verdict == "fail") == changes, record
            assert record.precision == ("TF32" if changes else "float32"), record
            caught += changes
    assert caught > (1 if issubclass(BLOCKS[block], Norm) else 4)  # norms meet them where p is 1


def narrow_float32(call: Call) -> None:
    """Inputs of 32 bits rounded to 11 of their significand."""
    if any(x is not None and x.dtype == np.float32 for x in call.operands):
        round_inputs(11)(call)


SUMMING = (
    "conv", "average_pool", "global_average_pool", "lp_pool", "global_lp_pool", "average_pool_gradient",
    "conv_gradient",
)  # fmt: skip


@pytest.mark.parametrize("block", [*SUMMING, *SUMS])
def test_tf32_is_no_fault_where_it_is_claimed(block: str) -> None:
    claim = Claim({**NATIVE, "float32": TF32}, deterministic=True)
    assert bad_ones(block, Fake(narrow_float32, claim=claim)) == []


@pytest.mark.parametrize("block", [*SELECTING, "relu_gradient"])
def test_tf32_excuses_no_selected_value(block: str) -> None:
    """It rounds the factors of products alone: every case that shows another rounding fails."""
    claim, caught = Claim({**NATIVE, "float32": TF32}, deterministic=True), 0
    for case, record in tried(block, Fake(narrow_float32, claim=claim)):
        if not case.spec.silent:
            changes = differ(case, results(case, Fake()), results(case, Fake(narrow_float32)))
            assert (record.verdict == "fail") == changes, record
            caught += changes
    assert caught > 5


@pytest.mark.parametrize("block", [*SELECTING, "median_pool", "copy_unpool", "relu_gradient", "max_pool_gradient"])
def test_rounding_is_no_fault_where_whole_tensors_are_said_to_be_cast(block: str) -> None:
    claim = Claim({**NATIVE, "float32": CAST_FLOAT16}, deterministic=True)
    assert bad_ones(block, Fake(narrow_float32, claim=claim)) == []


def in_float32(left: Tensor, right: Tensor) -> Tensor:
    """A float64 product computed in float32."""
    return np.asarray(left.astype(np.float32) @ right.astype(np.float32))


def in_bfloat16(left: Tensor, right: Tensor) -> Tensor:
    """A float64 product whose result is rounded to bfloat16."""
    return np.asarray(rounded(left @ right, 8))


MEASURED: dict[str, tuple[str, Callable[[Tensor], Tensor], Arithmetic]] = {
    "float32": ("float32", lambda x: x, PLAIN),
    "float32 as TF32": ("float32", lambda x: rounded(x, 11), PLAIN),
    "float32 as bfloat16 inputs": ("float32", lambda x: rounded(x, 8), PLAIN),
    "float64": ("float64", lambda x: x, PLAIN),
    "float64 as float32": ("float64", lambda x: rounded(x, 24), Arithmetic(in_float32, PLAIN.mean)),
    "float64 as bfloat16": ("float64", lambda x: rounded(x, 8), Arithmetic(in_bfloat16, PLAIN.mean)),
}


@pytest.mark.parametrize("block", TELLING)
@pytest.mark.parametrize("told", MEASURED)
def test_measured_precision(told: str, block: str) -> None:
    """Wide integers tell which type the products were computed in."""
    dtype, narrow, how = MEASURED[told]

    def before(call: Call) -> None:
        change_tensors(call, narrow)

    records = [record for _, record in tried(block, Fake(before, how=how), dtype=dtype, data=MEASURING)]
    assert measured(records).partition(" (")[0] == told


def in_wide_sums(left: Tensor, right: Tensor) -> Tensor:
    """Products summed in float32; the caller rounds the result to the tensors' type."""
    return np.asarray(left.astype(np.float32) @ right.astype(np.float32))


ACCUMULATORS: dict[str, Arithmetic] = {
    "float32 accumulator": Arithmetic(in_wide_sums, divide_wider),
    "throughout": Arithmetic(one_by_one(straight), divide_backwards),
}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("accumulator", ACCUMULATORS)
@pytest.mark.parametrize("block", ["conv", "average_pool", "global_average_pool", "conv_transpose", "pad_conv"])
def test_measured_accumulator(block: str, accumulator: str, dtype: str) -> None:
    """Both are inside the claim; the report says which of them it is."""
    found = [r for _, r in tried(block, Fake(how=ACCUMULATORS[accumulator]), dtype=dtype)]
    assert not [r for r in found if r.verdict in BAD]
    assert measured(found) == f"{dtype} ({accumulator})"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("block", ["relu", "max_pool", "pad"])
def test_a_selection_tells_no_accumulator(block: str, dtype: str) -> None:
    assert measured(r for _, r in tried(block, Fake(), dtype=dtype)) == dtype


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_narrow_accumulator_leaves_the_claim_of_a_wide_one(dtype: str) -> None:
    """Said to be of float32, it fails on most wide integers; a float32 one never does."""
    precision = {"float16": FLOAT16_FLOAT32, "bfloat16": BFLOAT16_FLOAT32}[dtype]
    claim = Claim({**NATIVE, dtype: precision}, deterministic=True)
    bad = {
        name: [r for _, r in tried("conv", Fake(how=how, claim=claim), dtype=dtype) if r.verdict in BAD]
        for name, how in ACCUMULATORS.items()
    }
    assert bad["float32 accumulator"] == []
    assert sum(r.traits["data"] == "wide" for r in bad["throughout"]) > 3


@pytest.mark.parametrize("cast", ["float16", "bfloat16"])
def test_tensors_cast_down_are_inside_that_claim_alone(cast: str) -> None:
    """A runtime that casts float32 tensors: refused at planning where the format cannot hold them."""
    narrow = np.dtype(cast)
    precision = {"float16": CAST_FLOAT16, "bfloat16": CAST_BFLOAT16}[cast]

    def before(call: Call) -> None:
        change_tensors(call, lambda x: x.astype(narrow).astype(x.dtype) if x.dtype == np.float32 else x)

    def after(call: Call, found: list[Tensor]) -> list[Tensor]:
        return [y.astype(narrow).astype(y.dtype) if y.dtype == np.float32 else y for y in found]

    for claimed in (True, False):
        claim = Claim({**NATIVE, "float32": precision} if claimed else NATIVE, deterministic=True)
        found = [r for _, r in tried("conv", Fake(before, after, claim=claim), dtype="float32")]
        assert any(r.verdict == "fail" for r in found) != claimed
        assert not any(r.verdict == "harness-error" for r in found)
        assert measured(found) == f"float32 as {cast} (float32 accumulator)"
    refused = [r for _, r in tried("sigmoid", Fake(before, after, claim=Claim({**NATIVE, "float32": precision})))]
    planned = {r.message for r in refused if r.stage == "plan"}
    assert planned
    assert all(f"is cast to {cast}, which has" in message for message in planned)
    assert {r.verdict for r in refused if r.stage == "plan"} == {"unsupported"}


@pytest.mark.parametrize("block", TELLING)
def test_what_is_no_rounding_has_no_precision(block: str) -> None:
    """An error of indexing, say, is not taken for a narrow type."""
    runtime = Fake(after=on_y(lambda y: y + 2.0**40))
    measured_ones = {r.precision for _, r in tried(block, runtime, data=["wide"]) if r.verdict == "fail"}
    assert measured_ones == {None}


@pytest.mark.parametrize("block", TELLING)
def test_one_element_off_by_a_half_has_no_precision(block: str) -> None:
    """A bound of float16 may hold it; its results would fit 11 bits, and these do not."""

    def after(call: Call, found: list[Tensor]) -> list[Tensor]:
        if found[0].size > 1:  # of an only element, half an odd number, it may well be the rounding of the input
            found[0].flat[np.abs(np.where(np.isfinite(found[0]), found[0], 0)).argmax()] += 0.5
        return found

    wrong = [
        record for case, record in tried(block, Fake(after=after), dtype="float32", data=["wide"])
        if record.verdict == "fail" and not case.spec.silent
    ]  # fmt: skip
    assert len(wrong) > (1 if issubclass(BLOCKS[block], Norm) else 4)  # norms meet them where p is 1
    assert {record.precision for record in wrong} == {None}


@pytest.mark.parametrize(
    ("result", "bits", "does_fit"),
    [
        (np.array([2047.0, -3.0, 0.0, 2.0**40]), 11, True),
        (np.array([2047.5]), 11, False),
        (np.array([2.0, 2049.0]), 11, False),
        (np.array([255.0, np.inf, -np.inf, np.nan]), 8, True),
        (np.array([257.0, np.nan]), 8, False),
        (np.array([1, 2049]), 11, True),  # Indices
        ([2049.0], 11, True),
        (None, 11, True),
    ],
)
def test_results_fit_a_significand(result: Any, bits: int, does_fit: bool) -> None:
    """NaN and infinities are numbers of every type."""
    assert fits(result, bits) is does_fit


def test_a_difference_between_runs_is_no_fault_without_the_claim() -> None:
    """One unit in the last place up in every other run, inside the bound."""
    assert bad_ones("average_pool", Fake(after=flicker, claim=Claim())) == []
