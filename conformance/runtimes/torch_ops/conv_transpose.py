"""Transposed convolution in torch."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from conformance.runtimes.protocol import Unsupported

CONV_TRANSPOSE = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def pads_of(spare: list[int], pads: list[int], auto_pad: bytes, asked: bool) -> tuple[list[int], list[int]]:
    """Begin and end pads: as given, or ``spare`` elements split in two, the odd one at the end for SAME_UPPER."""
    if asked or auto_pad.startswith(b"SAME"):
        less, more = [n // 2 for n in spare], [n - n // 2 for n in spare]
        return (less, more) if auto_pad == b"SAME_UPPER" else (more, less)
    rank = len(spare)
    return (pads[:rank], pads[rank:]) if auto_pad == b"NOTSET" else ([0] * rank, [0] * rank)


def conv_transpose(
    x: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor | None = None,
    *,
    outputs: int,
    group: int = 1,
    kernel_shape: Any = None,
    strides: Any = None,
    dilations: Any = None,
    pads: Any = None,
    output_padding: Any = None,
    output_shape: Any = None,
    auto_pad: bytes = b"NOTSET",
) -> tuple[Any, ...]:
    """``ConvTranspose``; what torch's padding cannot say is cut out of the whole, and behind that is the bias alone."""
    rank = x.ndim - 2
    if rank not in CONV_TRANSPOSE:
        raise Unsupported(f"torch.nn.functional has no transposed convolution over {rank} axes")
    strides, dilations = list(strides or [1] * rank), list(dilations or [1] * rank)
    extra = list(output_padding or [0] * rank)
    whole = [
        s * (n - 1) + d * (k - 1) + 1 for n, k, s, d in zip(x.shape[2:], w.shape[2:], strides, dilations, strict=True)
    ]
    wanted = output_shape or [n * s for n, s in zip(x.shape[2:], strides, strict=True)]
    spare = [n + e - out for n, e, out in zip(whole, extra, wanted, strict=True)]
    begin, end = pads_of(spare, list(pads or [0] * 2 * rank), auto_pad, bool(output_shape))
    fits = all(e < max(s, d) for e, s, d in zip(extra, strides, dilations, strict=True))
    if begin == end and min(begin) >= 0 and fits:
        return (CONV_TRANSPOSE[rank](x, w, b, strides, begin, extra, group, dilations),)
    y = CONV_TRANSPOSE[rank](x, w, b, strides, 0, 0, group, dilations)
    bias = torch.zeros_like(y[0, :, *[0] * rank]) if b is None else b
    sizes = [n + e - p - q for n, e, p, q in zip(whole, extra, begin, end, strict=True)]
    cut = bias.reshape(1, -1, *[1] * rank).expand(*y.shape[:2], *sizes).clone()
    # element i of the whole is element i - begin of the cut
    low = [max(0, p) for p in begin]
    high = [min(n, p + size) for n, p, size in zip(whole, begin, sizes, strict=True)]
    if all(a < z for a, z in zip(low, high, strict=True)):
        source = [slice(a, z) for a, z in zip(low, high, strict=True)]
        target = [slice(a - p, z - p) for a, z, p in zip(low, high, begin, strict=True)]
        cut[(slice(None), slice(None), *target)] = y[(slice(None), slice(None), *source)]
    return (cut,)


TABLE = {"ConvTranspose": conv_transpose}
