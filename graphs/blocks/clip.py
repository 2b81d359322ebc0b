"""Limits to an interval: ONNX ``Clip``, versions 1 and 6 with attributes, 11, 12 and 13 with inputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from graphs.elementwise import SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import floats_since, holds, readable, single
from graphs.spec import Invalid, Operand, Silence, Value

BOUNDS = ("min", "max")
FED = {"min": 1.0, "max": 3.0}  # what a bound is that comes as an input
INTEGERS = ("int32", "int64", "int8", "uint8")
FROM_INPUTS = 11  # the version from which on bounds are operands


@dataclass(frozen=True, kw_only=True)
class Clip(Elementwise):
    """Elements below min become min, those above max become max; a bound is a number, "input", or omitted."""

    min: float | str | None = None
    max: float | str | None = None

    block: ClassVar[str] = "clip"
    op_type: ClassVar[str] = "Clip"
    versions: ClassVar[Ints] = (1, 6, 11, 12, 13)
    attribute_names: ClassVar[tuple[str, ...]] = BOUNDS
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(13) | dict.fromkeys(INTEGERS, 12)

    def _validate_number(self, name: str) -> None:
        """A float, or the word "input" where there are such; one that the type holds where it is of that type."""
        value = getattr(self, name)
        if isinstance(value, str):
            if value != "input" or self.version < FROM_INPUTS:
                raise Invalid(f"{name} is {value!r}, must be a float, or input from opset 11 on", name, "opset")
            return
        super()._validate_number(name)
        if value is not None and self.version >= FROM_INPUTS and not holds(self.dtype, value):
            raise Invalid(f"{name} is {value!r}, must be a {self.dtype}", name, "dtype", "opset")

    @property
    def numbers(self) -> dict[str, float]:
        """The bounds that are present, in ONNX's order."""
        found = {name: getattr(self, name) for name in BOUNDS}
        return {name: FED[name] if value == "input" else value for name, value in found.items() if value is not None}

    @property
    def bends(self) -> Sequence[float]:
        """The bounds."""
        return tuple(self.numbers.values())

    @property
    def silent(self) -> Silence | None:
        """Before version 13 nothing is said of an interval whose ends are in the wrong order."""
        numbers = self.numbers
        if self.version >= 13 or len(numbers) < 2 or numbers["min"] <= numbers["max"]:
            return None
        return Silence(
            f"Clip-{self.version}: 'Clip operator limits the given input within an interval' "
            "(which bound wins where min is above max is not said)",
            ("min", "max", "opset"),
        )

    def inputs(self) -> dict[str, Ints]:
        """X, and from version 11 on the bounds that are present."""
        bounds = self.numbers if self.version >= FROM_INPUTS else ()
        return {"x": self.shape, **dict.fromkeys(bounds, ())}

    def operand_names(self) -> list[str]:
        """An omitted min in front of a max has no name."""
        names = list(self.inputs())
        return ["x", "", "max"] if names == ["x", "max"] else names

    def constants(self) -> Collection[str]:
        """The bounds that do not come as inputs."""
        return [name for name in self.inputs() if name != "x" and getattr(self, name) != "input"]

    def given(self) -> Mapping[str, NDArray[Any]]:
        """The bounds."""
        return {name: np.array(value, self.dtype) for name, value in self.numbers.items() if name in self.inputs()}

    def attributes(self) -> dict[str, Value]:
        """The bounds, before version 11."""
        return super().attributes() if self.version < FROM_INPUTS else {}

    def meaning(self) -> dict[str, Value]:
        """The bounds, and the number that version 6 has as the default of both."""
        return super().meaning() | ({"default": single(3.4028234663852886e38)} if self.version == 6 else {})

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The shape of X, and the bounds from attributes or from operands."""
        bounds = {name: operand for name, operand in zip(BOUNDS, operands[1:], strict=False) if operand.name}
        read = {name: "input" if of.value is None or of.is_fed else float(of.value) for name, of in bounds.items()}
        return {"shape": operands[0].shape, **attributes, **read}

    def tokens(self) -> list[str]:
        """The shape, and each bound."""
        found = {name: getattr(self, name) for name in BOUNDS}
        shape = "x" + (".".join(map(str, self.shape)) or "scalar")
        said = {name: readable(value) if isinstance(value, float) else value for name, value in found.items()}
        return [shape, *(name + value for name, value in said.items() if value is not None)]


AXES: dict[str, tuple[Any, ...]] = {
    "min": (None, -2.0, 0.0, "input", 4.0),
    "max": (None, 0.5, 6000.0, "input", -3.0),
    "shape": SHAPES,
    "opset": (13, 12, 11, 7, 5, 16),
    "dtype": ("float16", "float32", "float64", "bfloat16", *INTEGERS),
}
ADDED: dict[str, tuple[Any, ...]] = {"dtype": ("bfloat16", *INTEGERS), "opset": (16,)}


def build(values: dict[str, Any]) -> Clip:
    """The spec for one value of every axis."""
    return Clip(**values)
