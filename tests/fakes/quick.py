"""Convolutions by fast algorithms, every step rounded to the tensors' type: Winograd's tiles and Fourier transforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import prod
from typing import Any

import numpy as np
import scipy.fft

from tests.fakes.executor import OPERATORS, Arithmetic, Call, Tensor, axis_taps

Change = Callable[[Tensor], Tensor]

# The matrices as published, not as the reference derives them: Lavin & Gray, CVPR 2016, sections 4.1 and 4.3, and for
# F(6, 3) NNPACK's; fractions are rounded to the tensors' type.
SIXTH, TWELFTH, TWENTY_FOURTH = Fraction(1, 6), Fraction(1, 12), Fraction(1, 24)
NINTHS, NINETIETH, FORTY_FIFTH = Fraction(2, 9), Fraction(1, 90), Fraction(1, 45)
MATRICES: dict[int, tuple[list[list[Any]], list[list[Any]], list[list[Any]]]] = {
    2: (
        [[1, 1, 1, 0], [0, 1, -1, -1]],
        [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]],
        [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
    ),
    4: (
        [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
        [
            [0.25, 0, 0], [-SIXTH, -SIXTH, -SIXTH], [-SIXTH, SIXTH, -SIXTH], [TWENTY_FOURTH, TWELFTH, SIXTH],
            [TWENTY_FOURTH, -TWELFTH, SIXTH], [0, 0, 1],
        ],
        [
            [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0],
            [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1],
        ],
    ),
    6: (
        [
            [1, 1, 1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0.5, -0.5, 0], [0, 1, 1, 4, 4, 0.25, 0.25, 0],
            [0, 1, -1, 8, -8, 0.125, -0.125, 0], [0, 1, 1, 16, 16, 0.0625, 0.0625, 0],
            [0, 1, -1, 32, -32, 0.03125, -0.03125, 1],
        ],
        [
            [1, 0, 0], [-NINTHS, -NINTHS, -NINTHS], [-NINTHS, NINTHS, -NINTHS],
            [NINETIETH, FORTY_FIFTH, 2 * FORTY_FIFTH], [NINETIETH, -FORTY_FIFTH, 2 * FORTY_FIFTH],
            [32 * FORTY_FIFTH, 16 * FORTY_FIFTH, 8 * FORTY_FIFTH],
            [32 * FORTY_FIFTH, -16 * FORTY_FIFTH, 8 * FORTY_FIFTH], [0, 0, 1],
        ],
        [
            [1, 0, -5.25, 0, 5.25, 0, -1, 0], [0, 1, 1, -4.25, -4.25, 1, 1, 0], [0, -1, 1, 4.25, -4.25, -1, 1, 0],
            [0, 0.5, 0.25, -2.5, -1.25, 2, 1, 0], [0, -0.5, 0.25, 2.5, -1.25, -2, 1, 0],
            [0, 2, 4, -2.5, -5, 0.5, 1, 0], [0, -2, 4, 2.5, -5, -0.5, 1, 0], [0, -1, 0, 5.25, 0, -5.25, 0, 1],
        ],
    ),
}  # fmt: skip


def is_plain(call: Call) -> bool:
    """No strides, no dilations, numbers of 24 or 53 bits."""
    a = call.attributes
    return call.operands[0].dtype.itemsize >= 4 and not {*a.get("strides", [1]), *a.get("dilations", [1])} - {1}


def padded(call: Call) -> tuple[Tensor, tuple[int, ...]]:
    """X with its padding, in front and behind, and how many results there are along each axis."""
    x, kernel = call.operands[0], call.operands[1].shape[2:]
    amounts, counts = [(0, 0), (0, 0)], []
    for axis, (size, k) in enumerate(zip(x.shape[2:], kernel, strict=True)):
        taps, begin, end = axis_taps(call, axis, size, k, len(kernel))
        amounts.append((max(begin, 0), max(end, 0)))
        counts.append(len(taps))
    return np.pad(x, amounts), tuple(counts)


def along(matrix: Tensor, a: Tensor, axis: int) -> Tensor:
    """A matrix times every column along an axis, one product added after the other in the type of ``a``."""
    moved = np.moveaxis(a, axis, 0)
    rows = []
    for row in matrix:
        total = np.zeros(moved.shape[1:], a.dtype)
        for c, part in zip(row, moved, strict=True):
            if c:
                total = total + c * part
        rows.append(total)
    return np.moveaxis(np.stack(rows), 0, axis)


@dataclass(frozen=True)
class Tiles:
    """Winograd's way with tiles of ``m`` results; the first begins ``shift`` places before the first result.

    ``stored`` is what becomes of transformed numbers before they are multiplied.  Two faults: the last ``edge`` inputs
    of a tile are read as 0, and ``flaw`` is added to an entry of B^T.
    """

    m: int
    shift: int = 0
    stored: Change | None = None
    edge: int = 0
    flaw: float = 0.0

    def __call__(self, call: Call, how: Arithmetic) -> list[Tensor]:
        """``Conv``: nested tiles along axes of three taps in steps of 1, otherwise as written."""
        if not is_plain(call) or 3 not in call.operands[1].shape[2:]:
            return OPERATORS["Conv"](call, how)
        x, w = call.operands[:2]
        full, counts = padded(call)
        rank, group, dtype = len(counts), call.attributes.get("group", 1), x.dtype
        a, g, b = (np.array(matrix, dtype=np.float64).astype(dtype) for matrix in MATRICES[self.m])
        b[1, 2] += dtype.type(self.flaw)
        tiled = [axis for axis in range(rank) if w.shape[2 + axis] == 3]
        left = full.reshape(len(x), group, -1, *full.shape[2:])
        right = w.reshape(group, len(w) // group, *w.shape[1:])
        for axis in range(rank):  # (N, group, C, tiles or windows..., taps...)
            t, step = (self.m + 2, self.m) if axis in tiled else (w.shape[2 + axis], 1)
            shift = self.shift if axis in tiled else 0
            number = -(-(counts[axis] + shift) // step) if axis in tiled else counts[axis]
            behind = max(0, (number - 1) * step + t - shift - left.shape[3 + axis])
            left = np.pad(left, [(shift, behind) if k == 3 + axis else (0, 0) for k in range(left.ndim)])
            at = step * np.arange(number)[:, None] + np.arange(t)
            left = np.moveaxis(np.take(left, at, axis=3 + axis), 4 + axis, -1)
        if self.edge:
            left[..., -self.edge :] = 0
        for axis in tiled:
            left, right = along(b, left, 3 + rank + axis), along(g, right, 3 + axis)
        if self.stored:
            left, right = self.stored(left), self.stored(right)
        y = self._multiplied(left, right, tiled, how)
        for k in range(len(tiled)):  # (N, group, M, tiles..., transformed...)
            y = along(a, y, 3 + rank + k)
        for k, axis in reversed(list(enumerate(tiled))):
            y = np.moveaxis(y, 3 + rank + k, 4 + axis)
            y = y.reshape(*y.shape[: 3 + axis], -1, *y.shape[5 + axis :])
            y = np.take(y, np.arange(self.shift, self.shift + counts[axis]).clip(0, y.shape[3 + axis] - 1), 3 + axis)
        y = y.reshape(len(x), len(w), *counts)
        return [y if len(call.operands) < 3 else y + call.operands[2].reshape(-1, *[1] * rank)]

    def _multiplied(self, left: Tensor, right: Tensor, tiled: list[int], how: Arithmetic) -> Tensor:
        """The sums over channels, and over taps of axes without tiles, at each of the transformed places."""
        rank, (n, group) = right.ndim - 3, left.shape[:2]
        places, counts = left.shape[3 : 3 + rank], [left.shape[3 + rank + axis] for axis in tiled]
        written = [axis for axis in range(rank) if axis not in tiled]
        rows = left.transpose(
            *(3 + rank + axis for axis in tiled), 0, 1, *range(3, 3 + rank), 2, *(3 + rank + axis for axis in written)
        ).reshape(*counts, n, group, prod(places), -1)
        columns = right.transpose(*(3 + axis for axis in tiled), 0, 2, *(3 + axis for axis in written), 1)
        columns = np.broadcast_to(
            columns.reshape(*counts, 1, group, -1, right.shape[1]), (*counts, n, group, rows.shape[-1], right.shape[1])
        )
        y = how.dot(rows, columns).astype(left.dtype).reshape(*counts, n, group, *places, right.shape[1])
        k = len(counts)
        return np.asarray(y.transpose(k, k + 1, y.ndim - 1, *range(k + 2, k + 2 + rank), *range(k)))


@dataclass(frozen=True)
class Planes:
    """Fourier transforms of whole padded planes, in complex numbers of the tensors' type.

    ``length`` gives that of a transform along an axis; ``stored`` is what becomes of the transforms.
    """

    length: Callable[[int], int]
    stored: Change | None = None

    def __call__(self, call: Call, how: Arithmetic) -> list[Tensor]:
        """``Conv`` without strides and dilations; otherwise as written."""
        w = call.operands[1]
        if not is_plain(call) or prod(w.shape[2:]) == 1:
            return OPERATORS["Conv"](call, how)
        full, counts = padded(call)
        group, axes = call.attributes.get("group", 1), tuple(range(-len(counts), 0))
        sizes = [self.length(size) for size in full.shape[2:]]
        left = scipy.fft.rfftn(full.reshape(len(full), group, 1, -1, *full.shape[2:]), sizes, axes)
        right = scipy.fft.rfftn(w.reshape(group, -1, *w.shape[1:]), sizes, axes).conj()
        if self.stored:
            left, right = self.stored(left), self.stored(right)
        assert left.dtype == right.dtype == {"float32": "complex64", "float64": "complex128"}[w.dtype.name]
        found = (left * right).sum(axis=3)
        y = scipy.fft.irfftn(found, sizes, axes)
        assert y.dtype == w.dtype
        y = y.reshape(len(full), len(w), *sizes)[(..., *map(slice, counts))]
        return [y if len(call.operands) < 3 else y + call.operands[2].reshape(-1, *[1] * len(counts))]


def power_of_two(n: int) -> int:
    """The next one."""
    return 1 << max(0, n - 1).bit_length()


def smooth(n: int) -> int:
    """The next product of 2, 3 and 5."""
    return int(scipy.fft.next_fast_len(n, real=True))


def dense(call: Call, how: Arithmetic, conv: Callable[[Call, Arithmetic], list[Tensor]]) -> list[Tensor]:
    """``ConvTranspose`` as a convolution by ``conv``, where nothing comes between the elements of X."""
    a, (x, w, *_) = call.attributes, call.operands
    rank, group = x.ndim - 2, a.get("group", 1)
    others = {"output_padding", "output_shape", "auto_pad"} & set(a)
    if not is_plain(call) or others:
        return OPERATORS["ConvTranspose"](call, how)
    pads = a.get("pads", [0] * 2 * rank)
    around = [k - 1 - p for k, p in zip((*w.shape[2:], *w.shape[2:]), pads, strict=True)]
    if min(around) < 0:
        return OPERATORS["ConvTranspose"](call, how)
    flipped = np.flip(w, tuple(range(2, w.ndim))).reshape(group, -1, *w.shape[1:]).swapaxes(1, 2)
    filters = np.ascontiguousarray(flipped.reshape(-1, *flipped.shape[2:]))
    turned = replace(call, op="Conv", operands=[x, filters, *call.operands[2:]])
    turned.attributes = {"pads": around, "group": group}
    return conv(turned, how)


def operators(
    conv: Callable[[Call, Arithmetic], list[Tensor]],
) -> dict[str, Callable[[Call, Arithmetic], list[Tensor]]]:
    """The convolutions of a runtime with this one."""
    return {"Conv": conv, "ConvTranspose": partial(dense, conv=conv)}


FAST_WAYS: dict[str, Callable[[Call, Arithmetic], list[Tensor]]] = {
    "F(2, 3)": Tiles(2),
    "F(2, 3), tiles shifted": Tiles(2, shift=1),
    "F(4, 3)": Tiles(4),
    "F(4, 3), tiles shifted": Tiles(4, shift=3),
    "F(6, 3)": Tiles(6),
    "F(6, 3), tiles shifted": Tiles(6, shift=2),
    "Fourier, powers of two": Planes(power_of_two),
    "Fourier, 5-smooth": Planes(smooth),
}
