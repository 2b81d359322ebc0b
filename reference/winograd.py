"""Winograd's minimal filtering F(m, r): its matrices from the points, and what they make of rounding errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import prod

import numpy as np

from reference.ball import Floats

Matrix = list[list[Fraction]]


@dataclass(frozen=True)
class Winograd:
    """F(m, r) along one axis: ``m`` results of a kernel of ``r`` taps by products at ``points`` and at infinity.

    Several axes are nested: F(m x m, r x r) is F(m, r) along each.  Which results share a tile is not known.
    Sources: Winograd, *Arithmetic Complexity of Computations* (1980); Lavin & Gray, CVPR 2016.
    """

    m: int
    r: int
    points: tuple[Fraction, ...]

    @property
    def reach(self) -> int:
        """How far a result may depend on elements outside its own window, on either side."""
        return self.m - 1

    @property
    def growth(self) -> float:
        """By how much the sum of the terms' absolute values may exceed that of the products, along one axis."""
        return growth(self)

    @property
    def roundings(self) -> int:
        """How many roundings a term passes in the three transforms, products by rounded constants included."""
        return sum(max(sum(c != 0 for c in row) for row in matrix) + 1 for matrix in matrices(self))

    @property
    def gains(self) -> tuple[float, ...]:
        """The largest row sums of |A^T|, |G| and |B^T|, with the fractions in G or in B^T, and at least 1."""
        results, filters, inputs = matrices(self)
        at = denominators(self.points)
        scaled = [
            (results,),
            (filters, [[c * d for c in row] for row, d in zip(filters, at, strict=True)]),
            (inputs, [[c / d for c in row] for row, d in zip(inputs, at, strict=True)]),
        ]
        return tuple(float(max(1, *(sum(map(abs, row)) for form in forms for row in form))) for forms in scaled)


def denominators(points: Sequence[Fraction]) -> list[Fraction]:
    """The product of the distances of each point to all others; 1 for infinity."""
    return [prod((a - b for b in points if b != a), start=Fraction(1)) for a in points] + [Fraction(1)]


def times(p: Sequence[Fraction], root: Fraction) -> list[Fraction]:
    """The coefficients, from the constant on, of a polynomial times (z - ``root``)."""
    return [high - root * low for high, low in zip([Fraction(0), *p], [*p, Fraction(0)], strict=True)]


@lru_cache(maxsize=64)
def matrices(f: Winograd) -> tuple[Matrix, Matrix, Matrix]:
    """A^T (m, t), G (t, r) and B^T (t, t), t = m + r - 1: ``y = A^T (G w * B^T x)`` are the m sums of products.

    Cook and Toom's, transposed: w and the results are taken at the points, and the interpolation of a product of
    polynomials is turned round.  Any other scaling of the rows has the same absolute sums (docs/numerics.md).
    """
    zero, one = Fraction(0), Fraction(1)
    if len(set(f.points)) != f.m + f.r - 2:
        raise ValueError(f"F({f.m}, {f.r}) needs {f.m + f.r - 2} points and infinity, not {len(f.points)}")
    last = [[one if j == f.m - 1 else zero] for j in range(f.m)]
    results = [[a**j for a in f.points] + end for j, end in enumerate(last)]
    filters = [[a**k / d for k in range(f.r)] for a, d in zip(f.points, denominators(f.points), strict=False)]
    filters.append([zero] * (f.r - 1) + [one])
    inputs = []
    for left in (*f.points, None):
        p = [one]
        for a in f.points:
            p = p if a == left else times(p, a)
        inputs.append(p + [zero] * (f.m + f.r - 1 - len(p)))
    return results, filters, inputs


@lru_cache(maxsize=64)
def growth(f: Winograd) -> float:
    """`Winograd.growth`: the largest sum, over the inputs of a tile, of |A| |G| |B| for one result and one weight."""
    results, filters, inputs = matrices(f)
    reach = [sum(map(abs, row)) for row in inputs]
    each = (
        sum(abs(c * row[tap]) * size for c, row, size in zip(line, filters, reach, strict=True))
        for line in results
        for tap in range(f.r)
    )
    return float(max(each))


@lru_cache(maxsize=64)
def sizes(f: Winograd) -> tuple[Floats, Floats, Floats]:
    """|A^T|, |G| and |B^T| as float64 numbers, each within 2^-53 of its own."""
    results, filters, inputs = (np.abs(np.array(matrix, dtype=np.float64)) for matrix in matrices(f))
    return results, filters, inputs


def at(*points: float) -> tuple[Fraction, ...]:
    """Points that a float holds."""
    return tuple(Fraction(point) for point in points)


# The points of Lavin & Gray, of wincnn (https://github.com/andravin/wincnn) and of NNPACK, and F(4, 3)'s reciprocals.
WINOGRAD = (
    Winograd(2, 3, at(0, 1, -1)),
    Winograd(4, 3, at(0, 1, -1, 2, -2)),
    Winograd(4, 3, at(0, 1, -1, 0.5, -0.5)),
    Winograd(6, 3, at(0, 1, -1, 2, -2, 0.5, -0.5)),
)
