"""Max pooling: ONNX ``MaxPool``, versions 1, 8, 10, 11, 12 and 22, with its optional Indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from onnx import NodeProto

from graphs import patterns
from graphs.geometry import Ints
from graphs.numbers import floats_since
from graphs.pooling import Pooling, pooled
from graphs.spec import Invalid, Operand, Silence, Value


@dataclass(frozen=True, kw_only=True)
class MaxPool(Pooling):
    """The largest element of each window, padding excluded; Indices are flat positions in X."""

    storage_order: int | None = None
    indices: bool = False

    block: ClassVar[str] = "max_pool"
    op_type: ClassVar[str] = "MaxPool"
    versions: ClassVar[Ints] = (1, 8, 10, 11, 12, 22)
    attribute_names: ClassVar[tuple[str, ...]] = (
        "auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides",
    )  # fmt: skip
    since: ClassVar[Mapping[str, int]] = {"storage_order": 8, "indices": 8, "ceil_mode": 10, "dilations": 10}
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(22) | {"int8": 12, "uint8": 12}

    def validate(self) -> None:
        """Pooling rules, and a storage order that is 0 or 1."""
        super().validate()
        if self.storage_order not in (None, 0, 1):
            raise Invalid(f"storage_order is {self.storage_order}, must be 0 or 1", "storage_order")

    @property
    def silent(self) -> Silence | None:
        """Pooling's silences, and what column major order is of."""
        name = f"{self.op_type}-{self.version}"
        if self.version == 10 and self.dilations is None:
            return Silence(
                f"{name}, dilations: 'Dilation value along each spatial axis of filter.' (no default stated)",
                ("dilations", "opset"),
            )
        if self.storage_order == 1 and self.version < 12:
            return Silence(
                f"{name}, storage_order: 'The storage order of the tensor.' (of which tensor?)",
                ("storage_order", "opset"),
            )
        wider = super().silent
        if wider is None and self.storage_order == 1 and self.indices and self.batch * self.channels > 1:
            return Silence(
                f"{name}, storage_order: 'used only to convert an n-tuple index value into a single integer' "
                "(whether N and C are column major too is not said)",
                ("storage_order", "indices", "batch", "channels"),
                ("indices",),
            )
        return wider

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y, and Indices where asked for."""
        shape = (self.batch, self.channels, *self.output_extent)
        found = {"y": (self.dtype, shape)}
        return found | {"indices": ("int64", shape)} if self.indices else found

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The window, and whether a second result is asked for."""
        return super().fields_of(node, operands, attributes) | {"indices": any(node.output[1:])}

    def tokens(self) -> list[str]:
        """Pooling parts, storage order, Indices."""
        parts = super().tokens()
        parts += [f"order{self.storage_order}"] if self.storage_order is not None else []
        return parts + (["indices"] if self.indices else [])


AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.PADS,
    "opset": (22, 12, 11, 10, 8, 7),
    **patterns.WINDOW,
    "dtype": ("float32", "float64", "float16", "bfloat16", "int8", "uint8"),
    "ceil_mode": (None, 0, 1),
    "storage_order": (None, 0, 1),
    "channels": (1, 3, 17),
    "batch": (1, 3),
    "indices": (False, True),
}
ADDED: dict[str, tuple[Any, ...]] = {"dtype": ("bfloat16", "int8", "uint8")}


def build(values: dict[str, Any]) -> MaxPool:
    """The spec for one value of every axis."""
    return pooled(MaxPool, values)
