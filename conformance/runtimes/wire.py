"""Arrays as they travel to another interpreter and back: type, shape and bytes; NumPy alone, Python 3.9 and later."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conformance.runtimes.onnxruntime_bits import SHARED, signed

Wire = tuple[str, str, tuple[int, ...], bytes]  # kind, name of the type, shape, elements


OF_NUMPY = {np.dtype(letter).name for letter in "?bBhHiIlLqQefdgFDG"}  # isbuiltin is False of types that were pickled
WITHOUT_NUMBERS = ("str", "bytes", "void", "record", "datetime", "timedelta")


class Bits(NamedTuple):
    """A tensor of a type that is missing here: the bits of its elements, each in whole bytes."""

    name: str
    bits: NDArray[Any]


def of_bits(name: str, bits: NDArray[Any]) -> Any:
    """The array whose elements have these bits; `Bits` where ml_dtypes, or this type of it, is missing."""
    try:
        import ml_dtypes  # only here, for another interpreter may do without

        dtype = getattr(ml_dtypes, name)
    except (ImportError, AttributeError):
        return Bits(name, bits)
    if not bits.size:
        return np.empty(bits.shape, dtype)
    if name not in SHARED:
        return np.asarray(bits.view(dtype))
    return np.asarray((bits if name.startswith("u") else signed(bits, SHARED[name])).astype(dtype))


def to_wire(value: Any) -> Wire:
    """A tensor; of text, of objects, or no array at all only what a judge says of it."""
    if isinstance(value, Bits):
        return "bits", value.name, value.bits.shape, value.bits.tobytes()
    if not isinstance(value, np.ndarray):
        return "other", type(value).__name__, (), b""
    if value.dtype.hasobject or value.dtype.name.startswith(WITHOUT_NUMBERS):
        return "form", value.dtype.str, value.shape, b""
    kind = "array" if value.dtype.name in OF_NUMPY else "bits"
    return kind, value.dtype.name, value.shape, value.astype(value.dtype.newbyteorder("="), copy=False).tobytes()


def from_wire(kind: str, name: str, shape: tuple[int, ...], data: bytes) -> Any:
    """The tensor again, writable; what is none comes as an object of a class of that name."""
    if kind == "other":
        return type(name, (), {})()
    if kind == "form":
        return np.empty(shape, name)
    if kind == "array":
        return np.ndarray(shape, name, bytearray(data))
    size = len(data) // prod(shape) if data else 1
    return of_bits(name, np.ndarray(shape, f"u{size}", bytearray(data)))
