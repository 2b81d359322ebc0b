"""Numbers to codes: ONNX ``QuantizeLinear``, versions 10, 13, 19, 21, 23, 24, 25 and 28."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from onnx import NodeProto

from graphs import scales
from graphs.geometry import Ints
from graphs.numbers import SHORT, named, number_of
from graphs.quantised import CODES_SINCE, Quantised
from graphs.spec import Invalid, Operand, Silence, Value

PRECISIONS = ("float32", "float16", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class QuantizeLinear(Quantised):
    """``y = saturate((x / y_scale) + y_zero_point)``, the quotient rounded to the nearest, ties to even."""

    zero_dtype: str | None = None  # of the zero point, which says what y is
    saturate: int | None = None
    precision: int | None = None

    block: ClassVar[str] = "quantize_linear"
    op_type: ClassVar[str] = "QuantizeLinear"
    versions: ClassVar[Ints] = (10, 13, 19, 21, 23, 24, 25, 28)
    attribute_names: ClassVar[tuple[str, ...]] = ("axis", "saturate", "block_size", "output_dtype", "precision")
    since: ClassVar[Mapping[str, int]] = {
        "axis": 13, "saturate": 19, "block_size": 21, "output_dtype": 21, "precision": 23,
    }  # fmt: skip
    dtypes_since: ClassVar[Mapping[str, int]] = {"float32": 10, "int32": 10, "float16": 19, "bfloat16": 19}
    prefix: ClassVar[str] = "y"
    code_fields: ClassVar[tuple[str, ...]] = ("zero_dtype", "output_dtype")

    @property
    def code(self) -> str:
        """The zero point's type, else output_dtype, else uint8."""
        return self.zero_dtype or named(self.output_dtype) or "uint8"

    def scale_types(self) -> Collection[str]:
        """Float; from version 19 on x's own type; from 23 on any."""
        if self.version < 19:
            return ("float32",)
        return (self.dtype,) if self.version < 23 else ("float32", "float16", "bfloat16", "int32")

    def validate(self) -> None:
        """A type of codes that the version has, said once or twice alike."""
        if self.output_dtype is not None and self.output_dtype and named(self.output_dtype) not in CODES_SINCE:
            raise Invalid(f"output_dtype is {self.output_dtype}, no type of codes", "output_dtype")
        if (self.zero_dtype is None) != (self.zero_point is None):
            raise Invalid("zero_dtype is of a zero point, where there is one", "zero_dtype", "zero_point")
        if self.code not in CODES_SINCE or max(self.version, 1) < CODES_SINCE[self.code]:
            raise Invalid(f"QuantizeLinear-{self.version} has no {self.code}", *self.code_fields, "opset")
        if self.zero_dtype and self.output_dtype and self.zero_dtype != named(self.output_dtype):
            raise Invalid(f"output_dtype is {named(self.output_dtype)}, must be {self.zero_dtype}", *self.code_fields)
        if self.precision and named(self.precision) not in PRECISIONS:
            raise Invalid(f"precision is {self.precision}, must be that of {', '.join(PRECISIONS)}", "precision")
        super().validate()

    @property
    def silent(self) -> Silence | None:
        """Parameters of a tensor of one axis from version 21 on, and divisions of integers."""
        if self.version >= 21 and len(self.shape) == 1 and self.scale_shape:
            return Silence(
                f"QuantizeLinear-{self.version}, axis: 'When the rank of the input is 1, per-tensor quantization is "
                "applied' (with a scale for each element?)",
                ("shape", "scale_shape", "opset"),
            )
        if self.scale_dtype == "int32" and not self.precision:
            return Silence(
                f"QuantizeLinear-{self.version}: 'saturate((x / y_scale) + y_zero_point)' (with an int32 scale: what "
                "'rounds to the nearest even', when the division is one of integers?)",
                ("scale_dtype", "dtype", "opset", "precision"),
            )
        return super().silent

    @property
    def tells_precision(self) -> bool:
        """Codes saturate."""
        return False

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y, of X's shape."""
        return {"y": (self.code, self.shape)}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """Those of the parameters, and the zero point's type."""
        fields = super().fields_of(node, operands, attributes)
        return fields | ({"zero_dtype": operands[2].dtype} if "zero_point" in fields else {})

    def tokens(self) -> list[str]:
        """Those of the parameters, and the zero point's type."""
        return [*super().tokens(), *([f"to{SHORT[self.zero_dtype]}"] if self.zero_dtype else [])]


AXES: dict[str, tuple[Any, ...]] = {
    "code": ("uint8", "int8", "int16", "uint16", "float8_e4m3fn", "float8_e5m2", "int4", "uint4"),
    "zero_point": scales.ZERO_POINTS,
    "opset": (21, 19, 13, 10, 23, 25),
    "scale": tuple(scales.SCALES),
    "granularity": scales.GRANULARITIES,
    "shape": scales.SHAPES,
    "axis": (None, 0, -1, 1),
    "dtype": ("float32", "float16", "int32", "bfloat16"),
    "scale_dtype": (None, "float32", "float16", "bfloat16"),  # None: x's, or float32
    "saturate": (None, 0, 1),
    "output_dtype": (False, True),
    "precision": (None, "float32", "float16", "bfloat16"),
    "operands_as": ("initializer", "input"),
}


def build(values: dict[str, Any]) -> QuantizeLinear:
    """The spec for one value of every axis."""
    opset, dtype, code = values["opset"], values["dtype"], values["code"]
    own = values["scale_dtype"]
    if own is not None and opset < 23:
        raise Invalid("the scale's type is free from opset 23 on", "scale_dtype", "opset")
    scale_dtype = own or (dtype if dtype != "int32" and opset >= 19 else "float32")
    zero = values["zero_point"]
    if zero is None and not values["output_dtype"] and code != "uint8":
        raise Invalid(f"nothing says that y is {code}", "zero_point", "output_dtype", "code")
    fields = scales.parameters(values, code, scale_dtype)
    precision = values["precision"] and number_of(values["precision"])
    return QuantizeLinear(
        **fields, dtype=dtype, zero_dtype=None if zero is None else code, saturate=values["saturate"],
        output_dtype=number_of(code) if values["output_dtype"] else None, precision=precision,
    )  # fmt: skip
