"""Winograd's minimal filtering in exact arithmetic: three transforms and the products between them, tile by tile."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from reference.winograd import Winograd, matrices
from tests.reference.soundness.draws import Array, boxed
from tests.reference.soundness.machine import ZERO, Machine


def transformed(machine: Machine, matrix: Sequence[Sequence[Fraction]], a: Array, axes: Sequence[int]) -> Array:
    """A matrix of constants, rounded where the format lacks them, times every line along each axis; stored or not."""
    rows = [[machine.acc(c) for c in row] for row in matrix]
    stores = machine.source.randrange(2)
    for axis in axes:
        lines = np.moveaxis(a, axis, -1)
        found = np.empty((*lines.shape[:-1], len(rows)), object)
        for place in np.ndindex(*lines.shape[:-1]):
            for i, row in enumerate(rows):
                total = machine.dot([(c, v) for c, v in zip(row, lines[place], strict=True) if c])
                found[(*place, i)] = machine.store(total) if stores else total
        a = np.moveaxis(found, -1, axis)
    return a


def conv(machine: Machine, f: Winograd, x: Array, w: Array, b: Array, *, pads: Any) -> Array:
    """One image of (C, D...) and one filter (C, r...), by tiles whose first one begins where it likes."""
    results, filters, inputs = matrices(f)
    rank, t = x.ndim - 1, f.m + f.r - 1
    counts = [n + pads[a] + pads[rank + a] - f.r + 1 for a, n in enumerate(x.shape[1:])]
    kernel = transformed(machine, filters, w, range(1, rank + 1))
    y = boxed([ZERO] * int(np.prod(counts)), counts)
    starts = [range(-machine.source.randrange(f.m), count, f.m) for count in counts]
    for start in product(*starts):
        tile = np.empty((len(x), *[t] * rank), object)
        for c, *at in np.ndindex(*tile.shape):
            place = [s + i - pads[a] for a, (s, i) in enumerate(zip(start, at, strict=True))]
            is_inside = all(0 <= p < n for p, n in zip(place, x.shape[1:], strict=True))
            tile[(c, *at)] = x[(c, *place)] if is_inside else ZERO
        seen = transformed(machine, inputs, tile, range(1, rank + 1))
        each = [machine.dot([(kernel[(c, *i)], seen[(c, *i)]) for c in range(len(x))]) for i in np.ndindex(*[t] * rank)]
        made = transformed(machine, results, boxed(each, [t] * rank), range(rank))
        for i in np.ndindex(*made.shape):
            at = [s + j for s, j in zip(start, i, strict=True)]
            if all(0 <= p < count for p, count in zip(at, counts, strict=True)):
                y[tuple(at)] = machine.store(machine.plus(made.item(i), b.item(0)))
    return y
