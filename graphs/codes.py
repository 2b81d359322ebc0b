"""Data sets of quantised blocks: numbers on and beside the steps from one code to the next, and codes of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphs.geometry import Ints
from graphs.numbers import ends_of

if TYPE_CHECKING:
    from graphs.draw import Draw

WIDTH = {"int8": 256, "uint8": 256, "float8": 256, "float6": 64, "float4": 16}


def every(dtype: str) -> NDArray[Any]:
    """All numbers of a minifloat, by their bits; NaN and infinities too."""
    bits = np.arange(WIDTH[dtype.partition("_")[0]], dtype=np.uint8)
    return bits.view(np.dtype(dtype))


def levels(dtype: str) -> NDArray[np.float64]:
    """The finite numbers of a type in order, and three steps beyond each end."""
    low, high = ends_of(dtype)
    if "int" in dtype:
        return np.arange(low - 3, high + 4)
    found = every(dtype).astype(np.float64)
    finite = np.unique(found[np.isfinite(found)])
    step = high - finite[-2]
    return np.concatenate([low - step * np.arange(3, 0, -1), finite, high + step * np.arange(1, 4)])


def ties(spec: Any, name: str, shape: Ints, draw: Draw) -> NDArray[Any]:
    """Quotients halfway between two codes, one in three moved up and one down to the next number of the type.

    Over the whole range and beyond both ends, half of them near the ends and in the middle.
    """
    known = levels(spec.code)
    halves = (known[1:] + known[:-1]) / 2
    last = len(halves) - 1
    near = np.concatenate([np.arange(8), last // 2 - 4 + np.arange(8), last - np.arange(8)]).clip(0, last)
    chosen = near[draw.integers(0, len(near) - 1, shape)]
    anywhere = (draw.integers(0, 1 << 30, shape) * (last + 1)) >> 30
    at = np.where(draw.integers(0, 1, shape) == 0, anywhere.clip(0, last), chosen)
    zero = spec.spread(spec.zero_point) if spec.zero_point is not None and "int" in spec.code else 0.0
    exact = (halves[at] - zero) * spec.spread(spec.scale)
    move = draw.integers(-1, 1, shape)
    if spec.dtype == "int32":
        return np.asarray(np.rint(exact) + move)
    _, limit = ends_of(spec.dtype)
    x = exact.clip(-limit, limit).astype(spec.dtype)
    beside = np.nextafter(x, np.copysign(np.inf, move).astype(spec.dtype)).clip(-limit, limit)
    return np.asarray(np.where(move == 0, x, beside))


def codes(spec: Any, name: str, shape: Ints, draw: Draw) -> NDArray[Any]:
    """Codes over the whole range of their type."""
    if "int" not in spec.dtype:
        known = every(spec.dtype)
        return np.asarray(known[draw.integers(0, len(known) - 1, shape)])
    low, high = map(int, ends_of(spec.dtype))
    return draw.integers(low, high, shape)
