"""Quantising in torch, by plain arithmetic of tensors.

``torch.quantize_per_tensor`` and its like are deprecated (https://github.com/pytorch/pytorch/issues/184982), know no 16
bits and no blocks, and make tensors of a kind that no other operator here takes; torch's exporters write these steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from conformance.runtimes.protocol import Unsupported

# TensorProto.DataType
TYPES = {
    1: torch.float32, 2: torch.uint8, 3: torch.int8, 4: torch.uint16, 5: torch.int16, 10: torch.float16,
    16: torch.bfloat16,
}  # fmt: skip


def type_of(number: int) -> torch.dtype:
    """The type that an attribute names."""
    if number not in TYPES:
        raise Unsupported(f"this adapter has no tensors of ONNX's type {number}")
    return TYPES[number]


def along(parameter: torch.Tensor, x: torch.Tensor, axis: int, block_size: int) -> torch.Tensor:
    """A parameter that broadcasts to x: a scalar, a list along an axis, or each entry for a block of it."""
    if parameter.numel() == 1:
        return parameter.reshape(())
    axis %= x.ndim
    if block_size:
        return parameter.repeat_interleave(block_size, axis).narrow(axis, 0, x.shape[axis])
    return parameter.reshape([-1 if i == axis else 1 for i in range(x.ndim)])


def quantize_linear(
    x: torch.Tensor,
    scale: torch.Tensor,
    zero_point: torch.Tensor | None = None,
    *,
    outputs: int,
    axis: int = 1,
    block_size: int = 0,
    saturate: int = 1,
    output_dtype: int = 0,
    precision: int = 0,
) -> tuple[Any, ...]:
    """``QuantizeLinear`` to integers; torch.round is to even at ties, and the sum with the zero point is exact."""
    to = zero_point.dtype if zero_point is not None else type_of(output_dtype or 2)
    if to.is_floating_point:
        raise Unsupported(f"torch's cast to {to} does not saturate")
    if not scale.is_floating_point():
        raise Unsupported("torch's quotient of integers is none of integers")
    division = type_of(precision) if precision else scale.dtype
    codes = torch.round(x.to(division) / along(scale.to(division), x, axis, block_size)).to(torch.float64)
    if zero_point is not None:
        codes = codes + along(zero_point.to(torch.float64), x, axis, block_size)
    ends = torch.iinfo(to)
    return (codes.clamp(ends.min, ends.max).to(torch.int32).to(to),)


def dequantize_linear(
    x: torch.Tensor,
    scale: torch.Tensor,
    zero_point: torch.Tensor | None = None,
    *,
    outputs: int,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
) -> tuple[Any, ...]:
    """``DequantizeLinear``, the difference in integers of 64 bits."""
    to = type_of(output_dtype) if output_dtype else scale.dtype
    codes = x if x.is_floating_point() else x.to(torch.int64)
    if zero_point is not None:
        codes = codes - along(zero_point.to(codes.dtype), x, axis, block_size)
    return (codes.to(to) * along(scale.to(to), x, axis, block_size),)


TABLE: dict[str, Callable[..., tuple[Any, ...]]] = {
    "QuantizeLinear": quantize_linear,
    "DequantizeLinear": dequantize_linear,
}
