"""Two tests of many errors at once, which rounding to nearest passes but for one time in 10^10 (docs/numerics.md).

Each returns the statistic and its limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Floats
from reference.claim import Precision
from reference.conv import convolve
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


def deviations(
    x: NDArray[Any], w: NDArray[Any], precision: Precision, *, group: int = 1,
    kernel_shape: Sequence[int] | None = None, **window: Any
) -> Floats:  # fmt: skip
    """Root of the variance proxy of each sum of a ``Conv`` in any order, (N, M, O...).

    Of n products r with S = sum |r| every partial sum is at most (S + |y|) / 2 before it is rounded: u^2 ((n - 1) of
    these squared + sum r^2), and the square of the rounding of a narrower result.
    """
    layout = windows_along(x.shape[2:], kernel_shape or w.shape[2:], **window)
    left, right = x.astype(np.float64), w.astype(np.float64)
    u, terms = precision.u_acc, right[0].size
    value = np.abs(convolve(left, right, layout, group))
    size = convolve(np.abs(left), np.abs(right), layout, group)
    squares = convolve(left**2, right**2, layout, group)
    stored = precision.u_out * (value + terms * u * size) if precision.u_out > u else 0.0
    largest = (size + value) / 2 + terms * u * size
    return np.asarray(np.sqrt(u**2 * ((terms - 1) * largest**2 + squares) + stored**2))
