"""Convolution of bytes into sums of 32 bits: ONNX ``ConvInteger``, version 10, in one to three spatial axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from graphs import quantised_conv
from graphs.geometry import Ints
from graphs.quantised_conv import QuantisedConv, plain, source, zero_point
from graphs.spec import Operand, Value


@dataclass(frozen=True, kw_only=True)
class ConvInteger(QuantisedConv):
    """``Y = (W - w_zero_point) * (X - x_zero_point)`` of int32; each zero point is 0 where omitted."""

    bias: ClassVar[bool] = False  # type: ignore[misc]  # there is no B, so that no field says so

    block: ClassVar[str] = "conv_integer"
    op_type: ClassVar[str] = "ConvInteger"

    def given(self) -> Mapping[str, NDArray[Any]]:
        """The zero points that are there."""
        found = {
            "x_zero_point": (self.x_zero_point, self.dtype),
            "w_zero_point": (self.w_zero_point, self.weight_dtype),
        }
        return {name: np.array(value, dtype) for name, (value, dtype) in found.items() if value is not None}

    def inputs(self) -> dict[str, Ints]:
        """X, W and the zero points that are there."""
        return super().inputs() | {name: value.shape for name, value in self.given().items()}

    def operand_names(self) -> list[str]:
        """An x_zero_point left out in front of the other one has an empty name."""
        names = list(self.inputs())
        return [*names[:2], "", *names[2:]] if names[2:] == ["w_zero_point"] else names

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y, of 32 bits."""
        return {"y": ("int32", super().outputs()["y"][1])}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """As of Conv; zero points by their values."""
        x, w, *zeros = operands
        left, right = [*zeros, *[Operand("", (), None)] * 2][:2]
        found = cls.weighted_fields(x.shape, w, (), attributes) | {
            "weight_dtype": w.dtype,
            "x_zero_point": plain(left, int),
            "w_zero_point": plain(right, int),
            "setting": source(zeros),
        }
        del found["bias"]
        return found


AXES: dict[str, tuple[Any, ...]] = quantised_conv.AXES | {
    "x_zero_point": (*quantised_conv.ZERO_POINTS, None),
    "w_zero_point": ("each", *quantised_conv.ZERO_POINTS, None),
}


def build(values: dict[str, Any]) -> ConvInteger:
    """The spec for one value of every axis."""
    filters = values["channels"][1]
    return ConvInteger(
        **quantised_conv.fields(values),
        x_zero_point=zero_point(values["x_zero_point"], values["dtype"]),
        w_zero_point=zero_point(values["w_zero_point"], values["weight_dtype"], filters),
    )
