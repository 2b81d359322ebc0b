"""The measured precision of each case, by exact sums, by the errors of many sums, and under fast algorithms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.execute import try_case
from conformance.judge import Judgement
from conformance.precision import measured
from conformance.problem import Problem
from graphs.blocks.conv import Conv
from graphs.grid import Case
from graphs.statistics import LENGTHS
from reference.claim import FAST, Claim
from tests.conformance.test_statistics import case_of, record_of
from tests.fakes.fake import Fake
from tests.fakes.faults import round_inputs
from tests.reference.orders import WINOGRAD, correlated, winograd

SHORT = [n if n < 576 else pytest.param(n, marks=pytest.mark.long) for n in LENGTHS if n < 2304]
# fault -> what each data set shows of it
SHOWN: dict[str, dict[str, str | None]] = {
    "sums of float32 truncated": {"single": "float32", "mirrored": "float32 (truncated sums)", "signed": "float32"},
    "sums of float32 rounded down": {"single": "float32", "mirrored": "float32 (biased sums)"},
    "inputs rounded to TF32": {"wide": "TF32", "single": "TF32", "impulse": "TF32", "mirrored": None, "signed": "TF32"},
    "inputs rounded to bfloat16": {"wide": "bfloat16 inputs", "single": "bfloat16 inputs", "signed": "bfloat16 inputs"},
    "lowest bit of inputs dropped": {"wide": "float32", "single": "23 bits", "impulse": "float32"},
    "lowest bit of weights dropped": {"wide": "float32", "single": "float32", "impulse": "23 bits"},
    "sums of float32 in bfloat16": {"wide": "bfloat16 (throughout)", "signed": None},
}


@pytest.mark.parametrize("length", SHORT)
@pytest.mark.parametrize("fault", SHOWN)
def test_what_a_fault_shows(fault: str, length: int) -> None:
    assert {data: record_of(fault, length, data).precision for data in SHOWN[fault]} == SHOWN[fault]


@pytest.mark.parametrize("length", SHORT)
@pytest.mark.parametrize("bits", [7, 4, 2])
def test_inputs_of_fewer_bits_than_bfloat16_has_are_told(bits: int, length: int) -> None:
    """Float8's, for instance, which no claim covers; on data that shows them, not on what they may be near."""
    record = try_case(case_of(length, "wide"), "fake", Fake(round_inputs(bits)))
    assert (record.verdict, record.precision) == ("fail", f"{bits} bits")


@pytest.mark.long
def test_tf32_shows_in_2304_products_too() -> None:
    """Inside float32's bound, but not by its spread."""
    assert record_of("inputs rounded to TF32", 2304, "signed").precision == "TF32"


def results(how: str, bits: int, problem: Problem) -> list[Any]:
    """Winograd's algorithm in float32 on inputs of so many bits; every image is a tile, added up over channels."""
    x, w = problem.operands["x"], problem.operands["w"]
    fraction, exponent = np.frexp(x)
    narrow = np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits).astype(x.dtype)
    return [np.stack([winograd(narrow, each, WINOGRAD[how]) for each in w], axis=1)]


@pytest.mark.parametrize("channels", [1, 64])
@pytest.mark.parametrize(("bits", "name"), [(24, "float32"), (11, "TF32"), (8, "bfloat16 inputs")])
@pytest.mark.parametrize("how", WINOGRAD)
def test_fast_algorithms_are_measured_norm_wise(how: str, bits: int, name: str, channels: int) -> None:
    """Where they round at all: their results are near the sums of inputs as they read them, and near no others."""
    side = {"F(2x2,3x3)": 4, "F(4x4,3x3)": 6}[how]
    spec = Conv(batch=3, channels=channels, filters=2, extent=(side, side), kernel_shape=(3, 3))
    problem = Problem(Case(spec, "wide"))
    got = results(how, bits, problem)
    exact = np.stack([correlated(problem.operands["x"], each) for each in problem.operands["w"]], axis=1)
    shown = measured(problem, Claim(fast=FAST), Judgement(), (), got)
    rounds = not (got[0] == exact).all() and how == "F(4x4,3x3)"
    assert shown in ((f"{name} (norm-wise)",) if rounds else (name, f"{name} (norm-wise)"))
    assert measured(problem, Claim(fast=FAST), Judgement(), (), [got[0] + np.float32(2**20)]) is None
