"""The scaled exponential linear unit: ONNX ``Selu``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import held
from reference.claim import Claim
from reference.elementary import exp_minus_1
from reference.near import Near, Steps, refuse_overflow, undecided_at_nan

NAN = (
    "Selu: 'y = gamma * (alpha * e^x - alpha) for x <= 0, y = gamma * x for x > 0' does not speak "
    "of NaN, which is neither"
)
ALPHA, GAMMA = 1.67326319217681884765625, 1.05070102214813232421875  # float32 numbers, as the text has them


def selu(x: NDArray[Any], *, claim: Claim, alpha: float = ALPHA, gamma: float = GAMMA) -> tuple[Ball, ...]:
    """``y = gamma (alpha e^x - alpha)`` where x <= 0, else gamma x; as in Selu-6 and 22, and 1 but for its defaults."""
    steps = Steps(claim, x.dtype)
    below, scale = held(x) <= 0, steps.constant(gamma)
    bent = exp_minus_1(steps, steps.read(np.where(below, x, 0)))
    curve = steps.times(steps.times(bent, steps.constant(alpha)), scale)
    line = steps.times(steps.read(x), scale)
    y = Near(np.where(below, curve.value, line.value), np.where(below, curve.error, line.error))
    refuse_overflow(y, x, claim.range(x.dtype))
    return (undecided_at_nan(x, y.value, steps.stored(y), NAN),)
