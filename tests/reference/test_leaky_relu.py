"""LeakyRelu element by element, in every way that rounds as claimed, and the one element its text leaves open."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from reference.claim import TF32, Claim
from reference.leaky_relu import ALPHA, leaky_relu
from reference.leaky_relu_gradient import leaky_relu_gradient
from tests.reference.inside import inside

CAST = Claim({"float32": replace(TF32, cast="TF32")})

ALPHAS = [ALPHA, float(np.float32(0.1)), 0.25, 0.0, -0.5, 1.5]


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (1,), (3, 17), (2, 3, 4, 5)])
def test_holds_the_exact_number_and_every_way_to_round_it(shape: tuple[int, ...], dtype: str, alpha: float) -> None:
    """Alpha cast to the tensor's type first or not; the product in that type or in a wider one."""
    x = np.asarray(np.random.default_rng(1).standard_normal(shape).astype(dtype))
    (ball,) = leaky_relu(x, claim=Claim(), alpha=alpha)
    assert ball.value.shape == shape
    for a, value, radius in zip(x.flat, ball.value.flat, ball.radius.flat, strict=True):
        exact = Fraction(float(a)) * (Fraction(alpha) if a < 0 else 1)
        assert abs(exact - Fraction(float(value))) <= Fraction(float(radius)) + abs(exact) / 2**53
        assert a < 0 or not radius
    kind = x.dtype.type
    for y in (x * kind(alpha), x.astype(np.float64) * alpha, x.astype(np.float64) * float(kind(alpha))):
        assert inside(ball, np.asarray(np.where(x < 0, y, x), dtype)).all()


def test_an_error_of_three_units_is_outside() -> None:
    x = np.array([-3.0, -0.7], np.float32)
    (ball,) = leaky_relu(x, claim=Claim())
    y = (x * np.float32(ALPHA)).astype(np.float32)
    assert not inside(ball, y * np.float32(1 + 2.0**-21)).any()


def test_an_exact_product_is_due_exactly() -> None:
    (ball,) = leaky_relu(np.array([-3.0, -4095.0], np.float32), claim=Claim(), alpha=0.25)
    assert not ball.radius.any()


def test_float16_alpha_may_be_rounded_and_float32_alpha_may_not() -> None:
    x = np.array([-1.0])
    assert leaky_relu(x.astype(np.float16), claim=Claim())[0].radius[0] > abs(float(np.float16(ALPHA)) - ALPHA)
    assert leaky_relu(x.astype(np.float32), claim=Claim())[0].radius[0] == 0


def test_default_is_a_float32_in_float64_too() -> None:
    """An attribute of type FLOAT cannot hold 0.01."""
    (ball,) = leaky_relu(np.array([-1.0]), claim=Claim())
    assert not inside(ball, np.array([-0.01])).any()
    assert inside(ball, np.array([-float(np.float32(0.01))])).all()


@pytest.mark.parametrize(
    ("x", "alpha", "due"),
    [
        (np.inf, 0.5, np.inf), (-np.inf, 0.5, -np.inf), (-np.inf, -0.5, np.inf), (-np.inf, 0.0, np.nan),
        (-0.0, 0.5, 0.0), (0.0, 0.5, 0.0), (1e-45, 0.5, 1e-45),
    ],
)  # fmt: skip
def test_special_values(x: float, alpha: float, due: float) -> None:
    """0 times an infinity is NaN, as arithmetic has it."""
    (ball,) = leaky_relu(np.array([x], np.float32), claim=Claim(), alpha=alpha)
    assert inside(ball, np.array([due], np.float32)).all()
    assert not inside(ball, np.array([3.0])).any()
    assert ball.undecided is None


def test_nan_is_undecided_alone() -> None:
    (ball,) = leaky_relu(np.array([np.nan, -1.0, 2.0], np.float32), claim=Claim())
    np.testing.assert_array_equal(inside(ball, np.array([5.0, 5.0, 5.0])), [True, False, False])
    assert "NaN" in ball.sentence


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.array([1 + 2.0**-13, -1 - 2.0**-13], np.float32)
    y = np.array([1, -ALPHA])
    assert not inside(leaky_relu(x, claim=Claim())[0], y).any()
    assert inside(leaky_relu(x, claim=CAST)[0], y).all()


def test_flushed_subnormals_are_inside_that_claim_alone() -> None:
    x = np.array([1e-39, -1e-39, -1e-37], np.float32)
    assert not inside(leaky_relu(x, claim=Claim(), alpha=0.5)[0], np.zeros(3)).any()
    assert inside(leaky_relu(x, claim=Claim(flush_to_zero=True), alpha=0.0625)[0], np.zeros(3)).all()


def test_overflow_is_refused() -> None:
    with pytest.raises(OverflowError):
        leaky_relu(np.array([-60000], np.float16), claim=Claim(), alpha=1.5)
    with pytest.raises(OverflowError):
        leaky_relu(np.array([-1], np.float16), claim=Claim(), alpha=1e5)


def test_an_infinity_under_a_slope_that_the_type_lacks_is_open() -> None:
    """2.4e-36 is 0 in float16, and 0 times infinity NaN; float32 has it, and the product is minus infinity."""
    alpha = float(np.float32(2.4e-36))
    for dtype, is_open in ((np.float16, [True, False, False]), (np.float32, [False] * 3)):
        (ball,) = leaky_relu(np.array([-np.inf, -1, np.inf], dtype), claim=Claim(), alpha=alpha)
        found = np.zeros(3, bool) if ball.undecided is None else ball.undecided
        assert found.tolist() == is_open
        (ball,) = leaky_relu_gradient(
            np.array([-1, -1, 1], dtype), np.array([-np.inf, -1, np.inf], dtype), claim=Claim(), alpha=alpha
        )
        found = np.zeros(3, bool) if ball.undecided is None else ball.undecided
        assert found.tolist() == is_open
