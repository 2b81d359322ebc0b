"""Average pooling with its bound: ONNX ``AveragePool``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, lowest_bit
from reference.bound import average_radius
from reference.claim import Claim
from reference.window import taps_inside, view, windows_along

EMPTY = "AveragePool: 'divided by the number of elements' of a window that holds only pad, none of it counted"


def average_pool(
    x: NDArray[Any], *, claim: Claim, kernel_shape: Sequence[int], count_include_pad: int = 0, **window: Any
) -> tuple[Ball, ...]:
    """The sum of each window over its number of elements, padding counted with ``count_include_pad=1``.

    x is (N, C, D...), y (N, C, O...); attributes as in AveragePool-1 to 22, which agree wherever they decide.
    Raises OverflowError if a partial sum might overflow x's type.
    """
    layout = windows_along(x.shape[2:], kernel_shape, **window)
    windows = view(x, layout, 0.0)
    flat = windows.reshape(*windows.shape[: x.ndim], -1)
    ones = np.ones(flat.shape[-1])
    count = taps_inside(layout, bool(count_include_pad))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        total, size = flat @ ones, np.abs(flat) @ ones
        value = total / count
    radius = average_radius(
        value, size, count, flat.shape[-1],
        grid=lowest_bit(x), claim=claim, dtype=x.dtype, finite=bool(np.isfinite(x).all()),
    )  # fmt: skip
    is_open = np.broadcast_to(count == 0, value.shape)
    return (Ball(value, radius, is_open if is_open.any() else None, EMPTY),)
