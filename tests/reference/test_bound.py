"""The balls hold what correct arithmetic gives in any order, and no more than that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.average_pool import average_pool
from reference.ball import lowest_bit
from reference.bound import inputs_survive, underflow
from reference.claim import CAST_BFLOAT16, CAST_FLOAT16, FLOAT16_FLOAT32, TF32, Claim, Precision
from reference.conv import conv
from tests.reference.inside import inside

Array = NDArray[Any]
CLAIM = Claim()
ROWS = 40


def forward(terms: Array) -> Array:
    """Each row summed from left to right, rounded to the elements' type at every step."""
    total = terms[:, 0]
    for k in range(1, terms.shape[1]):
        total = total + terms[:, k]
    return total


def pairwise(terms: Array) -> Array:
    """A balanced tree."""
    while terms.shape[1] > 1:
        odd = terms[:, -1:] if terms.shape[1] % 2 else terms[:, :0]
        terms = np.concatenate([terms[:, :-1:2] + terms[:, 1::2], odd], axis=1)
    return terms[:, 0]


def lanes(terms: Array) -> Array:
    """Eight running sums, added at the end, as SIMD code does."""
    return forward(np.stack([forward(terms[:, k::8]) for k in range(min(8, terms.shape[1]))], axis=1))


def shuffled(terms: Array) -> Array:
    """A drawn order."""
    return forward(terms[:, np.random.default_rng(3).permutation(terms.shape[1])])


def by_size(terms: Array) -> Array:
    """Largest first, the worst order for like signs."""
    return forward(np.take_along_axis(terms, np.argsort(-np.abs(terms), axis=1), axis=1))


ORDERS: dict[str, Callable[[Array], Array]] = {
    "forward": forward,
    "reversed": lambda terms: forward(terms[:, ::-1]),
    "pairwise": pairwise,
    "lanes": lanes,
    "shuffled": shuffled,
    "by size": by_size,
}


def fused(x: Array, w: Array) -> Array:
    """Products not rounded before they are added (FMA); exact in float64, the widest type it is used for is float32."""
    total = np.zeros(len(x), x.dtype)
    for k in range(x.shape[1]):
        total = (x[:, k].astype(np.float64) * w[k] + total).astype(x.dtype)
    return total


def grid(shape: tuple[int, ...], seed: int) -> Array:
    return np.random.default_rng(seed).integers(-(2**19) + 1, 2**19, shape) * 2.0**-19


def positive(shape: tuple[int, ...], seed: int) -> Array:
    return np.abs(grid(shape, seed)) + 2.0**-9


def wide_magnitudes(shape: tuple[int, ...], seed: int) -> Array:
    return np.ldexp(grid(shape, seed), np.random.default_rng(seed + 1).integers(-4, 5, shape))


def cancelling(shape: tuple[int, ...], seed: int) -> Array:
    """Each element followed by nearly its negative."""
    values = grid(shape, seed)
    values[..., 1::2] = -values[..., 0 : values.shape[-1] - 1 : 2] * (1 + 2.0**-10)
    return values


DATA = {f.__name__: f for f in (grid, positive, wide_magnitudes, cancelling)}
LENGTHS = [("float32", 1), ("float32", 9), ("float32", 147), ("float32", 2304), ("float16", 9), ("float16", 2048),
           ("float64", 27)]  # fmt: skip


def operands(data: str, dtype: str, length: int) -> tuple[Array, Array, Array]:
    """Rows of x, one filter, one bias: y[r] = x[r] . w + b."""
    make = DATA[data]
    w = positive((length,), 9) if data == "cancelling" else make((length,), 9)
    return make((ROWS, length), 7).astype(dtype), w.astype(dtype), np.array([0.625], dtype)


def ball_of(x: Array, w: Array, b: Array, claim: Claim = CLAIM) -> Any:
    return conv(x[:, None, :], w[None, None, :], b, claim=claim)[0]


def assert_inside(expected: Any, y: Array, what: str) -> None:
    """All rows inside, or by how much the worst leaves."""
    y = y.reshape(expected.value.shape)
    share = np.max(np.abs(y - expected.value) / np.where(expected.radius > 0, expected.radius, 1))
    assert inside(expected, y).all(), f"{what}: {share:.3f} of the radius"


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


@pytest.mark.parametrize("length", [9, 27, 64])
def test_error_of_1e_5_leaves(length: int) -> None:
    """One element off by 1e-5 relative, on data that does not cancel."""
    x, w, b = operands("positive", "float32", length)
    expected = ball_of(x, w, b)
    for sign in (-1, 1):
        assert not inside(expected, expected.value * (1 + sign * 1e-5)).any()
    (mean,) = average_pool(x[:, None, :], claim=CLAIM, kernel_shape=(length,))
    assert not inside(mean, mean.value * (1 + 1e-5)).any()


def test_radius_is_finite_and_positive_where_gamma_is_not() -> None:
    """m u = 1: gamma_m = m u / (1 - m u) has no value there."""
    x, w, b = operands("grid", "float16", 2048)
    assert x.shape[1] * CLAIM.at("float16").u_acc >= 1
    expected = ball_of(x, w, b)
    assert (expected.radius > 0).all()
    assert np.isfinite(expected.radius).all()


def test_float16_with_a_wide_accumulator_is_a_smaller_ball() -> None:
    """Both claims hold what a float32 accumulator gives; only the wide one holds a float16 accumulator's worst."""
    x, w, b = operands("positive", "float16", 2048)
    wide = ball_of(x, w, b, Claim({"float16": FLOAT16_FLOAT32}))
    narrow = ball_of(x, w, b)
    y = forward(np.concatenate([x.astype(np.float32) * w.astype(np.float32), np.full((ROWS, 1), b[0], "f4")], axis=1))
    assert_inside(wide, y.astype(np.float16), "float32 accumulator")
    assert_inside(narrow, y.astype(np.float16), "float32 accumulator")
    stagnating = forward(np.concatenate([x * w, np.broadcast_to(b, (ROWS, 1))], axis=1))
    assert not inside(wide, stagnating.reshape(wide.value.shape)).any()


@pytest.mark.parametrize(("last", "is_exact"), [(2**23 - 1, True), (2**24, False)])
def test_radius_is_0_up_to_the_significand(last: int, is_exact: bool) -> None:
    """Sums of fewer than 2^24 units of the grid are exact in float32 in any order; at any scale."""
    for scale in (1.0, 2.0**-30, 2.0**20):
        x = np.array([[2**23, last]], np.float32) * np.float32(scale)
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


def test_equality_is_due_under_direct_alone() -> None:
    """Winograd and FFT round where sums of products do not."""
    x, w, b = np.ones((1, 9), np.float32), np.ones(9, np.float32), np.zeros(1, np.float32)
    assert ball_of(x, w, b).radius == 0
    assert ball_of(x, w, b, Claim(direct=False)).radius > 0


def rounded(a: Array, bits: int) -> Array:
    """To ``bits`` significand bits, ties to even."""
    fraction, exponent = np.frexp(a.astype(np.float64))
    return np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits)


CASTS = {"TF32": (TF32, 11), "float16": (CAST_FLOAT16, 11), "bfloat16": (CAST_BFLOAT16, 8)}


@pytest.mark.parametrize("name", CASTS)
@pytest.mark.parametrize("length", [9, 147, 2047])
def test_rounded_inputs_leave_float32_on_wide_integers(length: int, name: str) -> None:
    """Odd 12 to 13 bit numbers, an odd number of weights -1 and 1: every result is wrong, and inside the wider claim."""
    precision, bits = CASTS[name]
    source = np.random.default_rng(11)
    x = (source.integers(2**10, 2**12, (ROWS, length)) * 2 + 1) * source.choice([-1, 1], (ROWS, length))
    w = source.choice([-1, 1], length)
    x, w, b = x.astype(np.float32), w.astype(np.float32), np.zeros(1, np.float32)
    tight = ball_of(x, w, b)
    assert not tight.radius.any()
    y = (rounded(x, bits) @ w).reshape(tight.value.shape)
    assert not inside(tight, y).any()
    y = rounded(y, precision.bits) if name != "TF32" else y.astype(np.float32)
    assert_inside(ball_of(x, w, b, Claim({"float32": precision})), y, name)


@pytest.mark.parametrize("name", CASTS)
@pytest.mark.parametrize("data", DATA)
def test_rounded_inputs_are_inside_their_claim(data: str, name: str) -> None:
    precision, bits = CASTS[name]
    x, w, b = operands(data, "float32", 147)
    cast = rounded(x, bits).astype(np.float32), rounded(w, bits).astype(np.float32)
    terms = np.concatenate([cast[0] * cast[1], np.broadcast_to(b, (ROWS, 1))], axis=1)
    expected = ball_of(x, w, b, Claim({"float32": precision}))
    for order_name, order in ORDERS.items():
        y = order(terms)
        assert_inside(expected, y if name == "TF32" else rounded(y, bits), order_name)
    (mean,) = average_pool(x[:, None, :], claim=Claim({"float32": precision}), kernel_shape=(147,))
    y = forward(cast[0]) / np.float32(147)
    assert_inside(mean, y if name == "TF32" else rounded(y, bits), "average")


def test_inputs_that_survive_rounding_are_due_exactly() -> None:
    """Small integers fit 11 bits: a TF32 runtime too must get them right."""
    x, w, b = np.arange(9, dtype=np.float32)[None], np.ones(9, np.float32), np.zeros(1, np.float32)
    claim = Claim({"float32": TF32})
    assert ball_of(x, w, b, claim).radius == 0
    assert ball_of(x + np.float32(2.0**11), w, b, claim).radius > 0
    assert inputs_survive(TF32, np.array([2.0**11 - 1, 1]))
    assert not inputs_survive(TF32, np.array([2.0**11, 1]))


OVERFLOWS = [("float16", 300.0, 3), ("float32", 2.0**64, 1), ("float64", 2.0**512, 1), ("float16", 128.0, 4)]


@pytest.mark.parametrize(("dtype", "size", "length"), OVERFLOWS)
def test_sums_that_may_overflow_are_refused(dtype: str, size: float, length: int) -> None:
    """Signs cancel in the result, not in every partial sum."""
    x = np.resize(np.array([size, -size], dtype), (1, length))
    with pytest.raises(OverflowError, match=dtype):
        ball_of(x, np.full(length, size, dtype), np.zeros(1, dtype))
    ball_of(x, np.full(length, 0.125, dtype), np.zeros(1, dtype))


def test_underflowing_products_are_inside() -> None:
    """Each product loses up to half of the smallest subnormal number; a flushing unit loses all of it."""
    x = np.random.default_rng(13).integers(1, 2**12, (ROWS, 9)).astype(np.float32) * np.float32(2.0**-76)
    w, b = np.full(9, 3 * 2.0**-75, np.float32), np.zeros(1, np.float32)
    products = x * w
    assert (products[products > 0] < np.finfo(np.float32).tiny).any()
    gradual, flushed = ball_of(x, w, b), ball_of(x, w, b, Claim(flush_to_zero=True))
    for name, order in ORDERS.items():
        assert_inside(gradual, order(products), name)
        assert_inside(flushed, order(products), name)
    zeros = np.zeros(gradual.value.shape)
    assert inside(flushed, zeros).all()
    assert not inside(gradual, zeros).any()


@pytest.mark.parametrize(
    ("values", "exponent"),
    [([3.0, 8.0], 0), ([0.5], -1), ([0.75, 12], -2), ([2.0**-149], -149), ([0, np.inf, np.nan], 0), ([], 0),
     ([np.nan, 0.375], -3), ([-(1 + 2.0**-52)], -52)],
)  # fmt: skip
def test_lowest_bit(values: list[float], exponent: int) -> None:
    assert lowest_bit(np.array(values, np.float64)) == exponent


@pytest.mark.parametrize(
    ("dtype", "gradual", "flushed"),
    [("float16", 2.0**-25, 2.0**-14), ("float32", 2.0**-150, 2.0**-126), ("float64", 2.0**-1074, 2.0**-1022)],
)
def test_underflow(dtype: str, gradual: float, flushed: float) -> None:
    assert underflow(np.dtype(dtype), flush_to_zero=False) == gradual
    assert underflow(np.dtype(dtype), flush_to_zero=True) == flushed


@pytest.mark.parametrize(
    ("precision", "bits", "input_bits"),
    [(TF32, 23, 11), (CAST_BFLOAT16, 8, 8), (FLOAT16_FLOAT32, 11, 53), (CLAIM.at("float32"), 24, 53)],
)
def test_significand_bits(precision: Precision, bits: int, input_bits: int) -> None:
    assert (precision.bits, precision.input_bits) == (bits, input_bits)
