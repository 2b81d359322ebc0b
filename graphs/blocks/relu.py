"""Rectified linear unit: ONNX ``Relu``, versions 1, 6, 13 and 14."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from onnx import NodeProto

from graphs.geometry import Ints
from graphs.spec import Invalid, Operand, Spec, Value


@dataclass(frozen=True, kw_only=True)
class Relu(Spec):
    """``y = max(0, x)`` for each element of a tensor of any shape."""

    shape: Ints

    block: ClassVar[str] = "relu"
    op_type: ClassVar[str] = "Relu"
    versions: ClassVar[Ints] = (1, 6, 13, 14)
    attribute_names: ClassVar[tuple[str, ...]] = ()

    def validate(self) -> None:
        """Extents of 1 or more."""
        super().validate()
        if any(d < 1 for d in self.shape):
            raise Invalid(f"shape is {self.shape}, every entry must be 1 or more", "shape")

    def inputs(self) -> dict[str, Ints]:
        """X."""
        return {"x": self.shape}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y, of X's shape."""
        return {"y": (self.dtype, self.shape)}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The shape of X."""
        return {"shape": operands[0].shape}

    def tokens(self) -> list[str]:
        """The shape."""
        return ["x" + (".".join(map(str, self.shape)) or "scalar")]

    def traits(self) -> dict[str, Any]:
        """Fields and rank."""
        return super().traits() | {"rank": len(self.shape)}


AXES: dict[str, tuple[Any, ...]] = {
    "shape": ((), (7,), (3, 17), (2, 5, 9), (1, 3, 8, 7), (2, 2, 3, 3, 5)),
    "opset": (14, 13, 7, 5),
    "dtype": ("float32", "float64", "float16"),
}


def build(values: dict[str, Any]) -> Relu:
    """The spec for one value of every axis."""
    return Relu(**values)
