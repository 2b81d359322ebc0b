"""The logistic function in three straight pieces: ONNX ``HardSigmoid``; ``HardSwish`` shares its bound."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import Claim
from reference.near import Near, Steps

ALPHA = float(np.float32(0.2))  # the default as an attribute of type FLOAT holds it
NAN = "HardSigmoid: 'y = max(0, min(1, alpha * x + beta))' does not say what the min with NaN is"


def hard_sigmoid(x: NDArray[Any], *, claim: Claim, alpha: float = ALPHA, beta: float = 0.5) -> tuple[Ball, ...]:
    """``y = max(0, min(1, alpha x + beta))``; x and y of any one shape; as in HardSigmoid-1, 6 and 22, which agree.

    Open where alpha x is NaN: of a NaN, and of an infinity times 0.
    """
    steps = Steps(claim, x.dtype)
    y = bent(steps, steps.read(x), steps.constant(alpha), steps.constant(beta))
    is_nan = np.asarray(np.isnan(y.value))
    return (Ball(y.value, steps.stored(y), is_nan if is_nan.any() else None, NAN),)


def bent(steps: Steps, x: Near, alpha: Near, beta: Near) -> Near:
    """``max(0, min(1, alpha x + beta))``: known without error where the line surely lies above 1 or below 0."""
    line = steps.plus(steps.times(x, alpha), beta)
    error = np.where(np.isfinite(line.value), line.error, 0.0)
    value, low, high = (np.clip(line.value + e, 0.0, 1.0) for e in (0.0, -error, error))
    return Near(np.asarray(value), np.asarray(np.maximum(high - value, value - low)))
