"""The rectifier's derivative: 1 where x > 0, 0 elsewhere, times what arrives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Mask
from reference.bound import UP, copy_radius, held, underflow
from reference.claim import Claim

NAN = "Greater: 'performing the `greater` logical operation elementwise' does not say whether NaN is greater than 0"


def relu_gradient(x: NDArray[Any], dy: NDArray[Any], *, claim: Claim) -> tuple[Ball, ...]:
    """``dx = dy`` where x > 0, 0 elsewhere, whatever dy is; x, dy and dx of any one shape.

    Where x may be read as 0 the ball is the hull of 0 and dy.
    """
    given = dy.astype(np.float64)
    value = np.where(held(x) > 0, given, 0.0)
    radius = copy_radius(value, claim, dy.dtype)
    unsure = may_vanish(x, claim)
    with np.errstate(invalid="ignore"):
        value = np.where(unsure, given / 2, value)
        radius = np.where(unsure, (np.abs(given) / 2 + radius) * UP, radius)
    return (open_where(np.isnan(x) | (unsure & ~np.isfinite(given)), value, radius),)


def may_vanish(x: NDArray[Any], claim: Claim) -> Mask:
    """Where x is above 0 and may be read as 0: subnormal numbers, under flush-to-zero."""
    tiny = underflow(claim.range(x.dtype), flush_to_zero=True) if claim.flush_to_zero else 0.0
    return np.asarray((held(x) > 0) & (held(x) < tiny))


def open_where(undecided: Mask, value: NDArray[Any], radius: NDArray[Any]) -> Ball:
    """A ball that is open where the comparison is."""
    radius = np.where(np.isfinite(value), radius, 0.0)
    return Ball(np.asarray(value), np.asarray(radius), np.asarray(undecided) if undecided.any() else None, NAN)
