"""The rectifier with a threshold, a step: ONNX ``ThresholdedRelu``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import UP, copy_radius
from reference.claim import Claim
from reference.near import Steps


def thresholded_relu(x: NDArray[Any], *, claim: Claim, alpha: float = 1.0) -> tuple[Ball, ...]:
    """``y = x`` where x > alpha, 0 otherwise, and so for NaN; x and y of any one shape; as in versions 10 and 22.

    Where the rounding of x or of alpha may cross the step, the ball is the hull of 0 and x.
    """
    steps = Steps(claim, x.dtype, multiplies=False)
    read, threshold = steps.read(x), steps.constant(alpha)
    value = np.where(x > alpha, read.value, 0.0)
    radius = copy_radius(value, claim, x.dtype)
    reach = (read.error + threshold.error) * UP
    with np.errstate(invalid="ignore"):
        is_open = (reach > 0) & (np.abs(read.value - alpha) <= reach)
    hull = np.abs(read.value) / 2
    value = np.where(is_open, read.value / 2, value)
    radius = np.where(is_open, (hull + read.error) * UP, radius)
    return (Ball(np.asarray(value), np.asarray(radius)),)
