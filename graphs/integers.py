"""Data sets of whole numbers: sums of them are exact, so that nothing but the right result is admissible."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from graphs.draw import Draw, Tensor
from graphs.geometry import Ints
from graphs.numbers import FLOATS
from graphs.spec import Spec


def small(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Integers so small that every sum is exact: any difference is an indexing bug, whatever the precision.

    Negative ones count down from 256 where the type is uint8.
    """
    narrow = {"float16": (2, 1), "bfloat16": (2, 1)}  # which count to 2^11 and 2^8 only
    reach = narrow.get(spec.dtype, (8, 4))[name != spec.signal]
    return around(spec, name, draw.integers(-reach, reach, shape))


def zeros(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Small integers, half of them 0, and every fourth row nothing but 0; every other zero of a float is -0.

    A kernel that leaves zeros out, counts what is not 0, takes 0 for missing or divides by a norm of 0 shows.
    """
    values = small(spec, name, shape, draw)
    kept = draw.integers(0, 1, shape) == 1
    if shape:
        kept &= draw.integers(0, 3, (*shape[:-1], 1)) > 0
    nothing: Tensor = around(spec, name, np.zeros(shape, np.int64))
    if name not in spec.operand_types() and spec.dtype in FLOATS:
        nothing = np.where(draw.integers(0, 1, shape) == 1, -0.0, 0.0)
    return np.where(kept, values, nothing)


def equal(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Three neighbouring integers, so that most windows have their largest more than once: which one counts shows."""
    return around(spec, name, draw.integers(-1, 1, shape))


def around(spec: Spec, name: str, values: Tensor) -> Tensor:
    """Whole numbers counted from what stands for 0, to the other side of it where the type ends on this one."""
    origin = spec.origin(name)
    if origin is None:
        return values
    ends = np.iinfo(spec.type_of(name))
    moved = origin + values
    return np.where((moved < int(ends.min)) | (moved > int(ends.max)), origin - values, moved)


WIDTH = {"float32": (13, 0), "float16": (11, -7), "bfloat16": (8, 0)}  # bits at most, and the exponent of the unit


def wide(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Odd integers a little wider than the next narrower type, weights of -1, 0 and 1.

    An odd number of odd rounding errors is never 0, so every output is wrong under any rounding of the
    inputs to 11 bits (float32: TF32, float16, bfloat16) or 24 bits (float64), and still every sum is exact.
    In float16 and bfloat16 they fill the type, in units of 2^-7 and 1: sums fit a float32 accumulator, and no
    narrower one.
    """
    if name == spec.signal:
        high, unit = WIDTH.get(spec.dtype, (30, 0))
        odd = draw.integers(1 << (high - 3), (1 << (high - 1)) - 1, shape) * 2 + 1
        signed = odd * (draw.integers(0, 1, shape) * 2 - 1)
        return np.ldexp(signed.astype(np.float64), unit) if unit else signed
    if name == "b":
        return draw.integers(-64, 64, shape)
    if name in spec.ranked:
        return ranks(shape, draw)
    sums = spec.sums() if name == "w" else None
    return signs(shape, draw) if sums is None else signs_in(sums, draw)


def signs(shape: Ints, draw: Draw) -> Tensor:
    """Weights of -1 and 1 with as many zeros a filter as leave an odd number, at most 2047, of others."""
    weights = draw.integers(0, 1, shape) * 2 - 1
    length = prod(shape[1:])
    keep = min(length - 1 + length % 2, 2047)
    if keep < length:  # which weights stay is drawn too
        order = np.argsort(draw.integers(0, 1 << 31, (shape[0], length)), axis=1, kind="stable")
        np.put_along_axis(weights.reshape(shape[0], length), order[:, keep:], 0, axis=1)
    return weights


def signs_in(sums: NDArray[np.int64], draw: Draw) -> Tensor:
    """The same where each sum has weights of its own: those that have an equal number."""
    weights = draw.integers(0, 1, sums.shape) * 2 - 1
    order = np.argsort(draw.integers(0, 1 << 31, (sums.size,)), kind="stable")
    for number in np.unique(sums):
        terms = order[sums.reshape(-1)[order] == number]
        weights.reshape(-1)[terms[min(terms.size - 1 + terms.size % 2, 2047) :]] = 0
    return weights


def ranks(shape: Ints, draw: Draw) -> Tensor:
    """For each channel whole numbers around 0 in a drawn order, which survive rounding to 8 bits.

    None occurs twice in a plane of up to 512 elements.
    """
    plane = draw.integers(0, 1 << 31, (prod(shape[:2]), prod(shape[2:])))
    order = np.argsort(np.argsort(plane, axis=1, kind="stable"), axis=1)
    return (order % 512 - min(prod(shape[2:]), 512) // 2).reshape(shape)


def negative(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Negative integers: padding by zero shows in a maximum, and a rectifier gives nothing but 0."""
    is_negative = name in ("x", spec.signal)
    return draw.integers(-9, -1, shape) if is_negative else draw.integers(1, 4, shape)


def full(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """The whole range of an integer type: taking it for signed, unsigned or a narrower one shows.

    A bias of 32 bits has 15, as the sums of products of bytes have.
    """
    if name == "b":
        return draw.integers(-(1 << 14), 1 << 14, shape)
    ends = np.iinfo(spec.type_of(name))
    return draw.integers(int(ends.min), int(ends.max), shape)


def peak(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Bytes within 3 of an end of their type, so that sums grow as far as they can: an accumulator too narrow shows.

    X is at the end that is further from what stands for 0, filters are at either end in turn.
    """
    if name == "b":
        return draw.integers(-(1 << 14), 1 << 14, shape)
    ends = np.iinfo(spec.type_of(name))
    is_low = 2 * np.asarray(spec.origin(name)) > int(ends.min) + int(ends.max)
    if name == "w":
        is_low = is_low ^ (np.arange(shape[0]) % 2 == 1).reshape(-1, *[1] * (len(shape) - 1))
    inwards = draw.integers(0, 3, shape)
    return np.where(is_low, int(ends.min) + inwards, int(ends.max) - inwards)
