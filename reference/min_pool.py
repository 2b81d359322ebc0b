"""Minimum pooling: the smallest element of each window, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import copy_radius
from reference.claim import Claim
from reference.window import taps_inside, view, windows_along

EMPTY = "MaxPool of -x: 'maximum number of elements exclude pad' of a window that holds only pad"
NAN = "MaxPool of -x: 'computing the max on all values of a subset' does not say what the max with NaN is"


def min_pool(x: NDArray[Any], *, claim: Claim, kernel_shape: Sequence[int], **window: Any) -> tuple[Ball, ...]:
    """The smallest element of each window, padding excluded; x is (N, C, D...), y (N, C, O...), windows as MaxPool's.

    Erosion by a flat structuring element where strides are 1 (Serra, *Image Analysis and Mathematical
    Morphology*, 1982).
    """
    layout = windows_along(x.shape[2:], kernel_shape, **window)
    windows = view(x, layout, np.inf)
    flat = windows.reshape(*windows.shape[: x.ndim], -1)
    least = np.fmin.reduce(flat, axis=-1)
    is_nan = np.isnan(flat).any(axis=-1)
    is_open = is_nan | (taps_inside(layout, include_pad=False) == 0)
    sentence = NAN if is_nan.any() else EMPTY
    return (Ball(least, copy_radius(least, claim, x.dtype), is_open if is_open.any() else None, sentence),)
