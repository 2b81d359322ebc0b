"""The derivatives of convolution with their bounds: three sums of products over the windows of X."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats, Mask, lowest_bit
from reference.bound import UP, exact_below, inputs_survive, sum_radius, underflow
from reference.claim import Claim
from reference.contraction import columns
from reference.conv import conv
from reference.conv_transpose import conv_transpose
from reference.window import landed, windows_along

UNMET = "ConvTranspose: a non-finite weight that meets no element may count as 0 times it, or not at all"
PADDED = "Conv: a non-finite weight that meets padding may count as 0 times it, or not at all"


def conv_gradient(
    x: NDArray[Any],
    w: NDArray[Any],
    dy: NDArray[Any],
    *,
    claim: Claim,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    outputs: int = 2,
    **window: Any,
) -> tuple[Ball, ...]:
    """``dX[n,c,o*S+k*d-p] += W[m,c,k] dY[n,m,o]``, ``dW[m,c,k] += X[n,c,o*S+k*d-p] dY[n,m,o]``, ``dB[m] += dY[n,m,o]``.

    x and dX are (N, C, D...), w and dW (M, C/group, k...), dy (N, M, O...), dB (M), which ``outputs=3`` asks
    for; attributes as Conv's.  Raises OverflowError if a partial sum might overflow the type.
    """
    layout = windows_along(x.shape[2:], kernel_shape or w.shape[2:], **window)
    rows = columns(x, layout, group)  # (N, group, windows, channels of the group times taps)
    at = columns(np.arange(x.size).reshape(x.shape), layout, group, fill=-1.0).astype(np.int64)
    arrived = dy.astype(np.float64).reshape(len(x), group, len(w) // group, -1)
    filters = w.astype(np.float64).reshape(group, len(w) // group, -1)

    def back(left: Floats, right: Floats) -> Floats:
        return landed(at, left.swapaxes(2, 3) @ right, x.shape)

    def across(left: Floats, right: Floats) -> Floats:
        apart = left.transpose(1, 2, 0, 3).reshape(*filters.shape[:2], -1)
        return np.asarray((apart @ right.swapaxes(0, 1).reshape(group, -1, right.shape[3])).reshape(w.shape))

    def over(left: Floats, right: Floats) -> Floats:
        return np.asarray(left.sum(axis=(0, 3)).reshape(-1))

    met = landed(at, np.ones(at.shape), x.shape)
    most = int(met.max(initial=1)) * filters.shape[1]
    places = arrived.shape[0] * arrived.shape[3]
    with np.errstate(invalid="ignore", over="ignore"):
        found = [
            summed(back, arrived, filters, most, dy.dtype, claim),
            summed(across, arrived, rows, places, dy.dtype, claim),
            summed(over, arrived, np.ones(1), places, dy.dtype, claim),
        ]
    wild = (~np.isfinite(filters)).astype(np.float64)
    every = wild.sum(axis=1).reshape(group, x.shape[1] // group, -1).sum(axis=2).reshape(1, -1, *[1] * (x.ndim - 2))
    lonely = back(np.ones(arrived.shape), wild) < every
    padding = columns(np.zeros(x.shape), layout, group, fill=1.0)
    padded = across((~np.isfinite(arrived)).astype(np.float64), padding) > 0
    balls = [opened(found[0], lonely, UNMET), opened(found[1], padded, PADDED)]
    if claim.algorithms(dy.dtype) and all(axis.stride == axis.dilation == 1 for axis in layout):
        pads = [axis.begin for axis in layout] + [axis.end for axis in layout]
        balls = [joined(*both) for both in zip(balls, as_nodes(x, w, dy, pads, group, claim), strict=True)]
    return (*balls, found[2])[:outputs]


def as_nodes(
    x: NDArray[Any], w: NDArray[Any], dy: NDArray[Any], pads: Sequence[int], group: int, claim: Claim
) -> tuple[Ball, Ball]:
    """DX and dW as a transposed convolution and a convolution, which fast algorithms may compute; no strides."""
    (dx,) = conv_transpose(dy, w, claim=claim, group=group, pads=pads)

    def crossed(a: NDArray[Any], number: int) -> NDArray[Any]:
        return np.split(a, group, axis=1)[number].swapaxes(0, 1)

    each = [conv(crossed(x, k), crossed(dy, k), claim=claim, pads=pads)[0] for k in range(group)]
    parts = [b.value for b in each], [b.radius for b in each]
    value, radius = (np.concatenate([a.swapaxes(0, 1) for a in part]) for part in parts)
    masks = [np.zeros(b.value.shape, bool) if b.undecided is None else b.undecided for b in each]
    undecided = np.concatenate([mask.swapaxes(0, 1) for mask in masks])
    sentence = next((b.sentence for b in each if b.sentence), "")
    return dx, Ball(value, radius, undecided if undecided.any() else None, sentence)


def joined(ball: Ball, other: Ball) -> Ball:
    """The larger radius of two balls of one value, open where either is."""
    radius = np.maximum(ball.radius, other.radius)
    if other.undecided is None:
        return Ball(ball.value, radius, ball.undecided, ball.sentence)
    is_open = other.undecided if ball.undecided is None else ball.undecided | other.undecided
    return Ball(ball.value, radius, is_open, ball.sentence or other.sentence)


def summed(contract: Any, left: Floats, right: Floats, terms: int, dtype: np.dtype[Any], claim: Claim) -> Ball:
    """A sum of at most ``terms`` products of two operands, with the radius of such sums (docs/numerics.md)."""
    survive = inputs_survive(claim.at(dtype), left, right)
    grid = lowest_bit(left) + lowest_bit(right)
    finite = bool(np.isfinite(left).all() and np.isfinite(right).all())
    value, size = contract(left, right), contract(np.abs(left), np.abs(right))
    exact = exact_below(grid, claim, dtype, survive=survive)
    radius = sum_radius(value, size, terms, grid=grid, claim=claim, dtype=dtype, exact=exact, finite=finite)
    if claim.flush_to_zero:  # an operand below the smallest normal number may read as 0
        lost = contract(np.abs(left), np.ones_like(right)) + contract(np.ones_like(left), np.abs(right))
        radius = radius + underflow(claim.range(dtype), flush_to_zero=True) * lost * UP
    return Ball(value, radius)


def opened(ball: Ball, undecided: Mask, sentence: str) -> Ball:
    """The ball, open where a sentence leaves it so."""
    return Ball(ball.value, ball.radius, undecided, sentence) if undecided.any() else ball
