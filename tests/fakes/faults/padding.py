"""Padding on the wrong side, of the wrong kind, not counted or counted too often."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call
from tests.fakes.faults.blocks import (
    GLOBAL,
    LAYERED,
    SLIDING,
    SPREADING,
)
from tests.fakes.faults.changes import (
    pad_with_zero,
    swap_pads,
    without,
)
from tests.fakes.faults.fault import ANY_VALUE, SHAPE, Fault


def swap_same(call: Call) -> None:
    """The odd pixel goes to the other side."""
    other = {"SAME_UPPER": "SAME_LOWER", "SAME_LOWER": "SAME_UPPER"}
    mode = call.attributes.get("auto_pad", "NOTSET")
    call.attributes["auto_pad"] = other.get(mode, mode)


def with_a_zero(call: Call) -> None:
    """An element of padding is pooled too."""
    x = call.operands[0]
    call.operands[0] = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, 1)])


def extra_in_front(call: Call) -> None:
    """The elements of output_padding come first, by pads that differ."""
    extra = call.attributes.get("output_padding", [])
    if any(extra) and "output_shape" not in call.attributes and call.attributes.get("auto_pad", "NOTSET") == "NOTSET":
        pads = list(call.attributes.get("pads", [0] * 2 * len(extra)))
        for i, more in enumerate(extra):
            pads[i], pads[len(extra) + i] = pads[i] - more, pads[len(extra) + i] + more
        call.attributes["pads"] = pads


def odd_pixel_at_end(call: Call) -> None:
    """output_shape without auto_pad splits as SAME_UPPER does."""
    if "output_shape" in call.attributes and call.attributes.get("auto_pad", "NOTSET") == "NOTSET":
        call.attributes["auto_pad"] = "SAME_UPPER"


def move_pads(call: Call) -> None:
    """A row of padding goes from the first side to the other one."""
    pads = call.attributes.get("pads", [0])
    if pads[0]:
        pads[0] -= 1
        pads[len(pads) // 2] += 1


FAULTS = {
    "a layer's padding moved": Fault(
        LAYERED,
        move_pads,
        message=ANY_VALUE,
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
    "pads of a filter swapped": Fault(
        ("classical_filter",), swap_pads, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "a zero pooled too": Fault(
        GLOBAL[:2], with_a_zero, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "begin and end pads swapped": Fault(
        SLIDING, swap_pads, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "SAME_UPPER and SAME_LOWER swapped": Fault(
        SLIDING,
        swap_same,
        source="https://github.com/microsoft/onnxruntime/pull/5368 'Fix SAME_UPPER/SAME_LOWER (auto_pad attribute) in ConvTranspose'",
    ),
    "pads ignored": Fault(
        (*SLIDING, "max_unpool"),
        without("pads"),
        message=SHAPE,
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
    "auto_pad ignored": Fault(
        SLIDING,
        without("auto_pad"),
        message=SHAPE,
        source="https://github.com/microsoft/onnxruntime/issues/4086 'auto_pad=VALID is likely used internally'",
    ),
    "count_include_pad ignored": Fault(
        ("average_pool", "pad_average_pool"),
        without("count_include_pad"),
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
    "padding by zero": Fault(
        ("max_pool", "min_pool", "pad_max_pool"),
        pad_with_zero,
        source="https://github.com/pytorch/pytorch/issues/7645: what a maximum starts from",
    ),
    "output_padding ignored": Fault(
        ("conv_transpose",),
        without("output_padding"),
        message=SHAPE,
        source="https://github.com/microsoft/onnxruntime/issues/11927 'ConvTranspose with auto_pad attribute'",
    ),
    "output_padding in front": Fault(
        ("conv_transpose",), extra_in_front, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "odd pixel of output_shape at the end": Fault(
        ("conv_transpose",),
        odd_pixel_at_end,
        source="https://github.com/onnx/onnx/issues/1609 'ConvTranspose auto_pad spec contradiction?'",
    ),
    "pads of a derivative swapped": Fault(
        SPREADING, swap_pads, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "last elements first": Fault(
        SPREADING, extra_in_front, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
}
