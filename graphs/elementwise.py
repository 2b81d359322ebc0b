"""The part of a spec that activations share: one result for each element of a tensor of any shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from onnx import NodeProto

from graphs.geometry import Ints
from graphs.numbers import readable, single
from graphs.spec import Invalid, Operand, Spec, Value

SHAPES: tuple[Ints, ...] = ((), (7,), (3, 17), (2, 5, 9), (1, 3, 8, 7), (2, 2, 3, 3, 5))
DTYPES = ("float32", "float64", "float16", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class Elementwise(Spec):
    """Y of X's shape; attributes, where the operator has any, are numbers of ONNX's type FLOAT."""

    shape: Ints

    def validate(self) -> None:
        """Extents of 1 or more, and attributes that a FLOAT can hold."""
        super().validate()
        if any(d < 1 for d in self.shape):
            raise Invalid(f"shape is {self.shape}, every entry must be 1 or more", "shape")
        for name in self.attribute_names:
            self._validate_number(name)

    def _validate_number(self, name: str) -> None:
        """Raise `Invalid` unless a number, where present, is finite and a float32."""
        value = getattr(self, name)
        if value is None:
            return
        if not isinstance(value, float) or not isfinite(value):
            raise Invalid(f"{name} is {value!r}, must be a finite float", name)
        if single(value) != value:
            raise Invalid(f"{name} is {value!r}, must be a float32, such as {single(value)!r}", name)

    @property
    def bends(self) -> Sequence[float]:
        """0, where rectifiers do."""
        return (0.0,)

    def inputs(self) -> dict[str, Ints]:
        """X."""
        return {"x": self.shape}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y, of X's shape."""
        return {"y": (self.dtype, self.shape)}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The shape of X, and the attributes."""
        return {"shape": operands[0].shape, **attributes}

    def tokens(self) -> list[str]:
        """The shape, and each number that is present."""
        numbers = {name: getattr(self, name) for name in self.attribute_names}
        return [
            "x" + (".".join(map(str, self.shape)) or "scalar"),
            *(name + readable(value) for name, value in numbers.items() if value is not None),
        ]

    def traits(self) -> dict[str, Any]:
        """Fields and rank."""
        return super().traits() | {"rank": len(self.shape)}
