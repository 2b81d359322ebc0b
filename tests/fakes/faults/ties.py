"""Elements between two answers: halves, equal maxima, the threshold itself, windows that overlap."""

from __future__ import annotations

import numpy as np

from reference.formats import FORMATS
from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import Before
from tests.fakes.faults.blocks import (
    STEPS,
)
from tests.fakes.faults.changes import (
    Only,
    read_as,
)
from tests.fakes.faults.fault import Fault


def step_at_zero(call: Call) -> None:
    """0 counts as above 0."""
    dtype = call.operands[1].dtype
    call.operands[1] = np.array(-2 * FORMATS[dtype.name].half_smallest, dtype)


def at_least(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The step stands on its upper side."""
    x, alpha = call.operands[0], call.attributes.get("alpha", 1.0)
    return [np.where(x == alpha, x, results[0])]


def one_of_two(which: int) -> Before:
    """One operand of two serves as both."""

    def before(call: Call) -> None:
        call.operands = [call.operands[which]] * 2

    return before


def first_alone(call: Call) -> None:
    """Where several windows overlap the first one wins."""
    if call.op == "Sum":
        del call.operands[1:]
    else:
        call.operands[1] = np.ones_like(call.operands[1])


FAULTS = {
    "lower middle alone": Fault(
        ("median_pool",), one_of_two(1), bends=("Add",), source="the operators' texts: which side has the middle"
    ),
    "upper middle alone": Fault(
        ("median_pool",), one_of_two(0), bends=("Add",), source="the operators' texts: which side has the middle"
    ),
    "first window wins": Fault(
        ("copy_unpool",),
        first_alone,
        bends=("Sum", "Div"),
        source="un-pooling where windows overlap: the mean of what lands there",
    ),
    "derivative 1 at 0": Fault(
        STEPS, Only("Greater", step_at_zero), source="the operators' texts: which side has the middle"
    ),
    "alpha itself passes": Fault(
        ("thresholded_relu",), after=at_least, source="the operators' texts: which side has the middle"
    ),
    "halves rounded the other way": Fault(
        ("resize",),
        read_as("nearest_mode", round_prefer_floor="round_prefer_ceil", round_prefer_ceil="round_prefer_floor"),
        source="the operators' texts: which side has the middle",
    ),
}
