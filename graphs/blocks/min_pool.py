"""Minimum pooling, which ONNX lacks: the maximum of the negated input, negated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from graphs import patterns
from graphs.blocks.max_pool import MaxPool
from graphs.composite import Composite, Graph, alike
from graphs.pooling import Pooling, pooled
from graphs.spec import Silence


@dataclass(frozen=True, kw_only=True)
class MinPool(Composite, Pooling):
    """The smallest element of each window, padding excluded; the window is MaxPool's."""

    block: ClassVar[str] = "min_pool"

    @cached_property
    def pool(self) -> MaxPool:
        """The node that does the work."""
        return alike(MaxPool, self)

    @property
    def silent(self) -> Silence | None:
        """Where MaxPool's text is."""
        return self.pool.silent

    def outputs(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Y."""
        return self.pool.outputs()

    def compose(self, graph: Graph) -> None:
        """Neg, MaxPool, Neg."""
        graph.node("Neg", graph.spec(self.pool, graph.node("Neg", "x")), to=["y"])

    def meaning(self) -> dict[str, Any]:
        """MaxPool's attributes."""
        return self.pool.attributes()


AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.INNER_PADS,
    **patterns.INNER_WINDOW,
    "opset": (22, 13, 12, 11),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "ceil_mode": (None, 1),
    "channels": (1, 17),
    "batch": (1, 3),
}


def build(values: dict[str, Any]) -> MinPool:
    """The spec for one value of every axis."""
    return pooled(MinPool, values)
