"""Data sets for sums of which every bit counts: they are exact in the claimed accumulator, and in no narrower one."""

from __future__ import annotations

from math import ceil, log2, prod

import numpy as np
from numpy.typing import NDArray

from graphs.draw import Draw, Tensor
from graphs.geometry import Ints
from graphs.magnitudes import power
from graphs.numbers import SIGNIFICAND
from graphs.spec import Spec


def of_sums(spec: Spec, shape: Ints) -> NDArray[np.int64]:
    """For each weight, in a row, the number of the sum that it takes part in: its filter, if nothing else is said."""
    sums = spec.sums()
    return np.repeat(np.arange(shape[0]), prod(shape[1:])) if sums is None else sums.reshape(-1)


def at_ends(spec: Spec, shape: Ints, *, last: bool) -> NDArray[np.bool_]:
    """The first, or last, weight of each sum."""
    sums = of_sums(spec, shape)
    _, index = np.unique(sums[::-1] if last else sums, return_index=True)
    found = np.zeros(sums.size, bool)
    found[index] = True
    return (found[::-1] if last else found).reshape(shape)


def in_turn(spec: Spec, shape: Ints, *, last: bool) -> NDArray[np.bool_]:
    """The first, or last, element of each tile of the dilated kernel's size; of each plane without a kernel."""
    rank = len(shape) - 2
    links = [link for link in (spec, *getattr(spec, "links", ())) if getattr(link, "kernel_shape", None)]
    kernel: Ints = links[0].kernel_shape if links else shape[2:]
    gaps: Ints = (getattr(links[0], "dilations", None) if links else None) or (1,) * rank
    along = (rank, *[1] * rank)
    at = np.indices(shape[2:], np.int64) // np.reshape(gaps, along) % np.reshape(kernel, along)
    wanted = [k - 1 if last else 0 for k in kernel]
    return np.broadcast_to(np.all(at == np.reshape(wanted, along), axis=0), shape)


def onto(spec: Spec, name: str, shape: Ints, draw: Draw, *, last: bool) -> Tensor:
    """Odd integers, and among each sum's weights, or its elements where it has no weights, one large power of two.

    Sums stay below the significand's 2^p, so that they are exact in any order.
    """
    bits = SIGNIFICAND[spec.dtype]
    narrow = bits < 20
    sign = draw.integers(0, 1, shape) * 2 - 1
    if name == "b" or (name in ("x", "slope") and name != spec.signal):
        return sign
    exponent = int((bits - (3 if narrow else 4)) // power(spec))
    if name == "w":
        return np.where(at_ends(spec, shape, last=last), 1 << exponent, sign)
    odd = (draw.integers(0, 1 if narrow else 7, shape) * 2 + 1) * sign
    if "w" in spec.inputs():
        return odd
    return np.where(in_turn(spec, shape, last=last), sign << exponent, odd)


def descending(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Small numbers onto a large one, which comes first in each sum: an accumulator of fewer bits loses them."""
    return onto(spec, name, shape, draw, last=False)


def ascending(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """A large number onto small ones, which come first in each sum: what rounds them away, or sorts, shows."""
    return onto(spec, name, shape, draw, last=True)


def cancelling(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Large numbers that differ little, added and subtracted as often: what is left is what rounding would lose.

    2^k plus an odd number, k as large as leaves sums below 2^p, by weights of which one half is 1 and the other
    -1; where there are none the elements' own signs take turns.
    """
    if name == "b":
        return draw.integers(-1, 1, shape)
    if name == "w":
        return balanced(of_sums(spec, shape), draw).reshape(shape)
    sign = 1 - 2 * (np.indices(shape[2:]).sum(axis=0) % 2)
    if name != spec.signal:
        return np.asarray(np.zeros(shape, np.int64) + sign)
    k = max(1, int((SIGNIFICAND[spec.dtype] - 1 - ceil(log2(spec.terms))) // power(spec)))
    odd = draw.integers(0, 7 if k > 4 else 0, shape) * 2 + 1
    values = (1 << k) + odd * (draw.integers(0, 1, shape) * 2 - 1)
    return values if spec.inputs().keys() - {name, "b"} else values * sign


def balanced(sums: NDArray[np.int64], draw: Draw) -> NDArray[np.int64]:
    """For each sum 1 and -1 equally often, in a drawn order; an odd one out is 0 unless it is alone."""
    order = np.lexsort((draw.integers(0, 1 << 31, sums.shape), sums))
    _, start, count = np.unique(sums[order], return_index=True, return_counts=True)
    rank = np.arange(sums.size) - np.repeat(start, count)
    is_odd = (rank == np.repeat(count, count) - 1) & (np.repeat(count, count) % 2 == 1) & (rank > 0)
    signs = np.empty(sums.size, np.int64)
    signs[order] = np.where(is_odd, 0, 1 - 2 * (rank % 2))
    return signs
