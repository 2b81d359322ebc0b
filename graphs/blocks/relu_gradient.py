"""The rectifier's derivative: what arrives passes where x is above 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.composite import Composite, Graph
from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints


@dataclass(frozen=True, kw_only=True)
class ReluGradient(Composite, Elementwise):
    """``dx = dy`` where x > 0, 0 elsewhere; a choice, not a product, because 0 times infinity is NaN."""

    block: ClassVar[str] = "relu_gradient"
    signal: ClassVar[str] = "dy"

    def inputs(self) -> dict[str, Ints]:
        """X and dY."""
        return {"x": self.shape, "dy": self.shape}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """DX, of X's shape."""
        return {"dx": (self.dtype, self.shape)}

    def compose(self, graph: Graph) -> None:
        """Greater, Where."""
        zero = graph.hold("zero", 0, self.dtype)
        graph.node("Where", graph.node("Greater", "x", zero), "dy", zero, to=["dx"])


AXES: dict[str, tuple[Any, ...]] = {"shape": SHAPES, "opset": (22, 15, 11), "dtype": DTYPES}


def build(values: dict[str, Any]) -> ReluGradient:
    """The spec for one value of every axis."""
    return ReluGradient(**values)
