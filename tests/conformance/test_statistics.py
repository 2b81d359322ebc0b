"""Faults of rounding are found at every length, by the data set that is there for it, and correct sums pass."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from conformance.execute import try_case
from conformance.results import Record
from graphs.blocks.conv import Conv
from graphs.grid import Case
from graphs.statistics import FEW, JUDGED, LENGTHS, STATISTICS
from reference.claim import NATIVE, TF32, Claim
from tests.fakes.arithmetic import CORRECT, PLAIN
from tests.fakes.executor import Arithmetic, Tensor
from tests.fakes.fake import Fake
from tests.fakes.faults import FAULTS, round_inputs
from tests.fakes.faults.rounding import BIASED
from tests.fakes.faults.rounding import FAULTS as ROUNDING

SPREAD = (
    r"^y errs too much: the root mean square error of 1024 independent sums of \d+ products is \S+ times the deviation "
    r"of rounding to nearest in the worst order, at most 1.16 \(false alarm below 1e-10\)$"
)


def case_of(length: int, data: str) -> Case:
    """The float32 case."""
    name = f"statistics-conv-{length}-{data}"
    return Case(*STATISTICS[name], name)


@cache
def record_of(fault: str, length: int, data: str) -> Record:
    """What becomes of the float32 case under a fault."""
    runtime = {"inputs rounded to TF32": Fake(round_inputs(11)), "inputs rounded to bfloat16": Fake(round_inputs(8))}
    return try_case(case_of(length, data), "fake", runtime.get(fault) or FAULTS[fault].runtime())


# fault -> the data sets each of which finds it
FOUND_BY = {
    "sums of float32 truncated": ("mirrored",),
    "sums of float32 truncated in pairs": ("mirrored",),
    "sums of float32 rounded down": ("mirrored",),
    "inputs rounded to TF32": ("wide", "single", "signed"),
    "inputs rounded to bfloat16": ("wide", "single", "signed"),
    "lowest bit of inputs dropped": ("single",),
    "lowest bit of weights dropped": ("impulse",),
    "sums of float32 in float16": ("single", "impulse"),
    "sums of float32 in bfloat16": ("single", "impulse"),
}


# Of 2304 products those take seconds each that have much to draw; the nightly run has them all.
LATER = ("sums of float32 truncated in pairs", "sums of float32 rounded down", "inputs rounded to bfloat16")
EACH = [
    pytest.param(fault, length, marks=[pytest.mark.long] if length == 2304 and fault in LATER else [])
    for fault in FOUND_BY
    for length in LENGTHS
]


@pytest.mark.parametrize(("fault", "length"), EACH)
def test_a_fault_of_rounding_is_found_at_every_length(fault: str, length: int) -> None:
    for data in FOUND_BY[fault]:
        record = record_of(fault, length, data)
        assert record.verdict == "fail", (data, record)
        if data == "mirrored":
            assert re.match(BIASED, record.message)
        elif data != "signed":  # where equality is due every output is wrong
            assert "outside" in record.message
            assert record.message.split(", ")[-1].startswith("32 of 32") or "float16" in fault


def test_tf32_is_inside_the_bound_of_2304_products_and_not_inside_its_spread() -> None:
    record = record_of("inputs rounded to TF32", 2304, "signed")
    assert record.fraction is not None
    assert record.fraction < 1
    assert re.match(SPREAD, record.message)


@pytest.mark.parametrize("name", [n for n, (_, data) in STATISTICS.items() if data in JUDGED and "-2304-" not in n])
@pytest.mark.parametrize("how", ["one by one", "blocks of eight", "ascending", "descending"])
def test_correct_sums_pass(how: str, name: str) -> None:
    record = try_case(Case(*STATISTICS[name], name), "fake", Fake(how=CORRECT[how]))
    assert record.verdict == "pass", record


@pytest.mark.long
@pytest.mark.parametrize("how", CORRECT)
@pytest.mark.parametrize("data", JUDGED)
def test_correct_sums_of_2304_products_pass(data: str, how: str) -> None:
    record = try_case(case_of(2304, data), "fake", Fake(how=CORRECT[how]))
    assert record.verdict == "pass", record


@pytest.mark.parametrize("length", FEW)
def test_truncation_is_no_fault_where_tensor_cores_are_claimed(length: int) -> None:
    """Their accumulators truncate: statistics are due under claims to round to nearest alone."""
    claim = Claim({**NATIVE, "float32": replace(TF32, u_in=0)}, deterministic=True)
    how = ROUNDING["sums of float32 truncated"].how
    for data in JUDGED:
        record = try_case(case_of(length, data), "fake", Fake(how=how, claim=claim))
        assert record.verdict == "pass", record


@pytest.mark.parametrize("name", [n for n in STATISTICS if "-mirrored-" in n])
def test_truncated_results_of_other_types_are_biased_too(name: str) -> None:
    """Sums in a wider type that are cut when they are stored."""
    dtype = STATISTICS[name][0].dtype
    bits = {"float64": 53, "float16": 11, "bfloat16": 8}[dtype]
    wide = np.longdouble if dtype == "float64" else np.float64

    def dot(left: Tensor, right: Tensor) -> Tensor:
        a, b = (each.astype(wide) for each in (left[..., :, :, None], right[..., None, :, :]))
        found = np.multiply(a, b).sum(axis=-2)
        fraction, exponent = np.frexp(found)
        return np.asarray(np.ldexp(np.trunc(np.ldexp(fraction, bits)), exponent - bits).astype(left.dtype))

    record = try_case(Case(*STATISTICS[name], name), "fake", Fake(how=Arithmetic(dot, PLAIN.mean)))
    assert re.match(BIASED, record.message), record


def test_too_few_units_are_not_judged() -> None:
    """999 images, and windows that overlap in one image."""
    how = ROUNDING["sums of float32 truncated"].how
    many = Conv(batch=999, channels=1, filters=1, extent=(3, 3), kernel_shape=(3, 3))
    overlapping = Conv(batch=1, channels=1, filters=1, extent=(50, 50), kernel_shape=(3, 3))
    for spec in (many, overlapping):
        assert try_case(Case(spec, "mirrored"), "fake", Fake(how=how)).verdict == "pass"
    assert try_case(Case(replace(many, batch=1000), "mirrored"), "fake", Fake(how=how)).verdict == "fail"
