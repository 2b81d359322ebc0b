"""The rectifier with a slope on the negative side: ONNX ``LeakyRelu``; ``PRelu`` shares its bound."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Mask
from reference.bound import copy_radius, held
from reference.claim import Claim
from reference.near import Near, Steps, refuse_overflow, undecided_at_nan

ALPHA = float(np.float32(0.01))  # the default as an attribute of type FLOAT holds it
VANISHES = "the text does not say in which type the slope is read: where it is 0 there, 0 times infinity is NaN"
NAN = "LeakyRelu: 'f(x) = alpha * x for x < 0, f(x) = x for x >= 0' says nothing of NaN, which is neither"


def leaky_relu(x: NDArray[Any], *, claim: Claim, alpha: float = ALPHA) -> tuple[Ball, ...]:
    """``y = alpha x`` where x < 0, else x; x and y of any one shape; as in LeakyRelu-1, 6 and 16, which agree."""
    return (sloped(x, Steps(claim, x.dtype).constant(alpha), claim, NAN),)


def sloped(x: NDArray[Any], slope: Near, claim: Claim, sentence: str) -> Ball:
    """One product where x < 0, a copy elsewhere; raises OverflowError where a product may exceed x's type."""
    steps = Steps(claim, x.dtype)
    product = steps.times(steps.read(x), slope)
    below = held(x) < 0
    refuse_overflow(Near(np.where(below, product.value, 0), np.where(below, product.error, 0)), x, claim.range(x.dtype))
    value = np.where(below, product.value, x.astype(np.float64))
    radius = np.where(below, steps.stored(product), copy_radius(value, claim, x.dtype))
    ball = undecided_at_nan(x, value, radius, sentence)
    unsure = np.asarray(below & np.isinf(x) & may_vanish(slope))
    if not unsure.any():
        return ball
    return Ball(ball.value, ball.radius, unsure | np.isnan(x), VANISHES)


def may_vanish(slope: Near) -> Mask:
    """Where a number other than 0 is so small that it may be 0 as it is read."""
    return np.asarray((slope.value != 0) & (np.abs(slope.value) <= slope.error))
