"""Convolution: ONNX ``Conv``, versions 1, 11 and 22, in one to three spatial axes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from onnx import NodeProto

from graphs import patterns
from graphs.geometry import Ints
from graphs.spec import Invalid, Operand, Silence, Value
from graphs.windowed import Windowed


@dataclass(frozen=True, kw_only=True)
class Conv(Windowed):
    """``Y = W * X (+ B)``: X is N x C x D..., W is M x C/group x k..., B is M, Y is N x M x O...."""

    filters: int = 1
    group: int | None = None
    bias: bool = False
    weights: str = "initializer"
    infer_kernel: bool = False  # the kernel_shape attribute is omitted and follows from W

    block: ClassVar[str] = "conv"
    op_type: ClassVar[str] = "Conv"
    versions: ClassVar[Ints] = (1, 11, 22)
    attribute_names: ClassVar[tuple[str, ...]] = (
        "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides",
    )  # fmt: skip

    def validate(self) -> None:
        """Window rules, and channels and filters that divide into groups."""
        super().validate()
        if self.filters < 1:
            raise Invalid(f"filters is {self.filters}, must be 1 or more", "filters")
        group = 1 if self.group is None else self.group
        if group < 1 or self.channels % group or self.filters % group:
            raise Invalid(
                f"group is {group}, must divide {self.channels} channels and {self.filters} filters",
                "channels",
                "filters",
                "group",
            )
        if self.weights not in ("initializer", "input"):
            raise Invalid(f"weights is {self.weights!r}, must be initializer or input", "weights")

    @property
    def silent(self) -> Silence | None:
        """Conv-1 gives no default for strides and dilations, and its SAME_* sentence cannot hold under a stride."""
        if self.version > 1:
            return None
        if self.strides is None:
            return Silence(
                "Conv-1, strides: 'Stride along each spatial axis.' (no default stated)", ("strides", "opset")
            )
        if self.dilations is None:
            return Silence(
                "Conv-1, dilations: 'dilation value along each spatial axis of the filter.' (no default stated)",
                ("dilations", "opset"),
            )
        if (self.auto_pad or "").startswith("SAME") and max(self.strides) > 1:
            return Silence(
                "Conv-1, auto_pad: 'pad the input so that the output spatial size match the input' (under a stride?)",
                ("auto_pad", "strides", "kernel_shape", "opset"),
            )
        return None

    def inputs(self) -> dict[str, Ints]:
        """X, W and, with a bias, B."""
        shapes = {
            "x": (self.batch, self.channels, *self.extent),
            "w": (self.filters, self.channels // (self.group or 1), *self.kernel_shape),
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
        """Channels and kernel from W's shape where the attribute is omitted."""
        x, w = operands[0].shape, operands[1].shape
        given = {"kernel_shape": w[2:], "infer_kernel": "kernel_shape" not in attributes, **attributes}
        if given["kernel_shape"] != w[2:]:
            raise Invalid(f"kernel_shape is {given['kernel_shape']}, W has {w[2:]}", "kernel_shape")
        if w[1] * int(attributes.get("group", 1)) != x[1]:  # type: ignore[arg-type]  # group is INT
            raise Invalid(f"W takes {w[1]} channels a group, X has {x[1]} channels", "channels", "group")
        return cls.window_fields(x, given) | {
            "filters": w[0],
            "bias": any(operand.name for operand in operands[2:]),
            "weights": "input" if operands[1].value is None else "initializer",
        }

    def tokens(self) -> list[str]:
        """Window parts, then group, bias and where the weights come from."""
        parts = self.window_tokens(f"m{self.filters}")
        parts += [f"g{self.group}"] if self.group is not None else []
        flags = {"nokernel": self.infer_kernel, "bias": self.bias, "winput": self.weights == "input"}
        return parts + [name for name, is_set in flags.items() if is_set]

    def traits(self) -> dict[str, Any]:
        """Window facts, and whether the convolution is grouped or depthwise."""
        group = self.group or 1
        return super().traits() | {"grouped": group > 1, "depthwise": group > 1 and group == self.channels}


# (channels, filters, group): past vector widths of 8 and 16, grouped, depthwise, depthwise with a multiplier
CHANNELS = ((1, 1, None), (3, 17, 1), (17, 5, None), (4, 6, 2), (17, 17, 17), (3, 6, 3))
AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.PADS,
    "channels": CHANNELS,
    "kernel_shape": patterns.KERNELS,
    "strides": patterns.STRIDES,
    "auto_pad": patterns.AUTO_PAD,
    "dilations": patterns.DILATIONS,
    "rank": (2, 1, 3),
    "extent": patterns.SLACK,
    "opset": (22, 11, 7),
    "dtype": ("float32", "float64", "float16"),
    "batch": (1, 3),
    "bias": (False, True),
    "weights": ("initializer", "input"),
    "infer_kernel": (False, True),
}


def build(values: dict[str, Any]) -> Conv:
    """The spec for one value of every axis."""
    channels, filters, group = values["channels"]
    same = {name: values[name] for name in ("opset", "dtype", "batch", "bias", "weights", "infer_kernel")}
    return Conv(channels=channels, filters=filters, group=group, **same, **patterns.window(values))
