"""Sliding windows as plain loops over whole numbers; shares nothing with reference.window."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

Ints = tuple[int, ...]


class Tap(NamedTuple):
    """One element of a window: its place in the kernel, its point in the input, and where that point lies."""

    place: Ints
    point: Ints
    is_inside: bool
    is_counted: bool  # in the input or its padding


class Side(NamedTuple):
    """One spatial axis: where its windows start and how far its padding goes."""

    starts: Sequence[int]
    low: int
    high: int


def side(size: int, reach: int, stride: int, auto_pad: str, begin: int, end: int, ceil_mode: int) -> Side:
    """The output-size formulas as printed in MaxPool-22, window by window."""
    if auto_pad.startswith("SAME"):
        total = max(0, (math.ceil(Fraction(size, stride)) - 1) * stride + reach - size)
        begin = total // 2 if auto_pad == "SAME_UPPER" else total - total // 2
        end = total - begin
    steps = Fraction(size + begin + end - reach, stride)
    count = math.floor(steps) + 1
    if ceil_mode and auto_pad == "NOTSET":
        is_ignored = math.ceil(steps) * stride - begin >= size  # "would start in the right padded region"
        count = count if is_ignored else math.ceil(steps) + 1
    return Side([i * stride - begin for i in range(count)], -begin, size + end)


def windows(
    extent: Ints,
    kernel_shape: Ints,
    strides: Ints | None = None,
    pads: Ints | None = None,
    dilations: Ints | None = None,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
) -> Iterator[tuple[Ints, list[Tap]]]:
    """Position of each window in the output, and its taps in row-major order."""
    rank = len(extent)
    step, gap, edge = strides or (1,) * rank, dilations or (1,) * rank, pads or (0,) * (2 * rank)
    sides = [
        side(extent[i], gap[i] * (kernel_shape[i] - 1) + 1, step[i], auto_pad, edge[i], edge[rank + i], ceil_mode)
        for i in range(rank)
    ]
    for position in product(*(range(len(s.starts)) for s in sides)):
        taps = []
        for place in product(*map(range, kernel_shape)):
            point = tuple(sides[i].starts[position[i]] + gap[i] * place[i] for i in range(rank))
            is_inside = all(0 <= point[i] < extent[i] for i in range(rank))
            is_counted = all(sides[i].low <= point[i] < sides[i].high for i in range(rank))
            taps.append(Tap(place, point, is_inside, is_counted))
        yield position, taps


def shape_of(positions: Sequence[Ints]) -> Ints:
    """Spatial shape of an output with these positions."""
    return tuple(max(along) + 1 for along in zip(*positions, strict=True))
