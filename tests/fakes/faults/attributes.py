"""Attributes and operands that are not read, or are read as others."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call, unpooled_shape
from tests.fakes.faults.blocks import (
    GLOBAL,
    NORMS,
    POOLS,
    SLIDING,
)
from tests.fakes.faults.changes import (
    Only,
    without,
)
from tests.fakes.faults.fault import ANY_VALUE, INDEX, SHAPE, Fault


def reverse_strides(call: Call) -> None:
    """The stride of the first axis serves the last."""
    call.attributes.get("strides", []).reverse()


def not_exchanged(call: Call) -> None:
    """Strides and dilations as forwards, where the kernel so fits."""
    a, extent, kernel = call.attributes, call.operands[0].shape[2:], call.operands[1].shape[2:]
    pads = np.reshape(a["pads"], (2, -1)).sum(axis=0)
    if all(d * (k - 1) < n + p for d, k, n, p in zip(a["strides"], kernel, extent, pads, strict=True)):
        a["strides"], a["dilations"] = a["dilations"], a["strides"]


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


def channels_after_alone(call: Call) -> None:
    """A window over channels begins with the channel itself."""
    x = call.operands[0]
    call.operands[0] = np.concatenate([x[:, 1:], x[:, :1]], axis=1)


FAULTS = {
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
    "strides and dilations not exchanged": Fault(
        ("conv_gradient",),
        Only("Conv", not_exchanged),
        source="the operator's text of the attribute or operand that the name says",
    ),
    "indices in the other order": Fault(
        ("max_pool", "pad_max_pool"),
        across,
        message=INDEX,
        source="the operator's text of the attribute or operand that the name says",
    ),
}
