"""Which numbers an element type has."""

from __future__ import annotations

from math import isnan

import numpy as np

from graphs.spec import FLOATS


def holds(dtype: str, value: float) -> bool:
    """Whether a type has this very number; a floating-point type has NaN and the infinities."""
    if dtype in FLOATS:
        with np.errstate(over="ignore"):
            return isnan(value) or float(np.array(value, dtype)) == value
    ends = np.iinfo(dtype)
    return value.is_integer() and ends.min <= value <= ends.max  # neither NaN nor an infinity is an integer
