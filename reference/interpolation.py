"""Weights of linear and cubic interpolation along one axis, and how far an evaluation's weights may be from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import ceil

import numpy as np

from reference.ball import Floats, Mask
from reference.claim import Precision
from reference.coordinates import Coordinate, Line
from reference.near import significant

U = 2.0**-24  # unit roundoff of float32: weights follow from coordinates and attributes, which are of that type
UP_6 = 1 + 2.0**-20  # (1 + U)^6 - 1 is less than 6 U times this
NONE = 2.0**-40  # a weight that counts as 0: the float64 arithmetic below is within 2^-46 of an exact one


@dataclass(frozen=True)
class Kernel:
    """A filter of a distance s: its value, a bound on its slope, where it ends, and the roundings of its formula."""

    at: Callable[[Floats], Floats]
    slope: float
    support: int
    rounding: Callable[[Floats], Floats]  # the terms of the formula at s, each times the roundings it goes through
    digits: Callable[[int], int]  # significand bits that the formula needs for a distance of so many binary places


@cache
def linear() -> Kernel:
    """The triangle ``1 - |s|``."""
    return Kernel(lambda s: np.maximum(0, 1 - np.abs(s)), 1.0, 1, lambda s: 1 + np.abs(s), lambda m: m + 1)


@cache
def cubic(a: float) -> Kernel:
    """Equation (4) of Keys: two cubics that meet at 1 and end at 2."""

    def at(s: Floats) -> Floats:
        t = np.abs(s)
        inner = ((a + 2) * t - (a + 3)) * t * t + 1
        outer = ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
        return np.where(t >= 2, 0.0, np.where(t < 1, inner, outer))

    def rounding(s: Floats) -> Floats:
        t = np.abs(s)
        b = abs(a)
        inner = 6 * (b + 2) * t**3 + 5 * (b + 3) * t**2 + 2
        outer = b * (6 * t**3 + 6 * 5 * t**2 + 4 * 8 * t + 3 * 4)
        return np.where(t < 1 - 2.0**-8, inner, np.maximum(inner, outer))

    vertex = (a + 3) / (3 * (a + 2)) if a != -2 else 2.0
    inner_slope = (a + 3) ** 2 / (3 * abs(a + 2)) if 0 < vertex < 1 else 0.0
    places = 0
    while a * 2**places % 1:
        places += 1
    extra = places + 5 + max(0, ceil(np.log2(max(abs(a), 1))))  # every intermediate is below 32 max(|a|, 1)
    return Kernel(at, max(abs(a), inner_slope), 2, rounding, lambda m: 3 * m + extra)


@dataclass(frozen=True)
class Weights:
    """For each element of the resized axis (rows) the weight of each element of the original one.

    ``error`` bounds what an evaluation's weights may differ by.  ``near`` are the elements that may be read,
    with a weight of 0 too.  Rows that are ``exact`` have the weights that every evaluation finds.  Rows that are
    ``open`` depend on what lies outside.
    """

    value: Floats
    error: Floats
    near: Floats
    exact: Mask
    open: Mask
    taps: int


@lru_cache(maxsize=256)  # a setting meets its data sets one after the other
def weights(
    kernel: Kernel, line: Line, at: tuple[Coordinate, ...], precision: Precision, *, antialias: bool, exclude: bool
) -> Weights:
    """The kernel at the distance of each element, stretched by ``antialias`` where the axis shrinks.

    Stretched weights, and those that are left where what lies outside is excluded, are divided by their sum.
    Worked out in float32, they are rounded to the claim's accumulator.
    """
    shrink = min(1.0, float(line.scale)) if antialias else 1.0
    reach = ceil(kernel.support / shrink) + 1
    places = np.arange(-reach, line.size + reach)
    x, moved = (np.array([[float(part)] for part in parts]) for parts in zip(*at, strict=True))
    s = (places - x) * shrink
    off = shrink * moved + U * (kernel.support + 1) + (6 * U * np.abs(s) if antialias else 0)
    near = np.abs(s) <= kernel.support + off + (shrink if shrink < 1 else 0)  # a window of whole elements
    rounding = U * UP_6 * kernel.rounding(np.minimum(np.abs(s) + off, kernel.support))
    value = np.where(near, kernel.at(s), 0.0)
    value[np.abs(value) < NONE] = 0.0
    error = np.where(near, kernel.slope * off + rounding + NONE, 0.0)
    exact: Mask = np.array([m == 0 and shrink == 1 for m in moved[:, 0]]) & fits(x[:, 0], kernel)
    error[exact] = 0.0
    inside = (places >= 0) & (places < line.size)
    outside = np.abs(value) * ~inside
    is_open = np.zeros(len(x), bool)
    if exclude:
        value, error = value * inside, error * inside
        exact &= ~outside.any(axis=1)
    else:
        is_open = np.asarray(outside.any(axis=1))
        error += (error * ~inside).sum(axis=1, keepdims=True)  # as if the largest element lay outside
    if exclude or shrink < 1:
        value, error = normalized(value, error, exact)
        is_open |= ~np.isfinite(error).all(axis=1)
        error[is_open] = 0.0
    exact &= np.asarray((significant(value) <= precision.bits).all(axis=1))
    error += np.where(exact[:, None], 0.0, (precision.u_acc > U) * precision.u_acc * (np.abs(value) + error))
    taps = int(near.sum(axis=1).max())
    return Weights(value[:, inside], error[:, inside], near[:, inside].astype(float), exact, is_open, taps)


def normalized(value: Floats, error: Floats, exact: Mask) -> tuple[Floats, Floats]:
    """Weights over their sum; rows that are exact have a sum of 1.  An error is infinite where the sum may be 0."""
    total = value.sum(axis=1, keepdims=True)
    terms = value.shape[1]
    lost = error.sum(axis=1, keepdims=True) + terms * U * (np.abs(value) + error).sum(axis=1, keepdims=True)
    least = np.abs(total) - lost
    with np.errstate(divide="ignore", invalid="ignore"):
        found = value / total
        wrong = (error + np.abs(found) * lost) / least
        wrong = np.where(least > 0, wrong + 2 * U * (np.abs(found) + wrong) + NONE * (value != 0), np.inf)
    return np.where(exact[:, None], value, np.nan_to_num(found)), np.where(exact[:, None], error, wrong)


def fits(x: Floats, kernel: Kernel) -> Mask:
    """Whether every number on the way from an exact coordinate to its weights is a float32."""
    places = np.zeros(x.shape)
    fraction = x - np.floor(x)
    for m in range(25):
        places = np.where(np.ldexp(fraction, m) % 1 != 0, m + 1, places)
    return np.asarray([kernel.digits(int(m)) <= 24 for m in places])
