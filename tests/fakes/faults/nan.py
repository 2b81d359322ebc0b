"""NaN and infinities that are lost, made or replaced."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.faults.blocks import (
    COMPOSED,
    COPYING,
    FILTERS,
    NORMS,
    PADDED_POOLS,
    WINDOWED,
)
from tests.fakes.faults.changes import (
    Only,
    clip_infinity,
    on_y,
)
from tests.fakes.faults.fault import INFINITE, VALUE, Fault


def multiply_mask(call: Call) -> None:
    """What does not pass is multiplied by 0."""
    with np.errstate(invalid="ignore"):
        call.operands[2] = call.operands[1] * call.operands[1].dtype.type(0)


def overflowing(call: Call, results: list[Tensor]) -> list[Tensor]:
    """exp(x) / (1 + exp(x)) wherever x is: infinity over infinity where x is large."""
    x = call.operands[0]
    raised = np.exp(x if call.op == "Sigmoid" else x + x)
    one = x.dtype.type(1)
    return [np.asarray((raised if call.op == "Sigmoid" else raised - one) / (raised + one))]


FAULTS = {
    "infinite norms clipped": Fault(
        NORMS,
        after=on_y(clip_infinity),
        message=INFINITE,
        source="IEEE 754: what becomes of NaN and infinities in sums, products and comparisons",
    ),
    "NaN swallowed by a norm": Fault(
        NORMS,
        after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
        source="IEEE 754: what becomes of NaN and infinities in sums, products and comparisons",
    ),
    "NaN of a copy swallowed": Fault(
        (*COPYING, "max_unpool", "copy_unpool"),
        after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
        source="IEEE 754: what becomes of NaN and infinities in sums, products and comparisons",
    ),
    "mask multiplied": Fault(
        ("relu_gradient",),
        Only("Where", multiply_mask),
        message=r"^dx(\[[\d,]+\])? is nan, should be 0 ",
        source="IEEE 754: what becomes of NaN and infinities in sums, products and comparisons",
    ),
    "exp overflows": Fault(
        ("sigmoid", "tanh"),
        after=overflowing,
        message=VALUE.replace(r"is \S+", "is nan", 1),
        source="IEEE 754: what becomes of NaN and infinities in sums, products and comparisons",
    ),
    "NaN of a curve swallowed": Fault(
        ("sigmoid", "tanh", "hard_swish"),
        after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
        source="IEEE 754: what becomes of NaN and infinities in sums, products and comparisons",
    ),
    "NaN swallowed": Fault(
        (*FILTERS, "average_pool", "pad_average_pool"),
        after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
        source="IEEE 754: what becomes of NaN and infinities in sums, products and comparisons",
    ),
    "infinity clipped": Fault(
        (*WINDOWED, "max_unpool", *COMPOSED),
        after=on_y(clip_infinity),
        message=INFINITE,
        source="IEEE 754: what becomes of NaN and infinities in sums, products and comparisons",
    ),
    "sign of infinity lost": Fault(
        (*FILTERS, "max_pool", "average_pool", *PADDED_POOLS),
        message=INFINITE,
        after=on_y(lambda y: np.where(np.isinf(y), np.abs(y), y)),
        source="IEEE 754: what becomes of NaN and infinities in sums, products and comparisons",
    ),
}
