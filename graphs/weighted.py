"""What convolution and its transpose share: weights W in groups, a bias B, and where both come from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from graphs.geometry import Ints
from graphs.spec import Invalid, Operand, Silence, Value
from graphs.windowed import Dilated


@dataclass(frozen=True, kw_only=True)
class Weighted(Dilated):
    """N x C x D... to N x M x O..., M filters in groups; in front of the kind of window among a class's bases."""

    filters: int = 1
    group: int | None = None
    bias: bool = False
    weights: str = "initializer"
    infer_kernel: bool = False  # the kernel_shape attribute is omitted and follows from W

    filters_first: ClassVar[bool]  # W is M x C/group x k..., otherwise C x M/group x k...

    def validate(self) -> None:
        """The window's rules, and channels and filters that divide into groups."""
        super().validate()
        group = 1 if self.group is None else self.group
        if self.filters < 1:
            raise Invalid(f"filters is {self.filters}, must be 1 or more", "filters")
        if group < 1 or self.channels % group or self.filters % group:
            raise Invalid(
                f"group is {group}, must divide {self.channels} channels and {self.filters} filters",
                "channels", "filters", "group",
            )  # fmt: skip
        if self.weights not in ("initializer", "input"):
            raise Invalid(f"weights is {self.weights!r}, must be initializer or input", "weights")

    @property
    def silent(self) -> Silence | None:
        """Version 1 gives no default for strides and dilations."""
        if self.version > 1:
            return None
        if self.strides is None:
            return Silence(
                f"{self.op_type}-1, strides: 'Stride along each spatial axis.' (no default stated)",
                ("strides", "opset"),
            )
        if self.dilations is None:
            return Silence(
                f"{self.op_type}-1, dilations: 'dilation value along each spatial axis of the filter.' (no default "
                "stated)",
                ("dilations", "opset"),
            )
        return None

    @property
    def terms(self) -> int:
        """The products of one sum, and the bias."""
        sums = self.sums()
        products = self.channels // (self.group or 1) * prod(self.kernel_shape) if sums is None else most_alike(sums)
        return products + self.bias

    def inputs(self) -> dict[str, Ints]:
        """X, W and, with a bias, B."""
        lead, other = (self.filters, self.channels) if self.filters_first else (self.channels, self.filters)
        shapes = {
            "x": (self.batch, self.channels, *self.extent),
            "w": (lead, other // (self.group or 1), *self.kernel_shape),
        }
        return shapes | {"b": (self.filters,)} if self.bias else shapes

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return {"y": (self.dtype, (self.batch, self.filters, *self.output_extent))}

    def constants(self) -> Collection[str]:
        """W and B, unless they come as inputs."""
        return ("w", "b") if self.weights == "initializer" else ()

    def attributes(self) -> dict[str, Value]:
        """As on the node; kernel_shape is left out where it is to be inferred."""
        found = super().attributes()
        if self.infer_kernel:
            del found["kernel_shape"]
        return found

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """X, W and perhaps B, in this order."""
        return cls.weighted_fields(operands[0].shape, operands[1], operands[2:], attributes)

    @classmethod
    def weighted_fields(
        cls, x: Ints, weights: Operand, bias: Sequence[Operand], attributes: dict[str, Value]
    ) -> dict[str, Any]:
        """Filters from W's shape, and the kernel too where the attribute is omitted."""
        w = weights.shape
        given = {"kernel_shape": w[2:], "infer_kernel": "kernel_shape" not in attributes, **attributes}
        if given["kernel_shape"] != w[2:]:
            raise Invalid(f"kernel_shape is {given['kernel_shape']}, W has {w[2:]}", "kernel_shape")
        lead, other = w[0], w[1] * int(attributes.get("group", 1))  # type: ignore[arg-type]  # group is INT
        filters, channels = (lead, other) if cls.filters_first else (other, lead)
        if channels != x[1]:
            raise Invalid(f"W takes {channels} channels, X has {x[1]} channels", "channels", "group")
        return cls.window_fields(x, given) | {
            "filters": filters,
            "bias": any(operand.name for operand in bias),
            "weights": "input" if weights.value is None or weights.is_fed else "initializer",
        }

    def tokens(self) -> list[str]:
        """Window parts, then group, bias and where the weights come from."""
        parts = self.window_tokens(f"m{self.filters}")
        parts += [f"g{self.group}"] if self.group is not None else []
        flags = {"nokernel": self.infer_kernel, "bias": self.bias, "winput": self.weights == "input"}
        return parts + [name for name, is_set in flags.items() if is_set]

    def traits(self) -> dict[str, Any]:
        """The window's facts, and whether the weights are grouped or depthwise."""
        group = self.group or 1
        return super().traits() | {"grouped": group > 1, "depthwise": group > 1 and group == self.channels}


def most_alike(numbers: NDArray[np.int64]) -> int:
    """How often the number occurs that occurs most."""
    return int(np.unique(numbers, return_counts=True)[1].max())


# Behind the axes of window and channels.
AXES: dict[str, tuple[Any, ...]] = {
    "opset": (22, 11, 7),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "batch": (1, 3),
    "bias": (False, True),
    "weights": ("initializer", "input"),
    "infer_kernel": (False, True),
}


def fields(values: dict[str, Any]) -> dict[str, Any]:
    """Spec fields of these axes, and of ``channels``: (channels, filters, group)."""
    channels, filters, group = values["channels"]
    return {name: values[name] for name in AXES} | {"channels": channels, "filters": filters, "group": group}
