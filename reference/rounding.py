"""Rounding to a narrower significand, by definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Floats


def away(x: Floats) -> Floats:
    """To the nearest whole number, halves away from zero."""
    return np.copysign(np.floor(np.abs(x) + 0.5), x)


MODES: dict[str, Callable[[Floats], Floats]] = {
    "nearest, ties to even": np.rint,
    "nearest, ties away": away,
    "towards zero": np.trunc,
}


def rounded(x: NDArray[Any], bits: int, mode: str) -> Floats:
    """``x`` with a significand of ``bits`` bits and any exponent (IEEE 754-2019, section 4.3)."""
    fraction, exponent = np.frexp(x.astype(np.float64))
    found: Floats = np.ldexp(MODES[mode](np.ldexp(fraction, bits)), exponent - bits)
    return found
