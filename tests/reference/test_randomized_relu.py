"""The randomised rectifier in both forms, against its definition and torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graphs.blocks.randomized_relu import RandomizedRelu
from graphs.draw import Draw
from graphs.spec import Invalid
from reference.ball import Ball
from reference.claim import Claim
from reference.randomized_relu import randomized_relu
from tests.reference.inside import inside

BOUNDS = {"lower": 0.125, "upper": float(np.float32(1 / 3))}


def numbers(dtype: str) -> NDArray[Any]:
    """Both signs and 0."""
    return np.append(np.random.default_rng(3).uniform(-9, 9, 199), 0).astype(dtype)


def ball_of(x: NDArray[Any], slope: NDArray[Any] | None = None) -> Ball:
    (ball,) = randomized_relu(x, slope, claim=Claim(), training=slope is not None, **BOUNDS)
    return ball


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_training_multiplies_each_element_below_0_by_its_own_slope(dtype: str) -> None:
    x = numbers(dtype)
    slope = (np.random.default_rng(5).integers(32, 86, x.shape) / 256).astype(dtype)
    ball = ball_of(x, slope)
    due = [float(v) * float(s) if v < 0 else float(v) for v, s in zip(x, slope, strict=True)]
    np.testing.assert_array_equal(ball.value, due)
    assert inside(ball, np.where(x < 0, x * slope, x)).all()
    assert not ball.radius[x >= 0].any()


def test_evaluation_has_the_mean_slope_of_float32() -> None:
    x = numbers("float64")
    alpha = float(np.float32((BOUNDS["lower"] + BOUNDS["upper"]) / 2))
    np.testing.assert_array_equal(ball_of(x).value, np.where(x < 0, alpha * x, x))


def test_nan_is_open_and_infinity_is_not() -> None:
    ball = ball_of(np.array([np.nan, -np.inf, np.inf], np.float32), np.full(3, 0.25, np.float32))
    assert ball.undecided is not None
    np.testing.assert_array_equal(ball.undecided, [True, False, False])
    np.testing.assert_array_equal(ball.value[1:], [-np.inf, np.inf])


@pytest.mark.parametrize("slope", [None, np.full(3, 0.5), np.full(2, 0.25)])
def test_slopes_out_of_bounds_or_shape_are_refused(slope: NDArray[Any] | None) -> None:
    with pytest.raises(ValueError, match="a slope for each element"):
        randomized_relu(np.zeros(3), slope, claim=Claim(), training=True, **BOUNDS)


def test_slopes_are_drawn_evenly_between_the_bounds() -> None:
    """Every multiple of 1/256 in 1/8..1/3, 54 in all; chi-squared of 53 degrees below 90.6, its 99.9 % point."""
    spec = RandomizedRelu(shape=(100, 100), training=True)
    slope = spec.drawn("slope", Draw("a case"))
    assert slope is not None
    found, counts = np.unique(slope * 256, return_counts=True)
    assert found.tolist() == list(range(32, 86))
    due = slope.size / 54
    assert float(((counts - due) ** 2 / due).sum()) < 90.6
    assert (slope.astype(np.float16) == slope).all()
    assert spec.drawn("x", Draw("a case")) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"lower": 0.5, "upper": 0.25}, "must ascend"),
        ({"lower": -0.5}, "must ascend"),
        ({"lower": float(np.float32(0.1259)), "upper": 0.126953125}, "no multiple"),
        ({"lower": 0.1}, "must be a float32"),
        ({"weights": "input"}, "in evaluation there are none"),
        ({"weights": "drawn"}, "must be initializer or input"),
    ],
)
def test_what_is_no_setting_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        RandomizedRelu(shape=(3,), **fields)


def test_torch_in_evaluation() -> None:
    torch = pytest.importorskip("torch")
    x = numbers("float32")
    assert inside(ball_of(x), torch.nn.functional.rrelu(torch.tensor(x), training=False).numpy()).all()


def test_torch_in_training() -> None:
    """The slopes that torch drew, which it keeps as its noise."""
    torch = pytest.importorskip("torch")
    x = numbers("float32")
    noise = torch.zeros(x.shape)
    y = torch.ops.aten.rrelu_with_noise(torch.tensor(x), noise, BOUNDS["lower"], BOUNDS["upper"], True)
    slope = np.where(x > 0, np.float32(0.25), noise.numpy())
    assert np.unique(slope).size > 50
    assert inside(ball_of(x, slope), y.numpy()).all()
