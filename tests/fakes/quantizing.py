"""QuantizeLinear and DequantizeLinear once more, in the tensors' own types: right, and not the reference's code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from onnx.helper import tensor_dtype_to_np_dtype

from tests.fakes.executor import Arithmetic, Call, Tensor

Rounding = Callable[[Tensor], Tensor]


def spread(parameter: Tensor, call: Call) -> Tensor:
    """A scale or zero point for each element of x, by the index of its slice or block."""
    x, a = call.operands[0], call.attributes
    if parameter.ndim == 0 or parameter.size == 1:
        return np.broadcast_to(parameter.reshape(()), x.shape)
    axis = a.get("axis", 1) % x.ndim
    index = list(np.indices(x.shape))
    if parameter.ndim == 1 and not a.get("block_size"):
        return np.asarray(parameter[index[axis] % len(parameter)])
    index[axis] = index[axis] // (a.get("block_size") or 1)
    return np.asarray(parameter[tuple(index)])


def cast_to(x: Tensor, dtype: np.dtype[Any], *, saturate: bool) -> Tensor:
    """A minifloat by way of ml_dtypes' own cast, which overflows as Cast's second table has it."""
    ends = np.array([0x7F], np.uint8).view(dtype) if dtype.itemsize == 1 else None
    found = x.astype(np.float32).astype(dtype)
    if not saturate or ends is None:
        return np.asarray(found)
    every = np.arange(256, dtype=np.uint8).view(dtype).astype(np.float64)
    top = every[np.isfinite(every)].max()
    lost = ~np.isnan(x.astype(np.float64)) & ~np.isfinite(found.astype(np.float64))
    return np.asarray(np.where(lost, np.copysign(top, x.astype(np.float64)), found.astype(np.float64)).astype(dtype))


def quantize_linear(call: Call, how: Arithmetic) -> list[Tensor]:
    """``QuantizeLinear``; the quotient as the arithmetic has it, also by a reciprocal."""
    x, scale, *rest = call.operands
    a, zero = call.attributes, rest[0] if rest else None
    target = zero.dtype if zero is not None else tensor_dtype_to_np_dtype(a.get("output_dtype") or 2)
    division = tensor_dtype_to_np_dtype(a["precision"]) if a.get("precision") else scale.dtype
    quotient = how.mean(x.astype(division)[..., None], spread(scale, call).astype(division))
    if "int" not in target.name:
        return [cast_to(quotient, target, saturate=bool(a.get("saturate", 1)))]
    rounding: Rounding = call.memory.get("rounding", np.rint)
    offset = 0 if zero is None else spread(zero, call).astype(np.int64)
    if call.memory.get("zero point first"):
        codes = rounding(quotient.astype(np.float64) + offset)
    else:
        codes = rounding(quotient.astype(np.float64)) + offset
    low, high = call.memory.get("ends", ends_of)(target)
    if call.memory.get("wraps"):
        codes = (np.nan_to_num(codes, posinf=high, neginf=low) - low) % (high - low + 1) + low
    return [
        np.asarray(np.clip(np.nan_to_num(codes, posinf=high, neginf=low), low, high)).astype(np.int64).astype(target)
    ]


def ends_of(dtype: np.dtype[Any]) -> tuple[int, int]:
    """The least and the largest number of an integer type."""
    bits = int(dtype.name.removeprefix("u").removeprefix("int"))
    return (0, 2**bits - 1) if dtype.name.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def dequantize_linear(call: Call, how: Arithmetic) -> list[Tensor]:
    """``DequantizeLinear``."""
    x, scale, *rest = call.operands
    to = (
        tensor_dtype_to_np_dtype(call.attributes["output_dtype"])
        if call.attributes.get("output_dtype")
        else scale.dtype
    )
    wide = np.int64 if "int" in x.dtype.name else np.float64
    codes = x.astype(wide) - (spread(rest[0], call).astype(wide) if rest else 0)
    return [np.asarray(codes.astype(to) * spread(scale, call).astype(to))]


OPERATORS: dict[str, Callable[[Call, Arithmetic], list[Tensor]]] = {
    "QuantizeLinear": quantize_linear,
    "DequantizeLinear": dequantize_linear,
}
