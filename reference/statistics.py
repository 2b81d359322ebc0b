"""Two tests of many errors at once, which rounding to nearest passes but for one time in 10^10 (docs/numerics.md).

Each returns the statistic and its limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import frexp, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Floats, lowest_bit, peak
from reference.claim import Precision
from reference.contraction import convolve
from reference.window import windows_along

SIGNIFICANCE = 1e-10  # of each test: how likely it fails what is correct
LEAST = 1000  # independent units, below which neither test is made


def bias(errors: Floats) -> tuple[float, float]:
    """The sum of independent errors, each as likely as its negative, over the root of the sum of their squares.

    Hoeffding's inequality, given the absolute values: P(|sum| > t root) <= 2 exp(-t^2 / 2).
    """
    root = float(np.sqrt((errors**2).sum()))
    return float(errors.sum()) / root if root else 0.0, sqrt(2 * log(2 / SIGNIFICANCE))


def spread(squares: Floats) -> tuple[float, float]:
    """Root mean square of independent errors over their `deviations`, from the ``squares`` of these quotients.

    A sum of T squares of sub-Gaussian variables of variance proxy 1 exceeds T + 2 sqrt(T L) + 2 L with a probability
    of exp(-L) at most (Laurent & Massart 2000, lemma 1, whose proof needs no more).
    """
    exponent = log(1 / SIGNIFICANCE) / len(squares)
    return sqrt(float(squares.mean())), sqrt(1 + 2 * sqrt(exponent) + 2 * exponent)


def errors(
    got: NDArray[Any], value: Floats, x: NDArray[Any], w: NDArray[Any], *, group: int = 1,
    kernel_shape: Sequence[int] | None = None, **window: Any
) -> Floats | None:  # fmt: skip
    """The error of each sum of a ``Conv`` whose ``value`` is its float64 sum, exactly; None where float64 cannot tell.

    X is split into whole numbers and the rest where the two sums are exact and that of all bits is not.
    """
    left, right, found = x.astype(np.float64), w.astype(np.float64), got.astype(np.float64)
    if is_exact(left, right):
        return np.asarray(found - value)
    layout = windows_along(x.shape[2:], kernel_shape or w.shape[2:], **window)
    whole = np.rint(left)
    if not (is_exact(whole, right) and is_exact(left - whole, right)):
        return None
    return np.asarray(found - convolve(whole, right, layout, group) - convolve(left - whole, right, layout, group))


def is_exact(x: Floats, w: Floats) -> bool:
    """Whether every partial sum of products of X with a filter counts fewer than 2^53 units."""
    reach = w[0].size * peak(x) * peak(w)
    unit = 2.0 ** (frexp(reach)[1] - 53 - lowest_bit(w))
    return bool((np.rint(x / unit) == x / unit).all())


def deviations(
    value: Floats, x: NDArray[Any], w: NDArray[Any], precision: Precision, *, group: int = 1,
    kernel_shape: Sequence[int] | None = None, **window: Any
) -> Floats:  # fmt: skip
    """Root of the variance proxy of each sum y = ``value`` of a ``Conv`` in any order, (N, M, O...).

    Of n products r with S = sum |r| every partial sum is at most (S + |y|) / 2 before it is rounded: u^2 ((n - 1) of
    these squared + sum r^2), and the square of the rounding of a narrower result.
    """
    layout = windows_along(x.shape[2:], kernel_shape or w.shape[2:], **window)
    left, right = np.abs(x.astype(np.float64)), np.abs(w.astype(np.float64))
    u, terms = precision.u_acc, right[0].size
    size = convolve(left, right, layout, group)
    squares = convolve(left**2, right**2, layout, group)
    stored = precision.u_out * (np.abs(value) + terms * u * size) if precision.u_out > u else 0.0
    largest = (size + np.abs(value)) / 2 + terms * u * size
    return np.asarray(np.sqrt(u**2 * ((terms - 1) * largest**2 + squares) + stored**2))
