"""The logistic function: ONNX ``Sigmoid``, versions 1, 6 and 13."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import floats_since


@dataclass(frozen=True, kw_only=True)
class Sigmoid(Elementwise):
    """``y = 1 / (1 + exp(-x))``."""

    block: ClassVar[str] = "sigmoid"
    op_type: ClassVar[str] = "Sigmoid"
    versions: ClassVar[Ints] = (1, 6, 13)
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(13)
    attribute_names: ClassVar[tuple[str, ...]] = ()

    @property
    def bends(self) -> Sequence[float]:
        """Nowhere."""
        return ()

    @property
    def tells_precision(self) -> bool:
        """Not at all: of wide integers it gives 0 and 1, however they were read."""
        return False


AXES: dict[str, tuple[Any, ...]] = {"shape": SHAPES, "opset": (13, 7, 5), "dtype": DTYPES}


def build(values: dict[str, Any]) -> Sigmoid:
    """The spec for one value of every axis."""
    return Sigmoid(**values)
