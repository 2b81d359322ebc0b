"""Codes of QuantizeLinear and DequantizeLinear misread: rounding, ends, scales, zero points, axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import Before
from tests.fakes.faults.blocks import (
    CODING,
    DEQUANTIZED,
    QUANTIZING,
)
from tests.fakes.faults.changes import (
    drop_bias,
    rounded,
    without,
)
from tests.fakes.faults.fault import Fault
from tests.fakes.quantizing import Rounding, ends_of

# What most of them misread.
TEXTS = (
    "QuantizeLinear, DequantizeLinear: 'saturate ((x / y_scale) + y_zero_point)', 'rounding to nearest ties to even'"
)


def rounding_by(rounding: Rounding) -> Before:
    """Quotients become codes in another way."""

    def before(call: Call) -> None:
        call.memory["rounding"] = rounding

    return before


def remember(name: str, value: Any = True) -> Before:
    """What tests/fakes/quantizing.py does otherwise."""

    def before(call: Call) -> None:
        call.memory[name] = value

    return before


def narrow_ends(dtype: np.dtype[Any]) -> tuple[int, int]:
    """Signed codes from -127 on."""
    low, high = ends_of(dtype)
    return (low + 1 if low < 0 else low), high


def on_parameter(at: int, change: Callable[[Tensor], Tensor]) -> Before:
    """A scale (1) or a zero point (2) is read otherwise."""

    def before(call: Call) -> None:
        if len(call.operands) > at:
            call.operands[at] = np.asarray(change(call.operands[at])).astype(call.operands[at].dtype)

    return before


def default_axis(call: Call) -> None:
    """A list of parameters lies along the second axis, whatever is said."""
    if call.operands[1].ndim == 1 and not call.attributes.get("block_size"):
        call.attributes.pop("axis", None)


def next_block(call: Call) -> None:
    """Each block has its neighbour's scale."""
    if call.attributes.get("block_size") and call.operands[1].ndim:
        axis = call.attributes.get("axis", 1) % call.operands[1].ndim
        call.operands[1] = np.roll(call.operands[1], 1, axis=axis)


def other_sign(call: Call) -> None:
    """Codes without a sign are read as if they had one, and the other way round."""
    x = call.operands[0]
    if x.dtype.kind in "iu":
        other = x.view(x.dtype.name.removeprefix("u") if x.dtype.kind == "u" else f"u{x.dtype.name}")
        call.operands[0], call.operands[2:] = other, [z.astype(other.dtype) for z in call.operands[2:]]


def of_codes(name: str, before: Before) -> Before:
    """A change of the DequantizeLinear of x, W or B alone: x's is the first, and B is of int32."""

    def only(call: Call) -> None:
        found = "b" if call.operands[0].dtype == np.int32 else "x" if call.is_first else "w"
        if found == name:
            before(call)

    return only


def bias_by_x(call: Call) -> None:
    """B counts units of x's scale, W's forgotten."""
    of_codes("x", lambda c: c.memory.update(scale=c.operands[1]))(call)
    of_codes("b", on_parameter(1, lambda s: np.full(s.shape, call.memory["scale"])))(call)


def pad_with_code(call: Call) -> None:
    """Padding is the code 0, which stands for another number than 0."""
    if call.op == "DequantizeLinear":
        of_codes("x", lambda c: c.memory.update(fill=-c.operands[2].astype(np.float32) * c.operands[1]))(call)
    elif "pads" in call.attributes:
        sides = np.reshape(call.attributes.pop("pads"), (2, -1)).T.tolist()
        call.operands[0] = np.pad(call.operands[0], [(0, 0), (0, 0), *sides], constant_values=call.memory["fill"])


FAULTS = {
    "halves of codes rounded away": Fault(
        CODING,
        rounding_by(lambda v: np.copysign(np.floor(np.abs(v) + 0.5), v)),
        source=TEXTS,
    ),
    "halves of codes rounded up": Fault(
        CODING,
        rounding_by(lambda v: np.floor(v + 0.5)),
        source=TEXTS,
    ),
    "quotients truncated": Fault(
        CODING,
        rounding_by(np.trunc),
        source=TEXTS,
    ),
    "quotients rounded down": Fault(
        ("quantize_linear",),
        rounding_by(np.floor),
        source=TEXTS,
    ),
    "zero point added to the quotient": Fault(
        CODING,
        remember("zero point first"),
        source=TEXTS,
    ),
    "codes wrap around": Fault(
        CODING,
        remember("wraps"),
        source=TEXTS,
    ),
    "narrow range": Fault(
        CODING,
        remember("ends", narrow_ends),
        source=TEXTS,
    ),
    "saturate ignored": Fault(
        ("quantize_linear",),
        without("saturate"),
        source=TEXTS,
    ),
    "zero point ignored": Fault(
        QUANTIZING,
        on_parameter(2, np.zeros_like),
        source=TEXTS,
    ),
    "zero point of another channel": Fault(
        QUANTIZING,
        on_parameter(2, lambda z: np.roll(z, 1)),
        source=TEXTS,
    ),
    "first scale for all": Fault(
        QUANTIZING,
        on_parameter(1, lambda s: np.full(s.shape, s.flat[0])),
        source=TEXTS,
    ),
    "scale of ten bits": Fault(
        QUANTIZING,
        on_parameter(1, lambda s: rounded(s.astype(np.float64), 10)),
        source=TEXTS,
    ),
    "reciprocal in float16": Fault(
        QUANTIZING,
        on_parameter(1, lambda s: 1 / (1 / s.astype(np.float32)).astype(np.float16).astype(np.float32)),
        source=TEXTS,
    ),
    "axis of parameters ignored": Fault(
        QUANTIZING,
        default_axis,
        source=TEXTS,
    ),
    "scale of the next block": Fault(
        QUANTIZING,
        next_block,
        source=TEXTS,
    ),
    "zero point of x ignored": Fault(
        ("qdq_conv",),
        of_codes("x", on_parameter(2, np.zeros_like)),
        bends=DEQUANTIZED,
        source=TEXTS,
    ),
    "zero point of W ignored": Fault(
        ("qdq_conv",),
        of_codes("w", on_parameter(2, np.zeros_like)),
        bends=DEQUANTIZED,
        source=TEXTS,
    ),
    "zero point of another filter": Fault(
        ("qdq_conv",),
        of_codes("w", on_parameter(2, lambda z: np.roll(z, 1))),
        bends=DEQUANTIZED,
        source=TEXTS,
    ),
    "first scale of W for all": Fault(
        ("qdq_conv",),
        of_codes("w", on_parameter(1, lambda s: np.full(s.shape, s.flat[0]))),
        bends=DEQUANTIZED,
        source=TEXTS,
    ),
    "scales of filters along channels": Fault(
        ("qdq_conv",),
        of_codes("w", default_axis),
        bends=DEQUANTIZED,
        source=TEXTS,
    ),
    "signs of x's codes turned": Fault(
        ("qdq_conv",),
        of_codes("x", other_sign),
        bends=DEQUANTIZED,
        source=TEXTS,
    ),
    "signs of W's codes turned": Fault(
        ("qdq_conv",),
        of_codes("w", other_sign),
        bends=DEQUANTIZED,
        source=TEXTS,
    ),
    "bias in units of x alone": Fault(
        ("qdq_conv",),
        bias_by_x,
        bends=DEQUANTIZED,
        source=TEXTS,
    ),
    "bias of codes dropped": Fault(
        ("qdq_conv",),
        drop_bias,
        bends=("Conv",),
        source=TEXTS,
    ),
    "padding with the code 0": Fault(
        ("qdq_conv",),
        pad_with_code,
        bends=("DequantizeLinear", "Conv"),
        source=TEXTS,
    ),
    "multiplier of ten bits": Fault(
        ("qdq_conv",),
        on_parameter(1, lambda s: rounded(s.astype(np.float64), 10)),
        bends=("QuantizeLinear",),
        source=TEXTS,
    ),
    "zero point of y ignored": Fault(
        ("qdq_conv",),
        on_parameter(2, np.zeros_like),
        bends=("QuantizeLinear",),
        source=TEXTS,
    ),
    "codes of the other sign": Fault(
        ("dequantize_linear",),
        other_sign,
        source=TEXTS,
    ),
    "output_dtype ignored": Fault(
        ("dequantize_linear",),
        without("output_dtype"),
        message=r"^y is b?float\d+, should be b?float\d+$",
        source=TEXTS,
    ),
}
