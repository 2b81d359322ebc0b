"""The derivative of the rectifier with a slope: 1 where x > 0, alpha elsewhere, times what arrives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import UP, copy_radius, held
from reference.claim import Claim
from reference.leaky_relu import may_vanish as slope_may_vanish
from reference.near import Near, Steps, refuse_overflow
from reference.relu_gradient import may_vanish, open_where


def leaky_relu_gradient(x: NDArray[Any], dy: NDArray[Any], *, claim: Claim, alpha: float) -> tuple[Ball, ...]:
    """``dx = dy`` where x > 0, ``alpha dy`` elsewhere, at 0 too; x, dy and dx of any one shape.

    Where x may be read as 0 the ball is the hull of both.
    """
    steps, given, slope = Steps(claim, dy.dtype), dy.astype(np.float64), Steps(claim, dy.dtype).constant(alpha)
    product = steps.times(steps.read(dy), slope)
    above = held(x) > 0
    refuse_overflow(
        Near(np.where(above, 0.0, product.value), np.where(above, 0.0, product.error)), dy, claim.range(dy.dtype)
    )
    copied = copy_radius(given, claim, dy.dtype)
    value = np.where(above, given, product.value)
    radius = np.where(above, copied, steps.stored(product))
    unsure = may_vanish(x, claim)
    with np.errstate(invalid="ignore"):
        half = np.abs(given - product.value) / 2 + np.maximum(copied, steps.stored(product))
        value = np.where(unsure, (given + product.value) / 2, value)
        radius = np.where(unsure, half * UP, radius)
    lost = ~above & np.isinf(given) & slope_may_vanish(slope)
    return (open_where(np.isnan(x) | (unsure & ~np.isfinite(given)) | lost, value, radius),)
