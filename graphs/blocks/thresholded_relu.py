"""Rectifier with a threshold: ONNX ``ThresholdedRelu``, versions 10 and 22."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import single


@dataclass(frozen=True, kw_only=True)
class ThresholdedRelu(Elementwise):
    """``y = x`` where x > alpha, else 0: a step at alpha, which is 1 where omitted."""

    alpha: float | None = None

    block: ClassVar[str] = "thresholded_relu"
    op_type: ClassVar[str] = "ThresholdedRelu"
    versions: ClassVar[Ints] = (10, 22)
    attribute_names: ClassVar[tuple[str, ...]] = ("alpha",)

    @property
    def bends(self) -> Sequence[float]:
        """The threshold."""
        return (1.0 if self.alpha is None else self.alpha,)


AXES: dict[str, tuple[Any, ...]] = {
    "shape": SHAPES,
    "opset": (22, 10),
    "dtype": DTYPES,
    "alpha": (None, 0.0, 2.0, -3.0, single(0.1)),
}


def build(values: dict[str, Any]) -> ThresholdedRelu:
    """The spec for one value of every axis."""
    return ThresholdedRelu(**values)
