"""Numbers to codes: ONNX ``QuantizeLinear``, one rounding of a quotient, to even at ties."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats
from reference.bound import UP, underflow
from reference.claim import Claim
from reference.formats import is_float
from reference.quantised import ELEMENT_TYPES, MINIFLOATS, along, codes_within, integer_ends, is_power_of_two

NAN = "QuantizeLinear: 'y = saturate((x / y_scale) + y_zero_point)' does not say what {} has for NaN"


def quantize_linear(
    x: NDArray[Any],
    y_scale: NDArray[Any],
    y_zero_point: NDArray[Any] | None = None,
    *,
    claim: Claim,
    axis: int = 1,
    block_size: int = 0,
    saturate: int = 1,
    output_dtype: int = 0,
    precision: int = 0,
) -> tuple[Ball, ...]:
    """``y = saturate(rint(x / y_scale) + y_zero_point)``; in a type of few bits the rounding is to its numbers.

    x is of any shape, the parameters are scalars, lists along ``axis`` or blocks of ``block_size`` along it, y has x's
    shape; attributes as in QuantizeLinear-10, 13, 19, 21, 23, 24, 25 and 28, which agree wherever they decide.
    """
    target = y_zero_point.dtype.name if y_zero_point is not None else ELEMENT_TYPES.get(output_dtype, "uint8")
    division = np.dtype(ELEMENT_TYPES.get(precision, y_scale.dtype.name))
    scale = along(y_scale, x.shape, axis, block_size)
    low, high = quotients(x, scale, division, claim)
    is_nan = np.isnan(low)
    ends = integer_ends(target)
    if ends is None:
        form = MINIFLOATS[target]
        ball = codes_within(low, high, lambda v: form.stored(v, saturate=bool(saturate)), whole=False)
        is_open = is_nan & (form.infinite == form.beyond == form.largest)
    else:
        zero = np.zeros(()) if y_zero_point is None else along(y_zero_point, x.shape, axis, block_size)
        ball = codes_within(low, high, lambda v: np.clip(np.rint(v) + zero, *ends), whole=True)
        is_open = is_nan
    if not is_open.any():
        return (ball,)
    return (Ball(ball.value, ball.radius, is_open, NAN.format(target), ball.others),)


def quotients(x: NDArray[Any], scale: Floats, division: np.dtype[Any], claim: Claim) -> tuple[Floats, Floats]:
    """The least and the largest quotient that may get rounded: of a division, or a product with a rounded reciprocal.

    Casts of x and the scale to the type of the division round too, where that lacks the number.  A quotient by a power
    of two is exact.  Raises OverflowError where a scale or its reciprocal is no normal number of that type.
    """
    p, value = claim.at(division), x.astype(np.float64)
    unit, least, most, eta = p.u_acc, 0.0, np.inf, 0.0
    if is_float(division):
        of = claim.range(division)
        least, most, eta = of.tiny, of.largest, underflow(of, flush_to_zero=claim.flush_to_zero)
    if ((scale < least) | (1 / scale < least) | (scale > most) | (1 / scale > most)).any():
        raise OverflowError(f"a scale of {scale.min()} to {scale.max()} or its reciprocal is no normal {division}")
    with np.errstate(over="ignore", invalid="ignore"):
        lacks = [value.astype(division).astype(np.float64) != value, scale.astype(division).astype(np.float64) != scale]
        is_exact = is_power_of_two(scale) & ~lacks[0] & ~lacks[1] & (p.u_in == 0)
        v = value / scale
        growth = (1 + unit) ** (2.0 + lacks[0]) / (1 - unit) ** (1.0 * lacks[1]) * ((1 + p.u_in) / (1 - p.u_in)) - 1
        error = np.where(is_exact, 0.0, np.abs(v) * (growth + 2.0**-52) * UP)
        error += np.where(lacks[0], eta / scale, 0.0) + np.where((np.abs(v) < 2 * least) & (v != 0), eta, 0.0)
        error = np.where(np.isfinite(v), error, 0.0)
        low, high = v - error, v + error
        is_lost = np.abs(value) * (1 + unit) > most  # in the cast of x
        low = np.where((low < -most) | (is_lost & (v < 0)), -np.inf, low)
        return low, np.where((high > most) | (is_lost & (v > 0)), np.inf, high)
