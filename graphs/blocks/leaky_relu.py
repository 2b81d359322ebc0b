"""Rectifier with a slope on the negative side: ONNX ``LeakyRelu``, versions 1, 6 and 16."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import floats_since, single


@dataclass(frozen=True, kw_only=True)
class LeakyRelu(Elementwise):
    """``y = alpha x`` where x < 0, ``y = x`` where x >= 0; alpha is 0.01 where omitted."""

    alpha: float | None = None

    block: ClassVar[str] = "leaky_relu"
    op_type: ClassVar[str] = "LeakyRelu"
    versions: ClassVar[Ints] = (1, 6, 16)
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(16)
    attribute_names: ClassVar[tuple[str, ...]] = ("alpha",)


AXES: dict[str, tuple[Any, ...]] = {
    "shape": SHAPES,
    "opset": (16, 7, 5),
    "dtype": DTYPES,
    "alpha": (None, single(0.1), 0.25, 0.0, -0.5, 1.5),
}


def build(values: dict[str, Any]) -> LeakyRelu:
    """The spec for one value of every axis."""
    return LeakyRelu(**values)
