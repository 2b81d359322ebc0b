"""A convolution of codes: the exact sum of products of their numbers, rounded to a code once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats
from reference.bound import UP, underflow
from reference.claim import Claim
from reference.contraction import convolve
from reference.conv_integer import counted
from reference.fast import Sums
from reference.linear import per_channel
from reference.quantised import codes_within, integer_ends, is_power_of_two, refuse_narrow
from reference.window import windows_along

Array = NDArray[Any]
CODE_BITS = 9  # of a code less its zero point
FLOAT32 = np.dtype("float32")  # of the numbers between the codes


def qdq_conv(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    x_scale: Array,
    x_zero_point: Array,
    w_scale: Array,
    w_zero_point: Array,
    b_scale: Array | None = None,
    y_scale: Array,
    y_zero_point: Array,
    claim: Claim,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    **window: Any,
) -> tuple[Ball, ...]:
    """``saturate(rint(v / y_scale) + y_zero_point)``, v the convolution of ``(x - x_zero_point) x_scale`` and so on.

    x is (N, C, D...), w (M, C/group, k...), b (M), y (N, M, O...); padding is the real number 0.  W's parameters are
    scalars or (M), and B's scale is x's times W's.
    Raises OverflowError where a sum of products of codes may be beyond 32 bits, or the claim's cast too narrow.
    """
    refuse_narrow(claim)
    rank = x.ndim - 2
    layout = windows_along(x.shape[2:], kernel_shape or w.shape[2:], **window)
    left, right = counted(x, x_zero_point), counted(w, w_zero_point)
    offset = np.zeros(1) if b is None else b.astype(np.float64)
    sums, sizes = convolve(left, right, layout, group), convolve(np.abs(left), np.abs(right), layout, group)
    if (sizes + per_channel(np.abs(offset), rank)).max(initial=0) >= 2.0**31:
        raise OverflowError("a sum of products of codes may be beyond 32 bits")
    unit = per_channel(w_scale, rank) * float(x_scale)
    units = per_channel(np.zeros(1) if b_scale is None else b_scale, rank)
    added = per_channel(offset, rank)
    v = (sums * unit + added * units) / float(y_scale)
    size = (sizes * unit + np.abs(added) * units) / float(y_scale)
    scales = [a.astype(np.float64) for a in (x_scale, w_scale, y_scale, *([] if b_scale is None else [b_scale]))]
    terms = right[0].size + (b is not None)
    counts = sizes + np.abs(added)
    numbers = right * w_scale.astype(np.float64).reshape(-1, *[1] * (rank + 1))
    quick = Sums(numbers, (offset * units.reshape(-1)).repeat(len(w) // offset.size), layout, group, claim, FLOAT32)
    is_exact = not quick.algorithms and all(is_power_of_two(s).all() for s in scales)
    fast = quick.error(np.abs(left) * float(x_scale)) / float(y_scale)  # as written; what is fused adds up integers
    error = within(size, counts, terms, claim, fast, is_exact=is_exact)
    zero, ends = float(y_zero_point), integer_ends(y_zero_point.dtype.name) or (0, 0)
    return (codes_within(v - error, v + error, lambda a: np.clip(np.rint(a) + zero, *ends), whole=True),)


def within(size: Floats, counts: Floats, terms: int, claim: Claim, fast: Floats, *, is_exact: bool) -> Floats:
    """How far a quotient may be off: ``size`` is the sum of the terms' absolute values, in units of y's scale.

    ``fast`` is the error of a fast algorithm for the sum, in the same units.
    0 where all scales are powers of two (``is_exact``) and ``counts``, that sum in units of the products of codes,
    fits the claim's narrowest significand.
    """
    p = claim.at("float32")
    growth = (1 + p.u_in) ** 2 * (1 + p.u_acc) ** 4 * (1 + p.u_out) * (1 + terms * p.u_acc) - 1
    eta = underflow(claim.range(np.dtype("float32")), flush_to_zero=claim.flush_to_zero)
    error = (size * (growth + 2.0**-50) + (1 + growth) * fast + (terms + 5) * eta) * UP
    survives = not p.u_in or p.input_bits >= CODE_BITS
    return np.asarray(np.where(is_exact & survives & (counts < 2.0**p.bits), 0.0, error))
