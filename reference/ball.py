"""What a result must lie in: a ball for each element, or a set of admissible positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Ball:
    """Every element within ``radius`` of ``value``; NaN and infinities must be met as they are.

    Elements under ``undecided`` may be anything, because ``sentence`` of the operator's text does not decide them.
    Each element may lie in the ball of that element in one of ``others`` instead, where the answer is one of a few.
    """

    value: Floats
    radius: Floats
    undecided: Mask | None = None
    sentence: str = ""
    others: tuple[Ball, ...] = ()


@dataclass(frozen=True)
class Members:
    """Every element equal to one of its ``candidates`` (last axis) that is ``admissible``."""

    candidates: NDArray[np.int64]
    admissible: Mask
    undecided: Mask | None = None
    sentence: str = ""


Expected = Ball | Members


def peak(a: NDArray[Any]) -> float:
    """The largest absolute value; NaN where there is a NaN."""
    return float(np.abs(a).max(initial=0))


def lowest_bit(a: NDArray[Any]) -> int:
    """Exponent e such that every finite element is a multiple of 2^e (the largest such e up to 0)."""
    if (a == np.rint(a)).all():
        return 0
    finite = a[np.isfinite(a) & (a != 0)]
    if not finite.size:
        return 0
    fraction, exponent = np.frexp(finite.astype(np.float64))
    digits = np.ldexp(fraction, 53).astype(np.int64)
    lowest = np.frexp((digits & -digits).astype(np.float64))[1]
    return min(0, int((exponent + lowest).min()) - 54)
