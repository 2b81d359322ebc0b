"""PRelu element by element under every slope that broadcasts, and the one element its text leaves open."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from reference.claim import TF32, Claim
from reference.p_relu import broadcasts, p_relu
from tests.reference.inside import inside

SHAPE = (2, 3, 4)
SLOPES = [*itertools.product((1, 2), (1, 3), (1, 4)), (3, 4), (1, 4), (3, 1), (4,), (1,), ()]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("slope", SLOPES)
def test_equals_a_loop(slope: tuple[int, ...], dtype: str) -> None:
    """Each element with the slope at its own place, counted from the last axis; exact, or one rounding."""
    source = np.random.default_rng(1)
    x, s = source.standard_normal(SHAPE).astype(dtype), np.asarray(source.standard_normal(slope).astype(dtype))
    (ball,) = p_relu(x, s, claim=Claim())
    assert ball.value.shape == SHAPE
    unit = Fraction(float(np.finfo(x.dtype).eps))
    for at in np.ndindex(SHAPE):
        place = tuple(0 if d == 1 else i for i, d in zip(at[3 - len(slope) :], slope, strict=True))
        a, radius = Fraction(float(x[at])), Fraction(float(ball.radius[at]))
        exact = a * Fraction(float(s[place])) if a < 0 else a
        assert abs(exact - Fraction(float(ball.value[at]))) <= (radius if a < 0 else 0)
        assert radius <= 3 * unit * abs(exact) + Fraction(2) ** -23
    for kind in (dtype, "float64"):
        y = np.where(x < 0, (s.astype(kind) * x.astype(kind)).astype(dtype), x)
        assert inside(ball, y).all()
    assert not inside(ball, y * 1.01).any()


def test_one_slope_a_channel_before_slopes_broadcast() -> None:
    x = -np.ones((2, 3, 4), np.float32)
    (ball,) = p_relu(x, np.array([1, 2, 3], np.float32), claim=Claim())
    np.testing.assert_array_equal(ball.value, np.broadcast_to([[[-1.0], [-2.0], [-3.0]]], (2, 3, 4)))
    assert p_relu(np.asarray(x[0, 0, 0]), np.array([2], np.float32), claim=Claim())[0].value == -2


def test_broadcasts_is_numpy_s_rule_in_one_direction() -> None:
    for a, b in itertools.product(itertools.product((1, 2, 3), repeat=2), repeat=2):
        for short in (a, a[1:], ()):
            try:
                due = np.broadcast_shapes(short, b) == b
            except ValueError:
                due = False
            assert broadcasts(short, b) == due
    assert not broadcasts((1, 1), (1,))


@pytest.mark.parametrize(
    ("x", "slope", "due"),
    [
        (np.inf, np.nan, np.inf),
        (-np.inf, 0.0, np.nan),
        (-np.inf, 2.0, -np.inf),
        (-1.0, np.inf, -np.inf),
        (-0.0, np.inf, 0.0),
    ],
)
def test_special_values(x: float, slope: float, due: float) -> None:
    """A slope has no part in what is not below 0."""
    (ball,) = p_relu(np.array([x], np.float32), np.array([slope], np.float32), claim=Claim())
    assert inside(ball, np.array([due])).all()
    assert not inside(ball, np.array([3.0])).any()


def test_nan_is_undecided_alone() -> None:
    (ball,) = p_relu(np.array([np.nan, -1.0, 2.0], np.float32), np.array([2], np.float32), claim=Claim())
    np.testing.assert_array_equal(inside(ball, np.array([5.0, 5.0, 5.0])), [True, False, False])


def test_both_operands_may_be_rounded_under_a_rounding_claim() -> None:
    x, s = np.array([-1 - 2.0**-13], np.float32), np.array([1 + 2.0**-13], np.float32)
    assert not inside(p_relu(x, s, claim=Claim())[0], -np.ones(1)).any()
    assert inside(p_relu(x, s, claim=Claim({"float32": TF32}))[0], -np.ones(1)).all()


def test_overflow_is_refused() -> None:
    with pytest.raises(OverflowError):
        p_relu(np.array([-600], np.float16), np.array([600], np.float16), claim=Claim())


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("slope", SLOPES)
def test_integers_equal_a_loop(slope: tuple[int, ...], dtype: str) -> None:
    """Exactly, in Python's own integers."""
    source = np.random.default_rng(2)
    high = 2**15 if dtype == "int32" else 2**26
    x, s = source.integers(-high, high, SHAPE, dtype), np.asarray(source.integers(-high, high, slope, dtype))
    (ball,) = p_relu(x, s, claim=Claim())
    for at in np.ndindex(SHAPE):
        place = tuple(0 if d == 1 else i for i, d in zip(at[3 - len(slope) :], slope, strict=True))
        assert ball.value[at] == (int(x[at]) * int(s[place]) if x[at] < 0 else int(x[at]))
    assert not ball.radius.any()
    assert ball.undecided is None


@pytest.mark.parametrize(
    ("x", "slope", "dtype"),
    [
        (-(2**16), 2**15, "int32"),  # -2^31, the least
        (-(2**31), 1, "int32"),
        (-(2**27), 1 - 2**26, "int64"),
        (2**31 - 1, 2**31 - 1, "int32"),  # a slope has no part in what is not below 0
    ],
)
def test_the_largest_products_of_integers_are_held(x: int, slope: int, dtype: str) -> None:
    (ball,) = p_relu(np.array([x], dtype), np.array([slope], dtype), claim=Claim())
    assert ball.value.tolist() == [x * slope if x < 0 else x]


@pytest.mark.parametrize(
    ("x", "slope", "dtype"),
    [
        (-(2**16), -(2**15), "int32"),  # 2^31, one more than the largest
        (-(2**31), -1, "int32"),
        (-(2**27), 2**27, "int64"),  # float64 no longer has every integer
        (-3, -(2**53 + 1) // 3, "int64"),  # 2^53 + 1, which it rounds to 2^53
        (-(2**53) - 1, 0, "int64"),
        (-1, 2**53 + 1, "int64"),
    ],
)
def test_products_beyond_the_type_or_float64_are_refused(x: int, slope: int, dtype: str) -> None:
    """The text does not say what becomes of them."""
    with pytest.raises(OverflowError):
        p_relu(np.array([x], dtype), np.array([slope], dtype), claim=Claim())
