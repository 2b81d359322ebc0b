"""Median pooling: the middle element of each window exactly, or the mean of the middle two with its bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, lowest_bit
from reference.bound import copy_radius, exact_below, inputs_survive, refuse_overflow, sum_radius
from reference.claim import Claim
from reference.pad import pad
from reference.window import view, windows_along

NAN = (
    "TopK: 'Retrieve the top-K largest or smallest elements along a specified axis' does not say where NaN stands "
    "among them"
)


def median_pool(
    x: NDArray[Any],
    *,
    claim: Claim,
    kernel_shape: Sequence[int],
    pads: Sequence[int] = (),
    mode: str = "constant",
    **window: Any,
) -> tuple[Ball, ...]:
    """The median of each window of x, padded first as by ONNX ``Pad``; x is (N, C, D...), y (N, C, O...).

    Of an even number of elements it is (a + b) / 2 of the middle two: two products with the weight 0.5, in any order.
    Raises OverflowError if a + b might overflow x's type.
    """
    n = x.ndim - 2
    amounts = (0, 0, *pads[:n], 0, 0, *pads[n:])
    padded = pad(x, amounts, claim=claim, mode=mode)[0].value if pads else x
    layout = windows_along(padded.shape[2:], kernel_shape, **window)
    windows = view(padded, layout, np.nan)
    ordered = np.sort(windows.reshape(*windows.shape[: x.ndim], -1), axis=-1)
    is_nan = np.isnan(ordered[..., -1])  # NaN comes last
    middle, is_odd = divmod(ordered.shape[-1], 2)
    value = ordered[..., middle]
    if is_odd:
        radius = copy_radius(value, claim, x.dtype)
    else:
        value, radius = mean_of_two(ordered[..., middle - 1], value, x, claim)
    return (Ball(value, radius, is_nan if is_nan.any() else None, NAN),)


def mean_of_two(a: NDArray[Any], b: NDArray[Any], x: NDArray[Any], claim: Claim) -> tuple[NDArray[Any], NDArray[Any]]:
    """(a + b) / 2 and its radius, for elements of x; 0 where every intermediate is a number of the claim's format."""
    finite, grid = bool(np.isfinite(x).all()), lowest_bit(x) - 1
    with np.errstate(invalid="ignore", over="ignore"):
        value, size = (a + b) / 2, (np.abs(a) + np.abs(b)) / 2
        refuse_overflow(2 * size, claim.at(x.dtype).u_in, claim.range(x.dtype), finite=finite)
        exact = exact_below(grid, claim, x.dtype, survive=inputs_survive(claim.at(x.dtype), x))
        radius = sum_radius(value, size, 2, grid=grid, claim=claim, dtype=x.dtype, exact=exact, finite=finite)
    return value, radius
