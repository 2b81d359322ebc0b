"""QLinearConv against loops of exact fractions, at the ties, at both ends of a type, and by every way to scale."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import TF32, Claim
from reference.qlinear_conv import qlinear_conv, scaled
from reference.quantised import codes_within
from tests.reference.inside import inside
from tests.reference.test_conv import SETTINGS, naive
from tests.reference.test_conv_integer import ENDS, drawn, whole

CLAIM = Claim()
Array = NDArray[Any]


def single(*numbers: float) -> Array:
    """A float32 tensor: one number is a scalar."""
    return np.array(numbers if len(numbers) > 1 else numbers[0], np.float32)


def due(total: int, ratio: Fraction, zero: int, dtype: str) -> int:
    """Python's own round, which takes ties to even, then the zero point, then the ends of the type."""
    low, high = ENDS[dtype]
    return min(max(round(total * ratio) + zero, low), high)


def near_tie(total: int, ratio: Fraction) -> bool:
    """Whether an error of a few float32 roundings may reach the next integer."""
    real = total * ratio
    return abs(abs(real - round(real)) - Fraction(1, 2)) <= abs(real) * Fraction(1, 2**20)


def candidates(ball: Ball, place: tuple[int, ...]) -> set[float]:
    """Every integer that the ball admits at a place."""
    return {float(one.value[place]) for one in (ball, *ball.others)}


SCALES: dict[str, tuple[Array, Array, Array]] = {
    "halves": (single(0.5), single(0.25), single(0.25)),
    "quarters": (single(4), single(0.5), single(8)),
    "small": (single(0.01), single(0.02), single(0.4)),
    "tenths": (single(0.1), single(0.3), single(0.7)),
    "huge": (single(2**15), single(2**15), single(2**-10)),
}


@pytest.mark.parametrize("types", [("uint8", "int8", "uint8"), ("int8", "uint8", "int8"), ("uint8", "uint8", "int8")])
@pytest.mark.parametrize("scales", SCALES)
@pytest.mark.parametrize("name", ["1d", "1d pads past the kernel", "2d all at once", "2d depthwise multiplier", "3d"])
def test_equals_loops(name: str, scales: str, types: tuple[str, str, str]) -> None:
    """One integer everywhere, but where the exact number lies within a few roundings of a tie."""
    x_shape, w_shape, attributes = SETTINGS[name]
    x, w = drawn(x_shape, types[0], 1), drawn(w_shape, types[1], 2)
    b = np.random.default_rng(3).integers(-300, 300, w_shape[:1]).astype(np.int32)
    x_scale, w_scale, y_scale = SCALES[scales]
    x_zero, w_zero, y_zero = (np.array(ENDS[t][0] + 101, t) for t in types)
    (ball,) = qlinear_conv(x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, b, claim=CLAIM, **attributes)
    sums = naive(whole(x, x_zero), whole(w, w_zero), [int(one) for one in b], **attributes)  # type: ignore[arg-type]
    ratio = Fraction(float(x_scale)) * Fraction(float(w_scale)) / Fraction(float(y_scale))
    assert ball.value.shape == sums.shape
    for place, total in np.ndenumerate(sums):
        found = candidates(ball, place)
        assert due(total, ratio, int(y_zero), types[2]) in found
        if scales in ("halves", "quarters", "huge") or not near_tie(total, ratio):
            assert len(found) == 1, (total, ratio)
    assert not any(one.radius.any() for one in (ball, *ball.others))


def one_sum(total: int, *scales: float, zero: int = 0, dtype: str = "uint8", claim: Claim = CLAIM) -> set[float]:
    """What is admissible of a sum that B alone makes."""
    x_scale, w_scale, y_scale = map(single, scales)
    (ball,) = qlinear_conv(
        np.zeros((1, 1, 1), np.uint8), x_scale, np.array(0, np.uint8), np.ones((1, 1, 1), np.int8), w_scale,
        np.array(0, np.int8), y_scale, np.array(zero, dtype), np.array([total], np.int32), claim=claim,
    )  # fmt: skip
    return candidates(ball, (0, 0, 0))


@pytest.mark.parametrize("zero", [0, 1, 2, 100, 101])
@pytest.mark.parametrize("total", range(-9, 10))
def test_ties_go_to_even_before_the_zero_point_is_added(total: int, zero: int) -> None:
    """Halves of odd numbers: -4.5 to -4, 0.5 to 0, 1.5 to 2, 2.5 to 2, whatever the zero point."""
    even = {-9: -4, -7: -4, -5: -2, -3: -2, -1: 0, 1: 0, 3: 2, 5: 2, 7: 4, 9: 4}
    rounded = even.get(total, total // 2)
    assert one_sum(total, 0.5, 2, 2, zero=zero, dtype="int8") == {min(rounded + zero, 127)}


@pytest.mark.parametrize(
    ("dtype", "zero", "low", "high"), [("uint8", 0, 0, 255), ("uint8", 255, 0, 255), ("int8", -128, -128, 127),
                                       ("int8", 127, -128, 127), ("uint8", 77, 0, 255), ("int8", 3, -128, 127)]
)  # fmt: skip
def test_both_ends_hold_what_is_past_them(dtype: str, zero: int, low: int, high: int) -> None:
    """The first number past an end, and those past 32 bits; the tie half above the end goes there too."""
    for past in (high - zero + 1, 1000, 2**30):
        assert one_sum(past, 1, 1, 1, zero=zero, dtype=dtype) == {high}
    for past in (low - zero - 1, -1000, -(2**30)):
        assert one_sum(past, 1, 1, 1, zero=zero, dtype=dtype) == {low}
    assert one_sum(high - zero, 1, 1, 1, zero=zero, dtype=dtype) == {high}
    assert one_sum(low - zero, 1, 1, 1, zero=zero, dtype=dtype) == {low}
    assert one_sum(2**20, 2**15, 2**15, 2**-10, zero=zero, dtype=dtype) == {high}
    assert one_sum(-(2**20), 2**15, 2**15, 2**-10, zero=zero, dtype=dtype) == {low}


def test_every_filter_has_its_scale_and_zero_point() -> None:
    w = np.array([[[3]], [[3]], [[3]]], np.int8)
    (ball,) = qlinear_conv(
        np.full((1, 1, 1), 10, np.uint8), single(1), np.array(0, np.uint8), w, single(1, 0.5, 0.25),
        np.array([0, 1, -1], np.int8), single(1), np.array(0, np.uint8), claim=CLAIM,
    )  # fmt: skip
    assert ball.value.ravel().tolist() == [30, 10, 10]


def test_a_tie_of_rounded_scales_admits_both_neighbours() -> None:
    """In float32 0.2 is twice 0.1, so that 5 * 0.1 / 0.2 is 2.5; by a rounded 1 / 0.2 it may be on either side."""
    assert one_sum(5, 0.1, 1, 0.2) == {2, 3}
    assert one_sum(6, 0.1, 1, 0.2) == {3}
    assert one_sum(5, 1, 1, 2) == {2}


def test_a_wide_sum_that_float32_rounds_admits_both_neighbours() -> None:
    """2^24 + 1 is no float32: its 2^-25-fold lies just above a half, and 2^24 is at it."""
    assert one_sum(2**24 - 1, 2**-13, 2**-12, 1) == {0}
    assert one_sum(2**24 + 1, 2**-13, 2**-12, 1) == {0, 1}
    assert one_sum(2**24, 2**-13, 2**-12, 1) == {0, 1}


def test_rounded_products_widen_the_set() -> None:
    """A claim of TF32 reads factors of 11 bits."""
    claim = Claim({**CLAIM.precision, "float32": TF32})
    assert one_sum(250, 1, 1, 1, claim=claim) == {250}
    assert one_sum(250, 1, 1.0009765625, 1, claim=claim) == {250, 251}
    assert one_sum(250, 1, 1.0009765625, 1) == {250}


@pytest.mark.parametrize("scales", [(2**31, 1, 1), (1, 2**-31, 1), (1, 1, 2**31)])
def test_scales_that_may_leave_float32_are_refused(scales: tuple[float, float, float]) -> None:
    with pytest.raises(OverflowError, match=r"from 2\^-30 to 2\^30"):
        one_sum(1, *scales)


def test_a_sum_past_32_bits_is_refused() -> None:
    with pytest.raises(OverflowError, match="int32 ends"):
        qlinear_conv(
            np.full((1, 1, 1), 255, np.uint8), single(1), np.array(0, np.uint8), np.ones((1, 1, 1), np.int8),
            single(1), np.array(0, np.int8), single(1), np.array(0, np.uint8), np.array([2**31 - 100], np.int32),
            claim=CLAIM,
        )  # fmt: skip


F = np.float32
WAYS: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "one factor": lambda t, x, w, y: F(t) * (x * w / y),
    "factor of the weights first": lambda t, x, w, y: F(t) * (x * (w / y)),
    "one after the other": lambda t, x, w, y: F(t) * x * w / y,
    "dequantised, then quantised": lambda t, x, w, y: F(t) * (x * w) / y,
    "by the reciprocal": lambda t, x, w, y: F(t) * (x * w) * (F(1) / y),
    "a quotient by the step": lambda t, x, w, y: F(t) / (y / (x * w)),
    "a reciprocal of the step": lambda t, x, w, y: F(t) * (F(1) / (y / (x * w))),
    "in float64": lambda t, x, w, y: np.float64(t) * (np.float64(x) * np.float64(w) / np.float64(y)),
    "a factor of float64 rounded": lambda t, x, w, y: F(t) * F(np.float64(x) * np.float64(w) / np.float64(y)),
}


@pytest.mark.parametrize("is_power", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_scale_is_inside(way: str, is_power: bool) -> None:
    """200,000 sums next to ties: of any scales, where both neighbours come up, and of powers of two, where one does."""
    source, n = np.random.default_rng(7), 200_000
    scales = 2.0 ** source.integers(-8, 9, (3, n)) if is_power else 2.0 ** source.uniform(-8, 8, (3, n))
    x, w, y = scales.astype(F)
    wanted = source.integers(-120, 120, n) + 0.5 + source.integers(-3, 4, n) * 2.0**-20
    total = np.rint(wanted * y.astype(float) / (x.astype(float) * w)).clip(-(2**30), 2**30)
    found = np.rint(WAYS[way](total, x, w, y)).clip(-128, 127)[None, :, None]
    real, error = scaled(total[None, :, None], x[:, None], w, y[:, None], CLAIM)
    ball = codes_within(real - error, real + error, lambda r: np.rint(r).clip(-128, 127), whole=True)
    assert inside(ball, found).all()
    is_wide = np.abs(total) >= 2**24
    assert (error[0, :, 0][~is_wide] == 0).all() == is_power
    assert len(ball.others) <= 2
    if not is_power and way in ("one factor", "by the reciprocal"):
        assert ((found == ball.value) != (found == ball.others[0].value)).any()
        assert (found != np.rint(real).clip(-128, 127)).any(), "float32 differs from the exact answer somewhere"
