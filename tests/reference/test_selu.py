"""Selu against decimals of 60 digits, and in every form of its text, each with the worst exp allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graphs.blocks.selu import Selu
from reference.claim import TF32, Claim
from reference.elementary import ULPS
from reference.selu import ALPHA, GAMMA, selu
from tests.reference.inside import inside

CAST = Claim({"float32": replace(TF32, cast="TF32")})

Tensor = NDArray[Any]
NUMBERS = [(ALPHA, GAMMA), (2.0, 0.5), (float(np.float32(0.1)), -1.0), (-0.5, float(np.float32(1.1)))]


def samples(dtype: str) -> Tensor:
    """Both signs, and numbers far below 1 where exp(x) - 1 cancels."""
    source = np.random.default_rng(1)
    near, far = source.standard_normal(60), -np.ldexp(source.uniform(1, 2, 60), np.arange(60) // 4 - 11)
    return np.concatenate([near, far]).astype(dtype)


@pytest.mark.parametrize(("alpha", "gamma"), NUMBERS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_holds_the_exact_number(dtype: str, alpha: float, gamma: float) -> None:
    x = samples(dtype)
    (ball,) = selu(x, claim=Claim(), alpha=alpha, gamma=gamma)
    with localcontext() as context:
        context.prec = 60
        for a, value, radius in zip(x, ball.value, ball.radius, strict=True):
            at = Decimal(float(a))
            exact = Decimal(gamma) * (Decimal(alpha) * (at.exp() - 1) if a <= 0 else at)
            assert abs(exact - Decimal(float(value))) <= Decimal(float(radius)) + abs(exact) * Decimal(2) ** -53


def moved(y: Tensor, up: bool) -> Tensor:
    """As far as the declared bound goes: an exact exp, rounded, and moved by half a unit less than that."""
    return np.asarray(y + (ULPS["exp"] - 0.5) * np.spacing(np.abs(y)) * (1 if up else -1), y.dtype)


FORMS: dict[str, Callable[[Tensor, Any, Any, Callable[[Tensor], Tensor]], Tensor]] = {
    "as written": lambda x, a, g, bent: g * (a * bent(np.exp(x)) - a),
    "difference first": lambda x, a, g, bent: g * (a * (bent(np.exp(x)) - x.dtype.type(1))),
    "constants first": lambda x, a, g, bent: (g * a) * bent(np.expm1(x)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("alpha", "gamma"), NUMBERS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("up", [True, False])
def test_every_form_is_inside(form: str, alpha: float, gamma: float, dtype: str, up: bool) -> None:
    x = samples(dtype)
    (ball,) = selu(x, claim=Claim(), alpha=alpha, gamma=gamma)
    a, g = x.dtype.type(alpha), x.dtype.type(gamma)
    y = FORMS[form](np.minimum(x, x.dtype.type(0)), a, g, lambda e: moved(e, up))
    assert inside(ball, np.where(x <= 0, y, g * x).astype(dtype)).all()


@pytest.mark.parametrize(("x", "due"), [(np.inf, np.inf), (-np.inf, -1.0), (-0.0, 0.0), (0.0, 0.0), (-200.0, -1.0)])
def test_special_values(x: float, due: float) -> None:
    (ball,) = selu(np.array([x], np.float32), claim=Claim(), alpha=2.0, gamma=0.5)
    assert inside(ball, np.array([due], np.float32)).all()
    assert not inside(ball, np.array([0.75])).any()
    assert ball.undecided is None


def test_nan_is_undecided_alone() -> None:
    (ball,) = selu(np.array([np.nan, -1.0, 2.0], np.float32), claim=Claim())
    np.testing.assert_array_equal(inside(ball, np.array([5.0, 5.0, 5.0])), [True, False, False])


def test_the_first_version_has_defaults_of_fewer_digits() -> None:
    """The reference is told them; a float64 result shows the difference, and what is given stays."""
    old, new = (Selu(shape=(1,), dtype="float64", opset=opset) for opset in (5, 7))
    x = np.array([1.0])
    assert selu(x, claim=Claim(), **old.meaning())[0].value[0] == float(np.float32(1.0507))  # type: ignore[arg-type]
    assert selu(x, claim=Claim(), **new.meaning())[0].value[0] == GAMMA  # type: ignore[arg-type]
    assert Selu(shape=(1,), opset=5, gamma=2.0).meaning()["gamma"] == 2.0


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.array([1 + 2.0**-13, -1 - 2.0**-13], np.float32)
    y = np.array([1.0, np.expm1(-1.0)])
    assert not inside(selu(x, claim=Claim(), alpha=1.0, gamma=1.0)[0], y).any()
    assert inside(selu(x, claim=CAST, alpha=1.0, gamma=1.0)[0], y).all()


def test_overflow_is_refused() -> None:
    with pytest.raises(OverflowError):
        selu(np.array([60000], np.float16), claim=Claim(), gamma=2.0)
