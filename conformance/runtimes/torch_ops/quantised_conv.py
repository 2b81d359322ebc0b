"""Convolution of quantised numbers in torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

from conformance.runtimes.protocol import Unsupported
from conformance.runtimes.torch_ops.conv import CONV
from conformance.runtimes.torch_ops.padding import pad, slide

LARGEST_BIAS = 1 << 22


def counted(a: torch.Tensor, zero_point: torch.Tensor | None, dtype: torch.dtype) -> torch.Tensor:
    """``a`` in a wider type, counted from its zero point, or from one for each entry of its first axis."""
    wide = a.to(dtype)
    return wide if zero_point is None else wide - zero_point.to(dtype).reshape(-1, *[1] * (a.ndim - 1))


def conv_integer(
    x: torch.Tensor,
    w: torch.Tensor,
    x_zero_point: torch.Tensor | None = None,
    w_zero_point: torch.Tensor | None = None,
    *,
    outputs: int,
    group: int = 1,
    kernel_shape: Any = None,
    **window: Any,
) -> tuple[Any, ...]:
    """``ConvInteger`` by torch's convolution of int32, or of int64 where there are dilations, which that lacks."""
    s = slide(x, w.shape[2:], **window)
    wide = torch.int32 if max(s.dilations) == 1 else torch.int64
    left, right = counted(x, x_zero_point, wide), counted(w, w_zero_point, wide)
    padded = pad(left, s.begin, s.end, 0)
    y = CONV[len(s.size)](padded, right, None, s.strides, 0, s.dilations, group)
    return (y.to(torch.int32),)


def quantised_weights(w: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor) -> torch.Tensor:
    """W as torch's own quantised tensor, per tensor or per channel."""
    if scale.ndim:
        scales, zeros = scale.to(torch.float64), zero_point.to(torch.int64)
        return torch._make_per_channel_quantized_tensor(w, scales, zeros, 0)
    return torch._make_per_tensor_quantized_tensor(w, float(scale), int(zero_point))


def qlinear_conv(
    x: torch.Tensor,
    x_scale: torch.Tensor,
    x_zero_point: torch.Tensor,
    w: torch.Tensor,
    w_scale: torch.Tensor,
    w_zero_point: torch.Tensor,
    y_scale: torch.Tensor,
    y_zero_point: torch.Tensor,
    b: torch.Tensor | None = None,
    *,
    outputs: int,
    group: int = 1,
    kernel_shape: Any = None,
    **window: Any,
) -> tuple[Any, ...]:
    """``QLinearConv`` by torch.ops.quantized, of quint8, qint8 and quint8."""
    types = (x.dtype, w.dtype, y_zero_point.dtype)
    if types != (torch.uint8, torch.int8, torch.uint8):
        raise Unsupported("torch.ops.quantized convolves uint8 with int8 into uint8 alone")
    if int(y_zero_point) % 2 and not w_zero_point.any():
        raise Unsupported(
            "torch may add the zero point before it rounds where W's are 0, which an odd one shows at ties"
        )
    if b is not None and int(b.abs().max()) >= LARGEST_BIAS:
        raise Unsupported("torch takes a bias as float32, from which not every whole number above 2^22 comes back")
    if not hasattr(torch, "_make_per_tensor_quantized_tensor"):
        raise Unsupported("this torch has no quantised tensors, see https://github.com/pytorch/pytorch/issues/184982")
    s = slide(x, w.shape[2:], **window)
    n = len(s.size)
    convolve, prepack = (getattr(torch.ops.quantized, f"conv{n}d{end}") for end in ("", "_prepack"))
    # B is real there, and is turned back into the same whole number
    bias = None if b is None else (b.to(torch.float64) * float(x_scale) * w_scale.to(torch.float64)).to(torch.float32)
    padded = pad(x, s.begin, s.end, int(x_zero_point))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*deprecated", UserWarning)  # torch means to give them up, and says so once
        left = torch._make_per_tensor_quantized_tensor(padded, float(x_scale), int(x_zero_point))
        packed = prepack(quantised_weights(w, w_scale, w_zero_point), bias, s.strides, [0] * n, s.dilations, group)
        return (convolve(left, packed, float(y_scale), int(y_zero_point)).int_repr(),)


TABLE: dict[str, Callable[..., tuple[Any, ...]]] = {"ConvInteger": conv_integer, "QLinearConv": qlinear_conv}
