"""What the global pools share: one window that is the whole of each channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from onnx import NodeProto

from graphs.geometry import Ints
from graphs.spec import Invalid, Operand, Spec, Value


@dataclass(frozen=True, kw_only=True)
class GlobalPooling(Spec):
    """N x C x D1 x ... x Dn to N x C x 1 x ... x 1."""

    batch: int
    channels: int
    extent: Ints

    attribute_names: ClassVar[tuple[str, ...]] = ()

    @property
    def terms(self) -> int:
        """The elements of a channel, where they are added."""
        return prod(self.extent) if self.adds else 1

    def validate(self) -> None:
        """One to three spatial axes, every extent 1 or more."""
        super().validate()
        if not 1 <= len(self.extent) <= 3:
            raise Invalid(f"extent has {len(self.extent)} axes, must have 1, 2 or 3", "extent")
        for field, least in (("batch", self.batch), ("channels", self.channels), ("extent", min(self.extent))):
            if least < 1:
                raise Invalid(f"{field} is {getattr(self, field)}, must be 1 or more", field)

    def inputs(self) -> dict[str, Ints]:
        """X."""
        return {"x": (self.batch, self.channels, *self.extent)}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y, of X's rank."""
        return {"y": (self.dtype, (self.batch, self.channels, *(1,) * len(self.extent)))}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The shape of X, and the attributes present."""
        x = operands[0].shape
        if len(x) < 3:
            raise Invalid(f"input has {len(x)} axes, must have 3 or more", "extent")
        return {"batch": x[0], "channels": x[1], "extent": x[2:], **attributes}

    def tokens(self) -> list[str]:
        """Rank and shape."""
        return [f"{len(self.extent)}d", "x" + ".".join(map(str, (self.batch, self.channels, *self.extent)))]

    def traits(self) -> dict[str, Any]:
        """Fields and rank."""
        return super().traits() | {"rank": len(self.extent)}


AXES: dict[str, tuple[Any, ...]] = {
    "extent": ((5, 4, 2), (1, 1, 1), (3, 1, 7), (37, 1, 1)),
    "opset": (22, 7),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "rank": (2, 1, 3),
    "channels": (3, 1, 17),
    "batch": (1, 3),
}


def build(kind: type[GlobalPooling], values: dict[str, Any]) -> GlobalPooling:
    """The spec of such a pool for one value of every axis."""
    found = {name: value for name, value in values.items() if name != "rank"}
    return kind(**found | {"extent": values["extent"][: values["rank"]]})
