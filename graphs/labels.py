"""Words for what a spec shows on one axis: a kernel is odd, pads are at the end only."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from graphs.blocks.clip import Clip
from graphs.blocks.max_unpool import MaxUnpool
from graphs.blocks.p_relu import PRelu
from graphs.geometry import Ints
from graphs.padded import PadAmounts
from graphs.resampled import Resampled
from graphs.spec import Value
from graphs.weighted import Weighted
from graphs.windowed import Spatial, Windowed


def flag(value: bool | None, yes: str, no: str) -> str:
    """One of two words."""
    return yes if value else no


def plain(value: Value | None) -> str:
    """An attribute by itself: a word as it is, a number by where it lies."""
    if value is None or isinstance(value, str):
        return value or "omitted"
    if isinstance(value, tuple):
        return each_axis(value) if value else "empty"
    if isinstance(value, bool):
        return flag(value, "yes", "no")
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "infinite"
    return "negative" if value < 0 else str(int(value)) if value in (0, 1) else "above 1" if value > 1 else "0 to 1"


def amount(count: int) -> str:
    """Channels and the like: whether vectors of 8 are filled."""
    return "1" if count == 1 else "2 to 8" if count <= 8 else "above 8"


def small(value: float | None) -> str:
    """A small whole number by itself."""
    return (
        plain(value)
        if value is None
        else f"{value:g}"
        if value in (1, 2, 3, 4)
        else flag(value > 4, "above 4", "not whole")
    )


def each_axis(values: Sequence[int] | None) -> str:
    """An entry for each axis: 1, even or odd in all, or not the same in all."""
    if values is None:
        return "omitted"
    if len(set(values)) > 1:
        return "unequal"
    return "1" if values[0] == 1 else "even" if values[0] % 2 == 0 else "odd"


def reach(spec: Spatial) -> Ints:
    """The dilated kernel."""
    gaps = getattr(spec, "dilations", None) or (1,) * spec.rank
    return tuple((k - 1) * d + 1 for k, d in zip(spec.kernel_shape, gaps, strict=True))


def strides(spec: Spatial) -> str:
    """Equal or not, and above the kernel."""
    if spec.strides is not None and any(map(int.__gt__, spec.strides, reach(spec))):
        return "above the kernel"
    return {"even": "equal", "odd": "equal"}.get(each_axis(spec.strides), each_axis(spec.strides))


def pads(spec: Spatial) -> str:
    """Where they are, or that they are as large as the kernel, before or after dilation."""
    if spec.pads is None or not any(spec.pads):
        return "omitted" if spec.pads is None else "zero"
    if any(map(int.__ge__, spec.pads, reach(spec) * 2)):
        return "past the kernel"
    if any(map(int.__ge__, spec.pads, spec.kernel_shape * 2)):
        return "past the undilated kernel"
    begin, end = spec.pads[: spec.rank], spec.pads[spec.rank :]
    return "begin as end" if begin == end else "end only" if not any(begin) else "asymmetric"


def shape(extent: Ints) -> str:
    """The form of what is spatial."""
    return (
        "1"
        if set(extent) <= {1}
        else "one axis"
        if len(extent) == 1
        else flag(len(set(extent)) == 1, "square", "not square")
    )


def last_window(spec: Windowed) -> str:
    """Whether the last window ends where the input does."""
    if all(axis.count == 1 for axis in spec.axes):
        return "one window"
    ends = [axis.span % axis.stride for axis in spec.axes]
    return "hangs over" if any(a.overhang for a in spec.axes) else flag(any(ends), "elements left over", "none")


def group(spec: Weighted) -> str:
    """Grouped or depthwise, and with how many filters a channel."""
    if spec.group is None or spec.group == 1:
        return plain(spec.group)
    if spec.group < spec.channels:
        return "grouped"
    return flag(spec.filters == spec.channels, "depthwise", "depthwise with a multiplier")


def slope(spec: PRelu) -> str:
    """Which axes of X the slope has."""
    n = len(spec.shape)
    if spec.version < 7 and len(spec.slope) == 1 and n > 1:
        return flag(spec.slope == (1,), "one", "channel")
    at = [n - len(spec.slope) + i for i, extent in enumerate(spec.slope) if extent > 1]
    if not at:
        return flag(len(spec.slope) == 0, "scalar", "one")
    places: dict[Ints, str] = {(1,): "channel", (n - 1,): "last", (0,): "first"}
    return "all" if spec.slope == spec.shape else places.get(tuple(at), "several axes")


def bounds(spec: Clip) -> str:
    """Whether the interval is one, where the spec says so: of an input it knows no value."""
    if "input" in (spec.min, spec.max):
        return "as input"
    found = spec.numbers
    return "one or none" if len(found) < 2 else flag(found["min"] > found["max"], "min above max", "min below max")


def amounts(spec: PadAmounts) -> str:
    """What is added and removed."""
    both = [amount for side in spec.sides for amount in (side.begin, side.end)]
    if min(both) < 0:
        return flag(max(both) > 0, "removes and adds", "removes")
    return "zero" if not any(both) else flag(any(s.exceeds_reflection for s in spec.sides), "extent or more", "adds")


def constant(spec: PadAmounts) -> str:
    """Omitted in which way, or of which kind."""
    return "empty name" if spec.empty_value else plain(spec.value)


def axes(spec: PadAmounts | Resampled) -> str:
    """Which axes are named, and how."""
    if spec.axes is None:
        return "omitted"
    if min(spec.axes) < 0:
        return "negative"
    return flag(len(spec.axes) == (len(spec.shape)), "all", "some")


def direction(spec: Resampled) -> str:
    """Whether axes grow or shrink."""
    lengths = spec.resized.values()
    up, down = any(a.length > a.size for a in lengths), any(a.length < a.size for a in lengths)
    return flag(down, "up and down", "up") if up else flag(down, "down", "none")


def region(spec: Resampled) -> str:
    """What of the input is read."""
    if spec.roi is None:
        return "omitted"
    return flag(min(spec.roi) < 0 or max(spec.roi) > 1, "past an end", "inside")


def size_asked_for(spec: MaxUnpool) -> str:
    """Output_shape against the size by formula."""
    if spec.output_shape is None:
        return "omitted"
    larger = [a - b for a, b in zip(spec.shape[2:], spec.padded, strict=True)]
    return flag(any(larger), flag(min(larger) < 0, "smaller", "larger"), "as by formula")


def zero_point(value: int | Ints | None, dtype: str) -> str:
    """Of a tensor of bytes: which end of the type, or one for each filter."""
    if value is None or isinstance(value, tuple):
        return flag(value is None, "omitted", "one each")
    ends = {int(np.iinfo(dtype).min): "lowest", int(np.iinfo(dtype).max): "highest"}
    return "0" if value == 0 else ends.get(value, "inside")


def scale(value: float | tuple[float, ...]) -> str:
    """Whether quotients by it are exact, or one for each filter."""
    if isinstance(value, tuple):
        return "one each"
    return flag(math.frexp(value)[0] == 0.5, "power of two", "other") + flag(value > 1, " above 1", "")
