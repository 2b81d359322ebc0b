"""Sums of products over windows, in float64, which all convolutions share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Floats
from reference.window import Window, view


def columns(x: NDArray[Any], layout: Sequence[Window], group: int, fill: float = 0.0) -> Floats:
    """Windows as rows: (N, group, windows, channels of the group times taps), float64."""
    n, rank = len(x), len(layout)
    windows = view(x.reshape(n, group, -1, *x.shape[2:]), layout, fill)
    order = (0, 1, *range(3, 3 + rank), 2, *range(3 + rank, 3 + 2 * rank))
    count = int(np.prod([axis.count for axis in layout]))
    return windows.transpose(order).reshape(n, group, count, -1)


def convolve(x: NDArray[Any], w: NDArray[Any], layout: Sequence[Window], group: int) -> Floats:
    """Sums of products without a bias: (N, M, O...), float64."""
    right = w.astype(np.float64).reshape(group, len(w) // group, -1).swapaxes(1, 2)
    rows = columns(x, layout, group) @ right
    return rows.swapaxes(2, 3).reshape(len(x), len(w), *(axis.count for axis in layout))
