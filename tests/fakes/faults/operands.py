"""Slopes, bounds, biases and the numbers of activation functions that are not read, or are read as others."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fakes.executor import Call
from tests.fakes.faults.blocks import (
    FILTERS,
)
from tests.fakes.faults.changes import (
    Only,
    drop_bias,
    of_filters,
    set_operand,
    without,
)
from tests.fakes.faults.fault import ANY_VALUE, Fault


def one_slope(call: Call) -> None:
    """The first slope serves all."""
    call.operands[1] = np.full_like(call.operands[1], call.operands[1].flat[0])


def slope_in_front(call: Call) -> None:
    """A slope of fewer axes is laid along the first of X's that fits."""
    x, slope = call.operands
    if slope.ndim == 1 and slope.shape == x.shape[:1]:
        call.operands[1] = slope.reshape(-1, *[1] * (x.ndim - 1))
    elif slope.ndim and slope.shape[::-1] == x.shape:
        call.operands[1] = slope.T
    elif slope.size == x.size:
        call.operands[1] = slope.reshape(x.shape[::-1]).T


def no_min(call: Call) -> None:
    """The lower bound is not read."""
    call.attributes.pop("min", None)
    if len(call.operands) > 1:
        call.operands[1] = None  # an operand left out


def no_max(call: Call) -> None:
    """The upper bound is not read."""
    call.attributes.pop("max", None)
    del call.operands[2:]


def swap_bounds(call: Call) -> None:
    """The bounds change places."""
    low, high = call.attributes.pop("min", None), call.attributes.pop("max", None)
    found = {"min": high, "max": low}
    call.attributes.update({name: value for name, value in found.items() if value is not None})
    bounds: list[Any] = [*call.operands[1:], None][:2]
    call.operands[1:] = bounds[::-1] if len(call.operands) > 1 else []


def other_slope(call: Call) -> None:
    """The slope of another library's function of that name where alpha is omitted."""
    call.attributes.setdefault("alpha", 1 / 6)


def biased_below(call: Call) -> None:
    """A batch normalisation takes epsilon for 0.001, as other frameworks do by default."""
    call.attributes["epsilon"] = 1e-3


FAULTS = {
    "another epsilon": Fault(
        ("network",),
        biased_below,
        message=ANY_VALUE,
        bends=("BatchNormalization",),
        source="keras.layers.BatchNormalization(epsilon=0.001)",
    ),
    "bias dropped": Fault(
        FILTERS, of_filters(drop_bias), source="the operator's text of the attribute or operand that the name says"
    ),
    "slope of a derivative ignored": Fault(
        ("leaky_relu_gradient",),
        Only("Mul", set_operand(1, np.ones_like)),
        source="the operator's text of the attribute or operand that the name says",
    ),
    "drawn slopes ignored": Fault(
        ("randomized_relu",),
        set_operand(1, lambda slope: np.full_like(slope, 11 / 48)),
        source="the operator's text of the attribute or operand that the name says",
    ),
    "one drawn slope for all": Fault(
        ("randomized_relu",),
        set_operand(1, lambda slope: np.full_like(slope, slope.flat[0])),
        source="the operator's text of the attribute or operand that the name says",
    ),
    "alpha ignored": Fault(
        ("leaky_relu", "thresholded_relu", "elu", "selu", "hard_sigmoid", "randomized_relu"),
        without("alpha"),
        source="the operator's text of the attribute or operand that the name says",
    ),
    "beta ignored": Fault(
        ("hard_sigmoid",), without("beta"), source="the operator's text of the attribute or operand that the name says"
    ),
    "slope of 1/6": Fault(
        ("hard_sigmoid",), other_slope, source="keras.activations.hard_sigmoid, torch.nn.Hardsigmoid: x / 6 + 1 / 2"
    ),
    "one slope for all": Fault(
        ("p_relu",), one_slope, source="the operator's text of the attribute or operand that the name says"
    ),
    "slope along the first axis": Fault(
        ("p_relu",), slope_in_front, source="https://github.com/onnx/onnx/issues/889 'PReLU slope design/doc issue'"
    ),
    "min ignored": Fault(
        ("clip",), no_min, source="the operator's text of the attribute or operand that the name says"
    ),
    "max ignored": Fault(
        ("clip",), no_max, source="the operator's text of the attribute or operand that the name says"
    ),
    "bounds swapped": Fault(
        ("clip",), swap_bounds, source="the operator's text of the attribute or operand that the name says"
    ),
    "gamma ignored": Fault(
        ("selu",), without("gamma"), source="the operator's text of the attribute or operand that the name says"
    ),
}
