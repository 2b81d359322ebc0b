"""Attributes and operands that are not read, or are read as others."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fakes.executor import Call, unpooled_shape
from tests.fakes.faults.blocks import (
    FILTERS,
    GLOBAL,
    NORMS,
    POOLS,
    SLIDING,
)
from tests.fakes.faults.changes import (
    Only,
    of_filters,
    set_operand,
    without,
)
from tests.fakes.faults.fault import ANY_VALUE, INDEX, SHAPE, Fault


def reverse_strides(call: Call) -> None:
    """The stride of the first axis serves the last."""
    call.attributes.get("strides", []).reverse()


def drop_bias(call: Call) -> None:
    """B is not added."""
    del call.operands[2:]


def not_exchanged(call: Call) -> None:
    """Strides and dilations as forwards, where the kernel so fits."""
    a, extent, kernel = call.attributes, call.operands[0].shape[2:], call.operands[1].shape[2:]
    pads = np.reshape(a["pads"], (2, -1)).sum(axis=0)
    if all(d * (k - 1) < n + p for d, k, n, p in zip(a["strides"], kernel, extent, pads, strict=True)):
        a["strides"], a["dilations"] = a["dilations"], a["strides"]


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


def across(call: Call) -> None:
    """Indices in the other storage order."""
    call.attributes["storage_order"] = 1 - call.attributes.get("storage_order", 0)


def image_alone(call: Call) -> None:
    """Only the last two axes are pooled: of the first only the start is read."""
    x = call.operands[0]
    call.operands[0] = x[:, :, :1] if x.ndim > 4 else x


def across_channels(call: Call) -> None:
    """The channels are pooled too."""
    x = call.operands[0]
    call.operands[0] = np.broadcast_to(x.reshape(len(x), 1, -1), (*x.shape[:2], x[0].size)).reshape(
        *x.shape[:2], *[1] * (x.ndim - 3), -1
    )


def other_mode(call: Call) -> None:
    """DCR read as CRD, and the other way round."""
    call.attributes["mode"] = "DCR" if call.attributes.get("mode") == "CRD" else "CRD"


def no_output_shape(call: Call) -> None:
    """The size by formula, whatever is asked for; indices past it are dropped to its end."""
    asked = call.operands[2:]
    del call.operands[2:]
    shape = unpooled_shape(call)
    if min(shape) < 1:  # nothing would be left
        call.operands += asked
    call.operands[1] = np.minimum(call.operands[1], np.prod(unpooled_shape(call)) - 1)


def biased_below(call: Call) -> None:
    """A batch normalisation takes epsilon for 0.001, as other frameworks do by default."""
    call.attributes["epsilon"] = 1e-3


def channels_after_alone(call: Call) -> None:
    """A window over channels begins with the channel itself."""
    x = call.operands[0]
    call.operands[0] = np.concatenate([x[:, 1:], x[:, :1]], axis=1)


FAULTS = {
    "another epsilon": Fault(
        ("network",),
        biased_below,
        message=ANY_VALUE,
        bends=("BatchNormalization",),
        source="keras.layers.BatchNormalization(epsilon=0.001)",
    ),
    "channels of LRN moved": Fault(
        ("network",),
        channels_after_alone,
        message=ANY_VALUE,
        bends=("LRN",),
        source="the operator's text of the attribute or operand that the name says",
    ),
    "p ignored": Fault(
        NORMS, without("p"), source="the operator's text of the attribute or operand that the name says"
    ),
    "the last two axes pooled alone": Fault(
        GLOBAL, image_alone, source="the operator's text of the attribute or operand that the name says"
    ),
    "channels pooled too": Fault(
        GLOBAL, across_channels, source="the operator's text of the attribute or operand that the name says"
    ),
    "strides swapped": Fault(
        (*SLIDING, "max_unpool"),
        reverse_strides,
        message=SHAPE,
        source="the operator's text of the attribute or operand that the name says",
    ),
    "dilation ignored": Fault(
        SLIDING,
        without("dilations"),
        message=SHAPE,
        source="the operator's text of the attribute or operand that the name says",
    ),
    "ceil_mode ignored": Fault(
        POOLS,
        without("ceil_mode"),
        message=SHAPE,
        source="https://github.com/onnx/onnx/issues/4958 'ceil_mode ... generates nan values'",
    ),
    "bias dropped": Fault(
        FILTERS, of_filters(drop_bias), source="the operator's text of the attribute or operand that the name says"
    ),
    "output_shape ignored": Fault(
        ("conv_transpose",),
        without("output_shape"),
        message=SHAPE,
        source="the operator's text of the attribute or operand that the name says",
    ),
    "DCR and CRD swapped": Fault(
        ("depth_to_space", "sub_pixel"),
        other_mode,
        source="the operator's text of the attribute or operand that the name says",
    ),
    "mode ignored": Fault(
        ("depth_to_space", "sub_pixel"),
        without("mode"),
        source="the operator's text of the attribute or operand that the name says",
    ),
    "size asked for ignored": Fault(
        ("max_unpool",),
        no_output_shape,
        message=SHAPE,
        source="the operator's text of the attribute or operand that the name says",
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
    "strides and dilations not exchanged": Fault(
        ("conv_gradient",),
        Only("Conv", not_exchanged),
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
    "indices in the other order": Fault(
        ("max_pool", "pad_max_pool"),
        across,
        message=INDEX,
        source="the operator's text of the attribute or operand that the name says",
    ),
}
