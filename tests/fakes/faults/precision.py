"""Types that are narrower than the tensors': inputs, accumulators, results."""

from __future__ import annotations

import numpy as np

from reference.formats import FORMATS
from tests.fakes.executor import Call, Tensor
from tests.fakes.faults.blocks import (
    FLOATING,
)
from tests.fakes.faults.changes import (
    lower_bits,
    on_y,
    round_inputs,
)
from tests.fakes.faults.fault import ANY_VALUE, Fault


def turn_bytes(call: Call) -> None:
    """Signed bytes are compared as if they had no sign, and the other way round."""
    x = call.operands[0]
    if x.dtype.kind in "iu":
        call.operands[0] = np.asarray(x ^ np.array(1 << 7, np.uint8).astype(x.dtype))


def through_float32(call: Call) -> None:
    """Integers take the way of the other numbers."""
    x = call.operands[0]
    if x.dtype.kind in "iu":
        call.operands[0] = x.astype(np.float32).astype(x.dtype)


def nudge_one(y: Tensor) -> Tensor:
    """One element is off by 1e-5 of its value, or by 1 in an integer type."""
    y = y.copy()
    at = np.abs(np.nan_to_num(y, posinf=0, neginf=0)).argmax()
    if y.dtype.kind in "iu":
        y.flat[at] ^= 1
    else:
        y.flat[at] *= 1 + 1e-5
    return y


def clamped(call: Call) -> None:
    """The argument of an approximation is clamped far too early."""
    call.operands[0] = call.operands[0].clip(-6, 6)


def cancelling(call: Call, results: list[Tensor]) -> list[Tensor]:
    """1 - 2 / (exp(2x) + 1): right to an absolute error, and nothing is left of a small x."""
    x = call.operands[0]
    one, two = x.dtype.type(1), x.dtype.type(2)
    return [np.asarray(one - two / (np.exp(two * x) + one))]


def flushed(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Subnormal results are 0, which the claim does not say."""
    y = results[0]
    return [np.where(np.abs(y) < FORMATS[y.dtype.name].tiny, y.dtype.type(0), y)]


FAULTS = {
    "weights of ten bits": Fault(
        ("network",),
        lower_bits(10),
        message=ANY_VALUE,
        bends=("Conv", "Gemm"),
        source="the claim: formats of inputs, accumulators and results",
    ),
    "integers go through float32": Fault(
        ("clip", "p_relu", "pad"), through_float32, source="the claim: formats of inputs, accumulators and results"
    ),
    "signedness of bytes mistaken": Fault(
        ("max_pool", "clip"),
        turn_bytes,
        after=on_y(lambda y: np.asarray(y ^ np.array(1 << 7, np.uint8).astype(y.dtype)) if y.dtype.kind in "iu" else y),
        source="the claim: formats of inputs, accumulators and results",
    ),
    "argument clamped at 6": Fault(
        ("sigmoid", "tanh"), clamped, source="the claim: formats of inputs, accumulators and results"
    ),
    "small numbers cancel": Fault(
        ("tanh",), after=cancelling, source="the claim: formats of inputs, accumulators and results"
    ),
    "subnormal results flushed": Fault(
        ("tanh",), after=flushed, source="the claim: formats of inputs, accumulators and results"
    ),
    "one element off by 1e-5": Fault(
        FLOATING, after=on_y(nudge_one), source="the claim: formats of inputs, accumulators and results"
    ),
    "inputs rounded to TF32": Fault(
        FLOATING, round_inputs(11), source="the claim: formats of inputs, accumulators and results"
    ),
}
