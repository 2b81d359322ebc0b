"""Codes to numbers: ONNX ``DequantizeLinear``, versions 10, 13, 19, 21, 23, 24, 25 and 28."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs import scales
from graphs.geometry import Ints
from graphs.numbers import named, number_of
from graphs.quantised import CODES_SINCE, Quantised
from graphs.spec import Invalid, Silence

WIDE = ("int16", "uint16", "int32")
RESULTS = ("float32", "float16", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class DequantizeLinear(Quantised):
    """``y = (x - x_zero_point) * x_scale``; x is of codes, int32 without a zero point among them."""

    block: ClassVar[str] = "dequantize_linear"
    op_type: ClassVar[str] = "DequantizeLinear"
    versions: ClassVar[Ints] = (10, 13, 19, 21, 23, 24, 25, 28)
    attribute_names: ClassVar[tuple[str, ...]] = ("axis", "block_size", "output_dtype")
    since: ClassVar[Mapping[str, int]] = {"axis": 13, "block_size": 21, "output_dtype": 23}
    dtypes_since: ClassVar[Mapping[str, int]] = {**CODES_SINCE, "int32": 10}
    prefix: ClassVar[str] = "x"
    code_fields: ClassVar[tuple[str, ...]] = ("dtype",)

    @property
    def code(self) -> str:
        """X's type."""
        return self.dtype

    def scale_types(self) -> Collection[str]:
        """Float; from version 19 on narrower ones."""
        return ("float32",) if self.version < 19 else RESULTS

    def validate(self) -> None:
        """A result of a floating-point type, and no zero point of int32."""
        super().validate()
        if self.output_dtype and named(self.output_dtype) not in RESULTS:
            raise Invalid(f"output_dtype is {self.output_dtype}, must be that of {', '.join(RESULTS)}", "output_dtype")
        if self.dtype == "int32" and any(self.zero_point or ()):
            raise Invalid("int32 has 'no zero point (zero point is supposed to be 0)'", "dtype", "zero_point")

    @property
    def silent(self) -> Silence | None:
        """In versions 19 and 20 a tensor of one axis."""
        if self.version == 19 and len(self.shape) == 1 and self.scale_shape:
            return Silence(
                "DequantizeLinear-19, axis: 'When the rank of the input is 1, per-tensor quantization is applied' "
                "(with a scale for each element?)",
                ("shape", "scale_shape", "opset"),
            )
        return super().silent

    @property
    def tells_precision(self) -> bool:
        """Codes are narrower than any type that they may be computed in."""
        return False

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y, of X's shape."""
        return {"y": (named(self.output_dtype) or self.scale_dtype, self.shape)}


AXES: dict[str, tuple[Any, ...]] = {
    "dtype": (
        "uint8", "int8", "int32", "int16", "uint16", "float8_e4m3fn", "float8_e5m2", "int4", "uint4", "float8_e4m3fnuz",
        "float8_e5m2fnuz", "int2", "uint2", "float4_e2m1fn", "float6_e2m3fn", "float6_e3m2fn",
    ),
    "zero_point": scales.ZERO_POINTS,
    "opset": (21, 19, 13, 10, 23, 25, 28),
    "scale": tuple(scales.SCALES),
    "granularity": scales.GRANULARITIES,
    "shape": scales.SHAPES,
    "axis": (None, 0, -1, 1),
    "scale_dtype": RESULTS,
    "output_dtype": (None, *RESULTS),
    "operands_as": ("initializer", "input"),
}  # fmt: skip


def build(values: dict[str, Any]) -> DequantizeLinear:
    """The spec for one value of every axis."""
    if values["dtype"] in WIDE and "float16" in (values["output_dtype"], values["scale_dtype"]):
        raise Invalid("differences of 16 bits and more are beyond float16", "dtype", "output_dtype", "scale_dtype")
    if values["dtype"] == "int32" and values["zero_point"] not in ("zero", scales.LISTED, None):
        raise Invalid("int32 has no zero point", "dtype", "zero_point")
    fields = scales.parameters(values, values["dtype"], values["scale_dtype"])
    output_dtype = values["output_dtype"] and number_of(values["output_dtype"])
    return DequantizeLinear(**fields, dtype=values["dtype"], output_dtype=output_dtype)
