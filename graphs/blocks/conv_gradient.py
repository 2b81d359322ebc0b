"""The derivatives of convolution: a transposed convolution for X, a convolution for W, a sum for B."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs import patterns
from graphs.blocks.conv import CHANNELS, Conv
from graphs.blocks.conv_transpose import ConvTranspose
from graphs.composite import Composite, Graph, alike
from graphs.geometry import Ints
from graphs.windowed import Windowed


@dataclass(frozen=True, kw_only=True)
class ConvGradient(Composite, Windowed):
    """DX, dW and, with a bias, dB from X, W and dY, of Conv's shapes: X N x C x D..., W M x C/group x k..., dY as Y."""

    filters: int = 1
    group: int | None = None
    bias: bool = False
    weights: str = "initializer"

    block: ClassVar[str] = "conv_gradient"
    signal: ClassVar[str] = "dy"

    @cached_property
    def conv(self) -> Conv:
        """The operator whose derivatives they are; no node of the graph."""
        return alike(Conv, self)

    @cached_property
    def back(self) -> ConvTranspose:
        """The node that gives dX: dY spreads as W has it."""
        return ConvTranspose(
            batch=self.batch, channels=self.filters, filters=self.channels, group=self.group, weights=self.weights,
            dtype=self.dtype, opset=self.opset, **self.opposite(),
        )  # fmt: skip

    @cached_property
    def across(self) -> Conv:
        """The node that gives dW: X under a kernel of dY, images and channels exchanged, strides and dilations too."""
        back = self.back
        return Conv(
            batch=self.channels // (self.group or 1), channels=(self.group or 1) * self.batch, extent=self.extent,
            kernel_shape=self.output_extent, strides=back.dilations, dilations=back.strides,
            pads=tuple(axis.begin for axis in self.axes) + tuple(axis.end for axis in self.axes),
            filters=self.filters, group=self.group, weights="input", dtype=self.dtype, opset=self.opset,
        )  # fmt: skip

    def validate(self) -> None:
        """The window's rules, and Conv's."""
        super().validate()
        _ = self.conv

    @property
    def terms(self) -> int:
        """The products of one sum of dX or dW."""
        return max(self.back.terms, self.across.terms)

    def inputs(self) -> dict[str, Ints]:
        """X, W and dY."""
        shapes = self.conv.inputs()
        return {"x": shapes["x"], "w": shapes["w"], "dy": self.conv.outputs()["y"][1]}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """DX, dW and, with a bias, dB, each of its operand's shape."""
        return {f"d{name}": (self.dtype, shape) for name, shape in self.conv.inputs().items()}

    def constants(self) -> Collection[str]:
        """W, unless it comes as an input."""
        return ("w",) if self.weights == "initializer" else ()

    def sums(self) -> NDArray[np.int64]:
        """For each weight the number of the sum of dX that it takes part in."""
        return self.back.sums()

    def compose(self, graph: Graph) -> None:
        """ConvTranspose; Conv between transpositions; ReduceSum."""
        graph.spec(self.back, "dy", to=["dx"])
        self._compose_dw(graph)
        axes = [axis for axis in range(self.rank + 2) if axis != 1]
        if self.bias and self.opset >= 13:
            graph.node("ReduceSum", "dy", graph.hold("but_channels", axes), keepdims=0, to=["db"])
        elif self.bias:
            graph.node("ReduceSum", "dy", axes=axes, keepdims=0, to=["db"])

    def _compose_dw(self, graph: Graph) -> None:
        """Conv between transpositions, and where its result reaches past the kernel, a Slice."""
        rank = self.rank
        kernel = graph.node("Transpose", "dy", perm=exchanged(0, 1, rank + 2))
        found = graph.spec(self.across, self._crossed(graph), kernel)
        if self.across.output_extent != self.kernel_shape:
            held = {"starts": [0] * rank, "ends": self.kernel_shape, "axes": range(2, rank + 2), "steps": [1] * rank}
            found = graph.node("Slice", found, *(graph.hold(name, list(value)) for name, value in held.items()))
        graph.node("Transpose", found, perm=exchanged(0, 1, rank + 2), to=["dw"])

    def _crossed(self, graph: Graph) -> str:
        """X with images and channels exchanged; of groups, which stay the outer part: N x g C' to C' x g N."""
        group = self.group or 1
        if group == 1:
            return graph.node("Transpose", "x", perm=exchanged(0, 1, self.rank + 2))
        apart = graph.hold("apart", (self.batch, group, self.channels // group, *self.extent))
        turned = graph.node("Transpose", graph.node("Reshape", "x", apart), perm=exchanged(0, 2, self.rank + 3))
        return graph.node("Reshape", turned, graph.hold("crossed", self.across.inputs()["x"]))

    def meaning(self) -> dict[str, Any]:
        """Conv's attributes."""
        return self.conv.attributes()

    def tokens(self) -> list[str]:
        """Those of Conv."""
        return self.conv.tokens()

    def traits(self) -> dict[str, Any]:
        """Those of the window, and what tells groups apart."""
        own = ("grouped", "depthwise", "one_to_one")
        found = self.conv.traits() | self.back.traits()
        column = {"one_column": self.across.traits()["one_column"]}
        return super().traits() | {name: found[name] for name in own} | column


def exchanged(one: int, other: int, rank: int) -> Sequence[int]:
    """The permutation of axes that exchanges two."""
    order = list(range(rank))
    order[one], order[other] = other, one
    return order


AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.INNER_PADS,
    "channels": CHANNELS,
    **patterns.INNER_WINDOW,
    "opset": (22, 13, 11),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "batch": (1, 3),
    "bias": (True, False),
    "weights": ("initializer", "input"),
}


def build(values: dict[str, Any]) -> ConvGradient:
    """The spec for one value of every axis."""
    channels, filters, group = values["channels"]
    same = {name: values[name] for name in ("opset", "dtype", "batch", "bias", "weights")}
    return ConvGradient(channels=channels, filters=filters, group=group, **same, **patterns.window(values))
