"""Max un-pooling in torch."""

from __future__ import annotations

from math import prod
from typing import Any

import torch
import torch.nn.functional as F

from conformance.runtimes.protocol import Unsupported

MAX_UNPOOL = {1: F.max_unpool1d, 2: F.max_unpool2d, 3: F.max_unpool3d}


def max_unpool(
    x: torch.Tensor,
    indices: torch.Tensor,
    output_shape: torch.Tensor | None = None,
    *,
    outputs: int,
    kernel_shape: Any,
    strides: Any = None,
    pads: Any = None,
) -> tuple[Any, ...]:
    """``MaxUnpool``; torch counts within each channel, and uses the kernel for the size alone."""
    rank = x.ndim - 2
    if rank not in MAX_UNPOOL:
        raise Unsupported(f"torch.nn.functional has no un-pooling over {rank} axes")
    steps, edge = strides or [1] * rank, pads or [0] * 2 * rank
    sides = zip(x.shape[2:], steps, kernel_shape, edge[:rank], edge[rank:], strict=True)
    size = [(n - 1) * s + k - b - e for n, s, k, b, e in sides]
    if output_shape is not None:
        size = [int(n) for n in output_shape[2:]]
    volume = prod(size)
    planes = torch.arange(x.shape[0] * x.shape[1], device=x.device).reshape(*x.shape[:2], *[1] * rank)
    within = indices - planes * volume
    if bool(((within < 0) | (within >= volume)).any()):
        raise Unsupported("an index leads into another channel, torch's count within their own")
    leading = [o - (n - 1) for o, n in zip(size, x.shape[2:], strict=True)]  # under a stride of 1, to this very size
    return (MAX_UNPOOL[rank](x, within, leading, [1] * rank),)


TABLE = {"MaxUnpool": max_unpool}
