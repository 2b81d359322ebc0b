"""Pad and AveragePool: padded numbers are summed and counted, and one radius holds for every way to compute that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reference.average_pool import average_pool
from reference.claim import Claim
from reference.pad_average_pool import pad_average_pool
from tests.reference.inside import inside

CLAIM = Claim()
X = np.array([[[6, 2, 4]]], np.float32)


@pytest.mark.parametrize(
    ("amounts", "constant", "mode", "attributes", "due"),
    [
        ([0, 0, 1, 0, 0, 1], None, "constant", {}, [3, 4, 3, 2]),
        ([0, 0, 1, 0, 0, 1], None, "constant", {"count_include_pad": 1}, [3, 4, 3, 2]),
        ([0, 0, 1, 0, 0, 1], 8.0, "constant", {}, [7, 4, 3, 6]),
        ([0, 0, 0, 0, 0, 0], 0.0, "constant", {"pads": (1, 1)}, [6, 4, 3, 4]),
        ([0, 0, 1, 0, 0, 0], 0.0, "constant", {"pads": (1, 1)}, [0, 3, 4, 3, 4]),
        ([0, 0, 1, 0, 0, 0], 0.0, "constant", {"pads": (1, 1), "count_include_pad": 1}, [0, 3, 4, 3, 2]),
        ([0, 0, -1, 0, 0, 1], 0.0, "constant", {}, [3, 2]),
        ([0, 0, 1, 0, 0, 1], None, "reflect", {}, [4, 4, 3, 3]),
        ([0, 0, 1, 0, 0, 1], None, "edge", {}, [6, 4, 3, 4]),
        ([0, 0, 1, 0, 0, 1], None, "wrap", {}, [5, 4, 3, 5]),
        ([0, 0, 0, 0, 0, 1], None, "constant", {"strides": (3,), "ceil_mode": 1}, [4, 0]),
        ([0, 0, 1, 0, 0, 1], None, "constant", {"strides": (2,), "ceil_mode": 1}, [3, 3, 0]),
    ],
)
def test_what_is_padded_counts(amounts: list[int], constant: float, mode: str, attributes: Any, due: Any) -> None:
    number = None if constant is None else np.array(constant, np.float32)
    (ball,) = pad_average_pool(
        X, np.array(amounts), number, claim=CLAIM, pad={"mode": mode}, average_pool={"kernel_shape": (2,), **attributes}
    )
    np.testing.assert_array_equal(ball.value[0, 0], due)
    assert ball.undecided is None


def test_zeros_are_the_window_s_own_padding_where_that_counts() -> None:
    x = np.random.default_rng(3).standard_normal((2, 3, 5, 4)).astype(np.float32)
    amounts = np.array([0, 0, 1, 0, 0, 0, 1, 2])
    (one,) = pad_average_pool(x, amounts, claim=CLAIM, pad={}, average_pool={"kernel_shape": (3, 3)})
    (other,) = average_pool(x, claim=CLAIM, kernel_shape=(3, 3), pads=(1, 0, 1, 2), count_include_pad=1)
    np.testing.assert_array_equal(one.value, other.value)
    np.testing.assert_array_equal(one.radius, other.radius)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("constant", [0.0, 0.3])
def test_one_radius_holds_fused_and_unfused(constant: float, dtype: str) -> None:
    """Sum and quotient, or a rounded 1/n first; fused, padded zeros are no terms but count."""
    x = np.random.default_rng(8).standard_normal((1, 1, 9)).astype(dtype)
    number, k = np.array(constant, dtype), 5
    (ball,) = pad_average_pool(
        x, np.array([0, 0, 3, 0, 0, 4]), number, claim=CLAIM, pad={}, average_pool={"kernel_shape": (k,)}
    )
    row = np.pad(x[0, 0], (3, 4), constant_values=number)
    is_added = np.pad(np.zeros(9, bool), (3, 4), constant_values=True)
    kind = number.dtype.type
    for way in ("unfused", "reciprocal", "fused"):
        y = np.zeros_like(ball.value, dtype)
        for i in range(y.shape[-1]):
            terms = [*zip(row[i : i + k], is_added[i : i + k], strict=True)]
            total = kind(0)
            for value, added in terms:
                if way == "reciprocal":
                    total = total + value * (kind(1) / kind(k))
                elif way == "unfused" or constant or not added:
                    total = total + value
            y[0, 0, i] = total if way == "reciprocal" else total / kind(k)
        assert inside(ball, y).all(), way
