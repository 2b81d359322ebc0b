"""Real numbers as integers: counted in units of a scale, rounded once, and held within a type."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats


def quantised(real: Floats, error: Floats, zero_point: NDArray[Any], dtype: np.dtype[Any]) -> Ball:
    """``saturate(rint(r) + zero_point)`` for every r within ``error`` of ``real``: one integer, or a few near a tie.

    QuantizeLinear-10: 'For (x / y_scale), it's rounding to the nearest even', 'y = saturate ((x / y_scale) +
    y_zero_point)', which 'saturates to [0, 255] if it's uint8, or [-128, 127] if it's int8'.
    """
    ends, zero = np.iinfo(dtype), zero_point.astype(np.float64)
    low, high = ((np.rint(r) + zero).clip(ends.min, ends.max) for r in (real - error, real + error))
    none = np.zeros(low.shape)
    steps = range(1, int((high - low).max(initial=0)) + 1)
    return Ball(low, none, others=tuple(Ball(np.minimum(low + k, high), none) for k in steps))
