"""SpaceToDepth element by element."""

from __future__ import annotations

import numpy as np
import pytest

from reference.claim import CAST_FLOAT16, Claim
from reference.space_to_depth import space_to_depth
from tests.reference.inside import inside

CLAIM = Claim()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    "sizes", [(1, 1, 4, 6, 2), (2, 3, 2, 2, 2), (1, 2, 3, 9, 3), (2, 5, 3, 1, 1), (1, 17, 4, 8, 4)]
)
def test_equals_loops(sizes: tuple[int, ...], dtype: str) -> None:
    """Rows of a block before its columns, channels innermost."""
    *shape, b = sizes
    x = np.random.default_rng(1).standard_normal(shape).astype(dtype)
    n, c, h, w = shape
    (ball,) = space_to_depth(x, claim=CLAIM, blocksize=b)
    assert ball.value.shape == (n, c * b * b, h // b, w // b)
    for (image, channel, row, column), value in np.ndenumerate(x):
        i, j = row % b, column % b
        assert ball.value[image, (i * b + j) * c + channel, row // b, column // b] == value
    assert not ball.radius.any()
    assert ball.undecided is None


def test_special_values_are_copied() -> None:
    special = [np.nan, np.inf, -np.inf, -0.0]
    (ball,) = space_to_depth(np.array(special, np.float32).reshape(1, 1, 2, 2), claim=CLAIM, blocksize=2)
    np.testing.assert_array_equal(ball.value.ravel(), special)
    assert not inside(ball, np.full((1, 4, 1, 1), 1.0))[0, :2].any()


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.full((1, 1, 2, 2), 1 + 2.0**-13, np.float32)
    assert not inside(space_to_depth(x, claim=CLAIM, blocksize=2)[0], np.ones((1, 4, 1, 1))).any()
    assert inside(
        space_to_depth(x, claim=Claim({"float32": CAST_FLOAT16}), blocksize=2)[0], np.ones((1, 4, 1, 1))
    ).all()
