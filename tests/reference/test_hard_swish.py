"""HardSwish against exact fractions, in each declared form of its formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import TF32, Claim
from reference.hard_swish import hard_swish
from tests.reference.inside import inside

CAST = Claim({"float32": replace(TF32, cast="TF32")})

Tensor = NDArray[Any]


def samples(dtype: str) -> Tensor:
    """Numbers on both sides of the kinks at -3 and 3, close to them, and close to 0."""
    source = np.random.default_rng(5)
    near = np.add.outer([-3.0, 0.0, 3.0], np.ldexp(source.uniform(-1, 1, 40), -np.arange(40) // 2))
    return np.concatenate([source.uniform(-9, 9, 80), near.ravel()]).astype(dtype)


@pytest.mark.parametrize("alpha", [Fraction(1, 6), Fraction(float(np.float32(1 / 6)))])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_holds_the_exact_number(dtype: str, alpha: Fraction) -> None:
    """With alpha as the text says, and as the attribute of ONNX's function body holds it."""
    x = samples(dtype)
    (ball,) = hard_swish(x, claim=Claim())
    for a, value, radius in zip(x, ball.value, ball.radius, strict=True):
        at = Fraction(float(a))
        exact = at * max(Fraction(0), min(Fraction(1), alpha * at + Fraction(1, 2)))
        assert abs(exact - Fraction(float(value))) <= Fraction(float(radius))


def as_written(x: Tensor) -> Tensor:
    """In the tensor's type throughout."""
    kind = x.dtype.type
    return np.asarray(x * np.clip(kind(np.float32(1 / 6)) * x + kind(0.5), kind(0), kind(1)))


def fused(x: Tensor) -> Tensor:
    """The line rounded once."""
    line = (x.astype(np.longdouble) * x.dtype.type(1 / 6) + np.longdouble(0.5)).astype(x.dtype)
    return np.asarray(x * np.clip(line, x.dtype.type(0), x.dtype.type(1)))


def sixths(x: Tensor) -> Tensor:
    """The product over 6."""
    kind = x.dtype.type
    return np.asarray(x * np.clip(x + kind(3), kind(0), kind(6)) / kind(6))


def by_sixth(x: Tensor) -> Tensor:
    """The product times a rounded 1/6."""
    kind = x.dtype.type
    return np.asarray(x * np.clip(x + kind(3), kind(0), kind(6)) * kind(1 / 6))


def factor_first(x: Tensor) -> Tensor:
    """The factor over 6, then the product."""
    kind = x.dtype.type
    return np.asarray(x * (np.clip(x + kind(3), kind(0), kind(6)) / kind(6)))


def in_float32(x: Tensor) -> Tensor:
    """Float16 computed in float32, rounded once."""
    return sixths(x.astype(np.float32)).astype(x.dtype) if x.dtype == np.float16 else sixths(x)


@pytest.mark.parametrize("form", [as_written, fused, sixths, by_sixth, factor_first, in_float32])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_every_declared_form_is_inside(form: Callable[[Tensor], Tensor], dtype: str) -> None:
    x = samples(dtype)
    (ball,) = hard_swish(x, claim=Claim())
    y = form(x)
    assert y.dtype == dtype
    assert inside(ball, y).all()


@pytest.mark.parametrize(("dtype", "u"), [("float16", 2.0**-11), ("float32", 2.0**-24)])
def test_the_ball_is_no_wider_than_derived(dtype: str, u: float) -> None:
    """Five roundings of x at the widest; float64's has room for two values of alpha."""
    x = samples(dtype)
    (ball,) = hard_swish(x, claim=Claim())
    assert (ball.radius <= 5.1 * u * np.abs(x.astype(np.float64)) + 4 * np.finfo(dtype).smallest_subnormal).all()


@pytest.mark.parametrize(("y", "x"), [(0.28, 0.5), (5.0, 5.0001), (-0.376, -1.5), (-1e-4, -3.1), (1.33, 2.0)])
def test_wrong_numbers_are_outside(x: float, y: float) -> None:
    assert not inside(hard_swish(np.array([x], np.float32), claim=Claim())[0], np.array([y])).any()


@pytest.mark.parametrize(
    ("x", "due"), [(np.inf, np.inf), (-np.inf, np.nan), (np.nan, np.nan), (0.0, 0.0), (-4.0, 0.0), (1e-45, 0.0)]
)
def test_special_values(x: float, due: float) -> None:
    """Minus infinity times 0 is NaN, as the formula has it."""
    (ball,) = hard_swish(np.array([x], np.float32), claim=Claim())
    assert inside(ball, np.array([due])).all()
    assert not inside(ball, np.array([0.5])).any()
    assert ball.undecided is None


def test_below_the_lower_kink_equality_is_due() -> None:
    (ball,) = hard_swish(np.array([-3.01, -8.0, -1e30], np.float32), claim=Claim())
    assert not ball.radius.any()
    assert not ball.value.any()


def test_overflow_is_refused() -> None:
    """Of 6 x, which is a number in no form of the formula but one."""
    with pytest.raises(OverflowError):
        hard_swish(np.array([20000], np.float16), claim=Claim())
    hard_swish(np.array([-20000], np.float16), claim=Claim())


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.array([4 + 2.0**-11, 1 + 2.0**-13], np.float32)
    y = np.array([4.0, 2 / 3])
    assert not inside(hard_swish(x, claim=Claim())[0], y).any()
    assert inside(hard_swish(x, claim=CAST)[0], y).all()
