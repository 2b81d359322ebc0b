"""A quantised convolution as a graph: DequantizeLinear of x, W and B, Conv, QuantizeLinear, which runtimes may fuse."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2, prod, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs import patterns, scales, weighted
from graphs.blocks.conv import Conv
from graphs.blocks.dequantize_linear import DequantizeLinear
from graphs.blocks.quantize_linear import QuantizeLinear
from graphs.composite import Composite, Graph, alike
from graphs.geometry import Ints
from graphs.numbers import single
from graphs.quantised import EIGHT_BITS, short
from graphs.spec import Invalid
from graphs.weighted import Weighted
from graphs.windowed import Windowed

if TYPE_CHECKING:
    from graphs.draw import Draw

Numbers = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class QdqConv(Composite, Weighted, Windowed):
    """Codes of x, W and y of eight bits, B of int32 without a zero point; W's parameters of all filters or of each."""

    w_dtype: str = "int8"
    y_dtype: str = "uint8"
    x_scale: float = 0.5
    x_zero_point: float = 0.0
    w_scale: Numbers = (0.5,)
    w_zero_point: Numbers = (0.0,)
    y_scale: float = 0.5
    y_zero_point: float = 0.0

    block: ClassVar[str] = "qdq_conv"
    versions: ClassVar[Ints] = (13,)  # from here on there are scales for an axis
    dtypes_since: ClassVar[Mapping[str, int]] = dict.fromkeys(EIGHT_BITS, 13)
    filters_first: ClassVar[bool] = True

    def validate(self) -> None:
        """Codes of eight bits; the nodes' own rules hold for the rest."""
        super().validate()
        for name in ("w_dtype", "y_dtype"):
            if getattr(self, name) not in EIGHT_BITS:
                raise Invalid(f"{name} is {getattr(self, name)}, must be int8 or uint8", name)
        if len(self.w_scale) not in (1, self.filters) or len(self.w_zero_point) != len(self.w_scale):
            raise Invalid("there must be one scale and zero point for W, or one a filter", "w_scale", "filters")

    @cached_property
    def conv(self) -> Conv:
        """The convolution of real numbers."""
        return alike(Conv, self, dtype="float32", weights="input")

    @property
    def per_filter(self) -> Ints:
        """The shape of W's parameters."""
        return () if len(self.w_scale) == 1 else (self.filters,)

    @property
    def b_scale(self) -> Numbers:
        """B counts units of x's scale times W's, rounded to float32."""
        return tuple(single(self.x_scale * scale) for scale in self.w_scale)

    def tensors(self) -> dict[str, tuple[str, Ints, Numbers, Numbers | None]]:
        """For each tensor of codes its type, and shape, scale and zero point of its parameters."""
        found: dict[str, tuple[str, Ints, Numbers, Numbers | None]] = {
            "x": (self.dtype, (), (self.x_scale,), (self.x_zero_point,)),
            "w": (self.w_dtype, self.per_filter, self.w_scale, self.w_zero_point),
            "b": ("int32", self.per_filter, self.b_scale, None),
            "y": (self.y_dtype, (), (self.y_scale,), (self.y_zero_point,)),
        }
        return {name: of for name, of in found.items() if name != "b" or self.bias}

    def given(self) -> Mapping[str, NDArray[Any]]:
        """Scales and zero points."""
        found = {}
        for name, (dtype, shape, scale, zero) in self.tensors().items():
            found[f"{name}_scale"] = np.array(scale, "float32").reshape(shape)
            if zero is not None:
                found[f"{name}_zero_point"] = np.array(zero).reshape(shape).astype(dtype)
        return found

    def operand_types(self) -> Mapping[str, str]:
        """W's and B's."""
        return {"w": self.w_dtype, "b": "int32"}

    def inputs(self) -> dict[str, Ints]:
        """X, W, B, and their parameters and y's."""
        return super().inputs() | {name: value.shape for name, value in self.given().items()}

    def constants(self) -> Collection[str]:
        """The parameters, and W and B unless they come as inputs."""
        return (*super().constants(), *self.given())

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return {"y": (self.y_dtype, self.conv.outputs()["y"][1])}

    def drawn(self, name: str, draw: Draw) -> NDArray[Any] | None:
        """A bias like a few products."""
        return draw.integers(-999, 999, (self.filters,)) if name == "b" else None

    def compose(self, graph: Graph) -> None:
        """One DequantizeLinear each, Conv, QuantizeLinear."""
        shapes, real = super().inputs(), []
        for name in shapes:
            dtype, shape, scale, zero = self.tensors()[name]
            node = DequantizeLinear(
                shape=shapes[name], dtype=dtype, opset=self.opset, scale=scale, scale_shape=shape, zero_point=zero,
                axis=0 if shape else None,
            )  # fmt: skip
            zeros = [f"{name}_zero_point"] if zero is not None else []
            real.append(graph.spec(node, name, f"{name}_scale", *zeros))
        last = QuantizeLinear(
            shape=self.outputs()["y"][1], opset=self.opset, scale=(self.y_scale,), zero_point=(self.y_zero_point,),
            zero_dtype=self.y_dtype,
        )  # fmt: skip
        graph.spec(last, graph.spec(self.conv, *real), "y_scale", "y_zero_point", to=["y"])

    def meaning(self) -> dict[str, Any]:
        """Conv's attributes."""
        return self.conv.attributes()

    def tokens(self) -> list[str]:
        """The convolution's, then every tensor's parameters."""
        parts = [
            f"{name}{short(scale, shape)}z{short(zero or (), shape)}"
            for name, (_, shape, scale, zero) in self.tensors().items() if name != "b"
        ]  # fmt: skip
        return [*super().tokens(), *parts, f"w{self.w_dtype}", f"y{self.y_dtype}"]


AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.INNER_PADS,
    "channels": ((3, 17, 1), (1, 1, None), (17, 5, None), (4, 6, 2), (17, 17, 17)),  # channels, filters, group
    "dtype": ("uint8", "int8"),
    "w_dtype": ("int8", "uint8"),
    "y_dtype": ("uint8", "int8"),
    "x_zero_point": ("middle", "zero", "lowest", "highest"),
    "w_zero_point": ("zero", "middle", "highest", "several"),
    "y_zero_point": ("middle", "zero", "lowest", "highest"),
    "granularity": ("axis", "tensor"),
    "scale": tuple(scales.SCALES),
    "y_scale": ("coarse", "fine", "odd"),
    "opset": (21, 13, 19, 23),
    "bias": (True, False),
    "weights": weighted.AXES["weights"],
    "infer_kernel": weighted.AXES["infer_kernel"],
    **patterns.INNER_WINDOW,
    "batch": (1, 3),
}


def build(values: dict[str, Any]) -> QdqConv:
    """The spec for one value of every axis."""
    channels, filters, group = values["channels"]
    count = filters if values["granularity"] == "axis" else 1
    if values["w_zero_point"] == "several" and count == 1:
        raise Invalid("several zero points need several scales", "w_zero_point", "granularity", "channels")
    window = patterns.window(values, pads_below_kernel=True)
    scale = scales.SCALES[values["scale"]]
    w_scale = tuple(single(scale(i)) for i in range(count))
    of = (("x", values["dtype"], 1), ("w", values["w_dtype"], count), ("y", values["y_dtype"], 1))
    zero = {name: scales.zero_points(values[f"{name}_zero_point"], code, n) for name, code, n in of}
    # A sum of n products of codes has about 2^12 sqrt(n) units; of small integers a few.
    units = {"coarse": 2.0 ** (6 + ceil(log2(sqrt(channels * prod(window["kernel_shape"]))))), "fine": 4.0, "odd": 13.7}
    fields = {
        name: values[name]
        for name in ("dtype", "w_dtype", "y_dtype", "opset", "bias", "weights", "infer_kernel", "batch")
    }
    return QdqConv(
        **fields, **window, channels=channels, filters=filters, group=group, x_scale=single(scale(1)),
        x_zero_point=zero["x"][0], w_scale=w_scale, w_zero_point=zero["w"],
        y_scale=single(scale(1) * w_scale[0] * units[values["y_scale"]]), y_zero_point=zero["y"][0],
    )  # fmt: skip
