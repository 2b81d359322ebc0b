"""The derivative of max pooling: the sum of what arrives at the windows whose maximum an element is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats, lowest_bit
from reference.bound import UP, copy_radius, exact_below, inputs_survive, refuse_overflow, underflow
from reference.claim import Claim
from reference.window import landed, places, taps_inside, view, windows_along

EMPTY = "MaxPool: 'maximum number of elements exclude pad' of a window that holds only pad, which has no index"
NAN = "MaxPool: 'computing the max on all values of a subset of the input tensor' does not say what the max with NaN is"
TIE = "MaxPool, Indices: 'the indices of the selected values during pooling' does not say which of equal ones it is"


def max_pool_gradient(
    x: NDArray[Any], dy: NDArray[Any], *, claim: Claim, kernel_shape: Sequence[int], **window: Any
) -> tuple[Ball, ...]:
    """``dx[i]`` is the sum of dy over the windows whose largest element is taken to be x[i].

    x and dx are (N, C, D...), dy (N, C, O...), windows as MaxPool's.  Where a maximum occurs more than once any
    of its places is admissible: such a window adds dy or nothing, and the ball is the hull of the sums.
    Raises OverflowError if a partial sum might overflow the type.
    """
    layout = windows_along(x.shape[2:], kernel_shape, **window)
    at = places(x.shape, layout)
    flat = view(x, layout, -np.inf).reshape(at.shape)
    top = np.fmax.reduce(flat, axis=-1)
    chosen = (flat >= (top - 2 * copy_radius(top, claim, x.dtype))[..., None]) & (at >= 0)
    is_tied, given = chosen.sum(axis=-1) > 1, dy.astype(np.float64)

    def total(values: NDArray[Any], where: NDArray[np.bool_] = chosen) -> Floats:
        return landed(np.where(where, at, -1), values[..., None], x.shape)

    with np.errstate(invalid="ignore"):
        low = total(np.where(is_tied, np.minimum(given, 0), given))
        high = total(np.where(is_tied, np.maximum(given, 0), given))
        size, terms = total(np.abs(given)), total(np.ones(dy.shape))
        half = np.where(low == high, 0.0, (high - low) / 2)
        value = np.where(low == high, low, low + half)
        radius = np.where(half > 0, half * UP + 5e-324, 0.0) + added_radius(value, half, size, terms, dy, claim)
    is_nan, is_empty = np.isnan(flat).any(axis=-1), taps_inside(layout, include_pad=False) == 0
    undecided = total(is_nan * 1.0, at >= 0) + total((is_tied & ~np.isfinite(given)) * 1.0) > 0
    undecided |= bool(is_empty.any())
    sentence = EMPTY if is_empty.any() else NAN if is_nan.any() else TIE
    radius = np.where(np.isfinite(value), radius, 0.0)
    return (Ball(value, radius, undecided if undecided.any() else None, sentence),)


def added_radius(value: Floats, half: Floats, size: Floats, terms: Floats, dy: NDArray[Any], claim: Claim) -> Floats:
    """Radius of a sum of k = ``terms`` numbers, no products: (k - 1) u S, and 0 where the sum must be exact.

    Derived in docs/numerics.md; one number alone is a copy.
    """
    p = claim.at(dy.dtype)
    u_in = p.u_in if p.casts else 0.0
    growth = u_in + (1 + u_in) * np.maximum(terms - 1, 0) * p.u_acc
    refuse_overflow(size, float(growth.max(initial=0)), claim.range(dy.dtype), finite=bool(np.isfinite(dy).all()))
    grid = lowest_bit(dy)
    exact = exact_below(grid, claim, dy.dtype, survive=not u_in or inputs_survive(p, dy))
    own = np.where(size < 2.0 ** (53 + grid), 0.0, terms * 2.0**-53)
    flushed = underflow(claim.range(dy.dtype), flush_to_zero=True) if claim.flush_to_zero else 0.0
    error = (growth + own) * size + terms * flushed
    narrower = (terms > 1) & (p.u_out > p.u_acc)  # one conversion, where the sum was of a wider type than the result
    stored = p.u_out * (np.abs(value) + half + error) + underflow(
        claim.range(dy.dtype), flush_to_zero=claim.flush_to_zero
    )
    radius = (error + np.where(narrower, stored, 0.0)) * UP
    return np.where((size < exact) | (radius == 0), 0.0, radius + 5e-324)  # as it may itself be subnormal
