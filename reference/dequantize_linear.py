"""Codes to numbers: ONNX ``DequantizeLinear``, a difference that is exact times a scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import held
from reference.claim import Claim
from reference.near import Near, Steps, refuse_overflow
from reference.quantised import ELEMENT_TYPES, along


def dequantize_linear(
    x: NDArray[Any],
    x_scale: NDArray[Any],
    x_zero_point: NDArray[Any] | None = None,
    *,
    claim: Claim,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
) -> tuple[Ball, ...]:
    """``y = (x - x_zero_point) * x_scale``, the difference exact, the product in the type of y.

    x is of any shape, the parameters are scalars, lists along ``axis`` or blocks of ``block_size`` along it, y has x's
    shape and the scale's type, or ``output_dtype``; as in DequantizeLinear-10, 13, 19, 21, 23, 24, 25 and 28, which
    agree wherever they decide.  Raises OverflowError where the difference or the product may exceed that type.
    """
    dtype = np.dtype(ELEMENT_TYPES.get(output_dtype, x_scale.dtype.name))
    steps = Steps(claim, dtype)
    zero = 0.0 if x_zero_point is None else along(x_zero_point, x.shape, axis, block_size)
    with np.errstate(invalid="ignore", over="ignore"):  # infinities and NaN of eight bits are met as they are
        y = steps.times(
            known(np.asarray(held(x) - zero), steps), known(along(x_scale, x.shape, axis, block_size), steps)
        )
    refuse_overflow(y, held(x), steps.range)
    return (Ball(y.value, steps.stored(y)),)


def known(value: NDArray[np.float64], steps: Steps) -> Near:
    """A number cast to the type of the product, which rounds what that lacks."""
    read = steps.read(value)
    if (np.abs(value[np.isfinite(value)]) > steps.range.largest).any():
        raise OverflowError(f"a number is beyond {steps.dtype}, which ends at {steps.range.largest}")
    rounding = np.where(steps.holds(value) | ~np.isfinite(value), 0.0, steps.precision.u_out * np.abs(value))
    return Near(value, read.error + np.where(np.isfinite(rounding), rounding, 0.0))
