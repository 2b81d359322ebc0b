"""The hyperbolic tangent: ONNX ``Tanh``, versions 1, 6 and 13."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints


@dataclass(frozen=True, kw_only=True)
class Tanh(Elementwise):
    """``y = tanh(x)``; version 1 calls X a 1-D tensor and has no inference, its later texts drop that word."""

    block: ClassVar[str] = "tanh"
    op_type: ClassVar[str] = "Tanh"
    versions: ClassVar[Ints] = (1, 6, 13)
    attribute_names: ClassVar[tuple[str, ...]] = ()

    @property
    def tells_precision(self) -> bool:
        """Not at all: of wide integers it gives -1 and 1, however they were read."""
        return False


AXES: dict[str, tuple[Any, ...]] = {"shape": SHAPES, "opset": (13, 7, 5), "dtype": DTYPES}


def build(values: dict[str, Any]) -> Tanh:
    """The spec for one value of every axis."""
    return Tanh(**values)
