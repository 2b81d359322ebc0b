"""Correct evaluations of many sums of products at once: orders, trees, blocks, FMA, wider types, Winograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[Any]
Random = np.random.Generator
# Both operands are (terms, sums); the result is (sums,), of their type.
Sum = Callable[[Tensor, Tensor, Random], Tensor]


def sequential(x: Tensor, w: Tensor, draw: Random) -> Tensor:
    """First to last."""
    total = x[0] * w[0]
    for a, b in zip(x[1:], w[1:], strict=True):
        total = total + a * b
    return np.asarray(total)


def permuted(x: Tensor, w: Tensor, draw: Random) -> Tensor:
    """One after the other, in one drawn order for all sums."""
    order = draw.permutation(len(x))
    return sequential(x[order], w[order], draw)


def pairwise(x: Tensor, w: Tensor, draw: Random) -> Tensor:
    """Neighbours, then neighbours of these."""
    parts = x * w
    while len(parts) > 1:
        rest = parts[len(parts) // 2 * 2 :]
        parts = np.concatenate([parts[: len(parts) // 2 * 2 : 2] + parts[1::2], rest])
    return np.asarray(parts[0])


def lanes(x: Tensor, w: Tensor, draw: Random) -> Tensor:
    """As many partial sums as a vector has lanes, added up at the end."""
    width = int(draw.choice([2, 4, 8, 16]))
    whole = len(x) // width * width
    total = np.zeros((width, x.shape[1]), x.dtype)
    for at in range(0, whole, width):
        total = total + x[at : at + width] * w[at : at + width]
    ones = np.ones((width + len(x) - whole, 1), x.dtype)
    return sequential(np.concatenate([total, x[whole:] * w[whole:]]), ones, draw)


def tree(x: Tensor, w: Tensor, draw: Random) -> Tensor:
    """Any two partial sums are added until one is left."""
    parts = list(x * w)
    for drawn in draw.random((len(parts) - 1, 2)):
        a = parts.pop(int(drawn[0] * len(parts)))
        at = int(drawn[1] * len(parts))
        parts[at] = parts[at] + a
    return np.asarray(parts[0])


def fused(x: Tensor, w: Tensor, draw: Random) -> Tensor:
    """One rounding for a product and its addition; float64 holds both, but for a last bit of the sum in rare cases."""
    total = np.zeros(x.shape[1], x.dtype)
    for a, b in zip(x.astype(np.float64), w.astype(np.float64), strict=True):
        total = (total + a * b).astype(x.dtype)
    return total


def wider(x: Tensor, w: Tensor, draw: Random) -> Tensor:
    """Blocks of a drawn length in float64, each rounded, then added."""
    size = int(draw.integers(1, len(x) + 1))
    products = x.astype(np.float64) * w
    parts = np.add.reduceat(products, np.arange(0, len(x), size), axis=0).astype(x.dtype)
    return sequential(parts, np.ones((len(parts), 1), x.dtype), draw)


def ascending(x: Tensor, w: Tensor, draw: Random) -> Tensor:
    """The smallest absolute values first: an order that looks at the data."""
    products = x * w
    parts = np.take_along_axis(products, np.abs(products).argsort(axis=0), axis=0)
    return sequential(parts, np.ones((len(x), 1), x.dtype), draw)


SUMS: dict[str, Sum] = {
    "sequential": sequential,
    "permuted": permuted,
    "pairwise": pairwise,
    "lanes": lanes,
    "tree": tree,
    "fused": fused,
    "wider": wider,
}


def descending(x: Tensor, w: Tensor, draw: Random) -> Tensor:
    """The largest first."""
    products = x * w
    parts = np.take_along_axis(products, np.abs(products).argsort(axis=0)[::-1], axis=0)
    return sequential(parts, np.ones((len(x), 1), x.dtype), draw)


LOOKING: dict[str, Sum] = {"ascending": ascending, "descending": descending}  # at the data

# Lavin & Gray 2016: Y = A' ((G g G') * (B' d B)) A for tiles of 2x2 and 4x4 results.
F2: dict[str, list[list[float]]] = {
    "B": [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
    "G": [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]],
    "A": [[1, 1, 1, 0], [0, 1, -1, -1]],
}
F4: dict[str, list[list[float]]] = {
    "B": [
        [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    "G": [
        [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
    ],
    "A": [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
}  # fmt: skip
WINOGRAD = {"F(2x2,3x3)": F2, "F(4x4,3x3)": F4}


def winograd(x: Tensor, w: Tensor, matrices: dict[str, list[list[float]]]) -> Tensor:
    """Images of one tile (N, C, r, r) and a filter (C, 3, 3) in the type of x, channels added last."""
    b, g, a = (np.array(matrices[name], x.dtype) for name in "BGA")
    return np.asarray((a @ ((g @ w @ g.T) * (b @ x @ b.T)).sum(axis=1, dtype=x.dtype) @ a.T).astype(x.dtype))


def correlated(x: Tensor, w: Tensor) -> Tensor:
    """The same by definition in float64: (N, r - 2, r - 2)."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), (3, 3), axis=(2, 3))
    return np.asarray(np.einsum("ncijkl,ckl->nij", windows, w.astype(np.float64)))
