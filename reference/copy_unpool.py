"""Un-pooling by copying: every element fills its window, exactly where no windows overlap, with the bound of a mean."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, lowest_bit
from reference.bound import average_radius, copy_radius
from reference.claim import Claim


def copy_unpool(
    x: NDArray[Any], *, claim: Claim, kernel_shape: Sequence[int], strides: Sequence[int]
) -> tuple[Ball, ...]:
    """Element i of an axis fills the places i S ... i S + w - 1; where several land their mean stands, where none 0.

    x is (N, C, D...), y (N, C, (D - 1) S + w ...).  Sums may be made axis by axis, each a result.
    Raises OverflowError if a partial sum might overflow x's type.
    """
    steps = list(zip(x.shape[2:], kernel_shape, strides, strict=True))
    extent = [(m - 1) * s + w for m, w, s in steps]
    total, size = np.zeros((2, *x.shape[:2], *extent))
    count = np.zeros(extent)
    with np.errstate(invalid="ignore", over="ignore"):
        for place in product(*map(range, kernel_shape)):
            land = tuple(slice(p, p + (m - 1) * s + 1, s) for p, (m, _, s) in zip(place, steps, strict=True))
            total[(..., *land)] += x
            size[(..., *land)] += np.abs(x)
            count[land] += 1
    divisor = np.maximum(count, 1)
    value = total / divisor
    radius = copy_radius(value, claim, x.dtype)
    if count.max() > 1:
        mean = average_radius(
            value, size, divisor, int(count.max()),
            grid=lowest_bit(x), claim=claim, dtype=x.dtype, finite=bool(np.isfinite(x).all()), stored=len(steps),
        )  # fmt: skip
        radius = np.where(count > 1, mean, radius)
    return (Ball(value, radius),)
