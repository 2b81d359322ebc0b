"""The four operators once more, by gathering taps in the tensors' own type: right, and not the reference's code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[Any]


@dataclass
class Call:
    """One node about to run: what a fault may change.  ``memory`` lives as long as the prepared model."""

    op: str
    operands: list[Tensor]
    attributes: dict[str, Any]
    outputs: int
    memory: dict[str, Any] = field(default_factory=dict)
    padding: float = -np.inf  # of MaxPool


@dataclass(frozen=True)
class Arithmetic:
    """How products are summed, and a sum is averaged over a number of elements."""

    dot: Callable[[Tensor, Tensor], Tensor]  # (..., L, K), (..., K, M) -> (..., L, M)
    mean: Callable[[Tensor, Tensor], Tensor]  # (..., K), (...) -> (...)


def axis_taps(call: Call, axis: int, size: int, kernel: int, rank: int) -> tuple[Tensor, int, int]:
    """Positions (windows, taps) in the input along one axis, and the pads at its begin and end."""
    a = call.attributes
    stride = a.get("strides", [1] * rank)[axis]
    dilation = a.get("dilations", [1] * rank)[axis]
    pads = a.get("pads", [0] * 2 * rank)
    begin, end = pads[axis], pads[rank + axis]
    mode = a.get("auto_pad", "NOTSET")
    last = dilation * (kernel - 1)  # offset of a window's last tap
    if mode == "NOTSET":
        starts = [s for s in range(-begin, size + end, stride) if s + last < size + end]
        hanging = starts[-1] + stride
        if a.get("ceil_mode", 0) and starts[-1] + last < size + end - 1 and hanging < size:
            starts.append(hanging)
    elif mode == "VALID":
        starts = [s for s in range(0, size, stride) if s + last < size]
    else:
        windows = -(-size // stride)
        total = max(0, (windows - 1) * stride + last + 1 - size)
        begin = total // 2 if mode == "SAME_UPPER" else total - total // 2
        end = total - begin
        starts = [s for s in range(-begin, size + end, stride) if s + last < size + end]
    return np.add.outer(np.array(starts), dilation * np.arange(kernel)), begin, end


@dataclass(frozen=True)
class Taps:
    """``values`` (N, C, O..., K) with padding filled in; ``real``, ``counted`` and flat positions ``at`` (O..., K)."""

    values: Tensor
    real: Tensor
    counted: Tensor
    at: Tensor


def gather(call: Call, kernel: tuple[int, ...], fill: float) -> Taps:
    """Every tap of every window; ``counted`` are those in the input or its declared padding."""
    x = call.operands[0]
    extent = x.shape[2:]
    rank = len(extent)
    real: Any = True
    counted: Any = True
    index: list[Tensor] = []
    for i, (size, k) in enumerate(zip(extent, kernel, strict=True)):
        taps, begin, end = axis_taps(call, i, size, k, rank)
        spread = [1] * (2 * rank)
        spread[i], spread[rank + i] = taps.shape
        taps = taps.reshape(spread)
        real = real & (taps >= 0) & (taps < size)
        counted = counted & (taps >= -begin) & (taps < size + end)
        index.append(taps.clip(0, size - 1))
    windows = real.shape[:rank]
    order = reversed(range(rank)) if call.attributes.get("storage_order", 0) else range(rank)
    at: Any = 0
    for i in order:
        at = at * extent[i] + index[i]
    everywhere: tuple[Any, ...] = (slice(None), slice(None), *index)
    if fill == -np.inf and x.dtype.kind in "iu":
        fill = np.iinfo(x.dtype).min
    found = np.where(real, x[everywhere], np.array(fill, x.dtype))
    return Taps(
        found.reshape(*x.shape[:2], *windows, -1), real.reshape(*windows, -1), counted.reshape(*windows, -1),
        np.broadcast_to(at, real.shape).reshape(*windows, -1),
    )  # fmt: skip


def conv(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Conv``, the bias added as one more product."""
    x, w = call.operands[:2]
    group = call.attributes.get("group", 1)
    filters, depth = len(w), prod(w.shape[1:])
    values = gather(call, w.shape[2:], 0.0).values
    windows = values.shape[2:-1]
    rows = np.moveaxis(values.reshape(len(x), group, x.shape[1] // group, -1, values.shape[-1]), 2, 3)
    left = rows.reshape(len(x), group, -1, depth)
    right = w.reshape(group, filters // group, depth).swapaxes(1, 2)
    if len(call.operands) > 2:
        left = np.concatenate([left, np.ones_like(left[..., :1])], -1)
        right = np.concatenate([right, call.operands[2].reshape(group, 1, -1)], 1)
    y = how.dot(left, right).astype(x.dtype)
    return [np.moveaxis(y, 3, 2).reshape(len(x), filters, *windows)]


def max_pool(call: Call, how: Arithmetic) -> list[Tensor]:
    """``MaxPool``; the first of equal elements gives the index."""
    x = call.operands[0]
    taps = gather(call, tuple(call.attributes["kernel_shape"]), call.padding)
    top = np.asarray(taps.values.max(axis=-1))
    first = (taps.real & (taps.values == top[..., None])).argmax(axis=-1)
    within = np.take_along_axis(np.broadcast_to(taps.at, taps.values.shape), first[..., None], -1)[..., 0]
    channel = np.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], *[1] * (x.ndim - 2))
    return [top, within + channel * prod(x.shape[2:])][: call.outputs]


def average_pool(call: Call, how: Arithmetic) -> list[Tensor]:
    """``AveragePool``."""
    taps = gather(call, tuple(call.attributes["kernel_shape"]), 0.0)
    included = taps.counted if call.attributes.get("count_include_pad", 0) else taps.real
    return [how.mean(taps.values, included.sum(axis=-1)).astype(taps.values.dtype)]


def relu(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Relu``."""
    x = call.operands[0]
    return [np.asarray(np.maximum(x, x.dtype.type(0)))]


def by_channel(x: Tensor) -> Tensor:
    """(N, C, 1..., elements)."""
    return x.reshape(*x.shape[:2], *[1] * (x.ndim - 2), -1)


def global_max_pool(call: Call, how: Arithmetic) -> list[Tensor]:
    """``GlobalMaxPool``."""
    return [np.asarray(by_channel(call.operands[0]).max(axis=-1))]


def global_average_pool(call: Call, how: Arithmetic) -> list[Tensor]:
    """``GlobalAveragePool``."""
    values = by_channel(call.operands[0])
    return [how.mean(values, np.full(values.shape[:-1], values.shape[-1])).astype(values.dtype)]


def norm(values: Tensor, call: Call, how: Arithmetic) -> Tensor:
    """Along the last axis; one of absolute values takes no power."""
    p = call.attributes.get("p", 2)
    dtype = values.dtype.type
    powers = np.abs(values) if p == 1 else np.abs(values) ** dtype(p)
    total = how.dot(powers, np.ones((values.shape[-1], 1), values.dtype))[..., 0]
    return np.asarray((total if p == 1 else total ** (dtype(1) / dtype(p))).astype(values.dtype))


def lp_pool(call: Call, how: Arithmetic) -> list[Tensor]:
    """``LpPool``."""
    return [norm(gather(call, tuple(call.attributes["kernel_shape"]), 0.0).values, call, how)]


def global_lp_pool(call: Call, how: Arithmetic) -> list[Tensor]:
    """``GlobalLpPool``."""
    return [norm(by_channel(call.operands[0]), call, how)]


OPERATORS = {
    "Conv": conv, "MaxPool": max_pool, "AveragePool": average_pool, "Relu": relu,
    "GlobalMaxPool": global_max_pool, "GlobalAveragePool": global_average_pool,
    "LpPool": lp_pool, "GlobalLpPool": global_lp_pool,
}  # fmt: skip
