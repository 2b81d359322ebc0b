"""Lp pooling with its bound: ONNX ``LpPool``."""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1, log1p, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats, lowest_bit
from reference.bound import UP, exact_below, inputs_survive, refuse_overflow, sum_radius, underflow
from reference.claim import Claim
from reference.ulps import ULPS
from reference.window import view, windows_along

BOTH = "LpPool: 'the Lp norm on all values' does not say what the norm of an infinity and a NaN is"


def lp_pool(
    x: NDArray[Any], *, claim: Claim, kernel_shape: Sequence[int], p: float = 2, **window: Any
) -> tuple[Ball, ...]:
    """``(sum |x|^p)^(1/p)`` of each window; padding, as zeros or as nothing, does not change it.

    x is (N, C, D...), y (N, C, O...); attributes as in LpPool-1 to 22, which agree wherever they decide.
    With p = 1 a sum, exact where sums are.  Raises OverflowError if a partial sum might overflow x's type.
    """
    windows = view(np.abs(x), windows_along(x.shape[2:], kernel_shape, **window), 0.0)
    flat = windows.reshape(*windows.shape[: x.ndim], -1)
    finite = bool(np.isfinite(x).all())
    with np.errstate(invalid="ignore", over="ignore"):
        if p != 1:
            value, radius = norm(flat, p, claim, x.dtype, finite)
            both = np.isinf(flat).any(axis=-1) & np.isnan(flat).any(axis=-1)  # IEEE 754's hypot gives infinity
            return (Ball(value, radius, both if both.any() else None, BOTH),)
        value, grid, terms = flat @ np.ones(flat.shape[-1]), lowest_bit(x), flat.shape[-1]
        exact = exact_below(grid, claim, x.dtype, survive=inputs_survive(claim.at(x.dtype), x))
        radius = sum_radius(value, value, terms, grid=grid, claim=claim, dtype=x.dtype, exact=exact, finite=finite)
    return (Ball(value, radius),)


def norm(flat: Floats, p: float, claim: Claim, dtype: np.dtype[Any], finite: bool) -> tuple[Floats, Floats]:
    """The norm along the last axis for p > 1, and its radius.

    The sum s of the powers is off by A = F s + underflow, 1 + F = (1 + u_in)^p (1 + 2 ulps u) (1 + n u); then
    the root moves, its exponent 1/p is rounded, and it has its own ulps (docs/numerics.md).
    """
    q, of, n, ulps = claim.at(dtype), claim.range(dtype), flat.shape[-1], 2 * ULPS["pow"]
    growth = expm1(p * log1p(q.u_in) + log1p(ulps * q.u_acc) + log1p(n * q.u_acc))
    powers = flat**p
    total = powers @ np.ones(n)
    refuse_overflow(total, growth, of, finite=finite)
    value: Floats = total ** (1 / p)
    eta = underflow(of, flush_to_zero=claim.flush_to_zero)
    small = ((flat > 0) & (powers < 4 * of.tiny)) @ np.ones(n)  # powers that may underflow
    off = (growth + (ulps + n) * 2.0**-53) * total + (1 + growth) * small * (ulps + 1) * eta
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(off < total, -np.expm1(np.log1p(-off / total) / p) * value, (total + off) ** (1 / p))
    least = 2 * of.half_smallest
    size = np.maximum(np.abs(np.log(np.maximum(total - off, least))), np.abs(np.log(np.maximum(total + off, least))))
    spread = 0.0 if log2(p).is_integer() else q.u_acc * size / p
    own = 2.0**-53 * (ulps + size) * value
    error = moved + np.expm1(log1p(ulps * q.u_acc) + spread) * (value + moved) + own
    radius = np.asarray((error + q.u_out * (value + error) + eta) * UP)
    radius[~np.isfinite(value)] = 0  # NaN and infinities are met as they are
    return value, radius
