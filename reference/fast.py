"""What fast algorithms may do to a convolution: errors beside those of the sums, and special values that spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from math import expm1, log1p, prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats, Mask, peak
from reference.bound import UP, refuse_overflow, underflow
from reference.claim import Algorithm, Claim
from reference.contraction import convolve
from reference.fourier import Fourier, passed
from reference.window import Window, view
from reference.winograd import Winograd, sizes

SPREADS = "the claim has fast algorithms, which spread NaN and infinities over a tile, or over the plane"


def applicable(claim: Claim, dtype: np.dtype[Any], layout: Sequence[Window]) -> tuple[Algorithm, ...]:
    """Those of the claim's fast algorithms that a convolution of this layout may take: none with strides or dilations.

    Winograd's F(m, r) takes axes with r taps, Fourier transforms any kernel of more than one tap.
    """
    is_plain = all((a.stride == 1 or a.count == 1) and (a.dilation == 1 or a.taps == 1) for a in layout)
    taps = {axis.taps for axis in layout}
    return tuple(
        f for f in claim.algorithms(dtype) if is_plain and (taps - {1} if isinstance(f, Fourier) else f.r in taps)
    )


@dataclass(frozen=True)
class Sums:
    """Sums of products as a fast algorithm may form them: w and its windows, B or zeros, and in what arithmetic."""

    w: Floats
    b: Floats
    layout: Sequence[Window]
    group: int
    claim: Claim
    dtype: np.dtype[Any]

    @property
    def algorithms(self) -> tuple[Algorithm, ...]:
        """Those that apply."""
        return applicable(self.claim, self.dtype, self.layout)

    @property
    def eta(self) -> float:
        """Error of one operation by underflow."""
        return underflow(self.claim.range(self.dtype), flush_to_zero=self.claim.flush_to_zero)

    @property
    def u(self) -> float:
        """Unit roundoff of transforms, which may be stored as tensors are."""
        p = self.claim.at(self.dtype)
        return max(p.u_acc, p.u_out)

    @property
    def own(self) -> float:
        """The reference's own error, in its sums of products, relative to these in absolute values."""
        return float((self.w[0].size + 1) * 2.0**-53)

    def error(self, x: Floats) -> Floats:
        """Largest error before a result is stored, where no element of X is larger than ``x``; 0 without algorithms.

        x is (N, C, D...), finite and nowhere negative; the error is (N, M, O...), with zeros where no algorithm
        applies.  Raises OverflowError where an intermediate number might overflow.
        """
        found = np.zeros((len(x), len(self.w), *(axis.count for axis in self.layout)))
        filters = [f for f in self.algorithms if isinstance(f, Winograd)]
        with np.errstate(over="ignore", invalid="ignore"):  # what is infinite here is refused by its reach
            if filters:
                found = np.maximum(found, tiled(x, self, filters))
            for f in self.algorithms:
                if isinstance(f, Fourier):
                    found = np.maximum(found, transformed(x, self, f))
        return found


def enlarged(ball: Ball, x: NDArray[Any], sums: Sums) -> Ball:
    """The ball of a convolution of ``x`` where fast algorithms may take the place of its sums."""
    if not sums.algorithms:
        return ball
    u_out, wrong = sums.claim.at(sums.dtype).u_out, ~np.isfinite(x)
    error = sums.error(np.where(wrong, 0.0, np.abs(x.astype(np.float64))))
    finite = np.isfinite(ball.value)
    radius = (error + u_out * (np.abs(np.where(finite, ball.value, 0.0)) + error) + sums.eta) * UP
    ball = replace(ball, radius=np.where(finite, np.maximum(ball.radius, radius), 0.0))
    spread = reached(wrong, sums)
    if not spread.any():
        return ball
    return Ball(ball.value, ball.radius, spread if ball.undecided is None else spread | ball.undecided, SPREADS)


def reached(wrong: Mask, sums: Sums) -> Mask:
    """The results that NaN and infinities of X, at ``wrong``, or of W may reach by a tile, or by the plane."""
    rank, group = len(sums.layout), sums.group
    if any(isinstance(f, Fourier) for f in sums.algorithms):
        per_group = wrong.reshape(len(wrong), group, -1).any(axis=2).astype(float)
        each = per_group.repeat(len(sums.w) // group, axis=1).reshape(len(wrong), -1, *[1] * rank)
    else:
        reach = max(f.reach for f in sums.algorithms if isinstance(f, Winograd))
        wide = [widen(axis, reach) for axis in sums.layout]
        ones = np.ones((group, sums.w.shape[1], *(axis.taps for axis in wide)))
        each = convolve(wrong, ones, wide, group).repeat(len(sums.w) // group, axis=1)
    filters = (~np.isfinite(sums.w)).reshape(len(sums.w), -1).any(axis=1).reshape(-1, *[1] * rank)
    shape = (len(wrong), len(sums.w), *(axis.count for axis in sums.layout))
    return np.asarray(np.broadcast_to((each > 0) | filters, shape))


def widen(axis: Window, reach: int) -> Window:
    """The same windows with ``reach`` more taps on either side."""
    return replace(axis, taps=axis.taps + 2 * reach, begin=axis.begin + reach)


def tiled(x: Floats, sums: Sums, filters: Sequence[Winograd]) -> Floats:
    """Winograd's error: the largest over tile sizes, the axes that go by tiles, and where a tile may begin.

    Each is a growth by roundings times the sum of the absolute values of all terms (docs/numerics.md, section 18).
    """
    p, w, found, most = sums.claim.at(sums.dtype), finite_size(sums.w), np.zeros(()), 0.0
    for f in filters:
        able = [axis for axis, window in enumerate(sums.layout) if window.taps == f.r]
        for axes in chain.from_iterable(combinations(able, count) for count in range(1, len(able) + 1)):
            written = prod(window.taps for axis, window in enumerate(sums.layout) if axis not in axes)
            terms = w.shape[1] * written + 1  # the bias
            passes = 4 * log1p(p.u_in) + terms * log1p(p.u_acc) + len(axes) * f.roundings * log1p(sums.u)
            growth = expm1(passes) + sums.own
            found, most = np.maximum(found, growth * size(x, w, sums, f, axes)), max(most, growth)
    up = 1 + (w[0].size * 64 + 64) * 2.0**-52
    bias = most * finite_size(sums.b).reshape(-1, *[1] * len(sums.layout))
    return np.asarray((found + bias + lost(x, sums, filters, most)) * up)


def size(x: Floats, w: Floats, sums: Sums, f: Winograd, axes: Sequence[int]) -> Floats:
    """The sum of the absolute values of F(m, r)'s terms along ``axes``, wherever the tile of a result begins.

    Tiles are laid at every place; a result is the j-th of the tile that begins j places before it.
    """
    rank, group, t = len(sums.layout), sums.group, f.m + f.r - 1
    results, weights, inputs = sizes(f)
    layout = [tile(axis, f) if number in axes else axis for number, axis in enumerate(sums.layout)]
    windows = view(x.reshape(len(x), group, -1, *x.shape[2:]), layout, 0.0)
    counts = windows.shape[3 : 3 + rank]
    filters = w.reshape(group, -1, *w.shape[1:])
    for axis in axes:
        windows = along(inputs, windows, 3 + rank + axis)
        filters = along(weights, filters, 3 + axis)
    written = [axis for axis in range(rank) if axis not in axes]
    left = windows.transpose(
        *(3 + rank + axis for axis in axes), 0, 1, *range(3, 3 + rank), 2, *(3 + rank + axis for axis in written)
    ).reshape(*[t] * len(axes), len(x), group, prod(counts), -1)
    right = filters.transpose(*(3 + axis for axis in axes), 0, 2, *(3 + axis for axis in written), 1)
    right = right.reshape(*[t] * len(axes), 1, group, -1, filters.shape[1])
    found = (left @ right).reshape(*[t] * len(axes), len(x), group, *counts, filters.shape[1])
    for left_over, axis in zip(range(len(axes))[::-1], axes, strict=True):
        found = placed(results, found, left_over + 2 + axis, sums.layout[axis].count)
    worst = np.moveaxis(found.max(axis=tuple(range(-len(axes), 0))), -1, 2)
    return np.asarray(worst.reshape(len(x), len(w), *(axis.count for axis in sums.layout)))


def tile(axis: Window, f: Winograd) -> Window:
    """The inputs of a tile, at every place that holds a result of ``axis``."""
    return replace(
        axis, taps=f.m + f.r - 1, stride=1, dilation=1, begin=axis.begin + f.m - 1, count=axis.count + f.m - 1
    )


def along(matrix: Floats, a: Floats, axis: int) -> Floats:
    """A matrix times every column along an axis."""
    return np.moveaxis(np.tensordot(matrix, a, (1, axis)), 0, axis)


def placed(results: Floats, products: Floats, axis: int, count: int) -> Floats:
    """|A^T| times ``products``, which come first, for each place in a tile (now last); tiles lie along ``axis``."""
    each = []
    for j, row in enumerate(results):
        sums, first = np.tensordot(row, products, (0, 0)), len(results) - 1 - j
        each.append(np.take(sums, np.arange(first, first + count), axis))
    return np.stack(each, axis=-1)


def lost(x: Floats, sums: Sums, filters: Sequence[Winograd], growth: float) -> float:
    """What underflow may cost in Winograd's transforms and products; raises OverflowError where these may overflow."""
    axes = sum(axis.taps in {f.r for f in filters} for axis in sums.layout)
    results, weights, inputs = (max(each) ** axes for each in zip(*(f.gains for f in filters), strict=True))
    terms = sums.w[0].size
    largest, heaviest = peak(x), peak(finite_size(sums.w))
    numbers = [inputs * largest, weights * heaviest, results * terms * inputs * largest * weights * heaviest]
    reach = max(*numbers[:2], numbers[2] + peak(finite_size(sums.b)))
    refuse_overflow(np.array([reach]), growth, sums.claim.range(sums.dtype), finite=True)
    each = axes * (2 * max(f.m + f.r for f in filters))  # operations of one number in all axes, and reading it
    within = terms * each * weights * inputs * (largest + heaviest) + 3 * terms
    return float((1 + growth) * sums.eta * (results * (within + each) + 1))


def transformed(x: Floats, sums: Sums, f: Fourier) -> Floats:
    """The error of Fourier transforms: relative to the norms of the planes and of the kernels (docs/numerics.md)."""
    p, u, group = sums.claim.at(sums.dtype), sums.u, sums.group
    extents = [axis.size + axis.begin + axis.end + axis.taps - 1 for axis in sums.layout]
    places, channels = float(prod(f.lengths(extents))), sums.w.shape[1]
    planes = x.reshape(len(x), group, channels, -1)
    kernels = finite_size(sums.w).reshape(group, len(sums.w) // group, channels, -1).sum(axis=3)
    top = planes.max(axis=3, keepdims=True, initial=0)  # of each plane: squares of large or small numbers leave float64
    lengths = top[..., 0] * np.sqrt(((planes / np.where(top > 0, top, 1)) ** 2).sum(axis=3))
    norms = np.einsum("ngc,gmc->ngm", lengths, kernels)
    there = f.error(extents, u)
    forth = (1 + p.u_in) ** 4 * (1 + there) ** 2 * (1 + sqrt(2) * passed(2 * channels, p.u_acc)) * (
        1 + passed(1, u)
    ) - 1
    back = forth + there * (1 + sqrt(places) * forth)
    growth = (1 + back) * (1 + passed(3, u)) - 1 + sums.own
    reach = places * np.einsum("ngc,gmc->ngm", planes.sum(axis=3), kernels).max(initial=0)
    reach = max(reach, planes.sum(axis=3).max(initial=0), kernels.max(initial=0))
    refuse_overflow(np.array([reach + peak(finite_size(sums.b))]), growth, sums.claim.range(sums.dtype), finite=True)
    each = 2 * f.operations * f.steps(extents)
    scale = channels * (sqrt(places) * (peak(x) * sqrt(planes.shape[3]) + float(kernels.max(initial=0))) + 6)
    floor = (1 + growth) * sums.eta * (each * (scale + places) + 2 * places + 1)
    shape = (len(x), len(sums.w), *[1] * len(sums.layout))
    bias = growth * finite_size(sums.b).reshape(-1, *[1] * len(sums.layout))
    return np.asarray((growth * norms.reshape(shape) + bias + floor) * (1 + (planes[0, 0].size + 64) * 2.0**-52))


def finite_size(a: Floats) -> Floats:
    """Absolute values; 0 for NaN and infinities, whose results are open."""
    return np.asarray(np.where(np.isfinite(a), np.abs(a), 0.0))
