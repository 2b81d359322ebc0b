"""Elu against decimals of 60 digits, and in every form of its text, each with the worst exp allowed."""

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
from reference.elu import elu
from tests.reference.inside import inside

CAST = Claim({"float32": replace(TF32, cast="TF32")})

Tensor = NDArray[Any]
ALPHAS = [1.0, 2.0, float(np.float32(0.1)), 0.0, -0.5]


def samples(dtype: str) -> Tensor:
    """Both signs, and numbers far below 1 where exp(x) - 1 cancels."""
    source = np.random.default_rng(1)
    near, far = source.standard_normal(60), -np.ldexp(source.uniform(1, 2, 60), np.arange(60) // 4 - 11)
    return np.concatenate([near, far]).astype(dtype)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_holds_the_exact_number(dtype: str, alpha: float) -> None:
    x = samples(dtype)
    (ball,) = elu(x, claim=Claim(), alpha=alpha)
    with localcontext() as context:
        context.prec = 60
        for a, value, radius in zip(x, ball.value, ball.radius, strict=True):
            at = Decimal(float(a))
            exact = Decimal(alpha) * (at.exp() - 1) if a < 0 else at
            assert abs(exact - Decimal(float(value))) <= min(Decimal(float(radius)), Decimal(2) ** -49)
            assert a < 0 or not radius


def moved(y: Tensor, up: bool) -> Tensor:
    """As far as the declared bound goes: an exact exp, rounded, and moved by half a unit less than that."""
    unit = np.spacing(np.abs(y))
    return np.asarray(y + (ULPS["exp"] - 0.5) * unit * (1 if up else -1), y.dtype)


FORMS: dict[str, Callable[[Tensor, Any, Callable[[Tensor], Tensor]], Tensor]] = {
    "as written": lambda x, alpha, bent: alpha * (bent(np.exp(x)) - x.dtype.type(1)),
    "expm1": lambda x, alpha, bent: alpha * bent(np.expm1(x)),
    "multiplied out": lambda x, alpha, bent: alpha * bent(np.exp(x)) - alpha,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("up", [True, False])
def test_every_form_is_inside(form: str, alpha: float, dtype: str, up: bool) -> None:
    x = samples(dtype)
    (ball,) = elu(x, claim=Claim(), alpha=alpha)
    y = FORMS[form](np.minimum(x, x.dtype.type(0)), x.dtype.type(alpha), lambda e: moved(e, up))
    assert inside(ball, np.where(x < 0, y, x).astype(dtype)).all()


def test_three_times_the_declared_bound_is_outside() -> None:
    x = np.array([-3.0, -0.25, -1e-3], np.float32)
    (ball,) = elu(x, claim=Claim())
    assert not inside(ball, np.expm1(x.astype(np.float64)) + 3 * 2 * ULPS["exp"] * 2.0**-24).any()


@pytest.mark.parametrize(
    ("x", "due"), [(np.inf, np.inf), (-np.inf, -2.0), (-0.0, 0.0), (0.0, 0.0), (1e-45, 1e-45), (-200.0, -2.0)]
)
def test_special_values(x: float, due: float) -> None:
    (ball,) = elu(np.array([x], np.float32), claim=Claim(), alpha=2.0)
    assert inside(ball, np.array([due], np.float32)).all()
    assert not inside(ball, np.array([0.5])).any()
    assert ball.undecided is None


def test_nan_is_undecided_alone() -> None:
    (ball,) = elu(np.array([np.nan, -1.0, 2.0], np.float32), claim=Claim())
    np.testing.assert_array_equal(inside(ball, np.array([5.0, 5.0, 5.0])), [True, False, False])


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.array([1 + 2.0**-13, -1 - 2.0**-13], np.float32)
    y = np.array([1.0, np.expm1(-1.0)])
    assert not inside(elu(x, claim=Claim())[0], y).any()
    assert inside(elu(x, claim=CAST)[0], y).all()
