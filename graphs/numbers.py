"""Which numbers an element type has."""

from __future__ import annotations

from math import isnan
from typing import Any

import ml_dtypes
import numpy as np
from onnx import helper

from graphs.spec import FLOATS


def holds(dtype: str, value: float) -> bool:
    """Whether a type has this very number; a floating-point type has NaN and the infinities."""
    if dtype in FLOATS:
        with np.errstate(over="ignore"):
            return isnan(value) or float(np.array(value, dtype)) == value
    ends = np.iinfo(dtype)
    return value.is_integer() and ends.min <= value <= ends.max  # neither NaN nor an infinity is an integer


def number_of(dtype: str) -> int:
    """TensorProto's number, as in output_dtype."""
    return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


def named(number: int | None) -> str | None:
    """The type of that number; None where the attribute is omitted or 0."""
    return helper.tensor_dtype_to_np_dtype(number).name if number else None


def ends_of(dtype: str) -> tuple[float, float]:
    """The least and the largest finite number of a type, minifloats and integers of 2 and 4 bits included."""
    limits: Any = ml_dtypes.iinfo if "int" in dtype else ml_dtypes.finfo  # NumPy's own lack the narrow types
    info = limits(np.dtype(dtype))
    return float(info.min), float(info.max)


def has(dtype: str, value: float) -> bool:
    """Whether a type has this very number."""
    low, high = ends_of(dtype)
    return low <= value <= high and float(np.array(value).astype(dtype)) == value
