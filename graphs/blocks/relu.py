"""Rectified linear unit: ONNX ``Relu``, versions 1, 6, 13 and 14."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import floats_since


@dataclass(frozen=True, kw_only=True)
class Relu(Elementwise):
    """``y = max(0, x)`` for each element of a tensor of any shape."""

    block: ClassVar[str] = "relu"
    op_type: ClassVar[str] = "Relu"
    versions: ClassVar[Ints] = (1, 6, 13, 14)
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(13)
    attribute_names: ClassVar[tuple[str, ...]] = ()


AXES: dict[str, tuple[Any, ...]] = {"shape": SHAPES, "opset": (14, 13, 7, 5), "dtype": DTYPES}


def build(values: dict[str, Any]) -> Relu:
    """The spec for one value of every axis."""
    return Relu(**values)
