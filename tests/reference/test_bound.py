"""The balls hold what correct arithmetic gives in any order, and no more than that."""

from __future__ import annotations

import numpy as np
import pytest

from reference.average_pool import average_pool
from reference.bound import underflow
from reference.claim import BFLOAT16_FLOAT32, FLOAT16_FLOAT32, Claim, Precision
from reference.formats import FORMATS
from tests.reference.inside import inside
from tests.reference.sums import CLAIM, DATA, ORDERS, ROWS, assert_inside, ball_of, forward, fused, operands

LENGTHS = [("float32", 1), ("float32", 9), ("float32", 147), ("float32", 2304), ("float16", 9), ("float16", 2048),
           ("bfloat16", 9), ("bfloat16", 256), ("bfloat16", 2304), ("float64", 27)]  # fmt: skip


@pytest.mark.parametrize(("dtype", "length"), LENGTHS)
@pytest.mark.parametrize("data", DATA)
def test_every_order_is_inside(data: str, dtype: str, length: int) -> None:
    x, w, b = operands(data, dtype, length)
    expected = ball_of(x, w, b)
    assert np.isfinite(expected.radius).all()
    terms = np.concatenate([x * w, np.broadcast_to(b, (ROWS, 1))], axis=1)
    for name, order in ORDERS.items():
        y = order(terms)
        assert y.dtype == dtype
        assert_inside(expected, y, name)
    if dtype != "float64":
        assert_inside(expected, fused(x, w) + b, "fused")


@pytest.mark.parametrize(("dtype", "length"), LENGTHS)
@pytest.mark.parametrize("data", DATA)
def test_every_way_to_average_is_inside(data: str, dtype: str, length: int) -> None:
    """Dividing the sum, multiplying it by a rounded reciprocal, and multiplying each element by that."""
    x, _, _ = operands(data, dtype, length)
    (expected,) = average_pool(x[:, None, :], claim=CLAIM, kernel_shape=(length,))
    n = np.array(length, dtype)
    reciprocal = np.array(1, dtype) / n
    for name, order in ORDERS.items():
        ways = {"divided": order(x) / n, "reciprocal": order(x) * reciprocal, "each": order(x * reciprocal)}
        for way, y in ways.items():
            assert y.dtype == dtype
            assert_inside(expected, y, f"{name}, {way}")


def test_bound_is_nearly_reached() -> None:
    """1 + u + u + ...: each addition of 0.9999 u is lost.  A radius a tenth smaller would fail a correct runtime."""
    length = 4096
    x = np.full((1, length), 0.9999 * 2.0**-24, np.float32)
    x[0, 0] = 1
    y = forward(x)
    assert y == 1
    expected = ball_of(x, np.ones(length, np.float32), np.zeros(1, np.float32))
    assert inside(expected, y.reshape(1, 1, 1)).all()
    assert (np.abs(y - expected.value) > 0.9 * expected.radius).all()
    (mean,) = average_pool(x[:, None, :], claim=CLAIM, kernel_shape=(length,))
    assert inside(mean, y.reshape(1, 1, 1) / np.float32(length)).all()
    assert (np.abs(y / np.float32(length) - mean.value) > 0.9 * mean.radius).all()


@pytest.mark.parametrize("length", [9, 27, 64])
def test_error_of_1e_5_leaves(length: int) -> None:
    """One element off by 1e-5 relative, on data that does not cancel."""
    x, w, b = operands("positive", "float32", length)
    expected = ball_of(x, w, b)
    for sign in (-1, 1):
        assert not inside(expected, expected.value * (1 + sign * 1e-5)).any()
    (mean,) = average_pool(x[:, None, :], claim=CLAIM, kernel_shape=(length,))
    assert not inside(mean, mean.value * (1 + 1e-5)).any()


@pytest.mark.parametrize(
    ("dtype", "length"), [("float16", 2048), ("float16", 9216), ("bfloat16", 256), ("bfloat16", 2304)]
)
def test_radius_is_finite_and_positive_where_gamma_is_not(dtype: str, length: int) -> None:
    """From m u = 1 on gamma_m = m u / (1 - m u) has no value, or a negative one; m u S grows on."""
    x, w, b = operands("grid", dtype, length)
    assert length * CLAIM.at(dtype).u_acc >= 1
    expected, shorter = ball_of(x, w, b), ball_of(x[:, : length // 2], w[: length // 2], b)
    assert np.isfinite(expected.radius).all()
    assert (expected.radius > shorter.radius).all()
    assert (shorter.radius > 0).all()


@pytest.mark.parametrize(("dtype", "precision"), [("float16", FLOAT16_FLOAT32), ("bfloat16", BFLOAT16_FLOAT32)])
def test_a_wide_accumulator_rounds_once(dtype: str, precision: Precision) -> None:
    """Of few units every sum is exact in it, so that the result is one rounding away, at any length; or none."""
    source = np.random.default_rng(17)
    bits = precision.bits
    odd = source.integers(2 ** (bits - 2), 2 ** (bits - 1), (ROWS, 576)) * 2 + 1
    x = np.ldexp(odd, -7).astype(dtype)  # float16 ends at 65504
    w, b = source.choice([-1, 1], 576).astype(dtype), np.zeros(1, dtype)
    wide, narrow = ball_of(x, w, b, Claim({dtype: precision})), ball_of(x, w, b)
    exact = x.astype(np.float64) @ w.astype(np.float64)
    fits = np.abs(exact) < 2.0 ** (bits - 7)
    assert (wide.radius.reshape(ROWS) == 0).tolist() == fits.tolist()
    assert (wide.radius <= precision.u_out * np.abs(wide.value) * (1 + 2.0**-30)).all()
    once = exact.astype(dtype).reshape(wide.value.shape)
    assert inside(wide, once).all()
    stepwise = forward(x * w).reshape(wide.value.shape)
    assert inside(narrow, stepwise).all()
    assert not inside(wide, stepwise).all()


@pytest.mark.parametrize(("last", "is_exact"), [(2**23 - 2, True), (2**23, False)])
def test_radius_is_0_up_to_the_significand(last: int, is_exact: bool) -> None:
    """Sums of fewer than 2^24 units of the grid are exact in float32 in any order; at any scale."""
    for scale in (1.0, 2.0**-7, 2.0**-30):
        x = np.array([[2**23 + 1, last]], np.float32) * np.float32(scale)
        expected = ball_of(x, np.ones(2, np.float32), np.zeros(1, np.float32))
        assert (expected.radius == 0).all() == is_exact
        assert (expected.radius[expected.value != 0] > 0).all() != is_exact


def test_radius_is_positive_where_some_order_rounds() -> None:
    """2^24 + 1 - 2^24 has an exact result and an inexact partial sum."""
    x = np.array([[2**24, 1, -(2**24)]], np.float32)
    expected = ball_of(x, np.ones(3, np.float32), np.zeros(1, np.float32))
    orders = {float(order(x)[0]) for order in ORDERS.values()}
    assert len(orders) > 1
    assert all(inside(expected, np.full((1, 1, 1), y)).all() for y in orders)


def test_bias_counts_among_the_units() -> None:
    x, w = np.array([[2.0**23]], np.float32), np.ones(1, np.float32)
    assert ball_of(x, w, np.array([2.0**22], np.float32)).radius == 0
    assert ball_of(x, w, np.array([0.5], np.float32)).radius > 0


OVERFLOWS = [("float16", 300.0, 3), ("float32", 2.0**64, 1), ("float64", 2.0**512, 1), ("float16", 128.0, 4)]


@pytest.mark.parametrize(("dtype", "size", "length"), OVERFLOWS)
def test_sums_that_may_overflow_are_refused(dtype: str, size: float, length: int) -> None:
    """Signs cancel in the result, not in every partial sum."""
    x = np.resize(np.array([size, -size], dtype), (1, length))
    with pytest.raises(OverflowError, match=dtype):
        ball_of(x, np.full(length, size, dtype), np.zeros(1, dtype))
    ball_of(x, np.full(length, 0.125, dtype), np.zeros(1, dtype))


@pytest.mark.parametrize(("dtype", "size"), [("float16", 40000.0), ("float32", 2.0**127), ("float64", 2.0**1023)])
def test_means_whose_sum_may_overflow_are_refused(dtype: str, size: float) -> None:
    """A runtime that adds before it divides is correct, and arrives at infinity."""
    with pytest.raises(OverflowError, match=dtype):
        average_pool(np.full((1, 1, 3), size, dtype), claim=CLAIM, kernel_shape=(3,))
    average_pool(np.full((1, 1, 3), size / 4, dtype), claim=CLAIM, kernel_shape=(3,))


def test_infinite_inputs_are_no_overflow() -> None:
    """An infinity among the inputs is met as it is."""
    x = np.array([[np.inf, 1, 1]], np.float16)
    assert ball_of(x, np.ones(3, np.float16), np.zeros(1, np.float16)).value == np.inf
    assert average_pool(x[None], claim=CLAIM, kernel_shape=(3,))[0].value == np.inf


@pytest.mark.parametrize(
    ("dtype", "gradual", "flushed"),
    [("float16", 2.0**-25, 2.0**-14), ("float32", 2.0**-150, 2.0**-126), ("float64", 2.0**-1074, 2.0**-1022)],
)
def test_underflow(dtype: str, gradual: float, flushed: float) -> None:
    assert underflow(FORMATS[dtype], flush_to_zero=False) == gradual
    assert underflow(FORMATS[dtype], flush_to_zero=True) == flushed
