"""Tensors of types that NumPy lacks, to and from ONNX Runtime as bits; NumPy alone, for bundles carry it."""

from __future__ import annotations

import ctypes
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

# TensorProto's numbers of the types that NumPy lacks and ONNX Runtime stores element by element, in whole bytes.
LACKED = {
    "bfloat16": 16, "float8_e4m3fn": 17, "float8_e4m3fnuz": 18, "float8_e5m2": 19, "float8_e5m2fnuz": 20,
    "uint4": 21, "int4": 22, "uint2": 25, "int2": 26,
}  # fmt: skip
SHARED = {"uint4": 4, "int4": 4, "uint2": 2, "int2": 2}  # bits of those that share a byte


def value_of(ort: Any, name: str, bits: NDArray[Any]) -> Any:
    """An OrtValue of a type, from its elements' bits: unsigned integers, each in whole bytes."""
    each = SHARED.get(name)
    if each is None:
        return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(bits, LACKED[name])
    value = ort.OrtValue.ortvalue_from_shape_and_type(bits.shape, LACKED[name], "cpu")
    packed = packed_of(bits.reshape(-1), each)
    ctypes.memmove(value.data_ptr(), packed.ctypes.data, packed.size)
    return value


def bits_of(value: Any) -> tuple[str, NDArray[Any]]:
    """An OrtValue's type and its elements' bits, copied; no name for a type that NumPy has, then the array itself."""
    name = next((name for name, number in LACKED.items() if number == value.element_type()), "")
    if not name:
        return "", np.asarray(value.numpy())
    shape, raw = value.shape(), ctypes.string_at(value.data_ptr(), value.tensor_size_in_bytes())
    if name in SHARED:
        return name, unpacked(np.frombuffer(raw, np.uint8), SHARED[name], prod(shape)).reshape(shape)
    return name, np.frombuffer(raw, f"u{len(raw) // max(1, prod(shape))}" if raw else "u1").reshape(shape).copy()


def packed_of(elements: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """Elements of a few bits side by side in bytes, the first one lowest."""
    each = 8 // bits
    low = np.zeros(-(-elements.size // each) * each, np.uint8)
    low[: elements.size] = elements & (2**bits - 1)
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    return np.asarray(np.bitwise_or.reduce(low.reshape(-1, each) << shifts, axis=1))


def unpacked(raw: NDArray[np.uint8], bits: int, size: int) -> NDArray[np.uint8]:
    """The elements that bytes hold side by side."""
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    return np.asarray(((raw[:, None] >> shifts) & (2**bits - 1)).reshape(-1)[:size], np.uint8)


def signed(elements: NDArray[np.uint8], bits: int) -> NDArray[np.int64]:
    """The numbers in two's complement that elements of a few bits stand for."""
    found = elements.astype(np.int64)
    return np.asarray(np.where(found >= 2 ** (bits - 1), found - 2**bits, found))
