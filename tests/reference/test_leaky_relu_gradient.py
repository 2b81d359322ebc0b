"""The derivative of the rectifier with a slope, element by element and against torch's autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import CAST_FLOAT16, Claim
from reference.leaky_relu_gradient import leaky_relu_gradient
from tests.reference.inside import inside

CLAIM = Claim()
ALPHAS = [float(np.float32(0.01)), 0.25, 0.0, -0.5, 1.5]


def ball_of(x: NDArray[Any], dy: NDArray[Any], alpha: float, claim: Claim = CLAIM) -> Ball:
    (ball,) = leaky_relu_gradient(x, dy, claim=claim, alpha=alpha)
    return ball


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_1_above_0_and_alpha_at_and_below_0(dtype: str, alpha: float) -> None:
    x = np.array([3, -3, 0, -0.0, np.inf, -np.inf], dtype)
    dy = np.full_like(x, 3)
    ball = ball_of(x, dy, alpha)
    np.testing.assert_array_equal(ball.value, 3 * np.array([1, alpha, alpha, alpha, 1, alpha]))
    assert not ball.radius[x > 0].any()
    assert inside(ball, np.where(x > 0, dy, dy * x.dtype.type(alpha))).all()


def test_each_side_is_told_from_the_other() -> None:
    x, dy = np.array([1, -1], np.float32), np.array([3, 3], np.float32)
    assert not inside(ball_of(x, dy, 0.25), np.array([0.75, 3], np.float32)).any()


def test_infinity_times_a_slope_of_0_is_nan_and_nan_is_open() -> None:
    ball = ball_of(np.array([-1, 1, np.nan]), np.array([np.inf, np.inf, 1.0]), 0.0)
    np.testing.assert_array_equal(ball.value[:2], [np.nan, np.inf])
    assert ball.undecided is not None
    np.testing.assert_array_equal(ball.undecided, [False, False, True])


def test_a_product_beyond_the_type_is_not_planned() -> None:
    with pytest.raises(OverflowError):
        ball_of(np.array([-1], np.float16), np.array([6e4], np.float16), 1.5)
    assert ball_of(np.array([1], np.float16), np.array([6e4], np.float16), 1.5).value == 60000  # 6e4 passes


def test_a_cast_rounds_both_factors() -> None:
    x, dy = np.array([-1, 1], np.float32), np.array([3.003, 3.003], np.float32)
    ball = ball_of(x, dy, ALPHAS[0], Claim({"float32": CAST_FLOAT16}))
    cast = dy.astype(np.float16) * np.float32(np.float16(ALPHAS[0]))
    assert inside(ball, np.where(x > 0, dy, cast).astype(np.float16).astype(np.float32)).all()


def test_a_subnormal_that_is_flushed_takes_either_side() -> None:
    x, dy = np.array([2.0**-149, 2.0**-126], np.float32), np.array([3, 3], np.float32)
    ball = ball_of(x, dy, 0.25, Claim(flush_to_zero=True))
    for first in (0.75, 3.0):
        assert inside(ball, np.array([first, 3], np.float32)).all()
    np.testing.assert_array_equal(inside(ball, np.array([0.7, 0.75], np.float32)), [False, False])


@pytest.mark.parametrize("alpha", ALPHAS)
def test_torch(alpha: float) -> None:
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(3).integers(-3, 4, (2, 5, 7)).astype(np.float32)
    dy = np.random.default_rng(4).uniform(-1, 1, values.shape).astype(np.float32)
    x = torch.tensor(values, requires_grad=True)
    (dx,) = torch.autograd.grad(torch.nn.functional.leaky_relu(x, alpha), [x], torch.tensor(dy))
    assert inside(ball_of(values, dy, alpha), dx.numpy()).all()
