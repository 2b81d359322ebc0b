"""The operators once more, by gathering taps in the tensors' own type: right, and not the reference's code."""

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
    operands: list[Any]  # tensors, None for one left out
    attributes: dict[str, Any]
    outputs: int
    memory: dict[str, Any] = field(default_factory=dict)
    padding: float = -np.inf  # of MaxPool
    opset: int = 22
    is_first: bool = True  # of the operators under test; what is read later was computed
    modes: dict[str, str] = field(default_factory=dict)  # of Pad, where another one is to serve
    steps: dict[str, Any] = field(default_factory=dict)  # of a quantised operator, where another one is to serve


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
    """``MaxPool``; the first of equal elements gives the index, a NaN being the largest."""
    x = call.operands[0]
    taps = gather(call, tuple(call.attributes["kernel_shape"]), call.padding)
    top = np.asarray(taps.values.max(axis=-1))
    first = (taps.real & ((taps.values == top[..., None]) | (taps.values != taps.values))).argmax(axis=-1)
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


def leaky_relu(call: Call, how: Arithmetic) -> list[Tensor]:
    """``LeakyRelu``, alpha cast to the tensor's type."""
    x = call.operands[0]
    alpha = x.dtype.type(call.attributes.get("alpha", np.float32(0.01)))
    return [np.where(x < 0, alpha * x, x)]


def p_relu(call: Call, how: Arithmetic) -> list[Tensor]:
    """``PRelu``, the slope spread over X first."""
    x, slope = call.operands
    if slope.size == 1:
        slope = slope.reshape(())
    elif slope.ndim == 1 and slope.shape != x.shape[-1:]:  # before slopes broadcast
        slope = slope.reshape(-1, *[1] * (x.ndim - 2))
    return [np.where(x < 0, np.broadcast_to(slope, x.shape) * x, x)]


def clip(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Clip`` as versions from 13 on have it, the minimum first."""
    x, *bounds = call.operands
    low, high = (*bounds, None, None)[:2] if bounds else (call.attributes.get("min"), call.attributes.get("max"))
    y = x if low is None else np.where(x < low, x.dtype.type(low), x)
    return [np.asarray(y if high is None else np.where(y > high, x.dtype.type(high), y))]


def thresholded_relu(call: Call, how: Arithmetic) -> list[Tensor]:
    """``ThresholdedRelu``."""
    x = call.operands[0]
    return [np.where(x > x.dtype.type(call.attributes.get("alpha", 1.0)), x, x.dtype.type(0))]


def elu(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Elu`` by expm1."""
    x = call.operands[0]
    return [np.where(x < 0, x.dtype.type(call.attributes.get("alpha", 1.0)) * np.expm1(x), x)]


def selu(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Selu`` as written, with the defaults of the version at hand."""
    x = call.operands[0]
    defaults = (1.6732, 1.0507) if call.opset < 6 else (1.67326319217681884765625, 1.05070102214813232421875)
    found = (call.attributes.get("alpha", defaults[0]), call.attributes.get("gamma", defaults[1]))
    alpha, gamma = (x.dtype.type(np.float32(number)) for number in found)
    return [np.where(x > 0, gamma * x, gamma * (alpha * np.exp(x) - alpha))]


def sigmoid(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Sigmoid`` as written: where exp(-x) overflows 1 / inf is 0."""
    x = call.operands[0]
    return [np.asarray(x.dtype.type(1) / (x.dtype.type(1) + np.exp(-x)))]


def tanh(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Tanh``."""
    return [np.asarray(np.tanh(call.operands[0]))]


def hard_sigmoid(call: Call, how: Arithmetic) -> list[Tensor]:
    """``HardSigmoid``, alpha and beta cast to the tensor's type."""
    x = call.operands[0]
    alpha, beta = (call.attributes.get(name, default) for name, default in (("alpha", 0.2), ("beta", 0.5)))
    line = x.dtype.type(np.float32(alpha)) * x + x.dtype.type(np.float32(beta))
    return [np.asarray(np.clip(line, x.dtype.type(0), x.dtype.type(1)), x.dtype)]


def hard_swish(call: Call, how: Arithmetic) -> list[Tensor]:
    """``HardSwish`` in sixths."""
    x = call.operands[0]
    three, six = x.dtype.type(3), x.dtype.type(6)
    return [np.asarray(x * np.clip(x + three, x.dtype.type(0), six) / six, x.dtype)]


def pad(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Pad``: what is to be removed goes first, then NumPy adds."""
    x, amounts, constant, axes = (*call.operands, None, None, None)[:4]
    if amounts is None:
        amounts, constant = call.attributes.get("pads", call.attributes.get("paddings")), call.attributes.get("value")
    named = list(range(x.ndim)) if axes is None else list(axes)
    sides = np.zeros((x.ndim, 2), int)
    sides[named] = np.reshape(amounts, (2, -1)).T
    kept = [slice(max(0, -b), n - max(0, -e)) for n, (b, e) in zip(x.shape, sides, strict=True)]
    mode = call.attributes.get("mode", "constant")
    fill = {"constant_values": 0 if constant is None else constant} if mode == "constant" else {}
    return [np.pad(x[tuple(kept)], sides.clip(0), call.modes.get(mode, mode), **fill)]


def landing(call: Call, axis: int, size: int, kernel: int, rank: int) -> tuple[Tensor, Tensor]:
    """For each output position along one axis and each tap: the input element that it comes from, if there is one."""
    a = call.attributes
    stride, dilation = (a.get(name, [1] * rank)[axis] for name in ("strides", "dilations"))
    extra = a.get("output_padding", [0] * rank)[axis]
    pads, mode = a.get("pads", [0] * 2 * rank), a.get("auto_pad", "NOTSET")
    begin, end = pads[axis], pads[rank + axis]
    whole = stride * (size - 1) + extra + dilation * (kernel - 1) + 1
    if "output_shape" in a or mode.startswith("SAME"):
        over = whole - (a["output_shape"][axis] if "output_shape" in a else size * stride)
        begin = over // 2 if mode == "SAME_UPPER" else over - over // 2
        end = over - begin
    offset = np.subtract.outer(np.arange(begin, whole - end), dilation * np.arange(kernel))
    source, rest = np.divmod(offset, stride)
    return source.clip(0, size - 1), (rest == 0) & (source >= 0) & (source < size)


def conv_transpose(call: Call, how: Arithmetic) -> list[Tensor]:
    """``ConvTranspose``, by what lands on each output element; the bias as one more product."""
    x, w = call.operands[:2]
    group, rank, taps = call.attributes.get("group", 1), x.ndim - 2, prod(w.shape[2:])
    index: list[Tensor] = []
    real: Any = True
    for i, (size, k) in enumerate(zip(x.shape[2:], w.shape[2:], strict=True)):
        source, is_real = landing(call, i, size, k, rank)
        spread = [1] * (2 * rank)
        spread[i], spread[rank + i] = source.shape
        index.append(source.reshape(spread))
        real = real & is_real.reshape(spread)
    everywhere: tuple[Any, ...] = (slice(None), slice(None), *index)
    values = np.where(real, x[everywhere], np.array(0, x.dtype))
    shape = values.shape[2 : 2 + rank]
    depth = x.shape[1] // group
    rows = np.moveaxis(values.reshape(len(x), group, depth, -1, taps), 2, 3).reshape(len(x), group, -1, depth * taps)
    right = w.reshape(group, depth, -1, taps).swapaxes(2, 3).reshape(group, depth * taps, -1)
    if len(call.operands) > 2:
        rows = np.concatenate([rows, np.ones_like(rows[..., :1])], -1)
        right = np.concatenate([right, call.operands[2].reshape(group, 1, -1)], 1)
    y = how.dot(rows, right).astype(x.dtype)
    return [np.moveaxis(y, 3, 2).reshape(len(x), -1, *shape)]


def depth_to_space(call: Call, how: Arithmetic) -> list[Tensor]:
    """``DepthToSpace``, one place in the block after the other."""
    x, b = call.operands[0], call.attributes["blocksize"]
    n, c, h, w = x.shape
    y = np.empty((n, c // b**2, h * b, w * b), x.dtype)
    for k in range(b * b):
        is_crd = call.attributes.get("mode", "DCR") == "CRD"
        y[:, :, k // b :: b, k % b :: b] = x[:, k :: b * b] if is_crd else np.split(x, b * b, axis=1)[k]
    return [y]


def space_to_depth(call: Call, how: Arithmetic) -> list[Tensor]:
    """``SpaceToDepth``, one place in the block after the other."""
    x, b = call.operands[0], call.attributes["blocksize"]
    return [np.concatenate([x[:, :, k // b :: b, k % b :: b] for k in range(b * b)], axis=1)]


def unpooled_shape(call: Call) -> tuple[int, ...]:
    """The shape asked for, or from the first tap of the first window to the last of the last, less the pads."""
    x, _, *asked = call.operands
    if asked:
        return tuple(asked[0])
    rank, a = x.ndim - 2, call.attributes
    stride, pads = a.get("strides", [1] * rank), a.get("pads", [0] * 2 * rank)
    last = [s * (n - 1) + k for n, s, k in zip(x.shape[2:], stride, a["kernel_shape"], strict=True)]
    return (*x.shape[:2], *np.array(last) - pads[:rank] - pads[rank:])


def max_unpool(call: Call, how: Arithmetic) -> list[Tensor]:
    """``MaxUnpool``, by the coordinates that each index stands for."""
    x, at, *_ = call.operands
    y = np.zeros(unpooled_shape(call), x.dtype)
    y[np.unravel_index(at, y.shape)] = x
    return [y]


def source(call: Call, axis: int, size: int, length: int, scale: Any, region: tuple[Any, Any]) -> Tensor:
    """Where Resize reads along one axis, in float32 as its formulas are written."""
    single = np.float32
    i, last = np.arange(length, dtype=single), single(size - 1)
    start, end = single(region[0]), single(region[1])
    half, none = single(0.5), np.zeros(length, single)
    span = (i * (end - start) * last / single(length - 1) if length > 1 else none) + start * last
    adjusted = single(size) / single(2) * (single(1) - single(length) / (single(scale) * single(size)))
    ways = {
        "half_pixel": (i + half) / single(scale) - half,
        "half_pixel_symmetric": adjusted + ((i + half) / single(scale) - half),
        "pytorch_half_pixel": (i + half) / single(scale) - half if length > 1 else none,
        "align_corners": i * last / single(length - 1) if length > 1 else none,
        "asymmetric": i / single(scale),
        "tf_half_pixel_for_nn": (i + half) / single(scale),
        "tf_crop_and_resize": span if length > 1 else none + half * (start + end) * last,
    }
    return np.asarray(ways[call.attributes.get("coordinate_transformation_mode", "half_pixel")])


def whole(x: Tensor, mode: str) -> Tensor:
    """The element nearest to each coordinate, by Resize's nearest_mode."""
    half = np.float32(0.5)
    ways: dict[str, Callable[[], Any]] = {
        "round_prefer_floor": lambda: np.ceil(x - half), "round_prefer_ceil": lambda: np.floor(x + half),
        "floor": lambda: np.floor(x), "ceil": lambda: np.ceil(x),
        "half to even": lambda: np.rint(x), "half away": lambda: np.trunc(x + np.copysign(half, x)),  # planted faults
    }  # fmt: skip
    return np.asarray(ways[mode]().astype(int))


def filtered(distance: Tensor, a: float | None) -> Tensor:
    """The triangle, or Keys's cubics of a coefficient, of a distance in its own type."""
    s = np.abs(distance)
    if a is None:
        return np.asarray(np.maximum(s.dtype.type(0), s.dtype.type(1) - s))
    c = s.dtype.type(a)
    two, three, four, five, eight = map(s.dtype.type, (2, 3, 4, 5, 8))
    inner = ((c + two) * s - (c + three)) * s * s + s.dtype.type(1)
    outer = ((c * s - five * c) * s + eight * c) * s - four * c
    return np.asarray(np.where(s < 1, inner, np.where(s < 2, outer, s.dtype.type(0))))


def interpolate(call: Call, x: Tensor, axis: int, at: Tensor, scale: Any, how: Arithmetic) -> Tensor:
    """The weighted average along one axis; what lies outside repeats the border, or is left out."""
    a = call.attributes
    coefficient = a.get("cubic_coeff_a", -0.75) if a["mode"] == "cubic" else None
    shrink = min(1.0, float(scale)) if a.get("antialias", 0) else 1.0
    reach = int(np.ceil((2 if a["mode"] == "cubic" else 1) / shrink))
    base = np.floor(at)
    taps = base.astype(int)[:, None] + np.arange(1 - reach, 1 + reach)
    distance = (taps - at[:, None].astype(np.float64)).astype(np.float32) * np.float32(shrink)
    weights = filtered(distance, coefficient)
    if a.get("exclude_outside", 0):
        weights = np.where((taps >= 0) & (taps < x.shape[axis]), weights, np.float32(0))
    if a.get("exclude_outside", 0) or shrink < 1:
        weights = weights / weights.sum(axis=1, keepdims=True)
    moved = np.moveaxis(x, axis, -1)[..., taps.clip(0, x.shape[axis] - 1)]
    found = how.dot(moved[..., None, :], weights.astype(x.dtype)[..., None])[..., 0, 0]
    return np.moveaxis(found.astype(x.dtype), -1, axis)


def resize(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Resize``, one axis after the other."""
    x, *given = call.operands
    roi, scales, sizes = (None, given[0], None) if call.opset < 11 else (*given, None, None)[:3]
    a, y = call.attributes, x
    axes = [axis % x.ndim for axis in a.get("axes", range(x.ndim))]
    extents, is_crop = [x.shape[axis] for axis in axes], a.get("coordinate_transformation_mode") == "tf_crop_and_resize"
    regions = np.reshape(roi, (2, -1)).T.tolist() if is_crop else [(0.0, 1.0)] * len(axes)
    if scales is None or not len(scales):
        ratios = [wanted / size for wanted, size in zip(sizes, extents, strict=True)]
        policy = a.get("keep_aspect_ratio_policy", "stretch")
        chosen = {"stretch": ratios, "not_larger": [min(ratios)] * len(axes), "not_smaller": [max(ratios)] * len(axes)}
        scales = chosen[policy]
        lengths = [int(np.floor(size * scale + 0.5)) for size, scale in zip(extents, scales, strict=True)]
    else:
        spans = [end - start for start, end in regions]
        lengths = [int(np.float32(n * s) * np.float32(k)) for n, s, k in zip(extents, spans, scales, strict=True)]
    is_outside = np.zeros((1,) * x.ndim, bool)
    for axis, size, length, scale, region in zip(axes, extents, lengths, scales, regions, strict=True):
        at = source(call, axis, size, length, scale, region)
        out = (at < 0) | (at > size - 1)
        is_outside = is_outside | out.reshape([-1 if i == axis else 1 for i in range(x.ndim)])
        if a.get("mode", "nearest") == "nearest":
            y = np.take(y, whole(at, a.get("nearest_mode", "round_prefer_floor")).clip(0, size - 1), axis)
        else:
            y = interpolate(call, y, axis, at, scale, how)
    if is_crop:
        with np.errstate(invalid="ignore"):
            y = np.where(is_outside, np.array(a.get("extrapolation_value", 0.0)).astype(x.dtype), y)
    return [y]


OPERATORS = {
    "Conv": conv, "MaxPool": max_pool, "AveragePool": average_pool, "Relu": relu, "LeakyRelu": leaky_relu,
    "PRelu": p_relu, "Clip": clip, "ThresholdedRelu": thresholded_relu, "Elu": elu, "Selu": selu, "Pad": pad,
    "Sigmoid": sigmoid, "Tanh": tanh, "HardSigmoid": hard_sigmoid, "HardSwish": hard_swish,
    "ConvTranspose": conv_transpose, "DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth,
    "GlobalMaxPool": global_max_pool, "GlobalAveragePool": global_average_pool,
    "LpPool": lp_pool, "GlobalLpPool": global_lp_pool, "MaxUnpool": max_unpool, "Resize": resize,
}  # fmt: skip
