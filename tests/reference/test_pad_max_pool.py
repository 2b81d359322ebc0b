"""Pad and MaxPool against what is printed by hand: padded numbers take part, MaxPool's own padding does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball, Members
from reference.claim import CAST_FLOAT16, Claim
from reference.max_pool import EMPTY, max_pool
from reference.pad_max_pool import pad_max_pool
from tests.reference.inside import inside

CLAIM = Claim()
X = np.array([[[-5, -3, -8, -2]]], np.float32)


def ball_of(x: NDArray[Any], amounts: list[int], constant: float | None = None, **attributes: Any) -> Ball:
    """The maximum of windows of two."""
    number = None if constant is None else np.array(constant, x.dtype)
    mode = {"mode": attributes.pop("mode", "constant")}
    (ball,) = pad_max_pool(
        x, np.array(amounts), number, claim=CLAIM, pad=mode, max_pool={"kernel_shape": (2,), **attributes}
    )
    assert isinstance(ball, Ball)
    return ball


@pytest.mark.parametrize(
    ("amounts", "constant", "attributes", "due"),
    [
        ([0, 0, 1, 0, 0, 1], None, {}, [0, -3, -3, -2, 0]),
        ([0, 0, 1, 0, 0, 1], 0.0, {}, [0, -3, -3, -2, 0]),
        ([0, 0, 1, 0, 0, 1], -4.0, {}, [-4, -3, -3, -2, -2]),
        ([0, 0, 1, 0, 0, 1], -np.inf, {}, [-5, -3, -3, -2, -2]),
        ([0, 0, 0, 0, 0, 0], 0.0, {"pads": (1, 1)}, [-5, -3, -3, -2, -2]),
        ([0, 0, 1, 0, 0, 0], 0.0, {"pads": (1, 1)}, [0, 0, -3, -3, -2, -2]),
        ([0, 0, -1, 0, 0, 1], 0.0, {}, [-3, -2, 0]),
        ([0, 0, 1, 0, 0, 1], None, {"mode": "reflect"}, [-3, -3, -3, -2, -2]),
        ([0, 0, 1, 0, 0, 1], None, {"mode": "edge"}, [-5, -3, -3, -2, -2]),
        ([0, 0, 1, 0, 0, 1], None, {"mode": "wrap"}, [-2, -3, -3, -2, -2]),
        ([0, 0, 0, 0, 0, 1], None, {"strides": (3,), "ceil_mode": 1}, [-3, 0]),
        ([0, 0, 0, 0, 0, 3], None, {"strides": (3,), "ceil_mode": 1}, [-3, 0, 0]),
    ],
)
def test_what_is_padded_takes_part(amounts: list[int], constant: float, attributes: dict[str, Any], due: Any) -> None:
    ball = ball_of(X, amounts, constant, **attributes)
    np.testing.assert_array_equal(ball.value[0, 0], due)
    assert not ball.radius.any()
    assert ball.undecided is None


def test_a_window_of_what_is_padded_alone_is_decided() -> None:
    """Unlike one of MaxPool's own padding."""
    ball = ball_of(X, [0, 0, 2, 0, 0, 0], -7.0)
    assert (ball.value[0, 0, 0], ball.undecided) == (-7, None)
    ball = ball_of(X, [0, 0, 0, 0, 0, 0], -7.0, pads=(2, 0))
    assert ball.undecided is not None
    assert (ball.undecided[0, 0, 0], ball.sentence) == (True, EMPTY)


def test_minus_infinity_is_maxpool_s_own_padding() -> None:
    x = np.random.default_rng(3).integers(-9, 10, (2, 3, 5, 4)).astype(np.float32)
    amounts = np.array([0, 0, 1, 0, 0, 0, 1, 2])
    lowest = np.array(-np.inf, np.float32)
    (one,) = pad_max_pool(x, amounts, lowest, claim=CLAIM, pad={}, max_pool={"kernel_shape": (3, 3)})
    (other,) = max_pool(x, claim=CLAIM, kernel_shape=(3, 3), pads=(1, 0, 1, 2))
    assert isinstance(one, Ball)
    assert isinstance(other, Ball)
    np.testing.assert_array_equal(one.value, other.value)


def test_indices_count_in_the_padded_tensor() -> None:
    """So that padding has indices too, the constant's places all being admissible where it is the maximum."""
    value, at = pad_max_pool(
        X, np.array([0, 0, 2, 0, 0, 0]), claim=CLAIM, outputs=2, pad={}, max_pool={"kernel_shape": (2,)}
    )
    assert isinstance(value, Ball)
    assert isinstance(at, Members)
    np.testing.assert_array_equal(value.value[0, 0], [0, 0, -3, -3, -2])
    for found in ([0, 1, 3, 3, 5], [1, 1, 3, 3, 5]):
        assert inside(at, np.array([[found]])).all()
    assert not inside(at, np.array([[[2, 0, 1, 1, 3]]])).any()


def test_a_cast_counts_once() -> None:
    x, number = np.array([[[3.0, 1.0]]], np.float32), np.array(5.0, np.float32)
    claim = Claim({"float32": CAST_FLOAT16})
    (ball,) = pad_max_pool(
        x, np.array([0, 0, 0, 0, 0, 1]), number, claim=claim, pad={}, max_pool={"kernel_shape": (2,)}
    )  # fmt: skip
    assert isinstance(ball, Ball)
    np.testing.assert_array_equal(ball.radius, [[[3 * 2.0**-11, 5 * 2.0**-11]]])
