"""Limits to an interval, exactly: ONNX ``Clip``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats
from reference.bound import UP, copy_radius, held, refuse_cast
from reference.claim import Claim
from reference.formats import FORMATS

Bound = NDArray[Any] | float | None
OPEN = (
    "Clip: 'Clip operator limits the given input within an interval' does not say where NaN lies, nor, beside 'They "
    "default to numeric_limits::lowest() and numeric_limits::max()', whether an omitted bound stops an infinity, or "
    "in Clip-6, whose attributes default to 3.402823e+38, a float64 beyond that"
)


def clip(
    x: NDArray[Any], min: Bound = None, max: Bound = None, *, claim: Claim, default: float = np.inf
) -> tuple[Ball, ...]:
    """``y = Min(max, Max(x, min))``; as in Clip-13, with which all agree where min <= max.

    A bound is a scalar, an attribute or an operand; an omitted one does not limit finite numbers.  An attribute, of
    type FLOAT, that x's type lacks is rounded to it where it is the result.  What is beyond ``default``, of either
    sign, is open under an omitted bound.
    Raises OverflowError for integers beyond 2^53, and bounds that a claim's cast cannot hold.
    """
    wide = held(x)
    for bound in (min, max):
        refuse_cast(np.asarray(0.0 if bound is None else bound, x.dtype), claim)
    low, high = (held(np.asarray(b)) for b in (-np.inf if min is None else min, np.inf if max is None else max))
    value = np.asarray(np.minimum(high, np.maximum(wide, low)))
    least = np.minimum(default, np.finfo(np.float64).max)
    passed = (wide > least) & (max is None) | (wide < -least) & (min is None)
    is_open = np.asarray(np.isnan(wide) | passed)
    radius = copy_radius(value, claim, x.dtype)
    for bound in (low, high):
        radius = np.where(value == bound, np.maximum(radius, UP * lacking(bound, x.dtype)), radius)
    return (Ball(value, np.asarray(radius), is_open if is_open.any() else None, OPEN),)


def lacking(bound: Floats, dtype: np.dtype[Any]) -> float:
    """By how much a finite bound may change where a floating-point type lacks it; it is rounded to nearest."""
    b, of = float(bound), FORMATS.get(dtype.name)
    if of is None or abs(b) > of.largest or float(dtype.type(b)) == b:
        return 0.0
    return abs(b) * 2.0**-of.bits + of.half_smallest
