"""The exponential linear unit: ONNX ``Elu``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import copy_radius, held
from reference.claim import Claim
from reference.elementary import exp_minus_1
from reference.near import Steps, undecided_at_nan

NAN = "Elu: 'f(x) = alpha * (exp(x) - 1.) for x < 0, f(x) = x for x >= 0' says nothing of NaN, which is neither"


def elu(x: NDArray[Any], *, claim: Claim, alpha: float = 1.0) -> tuple[Ball, ...]:
    """``y = alpha (exp(x) - 1)`` where x < 0, else x; x and y of any one shape; as in Elu-1, 6 and 22, which agree."""
    steps = Steps(claim, x.dtype)
    below = held(x) < 0
    curve = steps.times(exp_minus_1(steps, steps.read(np.where(below, x, 0))), steps.constant(alpha))
    value = np.where(below, curve.value, x.astype(np.float64))
    radius = np.where(below, steps.stored(curve), copy_radius(value, claim, x.dtype))
    return (undecided_at_nan(x, value, radius, NAN),)
