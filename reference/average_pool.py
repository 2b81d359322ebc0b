"""Average pooling with its bound: ONNX ``AveragePool``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, lowest_bit
from reference.bound import UP, refuse_overflow, underflow
from reference.claim import Claim
from reference.window import taps_inside, view, windows_along

EMPTY = "AveragePool: 'divided by the number of elements' of a window that holds only pad, none of it counted"


def average_pool(
    x: NDArray[Any], *, claim: Claim, kernel_shape: Sequence[int], count_include_pad: int = 0, **window: Any
) -> tuple[Ball, ...]:
    """The sum of each window over its number of elements, padding counted with ``count_include_pad=1``.

    x is (N, C, D...), y (N, C, O...); attributes as in AveragePool-1 to 22, which agree wherever they decide.
    Dividing the sum, multiplying it by a rounded 1/n and multiplying each element by it are all
    inside the ball: 1 + F = (1 + u_in)^2 (1 + u_acc)^2 (1 + n u_acc), E = F S / n + ... (docs/numerics.md).
    Raises OverflowError if a partial sum might overflow x's type.
    """
    layout = windows_along(x.shape[2:], kernel_shape, **window)
    windows = view(x, layout, 0.0)
    flat = windows.reshape(*windows.shape[: x.ndim], -1)
    ones = np.ones(flat.shape[-1])
    count = taps_inside(layout, bool(count_include_pad))
    p = claim.at(x.dtype)
    n = flat.shape[-1]
    widened = p.u_in * (2 + p.u_in)  # an element and, where there is one, the weight 1/n
    growth = widened + (1 + widened) * ((1 + p.u_acc) ** 2 * n * p.u_acc + p.u_acc * (2 + p.u_acc))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        total, size = flat @ ones, np.abs(flat) @ ones
        value, mean_size = total / count, size / count
        is_exact = np.ldexp(size, -lowest_bit(x)) < 2.0**53
        own = 2.0**-53 * np.abs(value) + np.where(is_exact, 0.0, n * 2.0**-53 * mean_size)
        refuse_overflow(size, growth, x.dtype, finite=bool(np.isfinite(x).all()))
        eta = underflow(x.dtype, flush_to_zero=claim.flush_to_zero)
        error = growth * mean_size + own + (1 + growth) * n * eta
        radius = (error + p.u_out * (np.abs(value) + error) + eta) * UP
        radius[~np.isfinite(value)] = 0  # NaN and infinities are met as they are
    is_open = np.broadcast_to(count == 0, value.shape)
    return (Ball(value, radius, is_open if is_open.any() else None, EMPTY),)
