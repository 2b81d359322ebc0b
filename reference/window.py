"""Sliding windows as a view: the definition that convolution and pooling share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = Sequence[int]


@dataclass(frozen=True)
class Window:
    """Where the windows lie along one spatial axis: ``count`` of them, the k-th from ``stride * k - begin``."""

    size: int
    taps: int
    dilation: int
    stride: int
    begin: int
    end: int
    count: int

    @property
    def cover(self) -> int:
        """Extent of the padded axis that the windows read."""
        return max(self.size + self.begin, (self.count - 1) * self.stride + (self.taps - 1) * self.dilation + 1)

    def inside(self, low: int, high: int) -> NDArray[np.int64]:
        """For each window, how many of its taps lie in low..high-1, counted from the first element."""
        starts = self.stride * np.arange(self.count)[:, None] - self.begin
        taps = starts + self.dilation * np.arange(self.taps)
        found: NDArray[np.int64] = ((taps >= low) & (taps < high)).sum(axis=1)
        return found


def windows_along(
    extent: Ints,
    kernel_shape: Ints,
    *,
    strides: Ints | None = None,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
) -> list[Window]:
    """One Window an axis, by the operator's attributes; omitted ones are 1, 1, 0, NOTSET and 0.

    A window counts while it ends within the padding; with ceil_mode one more counts if the last did
    not reach the end and this one does not start behind the input (MaxPool-22, AveragePool-22).
    SAME_* pads up to ceil(size / stride) windows, the odd pixel at the end for UPPER.
    """
    n = len(extent)
    strides, dilations, pads = strides or [1] * n, dilations or [1] * n, pads or [0] * 2 * n
    found = []
    for size, taps, stride, dilation, begin, end in zip(
        extent, kernel_shape, strides, dilations, pads[:n], pads[n:], strict=True
    ):
        reach = dilation * (taps - 1) + 1
        if auto_pad.startswith("SAME"):
            missing = max(0, (-(-size // stride) - 1) * stride + reach - size)
            end = (missing + 1) // 2 if auto_pad == "SAME_UPPER" else missing // 2
            begin = missing - end
        span = size + begin + end - reach
        starts = range(0, span + 1, stride)
        extra = starts[-1] + stride
        if ceil_mode and auto_pad == "NOTSET" and starts[-1] < span and extra < size + begin:
            starts = range(0, extra + 1, stride)
        found.append(Window(size, taps, dilation, stride, begin, end, len(starts)))
    return found


def view(x: NDArray[Any], layout: Sequence[Window], fill: Any, dtype: Any = np.float64) -> NDArray[Any]:
    """Windows of ``x`` (leading axes, spatial axes) as (leading axes, counts, taps); the padding holds ``fill``."""
    lead = x.ndim - len(layout)
    padded = np.full(x.shape[:lead] + tuple(w.cover for w in layout), fill, dtype)
    inner = [slice(w.begin, w.begin + w.size) for w in layout]
    padded[(slice(None),) * lead + tuple(inner)] = x
    steps = padded.strides[lead:]
    return np.ndarray(
        x.shape[:lead] + tuple(w.count for w in layout) + tuple(w.taps for w in layout),
        padded.dtype,
        padded,
        0,
        padded.strides[:lead]
        + tuple(w.stride * s for w, s in zip(layout, steps, strict=True))
        + tuple(w.dilation * s for w, s in zip(layout, steps, strict=True)),
    )


def taps_inside(layout: Sequence[Window], include_pad: bool) -> NDArray[np.int64]:
    """How many taps of each window lie in the input, or in the padded input; shape of the spatial output."""
    total = np.ones((1,) * len(layout), np.int64)
    for axis, w in enumerate(layout):
        low, high = (-w.begin, w.size + w.end) if include_pad else (0, w.size)
        shape = [1] * len(layout)
        shape[axis] = w.count
        total = total * w.inside(low, high).reshape(shape)
    return total


def places(shape: Ints, layout: Sequence[Window]) -> NDArray[np.int64]:
    """Flat positions of each window's taps in an array of ``shape``, -1 in padding: (leading axes, counts, taps)."""
    found = view(np.arange(int(np.prod(shape))).reshape(tuple(shape)), layout, -1, np.int64)
    return found.reshape(*found.shape[: len(shape)], -1)


def landed(at: NDArray[np.int64], values: NDArray[Any], shape: Ints) -> NDArray[np.float64]:
    """What each position of an array of ``shape`` gets: ``values`` added at flat positions, those at -1 left out."""
    spread = np.broadcast_to(values, at.shape).reshape(-1)
    found = np.bincount(at.reshape(-1) + 1, spread, int(np.prod(shape)) + 1)
    return np.asarray(found[1:].reshape(tuple(shape)), np.float64)
