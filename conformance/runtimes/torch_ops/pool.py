"""Max, average and Lp pooling in torch."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from conformance.runtimes.protocol import Unsupported
from conformance.runtimes.torch_ops.padding import Slide, pad, slide

MAX = {
    1: F.max_pool1d_with_indices,
    2: F.max_pool2d_with_indices,
    3: F.max_pool3d_with_indices,
}
AVERAGE = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


def max_pool(
    x: torch.Tensor, *, outputs: int, kernel_shape: Any, storage_order: int = 0, **window: Any
) -> tuple[Any, ...]:
    """``MaxPool``; padding that torch's argument cannot say goes in front, as the lowest value."""
    s = slide(x, kernel_shape, **window)
    rank = len(s.size)
    fits = s.is_symmetric and all(2 * p <= k for p, k in zip(s.begin, s.kernel, strict=True))
    if fits:
        y, at = MAX[rank](x, s.kernel, s.strides, s.begin, s.dilations, s.ceil)
        offset = [0] * rank
    else:
        end = [e + o for e, o in zip(s.end, s.overhang(), strict=True)]
        lowest = -torch.inf if x.is_floating_point() else torch.iinfo(x.dtype).min
        padded = pad(x, s.begin, end, lowest)
        y, at = MAX[rank](padded, s.kernel, s.strides, 0, s.dilations, False)
        offset = s.begin
        s = s._replace(size=list(padded.shape[2:]))
    return (y,) if outputs == 1 else (y, flat_index(at, s.size, offset, list(x.shape), storage_order))


def flat_index(
    at: torch.Tensor, plane: list[int], offset: list[int], shape: list[int], storage_order: int
) -> torch.Tensor:
    """Torch's index within a (padded) plane as ONNX's index within the whole input."""
    coordinates = torch.unravel_index(at, plane)
    axes = [(c - begin, extent) for c, begin, extent in zip(coordinates, offset, shape[2:], strict=True)]
    if any(bool(((c < 0) | (c >= extent)).any()) for c, extent in axes):
        raise Unsupported("the lowest value was found in the padding that this adapter puts in front")
    flat = torch.zeros_like(at)
    for coordinate, extent in reversed(axes) if storage_order else axes:
        flat = flat * extent + coordinate
    channels = torch.arange(shape[0] * shape[1], device=at.device).reshape(*shape[:2], *[1] * len(axes))
    volume = 1
    for extent in shape[2:]:
        volume *= extent
    return flat + channels * volume


def average_pool(
    x: torch.Tensor, *, outputs: int, kernel_shape: Any, count_include_pad: int = 0, **window: Any
) -> tuple[Any, ...]:
    """``AveragePool``; padding that torch's argument cannot say becomes the quotient of two window sums."""
    s = slide(x, kernel_shape, **window)
    if any(d > 1 for d in s.dilations):
        raise Unsupported("torch.nn.functional.avg_pool has no dilation")
    if s.is_symmetric and all(2 * p <= k <= n for p, k, n in zip(s.begin, s.kernel, s.size, strict=True)):
        return (AVERAGE[len(s.size)](x, s.kernel, s.strides, s.begin, s.ceil, bool(count_include_pad)),)
    beyond = s.overhang()
    end = [e + o for e, o in zip(s.end, beyond, strict=True)]
    ones = pad(torch.ones_like(x[:1, :1]), s.begin, s.end, float(bool(count_include_pad)))
    ones = pad(ones, [0] * len(beyond), beyond, 0.0)
    return (window_sum(pad(x, s.begin, end, 0.0), s) / window_sum(ones, s),)


def window_sum(x: torch.Tensor, s: Slide) -> torch.Tensor:
    """Sums of windows: the average with a divisor of 1, which one spatial axis lacks and two have."""
    if len(s.size) == 1:
        flat = F.avg_pool2d(x.unsqueeze(2), (1, *s.kernel), (1, *s.strides), divisor_override=1)
        return flat.squeeze(2)
    return AVERAGE[len(s.size)](x, s.kernel, s.strides, divisor_override=1)


def lp_pool(x: torch.Tensor, *, outputs: int, kernel_shape: Any, p: float = 2, **window: Any) -> tuple[Any, ...]:
    """``LpPool``; torch's own lp_pool takes no absolute values, so that it is no norm where p is odd."""
    s = slide(x, kernel_shape, **window)
    if any(d > 1 for d in s.dilations):
        raise Unsupported("torch.nn.functional.avg_pool has no dilation")
    end = [e + o for e, o in zip(s.end, s.overhang(), strict=True)]
    total = window_sum(pad(x.abs().pow(p), s.begin, end, 0.0), s)
    return (total.pow(1 / p),)


TABLE = {"MaxPool": max_pool, "AveragePool": average_pool, "LpPool": lp_pool}
