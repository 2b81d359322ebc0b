"""The rectifier: ONNX ``Relu``, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import copy_radius
from reference.claim import Claim

NAN = "Relu: 'y = max(0, x)' does not say what the max with NaN is"


def relu(x: NDArray[Any], *, claim: Claim) -> tuple[Ball, ...]:
    """``y = max(0, x)``; x and y of any one shape; as in Relu-1, 6, 13 and 14, which agree."""
    value = np.asarray(np.fmax(x.astype(np.float64), 0.0))  # a scalar stays an array
    radius = copy_radius(value, claim, x.dtype)
    is_nan = np.asarray(np.isnan(x))
    return (Ball(value, radius, is_nan if is_nan.any() else None, NAN),)
