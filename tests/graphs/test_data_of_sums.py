"""Data sets that make sums exact, or go to the ends of a type, have the property that they are there for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graphs.addends import balanced
from graphs.blocks import BLOCKS
from graphs.blocks.average_pool import AveragePool
from graphs.blocks.conv import Conv
from graphs.blocks.max_pool import MaxPool
from graphs.data import DATA, operands
from graphs.draw import Draw
from graphs.grid import Case, cases
from graphs.numbers import EXPONENTS, FLOATS, SIGNIFICAND
from reference import KERNELS
from reference.ball import Ball
from reference.claim import Claim

LARGEST = {"float16": 65504.0, "bfloat16": 2.0**128, "float32": 2.0**128, "float64": float(np.finfo("float64").max)}


def of(data: str, *blocks: str) -> list[Case]:
    """The quick tier's cases of some blocks, or of all, on one data set."""
    return [case for block in blocks or BLOCKS for case in cases(block, "quick") if case.data == data]


def drawn(case: Case) -> dict[str, NDArray[Any]]:
    """The operands that the data set draws, in float64 where they are of a floating-point type."""
    found = operands(case.spec, case.data, case.id)
    return {
        name: a.astype(np.float64) if a.dtype.name in FLOATS else a
        for name, a in found.items()
        if name not in case.spec.given() and case.spec.drawn(name, Draw(case.id)) is None
    }


def due(case: Case) -> Ball:
    """What must come out of a block with one result."""
    (found,) = KERNELS[case.spec.block](
        **operands(case.spec, case.data, case.id), claim=Claim(), **dict(case.spec.meaning())
    )
    assert isinstance(found, Ball)
    return found


@pytest.mark.parametrize("block", BLOCKS)
def test_every_set_that_applies_occurs_with_each_type(block: str) -> None:
    """Those that take turns too, where the tier has as many settings of a type as sets take turns."""
    met = Counter((case.spec.dtype, case.data) for case in cases(block, "quick") if case.name is None)
    specs = {case.spec for case in cases(block, "quick") if case.name is None}
    for dtype in {spec.dtype for spec in specs}:
        for name, data in DATA.items():
            suited = [s for s in specs if s.dtype == dtype and data.applies(s)]
            turns = max((sum(d.applies(s) and not d.whole(s) for d in DATA.values()) for s in suited), default=0)
            if len(suited) >= turns:
                assert met[dtype, name] or not suited, f"{dtype}: {name}"


def test_zeros_are_of_both_signs_and_fill_whole_rows() -> None:
    signs = Counter[bool]()
    rows, others = 0, 0
    for case in of("zeros"):
        for a in drawn(case).values():
            origin = case.spec.origin("x")
            if origin is not None or not a.ndim:
                continue
            signs.update(np.signbit(a[a == 0]).tolist())
            rows += int((a == 0).all(axis=-1).sum()) if a.shape[-1] > 4 else 0
            others += int(np.count_nonzero(a))
    assert min(signs.values()) > 1000
    assert rows > 100
    assert others > 1000


def test_most_windows_of_equal_have_their_largest_more_than_once() -> None:
    spec = MaxPool(batch=1, channels=8, extent=(9, 9), kernel_shape=(3, 3))
    x = operands(spec, "equal", "windows")["x"]
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    tops = (windows == windows.max(axis=(-2, -1), keepdims=True)).sum(axis=(-2, -1))
    assert (tops > 1).mean() > 0.7


def test_bends_are_met_on_them_and_on_both_sides() -> None:
    """The number itself, its two neighbours in the type, and a quarter to either side."""
    sides = Counter[int]()
    for case in of("bends"):
        x = operands(case.spec, case.data, case.id)["x"]
        places = np.array(case.spec.bends).astype(x.dtype)
        for value in x.ravel():
            near = places[np.abs(places.astype(float) - float(value)).argmin()]
            assert value == near or abs(float(value) - float(near)) <= 0.26, case.id
            if abs(float(value) - float(near)) < 0.2:
                sides[int(np.sign(float(value) - float(near)))] += 1
    assert min(sides[-1], sides[0], sides[1]) > 300


@pytest.mark.parametrize(("data", "tap"), [("descending", 0), ("ascending", -1)])
def test_one_large_weight_comes_first_or_last(data: str, tap: int) -> None:
    """The others are 1 and -1, every element is odd, and every sum is exact in the claimed type."""
    found = of(data, "conv")
    assert {case.spec.dtype for case in found} == set(FLOATS)
    for case in found:
        a, bits = drawn(case), SIGNIFICAND[case.spec.dtype]
        w = a["w"].reshape(len(a["w"]), -1)
        exponent = bits - (4 if bits > 20 else 3)
        assert (w[:, tap] == 2.0**exponent).all(), case.id
        assert (np.abs(np.delete(w, tap, axis=1)) == 1).all(), case.id
        assert (a["x"] % 2 == 1).all(), case.id
        if bits > 20:
            assert not due(case).radius.any(), case.id


@pytest.mark.parametrize("data", ["descending", "ascending"])
def test_a_window_without_weights_has_one_large_element(data: str) -> None:
    for case in of(data, "average_pool"):
        assert isinstance(case.spec, AveragePool)
        x, kernel = np.abs(drawn(case)["x"]) > 15, case.spec.kernel_shape
        gaps = case.spec.dilations or (1,) * len(kernel)
        reach = [(k - 1) * d + 1 for k, d in zip(kernel, gaps, strict=True)]
        if any(r > n for r, n in zip(reach, x.shape[2:], strict=True)):
            continue
        windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=tuple(range(2, x.ndim)))
        every: tuple[Any, ...] = (..., *(slice(None, None, d) for d in gaps))
        taps = windows[every]
        assert (taps.sum(axis=tuple(range(-len(kernel), 0))) == 1).all(), case.id


def test_an_accumulator_of_fewer_bits_loses_small_numbers_after_a_large_one() -> None:
    """One of 16 bits, term after term; in float32 both orders are exact."""
    spec = Conv(batch=1, channels=3, filters=4, extent=(9, 9), kernel_shape=(3, 3))
    for data in ("descending", "ascending"):
        a = operands(spec, data, "order")
        windows = np.lib.stride_tricks.sliding_window_view(a["x"][0], (3, 3), axis=(1, 2))
        terms = np.einsum("cpqij,mcij->pqmcij", windows, a["w"]).reshape(-1, 27)
        exact = terms.astype(np.float64).sum(axis=1)
        total, short = np.zeros(len(terms), np.float32), np.zeros(len(terms))
        for k in range(27):
            total = total + terms[:, k]
            fraction, exponent = np.frexp(short + terms[:, k])
            short = np.ldexp(np.rint(np.ldexp(fraction, 16)), exponent - 16)
        assert (total == exact).all()
        assert (short != exact).mean() > 0.8


def test_cancelling_leaves_the_last_bits() -> None:
    """Of whole windows: what is left is a thousandth of what was added, and every sum is exact."""
    spec = Conv(batch=1, channels=8, filters=4, extent=(9, 9), kernel_shape=(3, 3))
    case = Case(spec, "cancelling")
    a = drawn(case)
    assert (a["w"].sum(axis=(1, 2, 3)) == 0).all()
    ball = due(case)
    assert not ball.radius.any()
    size = np.abs(a["x"]).mean() * 72
    assert (np.abs(ball.value) < size / 1000).all()
    assert np.count_nonzero(ball.value) > 0.9 * ball.value.size
    for other in of("cancelling", "conv"):
        assert other.spec.dtype != "float32" or not due(other).radius.any(), other.id


def test_balanced_signs_of_sums() -> None:
    """As many 1 as -1 in each; 0 for one of an odd number, but not for the only one."""
    signs = balanced(np.array([0, 1, 1, 2, 2, 2, 0, 0, 0, 3]), Draw("signs"))
    assert [signs[np.array([0, 6, 7, 8])].sum(), signs[1:3].sum(), np.abs(signs[3:6]).sum(), abs(signs[9])] == [
        0,
        0,
        2,
        1,
    ]


def test_large_numbers_are_near_the_end_of_their_type() -> None:
    """Where nothing is added up within 2^8; sums of as many as the operator adds are finite, and within 2^6."""
    for case in of("large", "relu", "max_pool", "pad"):
        x = drawn(case)["x"]
        assert (np.abs(x) > LARGEST[case.spec.dtype] / 2**8).all(), case.id
    for case in of("large", "conv", "conv_transpose", "average_pool"):
        x = drawn(case)["x"]
        top = np.abs(x).max() * case.spec.terms
        assert LARGEST[case.spec.dtype] / 2**6 < top < LARGEST[case.spec.dtype] / 2, case.id


def test_subnormal_numbers_are_so_and_of_both_signs() -> None:
    """Equality is due of a convolution of them: a sum is a whole number of the least one."""
    for case in of("subnormal"):
        x = drawn(case)[case.spec.signal]
        assert (np.abs(x) < 2.0 ** EXPONENTS[case.spec.dtype][0]).all(), case.id
        assert (x != 0).all(), case.id
        assert x.size < 20 or ((x < 0).any() and (x > 0).any()), case.id
    for case in of("subnormal", "conv"):
        assert case.spec.dtype != "float32" or not due(case).radius.any(), case.id


def test_range_makes_float64_round() -> None:
    """The only set on which a sum of float64 is not exact."""
    inexact = [due(case).radius.any() for case in of("range", "conv") if case.spec.dtype == "float64"]
    assert inexact
    assert all(inexact)


def test_every_set_says_what_it_shows() -> None:
    assert all(len(data.shows) > 20 for data in DATA.values())
    assert len({data.shows for data in DATA.values()}) == len(DATA)
