"""Sub-pixel rearrangement: ONNX ``DepthToSpace``, every version up to opset 22."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.geometry import Ints
from graphs.numbers import floats_since
from graphs.rearrangement import SIZES, Rearrangement
from graphs.spec import Invalid, Silence

MODES = ("DCR", "CRD")


@dataclass(frozen=True, kw_only=True)
class DepthToSpace(Rearrangement):
    """Blocks of ``blocksize`` x ``blocksize`` pixels from as many channels: (N, C, H, W) to (N, C/b^2, H b, W b)."""

    mode: str | None = None

    block: ClassVar[str] = "depth_to_space"
    op_type: ClassVar[str] = "DepthToSpace"
    versions: ClassVar[Ints] = (1, 11, 13)
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(13)
    attribute_names: ClassVar[tuple[str, ...]] = ("blocksize", "mode")
    since: ClassVar[Mapping[str, int]] = {"mode": 11}

    def validate(self) -> None:
        """The rearrangement's rules, and channels that make up whole blocks."""
        super().validate()
        if self.shape[1] % self.blocksize**2:
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

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """The output."""
        (n, c, h, w), b = self.shape, self.blocksize
        return {"y": (self.dtype, (n, c // b**2, h * b, w * b))}

    def tokens(self) -> list[str]:
        """Shape, blocksize and mode."""
        return super().tokens() + ([self.mode.lower()] if self.mode is not None else [])

    def traits(self) -> dict[str, Any]:
        """Fields, and how many channels are left."""
        return super().traits() | {"depth": self.shape[1] // self.blocksize**2}


AXES: dict[str, tuple[Any, ...]] = {
    **SIZES,
    "mode": (None, "DCR", "CRD"),
    "batch": (1, 3),
    "opset": (13, 11, 7),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
}


def build(values: dict[str, Any]) -> DepthToSpace:
    """The spec for one value of every axis."""
    channels = values["depth"] * values["blocksize"] ** 2
    same = {name: values[name] for name in ("blocksize", "mode", "opset", "dtype")}
    return DepthToSpace(shape=(values["batch"], channels, *values["plane"]), **same)
