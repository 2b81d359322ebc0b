"""The reverse of the sub-pixel rearrangement: ONNX ``SpaceToDepth``, every version up to opset 22."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.geometry import Ints
from graphs.numbers import floats_since
from graphs.rearrangement import SIZES, Rearrangement
from graphs.spec import Invalid, Silence


@dataclass(frozen=True, kw_only=True)
class SpaceToDepth(Rearrangement):
    """Every block of ``blocksize`` x ``blocksize`` pixels becomes as many channels: (N, C b^2, H/b, W/b).

    No version up to opset 22 states an order.  From opset 11 on DepthToSpace does, which is 'the reverse
    transformation of SpaceToDepth' and whose order is DCR 'by default'.
    """

    block: ClassVar[str] = "space_to_depth"
    op_type: ClassVar[str] = "SpaceToDepth"
    versions: ClassVar[Ints] = (1, 13)
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(13)

    def validate(self) -> None:
        """The rearrangement's rules, and a plane of whole blocks."""
        super().validate()
        if any(extent % self.blocksize for extent in self.shape[2:]):
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

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """The output."""
        (n, c, h, w), b = self.shape, self.blocksize
        return {"y": (self.dtype, (n, c * b**2, h // b, w // b))}


AXES: dict[str, tuple[Any, ...]] = {
    **SIZES,
    "batch": (1, 3),
    "opset": (13, 12, 7),  # version 1 with and without the text of DepthToSpace-11 beside it
    "dtype": ("float32", "float64", "float16", "bfloat16"),
}


def build(values: dict[str, Any]) -> SpaceToDepth:
    """The spec for one value of every axis."""
    plane = tuple(extent * values["blocksize"] for extent in values["plane"])
    same = {name: values[name] for name in ("blocksize", "opset", "dtype")}
    return SpaceToDepth(shape=(values["batch"], values["depth"], *plane), **same)
