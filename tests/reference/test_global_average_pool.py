"""GlobalAveragePool against exact fractions, in several orders of summation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import Claim
from reference.global_average_pool import global_average_pool
from tests.reference.inside import inside

SHAPES = [(1, 1, 1), (2, 3, 7), (2, 3, 4, 5), (1, 2, 3, 1, 4), (1, 1, 300)]


def exact(x: NDArray[Any]) -> list[Fraction]:
    """The mean of each channel."""
    channels = x.reshape(x.shape[0] * x.shape[1], -1)
    return [sum(map(Fraction, map(float, row)), Fraction()) / len(row) for row in channels]


def drawn(shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    """Full significands, wide exponents."""
    source = np.random.default_rng(8)
    return np.ldexp(source.standard_normal(shape), source.integers(-6, 6, shape)).astype(dtype)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_ball_holds_the_exact_mean(shape: tuple[int, ...], dtype: str) -> None:
    x = drawn(shape, dtype)
    (ball,) = global_average_pool(x, claim=Claim())
    assert ball.value.shape == (*shape[:2], *[1] * (len(shape) - 2))
    for v, due, r in zip(ball.value.flat, exact(x), ball.radius.flat, strict=True):
        assert abs(Fraction(float(v)) - due) <= Fraction(float(r))
    wrong = ball.value + 1e-2 * np.abs(x).max()
    assert not inside(ball, wrong).any()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_order_of_summation_is_inside(shape: tuple[int, ...], dtype: str) -> None:
    """One by one in three orders, then divided, or times a rounded reciprocal."""
    x = drawn(shape, dtype)
    (ball,) = global_average_pool(x, claim=Claim())
    flat = x.reshape(*ball.value.shape, -1)
    for order in (np.argsort(np.abs(flat)), np.argsort(-np.abs(flat)), np.argsort(flat)):
        ordered = np.take_along_axis(flat, order, -1)
        total = np.zeros(ball.value.shape, dtype)
        for k in range(flat.shape[-1]):
            total = total + ordered[..., k]
        count = x.dtype.type(flat.shape[-1])
        assert inside(ball, total / count).all()
        assert inside(ball, total * (x.dtype.type(1) / count)).all()


@pytest.mark.parametrize(
    ("x", "due"), [([np.nan, 1.0], np.nan), ([np.inf, 1.0], np.inf), ([np.inf, -np.inf], np.nan), ([-0.0, 0.0], 0.0)]
)
def test_special_values(x: list[float], due: float) -> None:
    """Arithmetic defines them: swallowing a NaN is a fault."""
    (ball,) = global_average_pool(np.array([[x]], np.float32), claim=Claim())
    assert ball.undecided is None
    assert inside(ball, np.full((1, 1, 1), due)).all()
    assert not inside(ball, np.full((1, 1, 1), 1.0)).any()


def test_sums_that_might_overflow_are_refused() -> None:
    with pytest.raises(OverflowError):
        global_average_pool(np.full((1, 1, 4), 3e4, np.float16), claim=Claim())
