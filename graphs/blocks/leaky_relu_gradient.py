"""The derivative of the rectifier with a slope: what arrives passes where x is above 0, times alpha elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from math import frexp
from typing import Any, ClassVar

from graphs.blocks.relu_gradient import ReluGradient
from graphs.composite import Graph
from graphs.elementwise import DTYPES, SHAPES
from graphs.numbers import readable, single
from graphs.spec import Value


@dataclass(frozen=True, kw_only=True)
class LeakyReluGradient(ReluGradient):
    """``dx = dy`` where x > 0, ``alpha dy`` elsewhere: at 0, where both are subgradients, the side of alpha."""

    alpha: float = single(0.01)

    block: ClassVar[str] = "leaky_relu_gradient"

    def validate(self) -> None:
        """An alpha that an attribute of type FLOAT can hold, as LeakyRelu's."""
        super().validate()
        self._validate_number("alpha")

    @property
    def tells_precision(self) -> bool:
        """Not where alpha needs more than 8 bits: then it would be rounded too."""
        return (frexp(self.alpha)[0] * 256).is_integer()

    def compose(self, graph: Graph) -> None:
        """Greater, Mul, Where."""
        mask = graph.node("Greater", "x", graph.hold("zero", 0, self.dtype))
        below = graph.node("Mul", "dy", graph.hold("alpha", self.alpha, self.dtype))
        graph.node("Where", mask, "dy", below, to=["dx"])

    def meaning(self) -> dict[str, Value]:
        """The slope."""
        return {"alpha": self.alpha}

    def tokens(self) -> list[str]:
        """Shape and slope."""
        return [*super().tokens(), f"alpha{readable(self.alpha)}"]


AXES: dict[str, tuple[Any, ...]] = {
    "shape": SHAPES,
    "opset": (22, 15, 13, 11),
    "dtype": DTYPES,
    "alpha": (0.25, single(0.01), 0.0, -0.5, 1.5),
}


def build(values: dict[str, Any]) -> LeakyReluGradient:
    """The spec for one value of every axis."""
    return LeakyReluGradient(**values)
