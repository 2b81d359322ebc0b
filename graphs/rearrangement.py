"""What DepthToSpace and SpaceToDepth share: pixels and channels change places, in square blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from onnx import NodeProto

from graphs.geometry import Ints
from graphs.spec import Invalid, Operand, Spec, Value


@dataclass(frozen=True, kw_only=True)
class Rearrangement(Spec):
    """N x C x H x W; a block of ``blocksize`` x ``blocksize`` pixels on one side is as many channels on the other."""

    shape: Ints
    blocksize: int

    attribute_names: ClassVar[tuple[str, ...]] = ("blocksize",)

    def validate(self) -> None:
        """Four axes, and a block that has pixels."""
        super().validate()
        if len(self.shape) != 4 or min(self.shape) < 1:
            raise Invalid(f"shape is {self.shape}, must be four entries of 1 or more", "shape")
        if self.blocksize < 1:
            raise Invalid(f"blocksize is {self.blocksize}, must be 1 or more", "blocksize")

    def inputs(self) -> dict[str, Ints]:
        """The input, which ONNX calls just that."""
        return {"x": self.shape}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The input's shape and the attributes."""
        if "blocksize" not in attributes:
            raise Invalid(f"{cls.op_type} has no blocksize, which is required", "blocksize")
        return {"shape": operands[0].shape, **attributes}

    def tokens(self) -> list[str]:
        """Shape and blocksize."""
        return ["x" + ".".join(map(str, self.shape)), f"b{self.blocksize}"]


# The plane of the side with more channels, and the channels of the other side.
SIZES: dict[str, tuple[Any, ...]] = {
    "plane": ((2, 3), (1, 1), (5, 4), (1, 7)),
    "depth": (3, 1, 17),
    "blocksize": (2, 3, 1, 4),
}
