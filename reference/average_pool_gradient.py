"""The derivative of average pooling: the sum of the shares of what arrives, with its bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats
from reference.bound import UP, refuse_overflow, restored, underflow
from reference.claim import Claim
from reference.window import landed, places, taps_inside, windows_along


def average_pool_gradient(
    dy: NDArray[Any],
    *,
    claim: Claim,
    extent: Sequence[int],
    kernel_shape: Sequence[int],
    count_include_pad: int = 0,
    **window: Any,
) -> tuple[Ball, ...]:
    """``dx[i]`` is the sum of dy / count over the windows that hold i; dy is (N, C, O...), dx (N, C, ``extent``).

    Windows and their counts are AveragePool's.  Dividing, multiplying by a rounded 1 / count, before or after
    the sum, are all inside the ball: 1 + F = (1 + u_in)^2 (1 + u_acc)^2 (1 + m u_acc) with m shares
    (docs/numerics.md).  Raises OverflowError if a partial sum might overflow the type.
    """
    layout = windows_along(extent, kernel_shape, **window)
    shape = (*dy.shape[:2], *extent)
    at, count = places(shape, layout), np.maximum(taps_inside(layout, bool(count_include_pad)), 1)

    def total(values: NDArray[Any]) -> Floats:
        return landed(at, values[..., None], shape)

    share = dy.astype(np.float64) / count
    p = claim.at(dy.dtype)
    widened = p.u_in * (2 + p.u_in)  # a share, and the weight 1 / count where there is one
    with np.errstate(invalid="ignore", over="ignore"):
        value, size, terms = total(share), total(np.abs(share)), total(np.ones(dy.shape))
        growth = widened + (1 + widened) * ((1 + p.u_acc) ** 2 * terms * p.u_acc + p.u_acc * (2 + p.u_acc))
        growth = (1 + growth) * restored(p, 1) - 1  # a share is a node's result
        whole = total(np.abs(dy.astype(np.float64)))  # what is added first where all counts are alike
        refuse_overflow(whole, float(growth.max()), claim.range(dy.dtype), finite=bool(np.isfinite(dy).all()))
        eta = underflow(claim.range(dy.dtype), flush_to_zero=claim.flush_to_zero)
        error = (growth + (terms + 2) * 2.0**-53) * size + (1 + growth) * 2 * terms * eta
        radius = (error + p.u_out * (np.abs(value) + error) + eta) * UP
    return (Ball(value, np.where(np.isfinite(value) & (size > 0), radius, 0.0)),)
