"""Scaled exponential linear unit: ONNX ``Selu``, versions 1, 6 and 22."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import single
from graphs.spec import Value

FIRST = {"alpha": single(1.6732), "gamma": single(1.0507)}  # the defaults of version 1; later ones have more digits


@dataclass(frozen=True, kw_only=True)
class Selu(Elementwise):
    """``y = gamma (alpha e^x - alpha)`` where x <= 0, ``y = gamma x`` where x > 0."""

    alpha: float | None = None
    gamma: float | None = None

    block: ClassVar[str] = "selu"
    op_type: ClassVar[str] = "Selu"
    versions: ClassVar[Ints] = (1, 6, 22)
    attribute_names: ClassVar[tuple[str, ...]] = ("alpha", "gamma")

    def meaning(self) -> dict[str, Value]:
        """The attributes, and version 1's own defaults."""
        return (FIRST if self.version == 1 else {}) | self.attributes()


AXES: dict[str, tuple[Any, ...]] = {
    "shape": SHAPES,
    "opset": (22, 7, 5),
    "dtype": DTYPES,
    "alpha": (None, 2.0, single(0.1), -0.5),
    "gamma": (None, 0.5, single(1.1), -1.0),
}


def build(values: dict[str, Any]) -> Selu:
    """The spec for one value of every axis."""
    return Selu(**values)
