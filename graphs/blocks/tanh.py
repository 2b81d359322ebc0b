"""The hyperbolic tangent: ONNX ``Tanh``, versions 1, 6 and 13."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import floats_since
from graphs.spec import Silence


@dataclass(frozen=True, kw_only=True)
class Tanh(Elementwise):
    """``y = tanh(x)``."""

    block: ClassVar[str] = "tanh"
    op_type: ClassVar[str] = "Tanh"
    versions: ClassVar[Ints] = (1, 6, 13)
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(13)
    attribute_names: ClassVar[tuple[str, ...]] = ()

    @property
    def silent(self) -> Silence | None:
        """Version 1 speaks of one axis alone, though graphs of its time have any number of them."""
        if self.version == 1 and len(self.shape) != 1:
            return Silence("Tanh-1, input: '1-D input tensor'", ("shape", "opset"))
        return None

    @property
    def bends(self) -> Sequence[float]:
        """Nowhere."""
        return ()

    @property
    def tells_precision(self) -> bool:
        """Not at all: of wide integers it gives -1 and 1, however they were read."""
        return False


AXES: dict[str, tuple[Any, ...]] = {"shape": SHAPES, "opset": (13, 7, 5), "dtype": DTYPES}


def build(values: dict[str, Any]) -> Tanh:
    """The spec for one value of every axis."""
    return Tanh(**values)
