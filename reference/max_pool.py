"""Max pooling: ONNX ``MaxPool``, the value exactly and every index that could be meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Expected, Members
from reference.bound import copy_radius
from reference.claim import Claim
from reference.window import taps_inside, view, windows_along

EMPTY = "MaxPool: 'maximum number of elements exclude pad' of a window that holds only pad"
NAN = "MaxPool: 'computing the max on all values of a subset of the input tensor' does not say what the max with NaN is"


def max_pool(
    x: NDArray[Any],
    *,
    claim: Claim,
    kernel_shape: Sequence[int],
    storage_order: int = 0,
    outputs: int = 1,
    **window: Any,
) -> tuple[Expected, ...]:
    """The largest element of each window, padding excluded, and with ``outputs=2`` where it stands in x.

    x is (N, C, D...), results (N, C, O...); attributes as in MaxPool-1 to 22, which agree wherever they
    decide.  Indices are flat positions in x, row major, or with ``storage_order=1`` column major over
    the spatial axes; where the maximum occurs more than once each of its positions is admissible.
    """
    rank = x.ndim - 2
    layout = windows_along(x.shape[2:], kernel_shape, **window)
    windows = view(x, layout, -np.inf)
    flat = windows.reshape(*windows.shape[: 2 + rank], -1)
    top = np.fmax.reduce(flat, axis=-1)
    radius = copy_radius(top, claim, x.dtype)
    is_open, sentence = np.broadcast_to(taps_inside(layout, include_pad=False) == 0, top.shape), EMPTY
    if np.isnan(x).any():
        is_open, sentence = is_open | np.isnan(flat).any(axis=-1), NAN
    undecided = is_open if is_open.any() else None
    value = Ball(top, radius, undecided, sentence)
    if outputs == 1:
        return (value,)
    positions = np.arange(x.size).reshape(x.shape)
    if storage_order == 1:  # the first spatial axis runs fastest
        spatial = range(2, x.ndim)
        positions = positions.reshape(*x.shape[:2], *x.shape[:1:-1]).transpose(0, 1, *reversed(spatial))
    candidates = view(positions, layout, -1, np.int64).reshape(flat.shape)
    admissible = (flat >= (top - 2 * radius)[..., None]) & (candidates >= 0)
    return value, Members(candidates, admissible, undecided, sentence)
