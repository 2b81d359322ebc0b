"""Sub-pixel rearrangement: ONNX ``DepthToSpace``, every version up to opset 22."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from onnx import NodeProto

from graphs.geometry import Ints
from graphs.spec import Invalid, Operand, Silence, Spec, Value

MODES = ("DCR", "CRD")


@dataclass(frozen=True, kw_only=True)
class DepthToSpace(Spec):
    """Blocks of ``blocksize`` x ``blocksize`` pixels from as many channels: (N, C, H, W) to (N, C/b^2, H b, W b)."""

    shape: Ints
    blocksize: int
    mode: str | None = None

    block: ClassVar[str] = "depth_to_space"
    op_type: ClassVar[str] = "DepthToSpace"
    versions: ClassVar[Ints] = (1, 11, 13)
    attribute_names: ClassVar[tuple[str, ...]] = ("blocksize", "mode")
    since: ClassVar[Mapping[str, int]] = {"mode": 11}

    def validate(self) -> None:
        """Four axes, and channels that make up whole blocks."""
        super().validate()
        if len(self.shape) != 4 or min(self.shape) < 1:
            raise Invalid(f"shape is {self.shape}, must be four entries of 1 or more", "shape")
        if self.blocksize < 1 or self.shape[1] % self.blocksize**2:
            raise Invalid(
                f"blocksize is {self.blocksize}, its square must divide {self.shape[1]} channels", "shape", "blocksize"
            )
        if self.mode not in (None, *MODES):
            raise Invalid(f"mode is {self.mode!r}, must be one of {', '.join(MODES)}", "mode")

    @property
    def silent(self) -> Silence | None:
        """Version 1 does not say in which order the channels fill a block."""
        if self.version > 1 or self.blocksize == 1:
            return None
        return Silence(
            "DepthToSpace-1: 'values from the depth dimension are moved in spatial blocks to the height and width "
            "dimensions' (in which order?)", ("blocksize", "opset"),
        )  # fmt: skip

    def inputs(self) -> dict[str, Ints]:
        """The input, which ONNX calls just that."""
        return {"x": self.shape}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """The output."""
        (n, c, h, w), b = self.shape, self.blocksize
        return {"y": (self.dtype, (n, c // b**2, h * b, w * b))}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The input's shape and the attributes."""
        if "blocksize" not in attributes:
            raise Invalid(f"{cls.op_type} has no blocksize, which is required", "blocksize")
        return {"shape": operands[0].shape, **attributes}

    def tokens(self) -> list[str]:
        """Shape, blocksize and mode."""
        parts = ["x" + ".".join(map(str, self.shape)), f"b{self.blocksize}"]
        return parts if self.mode is None else [*parts, self.mode.lower()]

    def traits(self) -> dict[str, Any]:
        """Fields, and how many channels are left."""
        return super().traits() | {"depth": self.shape[1] // self.blocksize**2}


AXES: dict[str, tuple[Any, ...]] = {
    "plane": ((2, 3), (1, 1), (5, 4), (1, 7)),
    "depth": (3, 1, 17),  # channels of the output
    "blocksize": (2, 3, 1, 4),
    "mode": (None, "DCR", "CRD"),
    "batch": (1, 3),
    "opset": (13, 11, 7),
    "dtype": ("float32", "float64", "float16"),
}


def build(values: dict[str, Any]) -> DepthToSpace:
    """The spec for one value of every axis."""
    channels = values["depth"] * values["blocksize"] ** 2
    same = {name: values[name] for name in ("blocksize", "mode", "opset", "dtype")}
    return DepthToSpace(shape=(values["batch"], channels, *values["plane"]), **same)
