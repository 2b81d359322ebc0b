"""Sums of products and averages by their definitions: for each result its terms, then one evaluation of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np

from tests.reference.loops import Ints, shape_of, windows
from tests.reference.soundness.draws import Array, boxed
from tests.reference.soundness.machine import ONE, ZERO, Machine, Pair

Terms = tuple[list[Pair], list[Fraction]]  # products, and what is added to them


def convolved(x: Array, w: Array, b: Array | None = None, *, group: int = 1, **window: Any) -> tuple[list[Terms], Ints]:
    """The terms of every result of a convolution, row-major, and its shape."""
    layout = list(windows(x.shape[2:], w.shape[2:], **window))
    shape = (len(x), len(w), *shape_of([position for position, _ in layout]))
    found: dict[Ints, Terms] = {}
    depth = w.shape[1]
    for n, m, (position, taps) in product(range(len(x)), range(len(w)), layout):
        first = m // (len(w) // group) * depth
        pairs = [
            (x[(n, first + c, *tap.point)], w[(m, c, *tap.place)])
            for c, tap in product(range(depth), taps) if tap.is_inside
        ]  # fmt: skip
        found[(n, m, *position)] = (pairs, [] if b is None else [b.item(m)])
    return [found[at] for at in np.ndindex(*shape)], shape


def transposed(
    x: Array, w: Array, b: Array | None = None, *, group: int = 1, strides: Ints, pads: Ints, dilations: Ints
) -> tuple[list[Terms], Ints]:
    """The terms of every result of a transposed convolution: each product lands where the definition says."""
    rank, each = x.ndim - 2, w.shape[1]
    steps = zip(x.shape[2:], w.shape[2:], strides, dilations, pads[:rank], pads[rank:], strict=True)
    shape = (len(x), each * group, *((n - 1) * s + (k - 1) * d + 1 - p - q for n, k, s, d, p, q in steps))
    found: dict[Ints, list[Pair]] = defaultdict(list)
    for (n, c, *i), (m, *k) in product(np.ndindex(*x.shape), np.ndindex(*w.shape[1:])):
        land = [i[a] * strides[a] + k[a] * dilations[a] - pads[a] for a in range(rank)]
        found[(n, c // (x.shape[1] // group) * each + m, *land)].append((x[(n, c, *i)], w[(c, m, *k)]))
    return [(found[at], [] if b is None else [b.item(at[1])]) for at in np.ndindex(*shape)], shape


def summed(machine: Machine, terms: Sequence[Terms], shape: Ints) -> Array:
    """Each result in the way of the machine, its operands as read."""
    read = Reading(machine)
    return boxed(
        [
            machine.store(machine.dot([(read(a), read(b)) for a, b in pairs], list(map(read, more))))
            for pairs, more in terms
        ],
        shape,
    )


class Reading:
    """What each number is read as, alike wherever it occurs."""

    def __init__(self, machine: Machine, read: Callable[[Fraction], Fraction] | None = None):
        self.read, self.found = read or machine.read, dict[Fraction, Fraction]()

    def __call__(self, a: Fraction) -> Fraction:
        """A number as read."""
        if a not in self.found:
            self.found[a] = self.read(a)
        return self.found[a]


def conv(machine: Machine, x: Array, w: Array, b: Array | None = None, **attributes: Any) -> list[Array]:
    """Convolution."""
    return [summed(machine, *convolved(x, w, b, **attributes))]


def conv_transpose(machine: Machine, x: Array, w: Array, b: Array | None = None, **attributes: Any) -> list[Array]:
    """Transposed convolution."""
    return [summed(machine, *transposed(x, w, b, **attributes))]


def padded(x: Array, pads: Ints, value: Fraction = ZERO) -> Array:
    """A constant on both sides of every axis."""
    rank = x.ndim
    found = boxed([value] * prod(n + pads[i] + pads[rank + i] for i, n in enumerate(x.shape)), [
        n + pads[i] + pads[rank + i] for i, n in enumerate(x.shape)
    ])  # fmt: skip
    found[tuple(slice(pads[i], pads[i] + n) for i, n in enumerate(x.shape))] = x
    return found


def pad_conv(machine: Machine, x: Array, amounts: Array, c: Array, w: Array, b: Array, **conv: Any) -> list[Array]:
    """Padding, then convolution: node by node the zeros are terms, fused they may be left out."""
    terms, shape = convolved(padded(x, tuple(map(int, amounts)), c.flat[0]), w, b, **conv)
    if machine.source.randrange(2):
        terms = [([pair for pair in pairs if all(pair)], more) for pairs, more in terms]
    return [summed(machine, terms, shape)]


def sub_pixel(machine: Machine, x: Array, w: Array, b: Array, *, blocksize: int, **conv: Any) -> list[Array]:
    """A convolution whose channels become pixels (DCR)."""
    y = summed(machine, *convolved(x, w, b, **conv))
    return [depth_to_space(y, blocksize)]


def depth_to_space(x: Array, b: int) -> Array:
    """Channel (i b + j) C + c at (h, w) goes to (h b + i, w b + j) of channel c."""
    n, depth, height, width = x.shape
    y = np.empty((n, depth // b**2, height * b, width * b), object)
    for at in np.ndindex(*x.shape):
        place, c = divmod(at[1], depth // b**2)
        y[at[0], c, at[2] * b + place // b, at[3] * b + place % b] = x[at]
    return y


def conv_gradient(machine: Machine, x: Array, w: Array, dy: Array, *, group: int = 1, **window: Any) -> list[Array]:
    """Derivatives by X, W and B of the sum of the products that a convolution has."""
    parts: tuple[dict[Ints, list[Pair]], ...] = tuple(defaultdict(list) for _ in range(3))
    layout = list(windows(x.shape[2:], w.shape[2:], **window))
    for n, m, (position, taps) in product(range(len(x)), range(len(w)), layout):
        arrives = dy[(n, m, *position)]
        parts[2][(m,)].append((arrives, ONE))
        for c, tap in product(range(w.shape[1]), taps):
            if tap.is_inside:
                at = (n, m // (len(w) // group) * w.shape[1] + c, *tap.point)
                parts[0][at].append((w[(m, c, *tap.place)], arrives))
                parts[1][(m, c, *tap.place)].append((x[at], arrives))
    shapes = (x.shape, w.shape, (len(w),))
    return [
        summed(machine, [(part[at], []) for at in np.ndindex(*shape)], shape)
        for part, shape in zip(parts, shapes, strict=True)
    ]


# ---- averages


def mean(machine: Machine, values: Sequence[Fraction], count: int, way: int) -> Fraction:
    """Sum and quotient, sum and rounded reciprocal, or a sum of products with that; not stored."""
    read = machine.read
    reciprocal = machine.over(ONE, Fraction(count))
    if way == 2:
        reciprocal = read(reciprocal)
        return machine.dot([(read(a), reciprocal) for a in values])
    total = machine.sum([read(a) if machine.precision.casts or machine.source.randrange(2) else a for a in values])
    return machine.over(total, Fraction(count)) if way == 0 else machine.times(total, reciprocal)


def average_pool(machine: Machine, x: Array, *, kernel_shape: Ints, include: int = 0, **window: Any) -> list[Array]:
    """Means of windows."""
    layout = list(windows(x.shape[2:], kernel_shape, **window))
    shape = (*x.shape[:2], *shape_of([position for position, _ in layout]))
    found = np.empty(shape, object)
    way = machine.source.randrange(3)
    for n, c, (position, taps) in product(range(len(x)), range(x.shape[1]), layout):
        values = [x[(n, c, *tap.point)] for tap in taps if tap.is_inside]
        count = sum(tap.is_counted if include else tap.is_inside for tap in taps)
        found[(n, c, *position)] = machine.store(mean(machine, values, count, way))
    return [found]


def landing(x: Array, kernel_shape: Ints, strides: Ints) -> Iterator[tuple[Ints, list[Fraction]]]:
    """Every place of what is un-pooled by copying, and what lands there."""
    shape = tuple((n - 1) * s + k for n, s, k in zip(x.shape[2:], strides, kernel_shape, strict=True))
    for at in np.ndindex(*x.shape[:2], *shape):
        yield at, [
            x[(*at[:2], *i)] for i in np.ndindex(*x.shape[2:])
            if all(0 <= a - j * s < k for a, j, s, k in zip(at[2:], i, strides, kernel_shape, strict=True))
        ]  # fmt: skip


def copy_unpool(machine: Machine, x: Array, *, kernel_shape: Ints, strides: Ints) -> list[Array]:
    """A copy where one element lands, and the mean where several do."""
    places = dict(landing(x, kernel_shape, strides))
    way = machine.source.randrange(3)
    shape = [n + 1 for n in max(places)]
    values = [
        mean(machine, land, len(land), way) if len(land) > 1 else machine.cast(land[0]) if land else ZERO
        for land in places.values()
    ]
    return [boxed([machine.store(v) for v in values], shape)]


def average_pool_gradient(
    machine: Machine, dy: Array, *, extent: Ints, kernel_shape: Ints, **window: Any
) -> list[Array]:
    """The sums of shares: each divided, or times a reciprocal, and stored between the nodes or not."""
    layout = list(windows(extent, kernel_shape, **window))
    found: dict[Ints, list[Fraction]] = defaultdict(list)
    divides, stores = machine.source.randrange(2), machine.source.randrange(2)
    for n, c, (position, taps) in product(range(len(dy)), range(dy.shape[1]), layout):
        count = Fraction(sum(tap.is_inside for tap in taps))
        arrives = machine.read(dy[(n, c, *position)])
        share = (
            machine.over(arrives, count) if divides else machine.times(arrives, machine.read(machine.over(ONE, count)))
        )
        for tap in taps:
            if tap.is_inside:
                found[(n, c, *tap.point)].append(machine.store(share) if stores else share)
    shape = (*dy.shape[:2], *extent)
    return [boxed([machine.store(machine.sum(found[at])) for at in np.ndindex(*shape)], shape)]


def global_average_pool(machine: Machine, x: Array) -> list[Array]:
    """The mean of each channel."""
    return average_pool(machine, x, kernel_shape=x.shape[2:])


def pad_average_pool(machine: Machine, x: Array, amounts: Array, c: Array, **window: Any) -> list[Array]:
    """Padding, then means, which count what is padded."""
    return average_pool(machine, padded(x, tuple(map(int, amounts)), c.flat[0]), **window)


KERNELS: dict[
    str, Any
] = {  # by their sources: Sobel, the binomial of Pascal's triangle, Laplace's of eight neighbours, Haar's
    "sobel": ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "gaussian-3": ([[Fraction(a * b, 16) for a in (1, 2, 1)] for b in (1, 2, 1)],),
    "laplacian-8": ([[1, 1, 1], [1, -8, 1], [1, 1, 1]],),
    "haar": tuple([[Fraction(a * c, 2) for c in (1, s)] for a in (1, r)] for r in (1, -1) for s in (1, -1)),
}


def classical_filter(machine: Machine, x: Array, _: Array, *, filter: str, border: str) -> list[Array]:
    """A convolution of the image with its border filled."""
    kernels = KERNELS[filter]
    high, wide = len(kernels[0]), len(kernels[0][0])
    w = boxed([Fraction(v) for kernel in kernels for row in kernel for v in row], (len(kernels), 1, high, wide))
    sides = [(0, 0), (0, 0), *(((k - 1) // 2, k // 2) for k in (high, wide))]
    if border == "zero":
        full = padded(x, tuple(side[0] for side in sides) + tuple(side[1] for side in sides))
    else:
        full = np.pad(x, sides, mode="edge" if border == "edge" else "reflect")
    return [summed(machine, *convolved(full, w))]
