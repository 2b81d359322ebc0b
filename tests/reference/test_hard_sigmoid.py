"""HardSigmoid against exact fractions, fused and not, and at its two kinks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import TF32, Claim
from reference.hard_sigmoid import ALPHA, hard_sigmoid
from tests.reference.inside import inside

CAST = Claim({"float32": replace(TF32, cast="TF32")})

Tensor = NDArray[Any]
NUMBERS = [(ALPHA, 0.5), (0.25, 0.0), (2.0, -1.0), (-0.5, float(np.float32(0.1))), (0.0, 1.5), (1.0, 0.0)]


def samples(dtype: str) -> Tensor:
    """Numbers on both sides of both kinks of each setting, and close to them."""
    source = np.random.default_rng(4)
    near = np.add.outer([-2.5, 2.5, 0.0, 0.5, 4.0], np.ldexp(source.uniform(-1, 1, 24), -np.arange(24) // 2))
    return np.concatenate([source.uniform(-9, 9, 80), near.ravel()]).astype(dtype)


def exact(x: Any, alpha: float, beta: float) -> Fraction:
    """The formula, of numbers as they are."""
    return max(Fraction(0), min(Fraction(1), Fraction(alpha) * Fraction(float(x)) + Fraction(beta)))


@pytest.mark.parametrize(("alpha", "beta"), NUMBERS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_holds_the_exact_number(dtype: str, alpha: float, beta: float) -> None:
    x = samples(dtype)
    (ball,) = hard_sigmoid(x, claim=Claim(), alpha=alpha, beta=beta)
    for a, value, radius in zip(x, ball.value, ball.radius, strict=True):
        assert abs(exact(a, alpha, beta) - Fraction(float(value))) <= Fraction(float(radius))


@pytest.mark.parametrize(("alpha", "beta"), NUMBERS)
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_fused_or_not_is_inside(dtype: str, alpha: float, beta: float) -> None:
    x = samples(dtype)
    (ball,) = hard_sigmoid(x, claim=Claim(), alpha=alpha, beta=beta)
    a, b = x.dtype.type(alpha), x.dtype.type(beta)
    fused = (x.astype(np.float64) * float(a) + float(b)).astype(dtype)
    in_float32 = (x.astype(np.float32) * np.float32(alpha) + np.float32(beta)).astype(dtype)  # and no constant rounded
    for line in (a * x + b, fused, in_float32):
        assert inside(ball, np.clip(line, x.dtype.type(0), x.dtype.type(1))).all()


@pytest.mark.parametrize(("dtype", "widest"), [("float16", 3 * 2.0**-11), ("float32", 2.5 * 2.0**-24)])
def test_the_ball_is_no_wider_than_derived(dtype: str, widest: float) -> None:
    """Of the product up to 1/2, the sum up to 1 and the result; float16 rounds alpha too."""
    (ball,) = hard_sigmoid(samples(dtype), claim=Claim())
    assert ball.radius.max() <= 1.01 * widest


def test_beyond_the_kinks_equality_is_due() -> None:
    x = np.array([-2.6, 2.6, -1e30, 1e30, np.inf, -np.inf], np.float32)
    (ball,) = hard_sigmoid(x, claim=Claim())
    assert ball.value.tolist() == [0, 1, 0, 1, 1, 0]
    assert not ball.radius.any()
    assert ball.undecided is None


def test_equality_is_due_where_nothing_is_rounded() -> None:
    (ball,) = hard_sigmoid(np.array([1.0, -0.75, 0.0], np.float32), claim=Claim(), alpha=0.25, beta=0.5)
    assert ball.value.tolist() == [0.75, 0.3125, 0.5]
    assert not ball.radius.any()


def test_float64_has_the_float32_attribute() -> None:
    """An omitted alpha is the float32 of 0.2, in graphs of float64 tensors too."""
    (ball,) = hard_sigmoid(np.array([1.0]), claim=Claim())
    assert not inside(ball, np.array([0.2 + 0.5])).any()
    assert inside(ball, np.array([float(np.float32(0.2)) + 0.5])).all()


def test_nan_is_undecided_and_so_is_infinity_times_0() -> None:
    x = np.array([np.nan, np.inf, 2.0], np.float32)
    (ball,) = hard_sigmoid(x, claim=Claim(), alpha=0.0, beta=0.25)
    assert inside(ball, np.array([7.0, np.nan, 0.25])).all()
    (ball,) = hard_sigmoid(x, claim=Claim())
    assert inside(ball, np.array([0.0, 0.0, 0.9])).tolist() == [True, False, True]


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.array([1 + 2.0**-13, -1 - 2.0**-13], np.float32)
    y = np.array([0.75, 0.25])
    assert not inside(hard_sigmoid(x, claim=Claim(), alpha=0.25)[0], y).any()
    assert inside(hard_sigmoid(x, claim=CAST, alpha=0.25)[0], y).all()
