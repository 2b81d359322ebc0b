"""GlobalMaxPool channel by channel, and the elements its text leaves open."""

from __future__ import annotations

import numpy as np
import pytest

from reference.claim import CAST_FLOAT16, TF32, Claim
from reference.global_max_pool import global_max_pool
from tests.reference.inside import inside


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 7), (2, 3, 4, 5), (1, 2, 3, 1, 4), (1, 1, 37)])
def test_equals_loops(shape: tuple[int, ...], dtype: str) -> None:
    """Selecting operators return one of their inputs: the radius is 0."""
    x = (np.random.default_rng(1).standard_normal(shape) - 5).astype(dtype)  # below 0: padding would show
    (ball,) = global_max_pool(x, claim=Claim())
    assert ball.value.shape == (*shape[:2], *[1] * (len(shape) - 2))
    for n, c in np.ndindex(*shape[:2]):
        assert ball.value[n, c].item() == max(float(v) for v in x[n, c].flat)
    assert not ball.radius.any()
    assert ball.undecided is None


@pytest.mark.parametrize(
    ("x", "due"),
    [([-np.inf, -np.inf], -np.inf), ([np.inf, 1.0], np.inf), ([-0.0, -0.0], 0.0), ([-np.inf, -3.0], -3.0)],
)
def test_special_values(x: list[float], due: float) -> None:
    (ball,) = global_max_pool(np.array([[x]], np.float32), claim=Claim())
    assert inside(ball, np.full((1, 1, 1), due)).all()
    assert not inside(ball, np.full((1, 1, 1), np.finfo(np.float32).min)).any()


def test_nan_leaves_its_own_channel_open() -> None:
    x = np.array([[[1, np.nan], [2, 1]]], np.float32)
    (ball,) = global_max_pool(x, claim=Claim())
    np.testing.assert_array_equal(inside(ball, np.full((1, 2, 1), 7.0)), [[[True], [False]]])
    assert ball.sentence.startswith("GlobalMaxPool")


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.array([[[1 + 2.0**-13, 0.5]]], np.float32)
    for claim in (Claim(), Claim({"float32": TF32})):  # TF32 rounds none but factors
        assert not inside(global_max_pool(x, claim=claim)[0], np.ones((1, 1, 1))).any()
    assert inside(global_max_pool(x, claim=Claim({"float32": CAST_FLOAT16}))[0], np.ones((1, 1, 1))).all()
