"""The derivative of max pooling: what arrives at a window goes to its largest element, and adds up there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import gcd, prod
from typing import Any, ClassVar

from graphs import patterns
from graphs.blocks.max_pool import MaxPool
from graphs.composite import Composite, Graph, alike
from graphs.geometry import Ints
from graphs.pooling import Pooling, pooled
from graphs.spec import Silence


@dataclass(frozen=True, kw_only=True)
class MaxPoolGradient(Composite, Pooling):
    """``dx[i]`` is the sum of dy over the windows whose maximum is taken at i; X is N x C x D..., dY as MaxPool's Y."""

    block: ClassVar[str] = "max_pool_gradient"
    versions: ClassVar[Ints] = (16,)  # from here on ScatterElements adds
    signal: ClassVar[str] = "dy"
    ranked: ClassVar[tuple[str, ...]] = ("x",)

    @cached_property
    def pool(self) -> MaxPool:
        """The node that finds the maxima."""
        return alike(MaxPool, self, indices=True)

    @property
    def silent(self) -> Silence | None:
        """Where MaxPool's text is."""
        return self.pool.silent

    @property
    def terms(self) -> int:
        """The windows that hold one element."""
        axes, gaps = self.pool.axes, self.pool.dilations or (1,) * self.rank
        apart = (axis.stride // gcd(axis.stride, gap) for axis, gap in zip(axes, gaps, strict=True))
        return prod(-(-k // step) for k, step in zip(self.kernel_shape, apart, strict=True))

    def inputs(self) -> dict[str, Ints]:
        """X and dY."""
        return super().inputs() | {"dy": self.pool.outputs()["y"][1]}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """DX, of X's shape."""
        return {"dx": (self.dtype, self.pool.inputs()["x"])}

    def compose(self, graph: Graph) -> None:
        """MaxPool with Indices, then dy added where they point to."""
        shape = self.pool.inputs()["x"]
        graph.spec(self.pool, "x", to=["max", "indices"])
        flat = graph.hold("flat", [-1])
        at, updates = graph.node("Reshape", "indices", flat), graph.node("Reshape", "dy", flat)
        zeros = graph.hold("zeros", [0] * prod(shape), self.dtype)
        total = graph.node("ScatterElements", zeros, at, updates, axis=0, reduction="add")
        graph.node("Reshape", total, graph.hold("shape", shape), to=["dx"])

    def meaning(self) -> dict[str, Any]:
        """MaxPool's attributes."""
        return self.pool.attributes()

    def traits(self) -> dict[str, Any]:
        """The window's facts, and that Indices are asked for."""
        return super().traits() | {"indices": True}


AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.INNER_PADS,
    **patterns.INNER_WINDOW,
    "opset": (22, 18, 16),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "ceil_mode": (None, 1),
    "channels": (1, 17),
    "batch": (1, 3),
}


def build(values: dict[str, Any]) -> MaxPoolGradient:
    """The spec for one value of every axis."""
    return pooled(MaxPoolGradient, values)
