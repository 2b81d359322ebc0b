"""Convolution in torch."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from conformance.runtimes.torch_ops.padding import pad, slide

CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def conv(
    x: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor | None = None,
    *,
    outputs: int,
    group: int = 1,
    kernel_shape: Any = None,
    **window: Any,
) -> tuple[Any, ...]:
    """``Conv``; asymmetric padding goes in front of the convolution."""
    s = slide(x, w.shape[2:], **window)
    padding = s.begin
    if not s.is_symmetric:
        x, padding = pad(x, s.begin, s.end, 0.0), [0] * len(s.size)
    return (CONV[len(s.size)](x, w, b, s.strides, padding, s.dilations, group),)


TABLE = {"Conv": conv}
