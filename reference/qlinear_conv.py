"""Convolution of bytes into bytes: ONNX ``QLinearConv``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats
from reference.bound import UP
from reference.claim import Claim
from reference.conv_integer import accumulated, counted
from reference.quantised import codes_within, is_power_of_two, refuse_narrow

Array = NDArray[Any]
ROUNDINGS = 5  # sum as float32, two scales multiplied, their product with the sum, 1 / y_scale, and the product with it
READS = 6  # both factors of three products
LARGEST = 2.0**30  # of a scale and of 1 / scale: no product or quotient of three and a sum leaves float32's range
OWN = 2.0**-51  # the reference's own product and quotient, twice over


def scaled(total: Floats, x_scale: Array, w_scale: Array, y_scale: Array, claim: Claim) -> tuple[Floats, Floats]:
    """``total * x_scale * w_scale / y_scale`` in float32 by any way under ``claim``: exact value, and largest error.

    It is 0 where all scales are powers of two and the claim's format holds the sum.
    Raises OverflowError where a scale is beyond 2^30, or below 2^-30, or the claim's cast has a narrower range.
    """
    refuse_narrow(claim)
    scales = [a.astype(np.float64) for a in (x_scale, w_scale, y_scale)]
    beyond = [a for a in scales if not ((a >= 1 / LARGEST) & (a <= LARGEST)).all()]
    if beyond:
        raise OverflowError(f"scales from 2^-30 to 2^30 leave float32's range nowhere, one is {beyond[0].max():.9g}")
    left, right, last = scales
    real = total * (left * right.reshape(-1, *[1] * (total.ndim - 2))) / last
    p = claim.at(np.float32)
    growth = np.expm1(READS * np.log1p(p.u_in) + ROUNDINGS * np.log1p(max(p.u_acc, p.u_out)))
    held = 2.0 ** min(p.bits, p.input_bits)
    is_exact = all(is_power_of_two(scale).all() for scale in scales) & (np.abs(total) < held)
    return real, np.where(is_exact, 0.0, (growth + OWN) * np.abs(real) * UP)


def qlinear_conv(
    x: Array, x_scale: Array, x_zero_point: Array, w: Array, w_scale: Array, w_zero_point: Array, y_scale: Array,
    y_zero_point: Array, b: Array | None = None, *, claim: Claim, group: int = 1,
    kernel_shape: Sequence[int] | None = None, **window: Any
) -> tuple[Ball, ...]:  # fmt: skip
    """``Y = saturate(rint(r) + y_zero_point)``, r the sum of ConvInteger and B, x_scale w_scale[m] / y_scale times.

    x is (N, C, D...), w (M, C/group, k...), W's scale and zero point scalars or (M), b (M), as in QLinearConv-10;
    Y has y_zero_point's type.  Raises OverflowError where a sum might overflow 32 bits.
    """
    left, right = counted(x, x_zero_point), counted(w, w_zero_point)
    total = accumulated(left, right, b, group=group, kernel_shape=kernel_shape, **window)
    real, error = scaled(total, x_scale, w_scale, y_scale, claim)
    zero, ends = float(y_zero_point), np.iinfo(y_zero_point.dtype)
    codes = codes_within(
        real - error, real + error, lambda r: np.clip(np.rint(r) + zero, ends.min, ends.max), whole=True
    )
    return (codes,)
