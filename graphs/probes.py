"""Data sets that show one kind of rounding: of an operand's last bit, and of sums, by the signs of their errors."""

from __future__ import annotations

from math import prod

import numpy as np

from graphs.draw import Draw, Tensor
from graphs.geometry import Ints
from graphs.numbers import SIGNIFICAND
from graphs.spec import Spec


def signs(shape: Ints, draw: Draw) -> Tensor:
    """-1 and 1, exactly as likely."""
    return draw.integers(0, 1, shape) * 2 - 1


def filled(spec: Spec, shape: Ints, draw: Draw) -> Tensor:
    """Numbers of both signs in [1/2, 1) whose first and last significand bits are set."""
    bits = SIGNIFICAND[spec.dtype]
    digits = (draw.integers(1 << 25, (1 << 26) - 1, shape) << 27) + draw.integers(0, (1 << 27) - 1, shape)
    return np.asarray(np.ldexp((digits >> (53 - bits) | 1) * signs(shape, draw).astype(np.float64), -bits))


def single(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Numbers that fill the significand, filters with one weight of -1 or 1: each sum is plus or minus an element.

    Whatever rounds it to fewer bits on its way makes every output wrong.
    """
    if name == spec.signal:
        return filled(spec, shape, draw)
    if name == "b":
        return np.zeros(shape)
    weights = np.zeros((shape[0], prod(shape[1:])))
    at = draw.integers(0, weights.shape[1] - 1, (shape[0], 1))
    np.put_along_axis(weights, at, signs((shape[0], 1), draw), axis=1)
    return weights.reshape(shape)


def impulse(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """The same the other way round: one -1 or 1 in each window, which no other window has, and weights of all bits."""
    if name == "b":
        return np.zeros(shape)
    if name != spec.signal:
        return filled(spec, shape, draw)
    kernel = spec.inputs()["w"][2:]
    counts = tuple(size // taps for size, taps in zip(shape[2:], kernel, strict=True))
    windows = np.zeros((shape[0], prod(counts), shape[1] * prod(kernel)))
    at = draw.integers(0, windows.shape[2] - 1, (*windows.shape[:2], 1))
    np.put_along_axis(windows, at, signs(at.shape, draw), axis=2)
    rank = len(kernel)
    apart = windows.reshape(shape[0], *counts, shape[1], *kernel)  # N, O..., C, k... to N, C, O1, k1, O2, k2, ...
    order = (0, rank + 1, *(axis for i in range(rank) for axis in (1 + i, rank + 2 + i)))
    return apart.transpose(order).reshape(shape)


CARRIERS = 16  # terms of a long sum that are not 3 alone: up to 64 last places of a sum of 2304 terms


def mirrored(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """X is 3 + t, t drawn so that -t is just as likely and no partial sum is near a power of two.

    Each filter has one weight, a power of two.  A sum of k terms is about 3 k, where rounding to nearest makes as
    likely an error as its negative, in every order of summation, and truncation makes errors of one sign
    (docs/numerics.md).
    """
    if name == "b":
        return np.zeros(shape)
    if name != spec.signal:
        each = (shape[0], *(1,) * (len(shape) - 1))
        return np.ldexp(signs(each, draw).astype(np.float64), draw.integers(-3, 3, each)) + np.zeros(shape)
    kernel = spec.inputs()["w"][2:]
    is_apart = not any(size % taps for size, taps in zip(shape[2:], kernel, strict=True))
    counts = tuple(size // taps if is_apart else 1 for size, taps in zip(shape[2:], kernel, strict=True))
    taps = shape[1] * prod(kernel)
    carriers = min(CARRIERS, taps) if is_apart else taps
    step = SIGNIFICAND[spec.dtype] - 2  # numbers from 2 to 4 are multiples of 2^-step
    reach = (1 << step) // (2 * carriers)
    # A part that a window, or an image whose windows overlap, has in common: sums in ascending order differ too.
    common = balanced(reach // 2, (shape[0], 1, *counts), draw)
    for axis, count in enumerate(counts, 2):
        common = common.repeat(shape[axis] // count, axis=axis)
    t = common + balanced(reach - reach // 2, shape, draw)
    if carriers < taps:
        rank = np.argsort(np.argsort(draw.integers(0, 1 << 31, (taps,)), kind="stable"), kind="stable")
        t *= np.tile((rank < carriers).reshape(1, shape[1], *kernel), (1, 1, *counts))
    return np.asarray(3 + np.ldexp(t, -step))


def balanced(reach: int, shape: Ints, draw: Draw) -> Tensor:
    """Whole numbers from -reach to reach, each exactly as likely as its negative."""
    return np.asarray(draw.integers(0, reach, shape) * signs(shape, draw).astype(np.float64))


def signed(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Numbers in (-1, 1) on a grid of 2^-19 (float16: 2^-10, bfloat16: 2^-7), each just as likely as its negative."""
    if name == "b":
        return np.zeros(shape)
    bits = min(19, SIGNIFICAND[spec.dtype] - 1)
    return np.ldexp(balanced((1 << bits) - 1, shape, draw), -bits)
