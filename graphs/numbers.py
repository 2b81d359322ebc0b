"""Element types by name, since when operators have them, and which numbers they have."""

from __future__ import annotations

from math import isnan

import numpy as np
from onnx import TensorProto, helper

FLOATS = ("float16", "bfloat16", "float32", "float64")
SIGNIFICAND = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}  # bits, the hidden one included
EXPONENTS = {"float16": (-14, 15), "bfloat16": (-126, 127), "float32": (-126, 127), "float64": (-1022, 1023)}  # normal
SHORT = {
    "float16": "f16",
    "bfloat16": "bf16",
    "float32": "f32",
    "float64": "f64",
    "float8_e4m3fn": "f8e4m3fn",
    "float8_e4m3fnuz": "f8e4m3fnuz",
    "float8_e5m2": "f8e5m2",
    "float8_e5m2fnuz": "f8e5m2fnuz",
    "float6_e2m3fn": "f6e2m3fn",
    "float6_e3m2fn": "f6e3m2fn",
    "float4_e2m1fn": "f4e2m1fn",
    "int2": "i2",
    "uint2": "u2",
    "int4": "i4",
    "uint4": "u4",
    "int8": "i8",
    "uint8": "u8",
    "int16": "i16",
    "uint16": "u16",
    "int32": "i32",
    "int64": "i64",
}


def floats_since(version: int) -> dict[str, int]:
    """Element type -> the first operator version that has it, where bfloat16 came with ``version``."""
    return dict.fromkeys(FLOATS, 1) | {"bfloat16": version}


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
    """The type of that number; None where the attribute is omitted or 0, a word of its own where there is none."""
    if number and number not in TensorProto.DataType.values():
        return f"type-{number}"
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


def single(value: float) -> float:
    """The number that an attribute of type FLOAT holds for ``value``."""
    with np.errstate(over="ignore"):  # to infinity, as a FLOAT attribute has it
        return float(np.float32(value))


def readable(value: float) -> str:
    """The shortest decimal that is this float32 and no other: 0.01, 6, -1e-05."""
    return str(np.float32(value) + np.float32(0)).removesuffix(".0")  # -0 equals 0, and equal specs have one id
