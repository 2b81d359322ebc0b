"""Padding: ONNX ``Pad``, exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import copy_radius, refuse_cast
from reference.claim import Claim

Places = NDArray[np.int64]
# Which element of an axis of n stands at each place, counted from the first one; places may be outside.
SOURCE: dict[str, Callable[[Places, int], Places]] = {
    "constant": lambda at, n: np.clip(at, 0, n - 1),  # covered by the constant
    "edge": lambda at, n: np.clip(at, 0, n - 1),
    "reflect": lambda at, n: n - 1 - np.abs(at % max(2 * (n - 1), 1) - (n - 1)),
    "wrap": lambda at, n: at % n,
}


def pad(
    x: NDArray[Any],
    pads: Sequence[int] | NDArray[Any] = (),
    constant_value: NDArray[Any] | None = None,
    axes: Sequence[int] | NDArray[Any] | None = None,
    *,
    claim: Claim,
    mode: str = "constant",
    value: float = 0.0,
    paddings: Sequence[int] = (),
) -> tuple[Ball, ...]:
    """Element i of an axis is x's element i - begin, and by ``mode`` where x has none; x and y of one rank.

    ``pads`` holds the begin of every axis in ``axes`` and then the end; a negative one removes.  As in
    Pad-2 to 25, and Pad-1's ``paddings`` by its sentence.  Where adding before removing and
    removing before adding differ, this adds first.
    """
    amounts = [int(p) for p in (pads if len(pads) else paddings)]
    named = range(x.ndim) if axes is None else [int(axis) % x.ndim for axis in axes]
    begin, end = np.zeros(x.ndim, int), np.zeros(x.ndim, int)
    np.add.at(begin, list(named), amounts[: len(named)])
    np.add.at(end, list(named), amounts[len(named) :])
    found, is_added = x.astype(np.float64), np.zeros((1,) * x.ndim, bool)
    for axis, n in enumerate(x.shape):
        at = np.arange(-begin[axis], n + end[axis])
        found = np.take(found, SOURCE[mode](at, n), axis)
        outside = (at < 0) | (at >= n)
        is_added = is_added | outside.reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    if mode == "constant":
        refuse_cast(np.asarray(value, x.dtype), claim)
        found = np.where(is_added, value if constant_value is None else float(constant_value), found)
    return (Ball(found, copy_radius(found, claim, x.dtype)),)
