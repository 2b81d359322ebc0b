"""Convolution by Fourier transforms of the whole plane: what rounding a transform may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, log1p, log2, sqrt


@dataclass(frozen=True)
class Fourier:
    """Fast transforms along every axis, of lengths made of the prime ``radices``.

    The length along an axis that the kernel reaches over for L places is at most 2L or ``tile``, whichever is larger.
    Sources: Gentleman & Sande, AFIPS 1966; Higham, *Accuracy and Stability*, ch. 24.
    """

    radices: tuple[int, ...] = (2, 3, 5, 7)
    tile: int = 64

    def lengths(self, extents: Sequence[int]) -> list[int]:
        """The longest transform along each axis for ``extents`` of the padded input and the kernel together."""
        return [max(2 * n, self.tile) for n in extents]

    def error(self, extents: Sequence[int], u: float) -> float:
        """Largest relative error of a transform in the 2-norm, in arithmetic of unit roundoff ``u``."""
        each = max(log1p(stage(p, u)) / log2(p) for p in self.radices)
        return expm1(sum(log1p(REAL * passed(5, u)) + log2(n) * each for n in self.lengths(extents)))

    def steps(self, extents: Sequence[int]) -> int:
        """How many stages a transform has, at most."""
        return sum(int(log2(n)) + 2 for n in self.lengths(extents))

    @property
    def operations(self) -> int:
        """How many operations make one number of a stage, at most."""
        return 8 * max(self.radices)


REAL = 2 * sqrt(2)  # of the step that makes the transform of real numbers of one of half the length


def passed(roundings: int, u: float) -> float:
    """What so many roundings may change a term by, relative."""
    return expm1(roundings * log1p(u))


def stage(p: int, u: float) -> float:
    """Relative error, in the 2-norm, of twiddle factors and transforms of ``p`` numbers each.

    A term passes the rounding of a twiddle factor and of a constant, two products and 2p additions, in two steps.
    """
    theta = passed(4 if p == 2 else 2 * p + 4, u)
    return sqrt(2 * p) * theta * (1 + theta)


FFT = Fourier()
