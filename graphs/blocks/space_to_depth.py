"""The reverse of the sub-pixel rearrangement: ONNX ``SpaceToDepth``, every version up to opset 22."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from onnx import NodeProto

from graphs.geometry import Ints
from graphs.spec import Invalid, Operand, Silence, Spec, Value


@dataclass(frozen=True, kw_only=True)
class SpaceToDepth(Spec):
    """Every block of ``blocksize`` x ``blocksize`` pixels becomes as many channels: (N, C b^2, H/b, W/b).

    No version up to opset 22 states an order.  From opset 11 on DepthToSpace does, which is 'the reverse
    transformation of SpaceToDepth' and whose order is DCR 'by default'.
    """

    shape: Ints
    blocksize: int

    block: ClassVar[str] = "space_to_depth"
    op_type: ClassVar[str] = "SpaceToDepth"
    versions: ClassVar[Ints] = (1, 13)
    attribute_names: ClassVar[tuple[str, ...]] = ("blocksize",)

    def validate(self) -> None:
        """Four axes, and a plane of whole blocks."""
        super().validate()
        if len(self.shape) != 4 or min(self.shape) < 1:
            raise Invalid(f"shape is {self.shape}, must be four entries of 1 or more", "shape")
        if self.blocksize < 1 or any(extent % self.blocksize for extent in self.shape[2:]):
            raise Invalid(
                f"blocksize is {self.blocksize}, must divide {self.shape[2]} x {self.shape[3]}", "shape", "blocksize"
            )

    @property
    def silent(self) -> Silence | None:
        """Before opset 11 no text says in which order a block fills the channels."""
        if self.opset >= 11 or self.blocksize == 1:
            return None
        return Silence(
            "SpaceToDepth-1: 'values from the height and width dimensions are moved to the depth dimension' (in which "
            "order?)", ("blocksize", "opset"),
        )  # fmt: skip

    def inputs(self) -> dict[str, Ints]:
        """The input, which ONNX calls just that."""
        return {"x": self.shape}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """The output."""
        (n, c, h, w), b = self.shape, self.blocksize
        return {"y": (self.dtype, (n, c * b**2, h // b, w // b))}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The input's shape and the attributes."""
        if "blocksize" not in attributes:
            raise Invalid(f"{cls.op_type} has no blocksize, which is required", "blocksize")
        return {"shape": operands[0].shape, **attributes}

    def tokens(self) -> list[str]:
        """Shape and blocksize."""
        return ["x" + ".".join(map(str, self.shape)), f"b{self.blocksize}"]


AXES: dict[str, tuple[Any, ...]] = {
    "plane": ((2, 3), (1, 1), (5, 4), (1, 7)),  # of the output
    "depth": (3, 1, 17),  # channels of the input
    "blocksize": (2, 3, 1, 4),
    "batch": (1, 3),
    "opset": (13, 12, 7),  # version 1 with and without the text of DepthToSpace-11 beside it
    "dtype": ("float32", "float64", "float16"),
}


def build(values: dict[str, Any]) -> SpaceToDepth:
    """The spec for one value of every axis."""
    plane = tuple(extent * values["blocksize"] for extent in values["plane"])
    same = {name: values[name] for name in ("blocksize", "opset", "dtype")}
    return SpaceToDepth(shape=(values["batch"], values["depth"], *plane), **same)
