"""Which numbers an element type has."""

from __future__ import annotations

from math import isnan
from typing import Any

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


# The largest finite numbers of types that NumPy lacks.
LARGEST = {
    "bfloat16": (2 - 2.0**-7) * 2.0**127, "float8_e4m3fn": 448.0, "float8_e4m3fnuz": 240.0, "float8_e5m2": 57344.0,
    "float8_e5m2fnuz": 57344.0, "float6_e2m3fn": 7.5, "float6_e3m2fn": 28.0, "float4_e2m1fn": 6.0,
}  # fmt: skip


def ends_of(dtype: str) -> tuple[float, float]:
    """The least and the largest finite number of a type, minifloats and integers of 2 and 4 bits included."""
    if dtype.startswith("uint"):
        return 0.0, 2.0 ** int(dtype[4:]) - 1
    if dtype.startswith("int"):
        half = 2.0 ** (int(dtype[3:]) - 1)
        return -half, half - 1
    most = LARGEST[dtype] if dtype in LARGEST else float(np.finfo(dtype).max)
    return -most, most


def has(dtype: str, value: float) -> bool:
    """Whether a type has this very number."""
    low, high = ends_of(dtype)
    return low <= value <= high and float(np.array(value).astype(dtype)) == value
