"""GlobalLpPool channel by channel: the norm of all of its elements."""

from __future__ import annotations

import numpy as np
import pytest

from reference.claim import Claim
from reference.global_lp_pool import global_lp_pool
from tests.reference.inside import inside


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [1, 1.5, 2, 3])
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 7), (2, 3, 4, 5), (1, 2, 3, 1, 4)])
def test_equals_loops(shape: tuple[int, ...], p: float, dtype: str) -> None:
    x = np.random.default_rng(1).integers(-5, 6, shape).astype(dtype)
    (ball,) = global_lp_pool(x, claim=Claim(), p=p)
    assert ball.value.shape == (*shape[:2], *[1] * (len(shape) - 2))
    for n, c in np.ndindex(*shape[:2]):
        due = sum(abs(float(v)) ** p for v in x[n, c].flat) ** (1 / p)
        assert abs(ball.value[n, c].item() - due) <= 1e-14 * due
    assert ball.radius.any() != (p == 1)
    assert not inside(ball, ball.value * 1.25 + 0.25).any()


def test_p_is_2_if_not_given() -> None:
    (ball,) = global_lp_pool(np.array([[[3, -4]]], np.float32), claim=Claim())
    assert ball.value.item() == 5
