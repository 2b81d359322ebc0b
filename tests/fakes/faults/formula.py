"""Another operation than the one that is meant."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.faults.blocks import (
    NORMS,
    STEPS,
)
from tests.fakes.faults.changes import (
    Only,
    set_operand,
)
from tests.fakes.faults.fault import ANY_VALUE, Fault


def other_side(call: Call) -> None:
    """What passes and what does not are exchanged."""
    call.operands[0] = ~call.operands[0]


def overwrite_sums(call: Call) -> None:
    """Where windows overlap the last one counts."""
    call.memory["reduction"] = "none"


def averaged(call: Call, results: list[Tensor]) -> list[Tensor]:
    """What the images add to weights and bias is divided by their number."""
    return [results[0], *(r / r.dtype.type(len(call.operands[0])) for r in results[1:])]


def power_of_norm(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The sum of powers itself."""
    y = results[0]
    return [y ** y.dtype.type(call.attributes.get("p", 2))]


def mean_power(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The power mean: as a norm, but of the mean."""
    y, x = results[0], call.operands[0]
    count = np.prod(call.attributes.get("kernel_shape", x.shape[2:]))
    return [(y / count ** (1 / call.attributes.get("p", 2))).astype(y.dtype)]


def mean_of_window(call: Call) -> None:
    """Every element of a window becomes their mean."""
    x = call.operands[0]
    call.operands[0] = np.broadcast_to(x.mean(axis=-1, keepdims=True), x.shape).astype(x.dtype)


def last_tap_lost(call: Call) -> None:
    """The last element of a window is taken for the first."""
    x = call.operands[0]
    call.operands[0] = np.concatenate([x[..., :-1], x[..., :1]], axis=-1)


def filled_windows(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Gaps take the element in front of them along the last axis, as where whole windows are filled."""
    y = results[0]
    place = np.where(y != 0, np.arange(y.shape[-1]), 0)
    return [np.take_along_axis(y, np.maximum.accumulate(place, axis=-1), axis=-1)]


def not_divided(call: Call) -> None:
    """What lands on one place is added up."""
    call.operands[1] = np.ones_like(call.operands[1])


def gaps_filled(call: Call) -> None:
    """The last element in place of the 0 behind it."""
    x, at = call.operands
    call.operands[1] = np.minimum(at, x.shape[call.attributes["axis"]] - 2)


def sharper(call: Call) -> None:
    """Softmax by powers of 2."""
    call.operands[0] = call.operands[0] * call.operands[0].dtype.type(np.log(2))


FAULTS = {
    "powers of 2": Fault(("network",), sharper, bends=("Softmax",), source="the operator's formula"),
    "odd pixels kept": Fault(
        ("pyramid",),
        set_operand(0, lambda x: np.roll(x, 1, axis=-1)),
        message=ANY_VALUE,
        source="the operator's formula",
    ),
    "details lost": Fault(
        ("pyramid",), set_operand(0, np.zeros_like), message=ANY_VALUE, bends=("Sub",), source="the operator's formula"
    ),
    "root not taken": Fault(NORMS, after=power_of_norm, source="the operator's formula"),
    "norm of means": Fault(NORMS, after=mean_power, source="the operator's formula"),
    "mean taken for the median": Fault(
        ("median_pool",), mean_of_window, bends=("TopK",), source="the operator's formula"
    ),
    "last element of a window lost": Fault(
        ("median_pool",), last_tap_lost, bends=("TopK",), source="the operator's formula"
    ),
    "overlapping windows added up": Fault(
        ("copy_unpool",), not_divided, bends=("Div",), source="the operator's formula"
    ),
    "gaps of copies filled": Fault(("copy_unpool",), gaps_filled, bends=("Gather",), source="the operator's formula"),
    "gaps filled": Fault(("max_unpool",), after=filled_windows, source="the operator's formula"),
    "derivative of the other side": Fault(STEPS, Only("Where", other_side), source="the operator's formula"),
    "windows that overlap overwrite": Fault(("max_pool_gradient",), overwrite_sums, source="the operator's formula"),
    "not divided": Fault(
        ("average_pool_gradient",), Only("Div", set_operand(1, np.ones_like)), source="the operator's formula"
    ),
    "averaged over the batch": Fault(("conv_gradient",), after=averaged, source="the operator's formula"),
}
