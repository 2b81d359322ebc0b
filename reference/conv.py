"""Convolution with its bound: ONNX ``Conv``, any number of spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats, lowest_bit, peak
from reference.bound import UP, exact_below, inputs_survive, sum_radius, underflow
from reference.claim import Claim
from reference.window import Window, view, windows_along

NON_FINITE = "Conv: a non-finite weight that meets padding may count as 0 times it, or not at all"


def columns(x: NDArray[Any], layout: Sequence[Window], group: int, fill: float = 0.0) -> Floats:
    """Windows as rows: (N, group, windows, channels of the group times taps), float64."""
    n, rank = len(x), len(layout)
    windows = view(x.reshape(n, group, -1, *x.shape[2:]), layout, fill)
    order = (0, 1, *range(3, 3 + rank), 2, *range(3 + rank, 3 + 2 * rank))
    count = int(np.prod([axis.count for axis in layout]))
    return windows.transpose(order).reshape(n, group, count, -1)


def convolve(x: NDArray[Any], w: NDArray[Any], layout: Sequence[Window], group: int) -> Floats:
    """Sums of products without a bias: (N, M, O...), float64."""
    right = w.astype(np.float64).reshape(group, len(w) // group, -1).swapaxes(1, 2)
    rows = columns(x, layout, group) @ right
    return rows.swapaxes(2, 3).reshape(len(x), len(w), *(axis.count for axis in layout))


def conv(
    x: NDArray[Any],
    w: NDArray[Any],
    b: NDArray[Any] | None = None,
    *,
    claim: Claim,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    **window: Any,
) -> tuple[Ball, ...]:
    """``Y[n,m,o] = sum x[n,c,o*S+k*d-p] w[m,c,k] + b[m]`` over the channels c of m's group and the taps k.

    x is (N, C, D...), w (M, C/group, k...), b (M), Y (N, M, O...); attributes as in Conv-1, 11 and 22,
    which agree wherever they decide.  Raises OverflowError if a partial sum might overflow x's type.
    """
    layout = windows_along(x.shape[2:], kernel_shape or w.shape[2:], **window)
    shape = (len(x), len(w), *(axis.count for axis in layout))
    left = columns(x, layout, group)
    right = w.astype(np.float64).reshape(group, len(w) // group, -1).swapaxes(1, 2)
    bias = np.zeros(len(w)) if b is None else b.astype(np.float64)

    def contract(rows: Floats, matrix: Floats, last: Floats | float = 0.0) -> Floats:
        return ((rows @ matrix).swapaxes(2, 3).reshape(len(x), len(w), -1) + last).reshape(shape)

    grid = min(lowest_bit(x) + lowest_bit(w), lowest_bit(bias))
    exact = exact_below(grid, claim, x.dtype, survive=inputs_survive(claim.at(x.dtype), x, w, bias))
    terms = right.shape[1] + (b is not None)
    with np.errstate(invalid="ignore", over="ignore"):
        value = contract(left, right, bias[:, None])
        if terms * (peak(x) * peak(w) + peak(bias)) < exact:  # at least S, and quicker to have
            return (Ball(value, np.zeros(shape)),)
        size = contract(np.abs(left), np.abs(right), np.abs(bias)[:, None])
        finite = all(np.isfinite(peak(a)) for a in (x, w, bias))
        radius = sum_radius(value, size, terms, grid=grid, claim=claim, dtype=x.dtype, exact=exact, finite=finite)
        if claim.flush_to_zero:  # an input below the smallest normal number may read as 0
            lost = contract(np.abs(left), np.ones_like(right)) + contract(np.ones_like(left), np.abs(right))
            radius += underflow(claim.range(x.dtype), flush_to_zero=True) * lost * UP
    if np.isfinite(right).all():
        return (Ball(value, radius),)
    padding = columns(np.zeros(x.shape), layout, group, fill=1.0)
    undecided = contract(padding, (~np.isfinite(right)).astype(np.float64)) > 0
    return (Ball(value, radius, undecided, NON_FINITE),)
