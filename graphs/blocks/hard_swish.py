"""x times the logistic function in three straight pieces: ONNX ``HardSwish``, versions 14 and 22."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints


@dataclass(frozen=True, kw_only=True)
class HardSwish(Elementwise):
    """``y = x max(0, min(1, alpha x + beta))``, alpha = 1/6 and beta = 0.5, which are no attributes."""

    block: ClassVar[str] = "hard_swish"
    op_type: ClassVar[str] = "HardSwish"
    versions: ClassVar[Ints] = (14, 22)
    attribute_names: ClassVar[tuple[str, ...]] = ()

    @property
    def bends(self) -> Sequence[float]:
        """Where x / 6 + 1/2 leaves 0 and reaches 1."""
        return (-3.0, 3.0)


AXES: dict[str, tuple[Any, ...]] = {"shape": SHAPES, "opset": (22, 14), "dtype": DTYPES}


def build(values: dict[str, Any]) -> HardSwish:
    """The spec for one value of every axis."""
    return HardSwish(**values)
