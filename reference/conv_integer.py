"""Convolution of bytes, exactly: ONNX ``ConvInteger``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats
from reference.claim import Claim
from reference.contraction import convolve
from reference.window import windows_along

Array = NDArray[Any]


def counted(a: Array, zero_point: Array | None) -> Floats:
    """``a`` counted from its zero point, or from one for each entry of its first axis."""
    zero = np.zeros(1) if zero_point is None else zero_point.astype(np.float64)
    return a.astype(np.float64) - zero.reshape(-1, *[1] * (a.ndim - 1))


def accumulated(
    x: Floats, w: Floats, b: Array | None = None, *, group: int = 1, kernel_shape: Sequence[int] | None = None,
    **window: Any
) -> Floats:  # fmt: skip
    """Sums of products and B, all of them whole numbers.  What is padded is 0, as x is counted from its zero point.

    Raises OverflowError where a sum of absolute values leaves 32 bits: such a case must not be planned.
    """
    layout = windows_along(x.shape[2:], kernel_shape or w.shape[2:], **window)
    bias = (np.zeros(1) if b is None else b.astype(np.float64)).reshape(-1, *[1] * (x.ndim - 2))
    size = float((convolve(np.abs(x), np.abs(w), layout, group) + np.abs(bias)).max(initial=0))
    if size >= 2.0**31:
        raise OverflowError(f"partial sums may reach {size:.17g}, int32 ends at {2**31 - 1}")
    return convolve(x, w, layout, group) + bias


def conv_integer(
    x: Array, w: Array, x_zero_point: Array | None = None, w_zero_point: Array | None = None, *, claim: Claim,
    group: int = 1, kernel_shape: Sequence[int] | None = None, **window: Any
) -> tuple[Ball, ...]:  # fmt: skip
    """``Y[n,m,o] = sum (x[n,c,o*S+k*d-p] - x_zero_point) (w[m,c,k] - w_zero_point[m])``, as in ConvInteger-10.

    x is (N, C, D...), w (M, C/group, k...), a zero point a scalar, W's perhaps (M), Y (N, M, O...).
    Raises OverflowError where a partial sum might overflow 32 bits.
    """
    left, right = counted(x, x_zero_point), counted(w, w_zero_point)
    value = accumulated(left, right, group=group, kernel_shape=kernel_shape, **window)
    return (Ball(value, np.zeros(value.shape)),)
