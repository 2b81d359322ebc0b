"""The rectifier's derivative, element by element, against torch's autograd and where subnormals vanish."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import CAST_FLOAT16, Claim
from reference.relu_gradient import NAN, relu_gradient
from tests.reference.inside import inside

CLAIM = Claim()


def ball_of(x: NDArray[Any], dy: NDArray[Any], claim: Claim = CLAIM) -> Ball:
    (ball,) = relu_gradient(x, dy, claim=claim)
    return ball


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_1_above_0_and_0_at_and_below_0(dtype: str) -> None:
    x = np.array([3, -3, 0, -0.0, 2**-14, np.inf, -np.inf], dtype)
    ball = ball_of(x, np.ones_like(x))
    np.testing.assert_array_equal(ball.value, [1, 0, 0, 0, 1, 1, 0])
    assert not ball.radius.any()
    assert ball.undecided is None


def test_what_does_not_pass_is_not_multiplied() -> None:
    ball = ball_of(np.array([-1, 1, -1, 1.0]), np.array([np.inf, np.inf, np.nan, np.nan]))
    np.testing.assert_array_equal(ball.value, [0, np.inf, 0, np.nan])


def test_nan_is_neither_above_nor_not_above() -> None:
    ball = ball_of(np.array([np.nan, 1]), np.array([2.0, 3.0]))
    assert ball.undecided is not None
    assert ball.sentence == NAN
    np.testing.assert_array_equal(ball.undecided, [True, False])


def test_a_scalar() -> None:
    assert ball_of(np.array(2.0), np.array(5.0)).value == 5


def test_a_cast_rounds_what_passes() -> None:
    x = np.array([1, -1], np.float32)
    ball = ball_of(x, np.array([3, 3], np.float32), Claim({"float32": CAST_FLOAT16}))
    np.testing.assert_array_equal(ball.radius, [3 * 2.0**-11, 0])


def test_a_subnormal_that_is_flushed_passes_or_not() -> None:
    """Either is inside, what is between them too; a normal number's side is certain."""
    x = np.array([2.0**-149, 2.0**-126], np.float32)
    ball = ball_of(x, np.array([3, 3], np.float32), Claim(flush_to_zero=True))
    for first in (0.0, 3.0):
        assert inside(ball, np.array([first, 3], np.float32)).all()
    np.testing.assert_array_equal(inside(ball, np.array([3.1, 0], np.float32)), [False, False])
    assert ball_of(x, np.array([3, 3], np.float32)).radius.max() == 0


def test_torch() -> None:
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(3).integers(-3, 4, (2, 5, 7)).astype(np.float32)
    dy = np.random.default_rng(4).uniform(-1, 1, values.shape).astype(np.float32)
    x = torch.tensor(values, requires_grad=True)
    (dx,) = torch.autograd.grad(torch.nn.functional.relu(x), [x], torch.tensor(dy))
    assert inside(ball_of(values, dy), dx.numpy()).all()
    assert (dx.numpy() != 0).any()
