"""Max un-pooling: ONNX ``MaxUnpool``, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import copy_radius
from reference.claim import Claim

TWICE = (
    "MaxUnpool: 'the indices to the (locally maximal) elements corresponding to the elements in the first input "
    "tensor X' does not say which element counts where several have one index"
)


def max_unpool(
    x: NDArray[Any],
    indices: NDArray[np.int64],
    output_shape: NDArray[np.int64] | None = None,
    *,
    claim: Claim,
    kernel_shape: Sequence[int],
    strides: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
) -> tuple[Ball, ...]:
    """``y.flat[indices.flat[k]] = x.flat[k]`` for every k, and 0 elsewhere.

    x and indices are (N, C, D...), y (N, C, O...), O = (D - 1) S + k less the pads, or ``output_shape`` as
    a whole; as in MaxUnpool-9 to 22, which agree.  Indices count in the whole of y, batch and channels
    included.  Raises ValueError where one is outside, or where there is not one for each element.
    """
    rank = x.ndim - 2
    strides, pads = strides or [1] * rank, pads or [0] * 2 * rank
    sizes = zip(x.shape[2:], strides, kernel_shape, pads[:rank], pads[rank:], strict=True)
    padded = tuple((d - 1) * s + k - b - e for d, s, k, b, e in sizes)
    shape = (*x.shape[:2], *padded) if output_shape is None else tuple(map(int, output_shape))
    if indices.shape != x.shape:
        raise ValueError(f"indices have shape {list(indices.shape)}, must have {list(x.shape)}, that of x")
    at, landed, value = indices.reshape(-1), x.astype(np.float64).reshape(-1), np.zeros(prod(shape))
    outside = np.flatnonzero((at < 0) | (at >= value.size))
    if outside.size:
        place = ",".join(map(str, np.unravel_index(outside[0], x.shape)))
        raise ValueError(f"indices[{place}] is {at[outside[0]]}, must be from 0 to {value.size - 1}")
    value[at] = landed
    radius, is_open = np.zeros(value.shape), np.zeros(value.shape, bool)
    radius[at] = copy_radius(value[at], claim, x.dtype)  # gaps are no copies
    differs = (value[at] != landed) & ~(np.isnan(value[at]) & np.isnan(landed))
    is_open[at[differs]] = True
    undecided = is_open.reshape(shape) if is_open.any() else None
    return (Ball(value.reshape(shape), radius.reshape(shape), undecided, TWICE),)
