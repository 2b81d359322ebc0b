"""Sigmoid against decimals of 60 digits, and by every declared way to it, each with the worst exp and tanh allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import TF32, Claim
from reference.elementary import ULPS
from reference.sigmoid import sigmoid
from tests.reference.inside import inside
from tests.reference.test_tanh import samples

CAST = Claim({"float32": replace(TF32, cast="TF32")})
U = {"float16": 2.0**-11, "float32": 2.0**-24, "float64": 2.0**-53}

Tensor = NDArray[Any]
Bend = Callable[[Tensor, str], Tensor]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_holds_the_exact_number(dtype: str) -> None:
    x = samples(dtype)
    (ball,) = sigmoid(x, claim=Claim())
    with localcontext() as context:
        context.prec = 60
        for a, value, radius in zip(x, ball.value, ball.radius, strict=True):
            exact = 1 / (1 + Decimal(-float(a)).exp())
            error = abs(exact - Decimal(float(value)))
            assert error <= min(Decimal(float(radius)), exact * Decimal(2) ** -49 + Decimal(2) ** -1074)


def bent(up: bool) -> Bend:
    """A function's value as far off as the declared bound goes: rounded, and moved by half a unit less than that."""

    def move(y: Tensor, name: str) -> Tensor:
        sign = 1 if up else -1
        with np.errstate(invalid="ignore"):
            moved = y + (ULPS[name] - 0.5) * sign * np.spacing(np.abs(y))
        return np.asarray(np.where(np.isfinite(y), moved, y), y.dtype)

    return move


def quotient(x: Tensor, bend: Bend) -> Tensor:
    """As the text has it; exp(-x) may overflow, and 1 / inf is 0."""
    one = x.dtype.type(1)
    return np.asarray(one / (one + np.maximum(bend(np.exp(-x), "exp"), x.dtype.type(0))))


def two_sided(x: Tensor, bend: Bend) -> Tensor:
    """exp(x) / (1 + exp(x)) where x < 0, so that nothing overflows."""
    one = x.dtype.type(1)
    small = np.maximum(bend(np.exp(-np.abs(x)), "exp"), x.dtype.type(0))
    return np.asarray(np.where(x < 0, small, one) / (one + small))


def one_minus(x: Tensor, bend: Bend) -> Tensor:
    """1 - s(-x) where x < 0."""
    one = x.dtype.type(1)
    upper = quotient(np.abs(x), bend)
    return np.where(x < 0, one - upper, upper)


def by_tanh(x: Tensor, bend: Bend) -> Tensor:
    """(1 + tanh(x / 2)) / 2."""
    one, half = x.dtype.type(1), x.dtype.type(0.5)
    return np.asarray(half * (one + bend(np.tanh(half * x), "tanh")))


def halves(x: Tensor, bend: Bend) -> Tensor:
    """tanh(x / 2) / 2 + 1 / 2."""
    half = x.dtype.type(0.5)
    return np.asarray(half * bend(np.tanh(half * x), "tanh") + half)


@pytest.mark.parametrize("way", [quotient, two_sided, one_minus, by_tanh, halves])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("up", [True, False])
def test_every_declared_way_is_inside(way: Callable[[Tensor, Bend], Tensor], dtype: str, up: bool) -> None:
    x = samples(dtype)
    (ball,) = sigmoid(x, claim=Claim())
    with np.errstate(over="ignore", under="ignore"):
        y = way(x, bent(up))
    assert y.dtype == dtype
    assert inside(ball, y).all()


@pytest.mark.parametrize(("dtype", "own"), [("float16", 0), ("float32", 0), ("float64", 3)])
def test_the_ball_is_no_wider_than_derived(dtype: str, own: int) -> None:
    """Where y is near 1 it is widest: 7 roundings and what is of second order, and the reference's ``own``."""
    x = samples(dtype)
    (ball,) = sigmoid(x, claim=Claim())
    assert ball.radius.max() <= (7.1 + own) * U[dtype]
    assert not inside(ball, ball.value + (8 + own) * U[dtype]).any()
    assert not inside(ball, ball.value - (8 + own) * U[dtype]).any()


@pytest.mark.parametrize("clamp", [4.0, 9.0, 12.0])
def test_an_argument_clamped_too_early_is_outside(clamp: float) -> None:
    x = np.array([-20, -13, 13, 20], np.float32)
    (ball,) = sigmoid(x, claim=Claim())
    assert not inside(ball, 1 / (1 + np.exp(-x.astype(np.float64).clip(-clamp, clamp)))).any()


@pytest.mark.parametrize(("x", "due"), [(np.inf, 1.0), (-np.inf, 0.0), (0.0, 0.5), (1e-45, 0.5), (-3e38, 0.0)])
def test_special_values(x: float, due: float) -> None:
    (ball,) = sigmoid(np.array([x], np.float32), claim=Claim())
    assert inside(ball, np.array([due], np.float32)).all()
    assert not inside(ball, np.array([due + 1e-6])).any()
    assert not inside(ball, np.array([np.nan])).any()


def test_nan_gives_nan() -> None:
    (ball,) = sigmoid(np.array([np.nan, 0.0], np.float32), claim=Claim())
    assert inside(ball, np.array([np.nan, 0.5])).all()
    assert not inside(ball, np.array([0.5, 0.0])).any()
    assert ball.undecided is None


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.array([1 + 2.0**-13, -1 - 2.0**-13], np.float32)
    y = 1 / (1 + np.exp([-1.0, 1.0]))
    assert not inside(sigmoid(x, claim=Claim())[0], y).any()
    assert inside(sigmoid(x, claim=CAST)[0], y).all()
