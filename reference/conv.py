"""Convolution with its bound: ONNX ``Conv``, any number of spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats, lowest_bit, peak
from reference.bound import UP, exact_below, inputs_survive, sum_radius, underflow
from reference.claim import Claim
from reference.contraction import columns
from reference.fast import Sums, enlarged
from reference.window import windows_along

NON_FINITE = "Conv: a non-finite weight that meets padding may count as 0 times it, or not at all"


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
    which agree wherever they decide.  Where the claim's fast algorithms apply, their error is admitted too, and what
    they may spread NaN and infinities to is undecided.  Raises OverflowError if a partial sum might overflow x's type.
    """
    layout = windows_along(x.shape[2:], kernel_shape or w.shape[2:], **window)
    shape = (len(x), len(w), *(axis.count for axis in layout))
    left = columns(x, layout, group)
    right = w.astype(np.float64).reshape(group, len(w) // group, -1).swapaxes(1, 2)
    bias = np.zeros(len(w)) if b is None else b.astype(np.float64)

    def contract(rows: Floats, matrix: Floats, last: Floats | float = 0.0) -> Floats:
        return ((rows @ matrix).swapaxes(2, 3).reshape(len(x), len(w), -1) + last).reshape(shape)

    grid = min(lowest_bit(x) + lowest_bit(w), lowest_bit(bias))
    sums = Sums(w.astype(np.float64), bias, layout, group, claim, x.dtype)
    survive = not sums.algorithms and inputs_survive(claim.at(x.dtype), x, w, bias)
    exact = exact_below(grid, claim, x.dtype, survive=survive)
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
        return (enlarged(Ball(value, radius), x, sums),)
    padding = columns(np.zeros(x.shape), layout, group, fill=1.0)
    undecided = contract(padding, (~np.isfinite(right)).astype(np.float64)) > 0
    return (enlarged(Ball(value, radius, undecided, NON_FINITE), x, sums),)
