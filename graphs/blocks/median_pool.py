"""Median pooling, which ONNX lacks: the elements of each window side by side, and the larger half of them by TopK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, ClassVar

import numpy as np

from graphs import patterns
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.pad import Pad
from graphs.composite import Composite, Graph, alike
from graphs.geometry import Ints
from graphs.numbers import floats_since
from graphs.spec import Invalid, Silence
from graphs.windowed import SIZE_FIELDS

MODES = (None, "constant", "reflect", "edge")
FORMS = ("slice", "gather")
FACTS = ("rank", "dilated", "strided", "padded", "reads_padding", "asymmetric", "stride_above_kernel")


@dataclass(frozen=True, kw_only=True)
class MedianPool(Composite):
    """The middle element of each window, or the mean of the middle two; elements of a padding in front count.

    ``windows`` says how the graph gathers them: by a Slice for each tap, joined on a last axis, or by one
    Gather from the flattened image.
    """

    batch: int
    channels: int
    extent: Ints
    kernel_shape: Ints
    strides: Ints | None = None
    pads: Ints | None = None
    dilations: Ints | None = None
    mode: str | None = None
    windows: str = "slice"

    block: ClassVar[str] = "median_pool"
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(24)  # TopK's, which is the last to have bfloat16

    def validate(self) -> None:
        """Window rules, which are MaxPool's, a mode that goes with pads, and a form that there is."""
        super().validate()
        _ = self.layout  # raises where there are no such windows
        if self.mode not in MODES:
            raise Invalid(f"mode is {self.mode!r}, must be one of {', '.join(filter(None, MODES))}", "mode")
        if self.mode is not None and self.pads is None:
            raise Invalid(f"mode is {self.mode!r} without pads", "mode", "pads")
        if self.windows not in FORMS:
            raise Invalid(f"windows is {self.windows!r}, must be one of {', '.join(FORMS)}", "windows")

    @cached_property
    def layout(self) -> MaxPool:
        """The windows; raises `Invalid` where there are none."""
        return alike(MaxPool, self)

    @cached_property
    def pad(self) -> Pad | None:
        """The node in front, where there is one."""
        if self.pads is None:
            return None
        n = self.layout.rank
        pads = (0, 0, *self.pads[:n], 0, 0, *self.pads[n:])
        return Pad(shape=self.inputs()["x"], pads=pads, mode=self.mode, dtype=self.dtype, opset=self.opset)

    @property
    def silent(self) -> Silence | None:
        """Where Pad's text is."""
        silence = None if self.pad is None else self.pad.silent
        return None if silence is None else Silence(silence.sentence, (*SIZE_FIELDS, "mode", "opset"))

    def inputs(self) -> dict[str, Ints]:
        """X."""
        return self.layout.inputs()

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return self.layout.outputs()

    def compose(self, graph: Graph) -> None:
        """Pad, the windows, TopK, and what stands in the middle."""
        padded = "x"
        if self.pad is not None:
            padded = graph.spec(self.pad, "x")
            graph.hold("pads", self.pad.pads)
        if self.windows == "slice":
            self._middle(graph, self._by_slices(graph, padded), to=["y"])
        else:
            middle = self._middle(graph, self._by_gather(graph, padded))
            _, shape = self.outputs()["y"]
            graph.node("Reshape", middle, graph.hold("shape", shape), to=["y"])

    def _middle(self, graph: Graph, windows: str, to: list[str] | None = None) -> str:
        """Of a last axis of n the (n // 2 + 1)-th largest; for an even n the mean of it and the one before.

        Add and Mul, not ReduceMean: halving is exact in every type, so that the mean is rounded once, by an Add that
        no runtime can reorder; and ReduceMean's axes become an input in the midst of the opsets.
        """
        n = prod(self.kernel_shape)
        largest = graph.node("TopK", windows, graph.hold("k", [n // 2 + 1]), to=["largest", "places"])
        last = graph.hold("last", n // 2)
        if n % 2:
            return graph.node("Gather", largest, last, to=to or (), axis=-1)
        pair = [graph.node("Gather", largest, at, axis=-1) for at in (graph.hold("before", n // 2 - 1), last)]
        return graph.node("Mul", graph.node("Add", *pair), graph.hold("half", 0.5, self.dtype), to=to or ())

    @property
    def _starts(self) -> list[Ints]:
        """The taps of a window along each axis, counted from its first one."""
        dilations = self.dilations or (1,) * self.layout.rank
        return [tuple(range(0, k * d, d)) for k, d in zip(self.kernel_shape, dilations, strict=True)]

    def _by_slices(self, graph: Graph, padded: str) -> str:
        """(N, C, O..., taps): each tap of all windows is one Slice."""
        axes, (_, shape) = self.layout.axes, self.outputs()["y"]
        graph.hold("spatial", range(2, 2 + len(axes)))
        graph.hold("steps", [axis.stride for axis in axes])
        graph.hold("apart", (*shape, 1))
        taps = []
        for number, starts in enumerate(product(*self._starts)):
            ends = [start + (a.count - 1) * a.stride + 1 for start, a in zip(starts, axes, strict=True)]
            span = (graph.hold(f"starts_{number}", starts), graph.hold(f"ends_{number}", ends))
            taps.append(graph.node("Reshape", graph.node("Slice", padded, *span, "spatial", "steps"), "apart"))
        return graph.node("Concat", *taps, axis=len(shape))

    def _by_gather(self, graph: Graph, padded: str) -> str:
        """(N, C, windows, taps): one index matrix into the flattened image."""
        n = self.layout.rank
        at = np.zeros((1,) * (2 * n), np.int64)
        for i, (axis, taps) in enumerate(zip(self.layout.axes, self._starts, strict=True)):
            spread = [1] * (2 * n)
            spread[i], spread[n + i] = axis.count, len(taps)
            along = np.add.outer(axis.stride * np.arange(axis.count), taps).reshape(spread)
            at = at * (axis.size + axis.begin + axis.end) + along
        flat = graph.node("Reshape", padded, graph.hold("flat", (self.batch, self.channels, -1)))
        return graph.node("Gather", flat, graph.hold("at", at.reshape(-1, prod(self.kernel_shape))), axis=2)

    def meaning(self) -> dict[str, Any]:
        """The window, and the padding where there is one."""
        names = ("kernel_shape", "strides", "dilations", "pads", "mode")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def tokens(self) -> list[str]:
        """Window parts, mode and form."""
        return [*self.layout.window_tokens(), *filter(None, [self.mode]), self.windows]

    def traits(self) -> dict[str, Any]:
        """Fields, and facts about the windows."""
        facts = self.layout.traits()
        return super().traits() | {name: facts[name] for name in FACTS}


AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.PADS,
    "kernel_shape": patterns.KERNELS,
    "strides": patterns.STRIDES,
    "dilations": patterns.DILATIONS,
    "mode": MODES,
    "windows": FORMS,
    "rank": (2, 1, 3),
    "extent": patterns.SLACK,
    "opset": (22, 18, 13, 11, 24),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "channels": (1, 17),
    "batch": (1, 3),
}
ADDED: dict[str, tuple[Any, ...]] = {"dtype": ("bfloat16",), "opset": (24,)}


def build(values: dict[str, Any]) -> MedianPool:
    """The spec for one value of every axis."""
    names = ("opset", "dtype", "channels", "batch", "mode", "windows")
    window = patterns.window({**values, "auto_pad": None}, pads_below_kernel=True)
    del window["auto_pad"]
    return MedianPool(**{name: values[name] for name in names}, **window)
