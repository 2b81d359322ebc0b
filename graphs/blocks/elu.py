"""Exponential linear unit: ONNX ``Elu``, versions 1, 6 and 22."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import single


@dataclass(frozen=True, kw_only=True)
class Elu(Elementwise):
    """``y = alpha (exp(x) - 1)`` where x < 0, ``y = x`` where x >= 0; alpha is 1 where omitted."""

    alpha: float | None = None

    block: ClassVar[str] = "elu"
    op_type: ClassVar[str] = "Elu"
    versions: ClassVar[Ints] = (1, 6, 22)
    attribute_names: ClassVar[tuple[str, ...]] = ("alpha",)


AXES: dict[str, tuple[Any, ...]] = {
    "shape": SHAPES,
    "opset": (22, 7, 5),
    "dtype": DTYPES,
    "alpha": (None, 2.0, single(0.1), 0.0, -0.5),
}


def build(values: dict[str, Any]) -> Elu:
    """The spec for one value of every axis."""
    return Elu(**values)
