"""Operators that hand elements on: each read as the claim reads tensors, and the result chosen among those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from tests.reference.loops import Ints, Tap, shape_of, windows
from tests.reference.soundness.draws import Array, boxed
from tests.reference.soundness.linear import Reading, depth_to_space, padded
from tests.reference.soundness.machine import ZERO, Machine

HALF = Fraction(1, 2)


def passed(machine: Machine, x: Array) -> Array:
    """A tensor as it is read, each number alike wherever it occurs."""
    read = Reading(machine, machine.cast)
    return boxed([read(a) for a in x.flat], x.shape)


def pooled(choose: Callable[[Array, Ints, list[Tap]], Any], x: Array, kernel_shape: Ints, **window: Any) -> Array:
    """What is chosen from each window of each channel."""
    layout = list(windows(x.shape[2:], kernel_shape, **window))
    found = np.empty((*x.shape[:2], *shape_of([position for position, _ in layout])), object)
    for n, c, (position, taps) in product(range(len(x)), range(x.shape[1]), layout):
        found[(n, c, *position)] = choose(x, (n, c), [tap for tap in taps if tap.is_inside])
    return found


def extreme(sign: int) -> Callable[[Array, Ints, list[Tap]], Any]:
    """The largest element of a window, or with -1 the least."""
    return lambda x, at, taps: sign * max(sign * x[(*at, *tap.point)] for tap in taps)


def max_pool(machine: Machine, x: Array, *, outputs: int = 2, **window: Any) -> list[Array]:
    """Maxima, and of equal ones any place."""
    y = passed(machine, x)
    places = np.arange(x.size).reshape(x.shape)

    def where(_: Array, at: Ints, taps: list[Tap]) -> int:
        top = extreme(1)(y, at, taps)
        return int(machine.source.choice([places[(*at, *t.point)] for t in taps if y[(*at, *t.point)] == top]))

    return [pooled(extreme(1), y, **window), pooled(where, y, **window)][:outputs]


def min_pool(machine: Machine, x: Array, **window: Any) -> list[Array]:
    """Minima."""
    return [pooled(extreme(-1), passed(machine, x), **window)]


def global_max_pool(machine: Machine, x: Array) -> list[Array]:
    """The maximum of each channel."""
    return max_pool(machine, x, outputs=1, kernel_shape=x.shape[2:])


def pad_max_pool(machine: Machine, x: Array, amounts: Array, c: Array, **window: Any) -> list[Array]:
    """Padding, then maxima and their places in the padded tensor."""
    return max_pool(machine, padded(x, tuple(map(int, amounts)), c.flat[0]), **window)


def median_pool(machine: Machine, x: Array, **window: Any) -> list[Array]:
    """The middle element, or the mean of two: halved before they are added, or after."""
    y = passed(machine, x)
    read = Reading(machine)

    def middle(_: Array, at: Ints, taps: list[Tap]) -> Fraction:
        ordered = sorted(y[(*at, *tap.point)] for tap in taps)
        high, is_odd = divmod(len(ordered), 2)
        if is_odd:
            return Fraction(ordered[high])
        a, b = (v if machine.precision.casts else read(v) for v in ordered[high - 1 : high + 1])
        if machine.source.randrange(2):
            return machine.store(machine.times(machine.plus(a, b), HALF))
        return machine.store(machine.plus(machine.times(a, HALF), machine.times(b, HALF)))

    return [pooled(middle, x, **window)]


def max_unpool(machine: Machine, x: Array, indices: Array, *, shape: Ints) -> list[Array]:
    """Each element to its place, 0 elsewhere."""
    y, flat = passed(machine, x), [ZERO] * int(np.prod(shape))
    for place, value in zip(indices.flat, y.flat, strict=True):
        flat[int(place)] = value
    return [boxed(flat, shape)]


def pad(machine: Machine, x: Array, pads: Array, c: Array) -> list[Array]:
    """The constant is an operand."""
    return [passed(machine, padded(x, tuple(map(int, pads)), c.flat[0]))]


def moved_depth(machine: Machine, x: Array, *, blocksize: int) -> list[Array]:
    """Depth to space (DCR)."""
    return [depth_to_space(passed(machine, x), blocksize)]


def space_to_depth(machine: Machine, x: Array, *, blocksize: int) -> list[Array]:
    """What depth to space turns back."""
    y, b = passed(machine, x), blocksize
    n, c, h, w = x.shape
    found = np.empty((n, c * b * b, h // b, w // b), object)
    for at in np.ndindex(*found.shape):
        place, channel = divmod(at[1], c)
        found[at] = y[at[0], channel, at[2] * b + place // b, at[3] * b + place % b]
    return [found]


def relu(machine: Machine, x: Array) -> list[Array]:
    """max(0, x)."""
    return [boxed([max(a, ZERO) for a in passed(machine, x).flat], x.shape)]


def clip(machine: Machine, x: Array, low: Array, high: Array) -> list[Array]:
    """Between bounds that are read as x is."""
    y, a, b = (passed(machine, v) for v in (x, low, high))
    return [boxed([min(max(v, a.flat[0]), b.flat[0]) for v in y.flat], x.shape)]


def thresholded_relu(machine: Machine, x: Array, *, alpha: float) -> list[Array]:
    """Elements above alpha."""
    limit = machine.constant(alpha, factor=False)
    return [boxed([v if v > limit else ZERO for v in passed(machine, x).flat], x.shape)]


def relu_gradient(machine: Machine, x: Array, dy: Array) -> list[Array]:
    """What arrives where x > 0."""
    pairs = zip(passed(machine, x).flat, passed(machine, dy).flat, strict=True)
    return [boxed([b if a > 0 else ZERO for a, b in pairs], x.shape)]


def max_pool_gradient(machine: Machine, x: Array, dy: Array, **window: Any) -> list[Array]:
    """What arrives is added at the place where each window has its maximum."""
    _, at = max_pool(machine, x, **window)
    arrives, found = passed(machine, dy), defaultdict(list)
    for value, place in zip(arrives.flat, at.flat, strict=True):
        found[int(place)].append(value)

    def total(land: Sequence[Fraction]) -> Fraction:
        return machine.store(machine.sum(land)) if len(land) > 1 else land[0] if land else ZERO

    return [boxed([total(found[i]) for i in range(x.size)], x.shape)]
