"""Linear layers of a network, each by its own definition, for chains that carry errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.affine import Context, Layer
from reference.ball import Floats, lowest_bit
from reference.contraction import convolve
from reference.conv_transpose import apart, is_dense, turned
from reference.fast import Sums
from reference.window import Window, taps_inside, view, windows_along

Array = NDArray[Any]


def per_channel(b: Array | None, rank: int) -> Floats:
    """One number a channel, to be added to (N, C, D...)."""
    return np.zeros(()) if b is None else b.astype(np.float64).reshape(-1, *[1] * rank)


def products(
    apply: Callable[[Floats, Array], Floats], taps: Callable[[Floats], Floats], terms: int, w: Array, b: Array | None,
    weights: Array, rank: int, fast: Callable[[Context, Floats], Floats] | None = None
) -> Layer:  # fmt: skip
    """Sums of ``terms`` products with W, laid out as ``weights`` for ``apply``, and B if there is one."""
    offset, sizes = per_channel(b, rank), np.abs(weights)
    return Layer(
        lambda v: apply(v, weights), lambda v: apply(v, sizes), taps, terms + (b is not None), offset, np.abs(offset),
        (w, offset), grid=lowest_bit(w), offset_grid=0 if b is None else lowest_bit(b), fast=fast,
    )  # fmt: skip


def quickly(
    w: Array, b: Array | None, layout: Sequence[Window], group: int, shaped: Callable[[Floats], Floats]
) -> Callable[[Context, Floats], Floats]:
    """The error of fast algorithms in a convolution with W over x, ``shaped`` first."""
    bias = np.zeros(len(w)) if b is None else b.astype(np.float64)

    def error(context: Context, x: Floats) -> Floats:
        sums = Sums(w.astype(np.float64), bias, layout, group, context.claim, context.dtype)
        return sums.error(shaped(x)) if sums.algorithms else np.zeros(())

    return error


def conv(
    shape: Sequence[int], w: Array, b: Array | None = None, *, group: int = 1, kernel_shape: Any = None, **window: Any
) -> Layer:
    """``Conv`` of an x of this ``shape``."""
    layout, one = windows_along(shape[2:], w.shape[2:], **window), np.ones((group, *w.shape[1:]))

    def apply(v: Floats, weights: Array) -> Floats:
        return convolve(v, weights, layout, group)

    def taps(v: Floats) -> Floats:
        return apply(v, one).repeat(len(w) // group, axis=1)

    fast = quickly(w, b, layout, group, lambda v: v)
    return products(apply, taps, prod(w.shape[1:]), w, b, w, len(shape) - 2, fast)


def conv_transpose(
    shape: Sequence[int], w: Array, b: Array | None = None, *, group: int = 1, kernel_shape: Any = None,
    dilations: Any = None, **window: Any
) -> Layer:  # fmt: skip
    """``ConvTranspose``, as a convolution of x with its elements apart."""
    filters = turned(w, group)
    one = np.ones((group, *filters.shape[1:]))

    def shaped(v: Floats) -> Floats:
        return apart(v, w.shape[2:], dilations=dilations, **window)[0]

    layout = windows_along(shaped(np.zeros(shape)).shape[2:], w.shape[2:], dilations=dilations)

    def apply(v: Floats, weights: Array) -> Floats:
        return convolve(shaped(v), weights, layout, group)

    def taps(v: Floats) -> Floats:
        return apply(v, one).repeat(len(filters) // group, axis=1)

    fast = quickly(filters, b, layout, group, shaped) if is_dense(window.get("strides")) else None
    return products(apply, taps, prod(filters.shape[1:]), w, b, filters, len(shape) - 2, fast)


def gemm(shape: Sequence[int], w: Array, b: Array | None = None, *, transB: int = 0) -> Layer:
    """``Gemm`` of (N, K) and (K, M), or (M, K) with ``transB``; alpha and beta are 1."""
    matrix = w.astype(np.float64).T if transB else w.astype(np.float64)

    def taps(v: Floats) -> Floats:
        return np.asarray(v.sum(axis=1, keepdims=True).repeat(matrix.shape[1], axis=1))

    return products(np.matmul, taps, len(matrix), w, b, matrix, 0)


def average_pool(shape: Sequence[int], *, kernel_shape: Any, count_include_pad: int = 0, **window: Any) -> Layer:
    """``AveragePool``: a sum, and a quotient by the number of elements or a product with its reciprocal."""
    layout = windows_along(shape[2:], kernel_shape, **window)
    count = taps_inside(layout, bool(count_include_pad))
    most = prod(kernel_shape)

    def total(v: Floats) -> Floats:
        windows = view(v, layout, 0.0)
        return np.asarray(windows.reshape(*windows.shape[: v.ndim], -1).sum(axis=-1))

    def mean(v: Floats) -> Floats:
        return np.asarray(total(v) / count)

    exponents = np.frexp(count)
    is_power = bool((exponents[0] == 0.5).all())
    grid = 1 - int(exponents[1].max()) if is_power else None
    return Layer(mean, mean, total, most, roundings=2, sums_first=True, grid=grid)


def scaled(shape: Sequence[int], c: Array) -> Layer:
    """``Mul`` by a constant that broadcasts."""
    factor = c.astype(np.float64)
    return Layer(
        lambda v: v * factor, lambda v: v * np.abs(factor), lambda v: v, 1, constants=(factor,), is_elementwise=True,
        grid=lowest_bit(c),
    )  # fmt: skip


def shifted(shape: Sequence[int], c: Array) -> Layer:
    """``Add`` of a constant that broadcasts."""
    offset = c.astype(np.float64)
    return Layer(
        lambda v: v, lambda v: v, np.zeros_like, 1, offset, np.abs(offset), (offset,), is_product=False,
        is_elementwise=True, grid=0, offset_grid=lowest_bit(c),
    )  # fmt: skip


FOLDED = 6  # scale and variance as stored, epsilon added, root, quotient, product with the weight; one for the shift


def batch_normalization(
    shape: Sequence[int], scale: Array, b: Array, mean: Array, var: Array, *, epsilon: float = float(np.float32(1e-5))
) -> Layer:
    """``BatchNormalization`` at inference: ``(x - mean) scale / sqrt(var + epsilon) + B``, also where it is folded."""
    rank = len(shape) - 2
    factor = per_channel(scale, rank) / np.sqrt(per_channel(var, rank) + epsilon)
    shift, centre = per_channel(b, rank), per_channel(mean, rank)
    return Layer(
        lambda v: v * factor, lambda v: v * np.abs(factor), lambda v: v + np.abs(centre), 3, shift - centre * factor,
        np.abs(shift) + np.abs(centre * factor), stored=FOLDED, sums_first=True, is_elementwise=True, grid=None,
    )  # fmt: skip


LINEAR: dict[str, Callable[..., Layer]] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Gemm": gemm,
    "AveragePool": average_pool,
    "Mul": scaled,
    "Add": shifted,
    "BatchNormalization": batch_normalization,
}
