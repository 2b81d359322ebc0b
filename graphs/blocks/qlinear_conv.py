"""Convolution of bytes into bytes: ONNX ``QLinearConv``, version 10, in one to three spatial axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isqrt, prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from graphs import quantised_conv
from graphs.geometry import Ints
from graphs.numbers import SHORT, readable, single
from graphs.quantised_conv import BYTES, QuantisedConv, in_turn, listed, plain, source, zero_point
from graphs.spec import Invalid, Operand, Value


@dataclass(frozen=True, kw_only=True)
class QLinearConv(QuantisedConv):
    """The sum of ``ConvInteger`` and B, scaled, rounded, counted from y_zero_point and held within Y's type."""

    output_dtype: str = "uint8"
    x_zero_point: int = 0
    w_zero_point: int | Ints = 0
    y_zero_point: int = 0
    x_scale: float
    w_scale: float | tuple[float, ...]  # one for each filter where w_zero_point has one
    y_scale: float

    block: ClassVar[str] = "qlinear_conv"
    op_type: ClassVar[str] = "QLinearConv"

    def validate(self) -> None:
        """Scales above 0 that a float32 holds, and as many for W as zero points."""
        super().validate()
        if self.output_dtype not in BYTES:
            raise Invalid(f"output_dtype is {self.output_dtype}, must be one of {', '.join(BYTES)}", "output_dtype")
        for field in ("x_scale", "y_scale", "y_zero_point"):
            self._validate_scalar(field)
        self._validate_zero_point("y_zero_point", self.output_dtype, "output_dtype")
        self._validate_each("w_scale")
        if isinstance(self.w_scale, tuple) != isinstance(self.w_zero_point, tuple):
            raise Invalid("w_scale and w_zero_point must have the same shape", "w_scale", "w_zero_point")
        for field in ("x_scale", "w_scale", "y_scale"):
            value = getattr(self, field)
            for scale in value if isinstance(value, tuple) else (value,):
                if not (isfinite(scale) and scale > 0 and single(scale) == scale):
                    raise Invalid(f"{field} is {scale!r}, must be a float32 above 0", field)

    def given(self) -> Mapping[str, NDArray[Any]]:
        """Scales and zero points."""
        return {
            "x_scale": np.array(self.x_scale, np.float32),
            "x_zero_point": np.array(self.x_zero_point, self.dtype),
            "w_scale": np.array(self.w_scale, np.float32),
            "w_zero_point": np.array(self.w_zero_point, self.weight_dtype),
            "y_scale": np.array(self.y_scale, np.float32),
            "y_zero_point": np.array(self.y_zero_point, self.output_dtype),
        }

    def inputs(self) -> dict[str, Ints]:
        """X, W and the result, each followed by scale and zero point, and B."""
        shapes = super().inputs()
        given = {name: value.shape for name, value in self.given().items()}
        found = {"x": shapes["x"]} | {name: of for name, of in given.items() if name[0] == "x"} | {"w": shapes["w"]}
        found |= {name: of for name, of in given.items() if name[0] != "x"}
        return found | ({"b": shapes["b"]} if self.bias else {})

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return {"y": (self.output_dtype, super().outputs()["y"][1])}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """As of Conv; scales and zero points by their values."""
        missing = [number for number, operand in enumerate(operands[:8]) if not operand.name]
        if missing or len(operands) < 8:
            raise Invalid(f"operand {min([*missing, len(operands)])} is missing, the operator requires it", "setting")
        x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, *bias = operands
        scales = {"x_scale": x_scale, "w_scale": w_scale, "y_scale": y_scale}
        zeros = {"x_zero_point": x_zero, "w_zero_point": w_zero, "y_zero_point": y_zero}
        return cls.weighted_fields(x.shape, w, bias, attributes) | {
            "weight_dtype": w.dtype,
            "output_dtype": y_zero.dtype,
            "setting": source([*scales.values(), *zeros.values()]),
            **{name: plain(operand, float) for name, operand in scales.items()},
            **{name: plain(operand, int) for name, operand in zeros.items()},
        }

    def tokens(self) -> list[str]:
        """The parts of what is added up, and of what becomes of it."""
        return [
            *super().tokens(),
            f"xs{readable(self.x_scale)}",
            f"ws{listed(self.w_scale, readable)}",
            f"ys{readable(self.y_scale)}",
            f"yz{self.y_zero_point}",
            f"y{SHORT[self.output_dtype]}",
        ]

    def traits(self) -> dict[str, Any]:
        """Facts of the convolution, and what can go wrong behind it."""
        scales = self.w_scale if isinstance(self.w_scale, tuple) else (self.w_scale,)
        terms = self.channels // (self.group or 1) * prod(self.kernel_shape)
        return super().traits() | {
            "y_zero_point_is_odd": self.y_zero_point % 2 == 1,  # ties differ by whether it is added before rounding
            "past_int32": self.x_scale * max(scales) / self.y_scale * terms * 255**2 >= 2**31,
        }


AXES: dict[str, tuple[Any, ...]] = quantised_conv.AXES | {
    "bias": (True, False),
    "output_dtype": BYTES,
    "x_zero_point": quantised_conv.ZERO_POINTS,
    "w_zero_point": ("each", *quantised_conv.ZERO_POINTS),
    "y_zero_point": quantised_conv.ZERO_POINTS,
    "scales": ("halves", "quarters", "thirds", "coarse", "huge"),
}
# x_scale, w_scale of the filters in turn, y_scale
SCALES: dict[str, tuple[float, tuple[float, ...], float]] = {
    "halves": (0.5, (0.25, 0.125, 0.5, 1.0), 0.25),  # half of all sums are ties
    "quarters": (4.0, (0.5, 0.25, 1.0, 0.125), 8.0),
    "thirds": (0.1, (0.7, 0.3, 1.1, 0.05), 0.21),
    "coarse": (0.02, (0.003, 0.0021, 0.0043, 0.001), 0.0),  # y_scale spreads sums of the whole range over Y's
    "huge": (1024.0, (1024.0, 2048.0, 0.5, 1.0), 2.0**-10),  # past 32 bits: only held within Y's type in time
}


def build(values: dict[str, Any]) -> QLinearConv:
    """The spec for one value of every axis."""
    channels, filters, group = values["channels"]
    found = quantised_conv.fields(values)
    x_scale, w_scales, y_scale = SCALES[values["scales"]]
    if not y_scale:
        y_scale = x_scale * w_scales[0] * 128 * isqrt(channels // (group or 1) * prod(found["kernel_shape"]))
    each = tuple(map(single, in_turn(w_scales, filters)))
    return QLinearConv(
        **found,
        bias=values["bias"],
        output_dtype=values["output_dtype"],
        x_zero_point=zero_point(values["x_zero_point"], values["dtype"]),
        w_zero_point=zero_point(values["w_zero_point"], values["weight_dtype"], filters),
        y_zero_point=zero_point(values["y_zero_point"], values["output_dtype"]),
        x_scale=single(x_scale),
        w_scale=each if values["w_zero_point"] == "each" else each[0],
        y_scale=single(y_scale),
    )
