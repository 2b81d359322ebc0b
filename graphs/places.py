"""Where un-pooling puts its elements: patterns of indices for any shape, no two alike where there is room."""

from __future__ import annotations

from math import gcd, prod

import numpy as np
from numpy.typing import NDArray

from graphs.draw import Draw
from graphs.geometry import Ints

Places = NDArray[np.int64]
# A tap of each window, the same or a drawn one, as after pooling; or any place in any plane, which the text allows.
PLACES = ("first", "last", "drawn", "anywhere")


def indices(pattern: str, x: Ints, kernel: Ints, strides: Ints, begin: Ints, y: Ints) -> Places:
    """Flat, row-major positions in a tensor of shape ``y``, one for each element of a tensor of shape ``x``.

    Windows start ``begin`` elements before ``y``; a place outside moves to the next one that is free.
    """
    draw = Draw(f"{pattern} {x} {kernel} {strides} {begin} {y}")
    if pattern == "anywhere":
        return anywhere(prod(x), prod(y), draw).reshape(x)
    planes = x[0] * x[1]
    flat = np.arange(planes).reshape(x[0], x[1], *[1] * len(kernel))
    for axis, (n, taps, stride, before, extent) in enumerate(
        zip(x[2:], kernel, strides, begin, y[2:], strict=True), start=2
    ):
        fixed = {"first": 0, "last": taps - 1}.get(pattern)
        tap = draw.integers(0, taps - 1, (planes, n)) if fixed is None else np.full((1, n), fixed)
        along = apart(stride * np.arange(n) - before + tap, extent)
        spread = [1] * len(x)
        spread[axis] = n
        flat = flat * extent + along.reshape(*(x[:2] if len(along) > 1 else (1, 1)), *spread[2:])
    return flat


def apart(at: Places, extent: int) -> Places:
    """Positions along the last axis in ascending order and inside, moved as little as leaves room for all of them.

    Where there are more positions than places some of them coincide.
    """
    n = at.shape[-1]
    if n > extent:
        return at.clip(0, extent - 1)
    step = np.arange(n)
    moved: Places = np.maximum.accumulate(at - step, axis=-1).clip(0, extent - n) + step
    return moved


def anywhere(count: int, places: int, draw: Draw) -> Places:
    """Steps of one drawn length around all places; no two alike before all are taken."""
    start, length = (int(n) for n in draw.integers(0, places - 1, (2,)))
    while gcd(length, places) > 1:
        length += 1
    return (start + length * np.arange(count)) % places
