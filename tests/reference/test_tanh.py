"""Tanh against decimals of 60 digits over the whole range of each type, and with the worst tanh allowed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import TF32, Claim
from reference.elementary import ULPS
from reference.tanh import tanh
from tests.reference.inside import inside

CAST = Claim({"float32": replace(TF32, cast="TF32")})
FLUSH = Claim(flush_to_zero=True)

Tensor = NDArray[Any]


def samples(dtype: str) -> Tensor:
    """Both signs: every fourth binade from the least subnormal number to 2^10, and where tanh bends and ends."""
    source, ends = np.random.default_rng(3), np.finfo(dtype)
    powers = np.arange(ends.minexp - ends.nmant, 11, max(1, (10 - ends.minexp) // 60))
    spread = np.ldexp(source.uniform(1, 2, powers.size), powers)
    bends = np.concatenate([source.uniform(0, 3, 40), source.uniform(8, 20, 20)])
    positive = np.concatenate([spread, bends, [9, 88, 710]])
    return np.concatenate([positive, -positive, [0.0]]).astype(dtype)


def exact(x: float) -> Decimal:
    """To 60 digits; where x is so small that the difference cancels x - x^3 / 3 is nearer still."""
    at = Decimal(x)
    if abs(x) < 1e-20:
        return at - at**3 / 3
    twice = (-2 * abs(at)).exp()
    return ((1 - twice) / (1 + twice)).copy_sign(at)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_holds_the_exact_number(dtype: str) -> None:
    x = samples(dtype)
    (ball,) = tanh(x, claim=Claim())
    with localcontext() as context:
        context.prec = 60
        for a, value, radius in zip(x, ball.value, ball.radius, strict=True):
            error = abs(exact(float(a)) - Decimal(float(value)))
            assert error <= min(Decimal(float(radius)), abs(Decimal(float(value))) * Decimal(2) ** -50)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("up", [True, False])
def test_the_worst_allowed_is_inside(dtype: str, up: bool) -> None:
    """An exact tanh, rounded, and moved by half a unit less than the declared bound."""
    x = samples(dtype)
    (ball,) = tanh(x, claim=Claim())
    y = ball.value.astype(dtype)
    moved = y + (ULPS["tanh"] - 0.5) * np.spacing(np.abs(y)) * (1 if up else -1)
    assert inside(ball, moved.astype(dtype)).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_four_times_the_declared_bound_is_outside(dtype: str) -> None:
    """At every magnitude: a number near 0 is to be met as closely, for its size, as one near 1."""
    x = samples(dtype)
    x = x[x != 0]
    (ball,) = tanh(x, claim=Claim())
    y = ball.value.astype(dtype)
    away = 4 * ULPS["tanh"] * np.spacing(np.abs(y)).astype(np.float64)
    assert not inside(ball, y.astype(np.float64) - np.copysign(away, y)).any()


def test_differences_that_cancel_are_outside() -> None:
    """1 - 2 / (exp(2x) + 1) is as good as tanh only far from 0."""
    x = np.array([1e-3, 1e-5, 3.0], np.float32)
    y = 1 - 2 / (np.exp(2 * x) + 1)
    assert inside(tanh(x, claim=Claim())[0], y).tolist() == [False, False, True]


@pytest.mark.parametrize(("x", "due"), [(np.inf, 1.0), (-np.inf, -1.0), (-0.0, 0.0), (1e-45, 1e-45), (3e38, 1.0)])
def test_special_values(x: float, due: float) -> None:
    (ball,) = tanh(np.array([x], np.float32), claim=Claim())
    assert inside(ball, np.array([due], np.float32)).all()
    assert not inside(ball, np.array([due + 1e-6])).any()
    assert not inside(ball, np.array([np.nan])).any()


def test_nan_gives_nan() -> None:
    (ball,) = tanh(np.array([np.nan, 0.5], np.float32), claim=Claim())
    assert inside(ball, np.array([np.nan, np.tanh(0.5)])).all()
    assert not inside(ball, np.array([1.0, 1.0])).any()
    assert ball.undecided is None


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.array([0.5 + 2.0**-13, -1 - 2.0**-13], np.float32)
    y = np.tanh([0.5, -1.0])
    assert not inside(tanh(x, claim=Claim())[0], y).any()
    assert inside(tanh(x, claim=CAST)[0], y).all()


def test_a_flushed_subnormal_is_inside_a_flushing_claim_alone() -> None:
    x = np.array([1e-40, -1e-39], np.float32)
    zeros = np.zeros(2, np.float32)
    assert not inside(tanh(x, claim=Claim())[0], zeros).any()
    assert inside(tanh(x, claim=FLUSH)[0], zeros).all()
