"""Another function than the one that is meant."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.faults.changes import (
    on_y,
    raised,
    turned,
)
from tests.fakes.faults.fault import Fault


def leak(call: Call, results: list[Tensor]) -> list[Tensor]:
    """A small slope on the negative side."""
    x = call.operands[0]
    return [np.where(x < 0, x / 64, results[0]).astype(x.dtype)]


def sloped(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The slope of the negative side on the positive one too."""
    x = call.operands[0]
    alpha = x.dtype.type(call.attributes.get("alpha", np.float32(0.01)))
    return [np.asarray(np.where(x > 0, alpha * x, results[0]))]


def shrunk(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Soft thresholding."""
    y, alpha = results[0], call.attributes.get("alpha", 1.0)
    return [np.where(y != 0, y - y.dtype.type(alpha), y)]


def celu(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Another operator of like name, whose argument is divided by alpha."""
    x, alpha = call.operands[0], call.operands[0].dtype.type(call.attributes.get("alpha", 1.0))
    return [np.where(x < 0, alpha * np.expm1(x / alpha), results[0]) if alpha else results[0]]


def straight_pieces(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The cheap relative in its place."""
    x = call.operands[0]
    return [np.asarray(np.clip(x.dtype.type(0.2) * x + x.dtype.type(0.5), x.dtype.type(0), x.dtype.type(1)))]


def open_above(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The upper piece goes on rising."""
    x = call.operands[0]
    alpha, beta = call.attributes.get("alpha", 0.2), call.attributes.get("beta", 0.5)
    if call.op == "HardSwish":
        return [np.where(x > 3, x * (x + x.dtype.type(3)) / x.dtype.type(6), results[0])]
    line = x.dtype.type(alpha) * x + x.dtype.type(beta)
    return [np.where(line > 1, line, results[0])]


def open_below(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The lower piece goes on falling."""
    x = call.operands[0]
    alpha, beta = call.attributes.get("alpha", 0.2), call.attributes.get("beta", 0.5)
    if call.op == "HardSwish":
        return [np.where(x < -3, x * (x + x.dtype.type(3)) / x.dtype.type(6), results[0])]
    line = x.dtype.type(alpha) * x + x.dtype.type(beta)
    return [np.where(line < 0, line, results[0])]


def gate_alone(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The factor without x."""
    x = call.operands[0]
    return [np.asarray(np.clip((x + x.dtype.type(3)) / x.dtype.type(6), x.dtype.type(0), x.dtype.type(1)))]


FAULTS = {
    "negatives leak": Fault(("relu",), after=leak, source="the operator's formula"),
    "open above": Fault(("hard_sigmoid", "hard_swish"), after=open_above, source="the operator's formula"),
    "open below": Fault(("hard_sigmoid", "hard_swish"), after=open_below, source="the operator's formula"),
    "gate alone": Fault(("hard_swish",), after=gate_alone, source="the operator's formula"),
    "sign of the exponent": Fault(("sigmoid", "tanh"), turned, source="the operator's formula"),
    "straight pieces": Fault(("sigmoid",), after=straight_pieces, source="the operator's formula"),
    "absolute value": Fault(
        ("leaky_relu", "p_relu", "clip", "elu", "tanh", "hard_swish"),
        after=on_y(lambda y: np.asarray(np.abs(y))),
        source="the operator's formula",
    ),
    "sloped on both sides": Fault(("leaky_relu",), after=sloped, source="the operator's formula"),
    "alpha subtracted": Fault(("thresholded_relu",), after=shrunk, source="the operator's formula"),
    "1 not subtracted": Fault(("elu",), after=raised, source="the operator's formula"),
    "exp of alpha x": Fault(("elu",), after=celu, source="the operator's formula"),
}
