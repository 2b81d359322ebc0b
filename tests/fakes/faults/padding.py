"""Padding on the wrong side, of the wrong kind, not counted or counted too often."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call, Tensor, unpooled_shape
from tests.fakes.faults.blocks import (
    GLOBAL,
    LAYERED,
    PADDED,
    PADDED_POOLS,
    SLIDING,
    SPREADING,
)
from tests.fakes.faults.changes import (
    Only,
    change_amounts,
    of,
    pad_with_zero,
    reindexed,
    set_operand,
    swap_pads,
    take_for,
    without,
)
from tests.fakes.faults.fault import ANY_VALUE, SHAPE, Fault


def swap_same(call: Call) -> None:
    """The odd pixel goes to the other side."""
    other = {"SAME_UPPER": "SAME_LOWER", "SAME_LOWER": "SAME_UPPER"}
    mode = call.attributes.get("auto_pad", "NOTSET")
    call.attributes["auto_pad"] = other.get(mode, mode)


def sort_axes(call: Call) -> None:
    """Amounts go to the axes in ascending order."""
    if len(call.operands) > 3:
        call.operands[3] = np.sort(call.operands[3])


def forget_constant(call: Call) -> None:
    """Always padded by 0."""
    call.attributes.pop("value", None)
    call.operands = [*call.operands[:2], None, *call.operands[3:]]


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


def padding_counted(at: Tensor, call: Call) -> Tensor:
    """Positions in the padded tensor, of which only the part inside is there."""
    extent = unpooled_shape(call)
    n = len(extent) - 2
    pads = call.attributes.get("pads", [0] * 2 * n)
    whole = (*extent[:2], *np.add(extent[2:], np.add(pads[:n], pads[n:])))
    moved = np.subtract(np.unravel_index(at, whole), np.reshape([0, 0, *pads[:n]], (-1, *[1] * at.ndim)))
    return np.asarray(np.ravel_multi_index(tuple(moved), extent, mode="clip"))


def uncleared(call: Call, results: list[Tensor]) -> list[Tensor]:
    """What was in memory before stays in the gaps."""
    y = results[0]
    gaps = np.ones(y.size, bool)
    gaps[call.operands[1].ravel()] = False
    return [np.where(gaps.reshape(y.shape), y.dtype.type(7), y)]


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
    "border reflected with its edge": Fault(
        ("classical_filter",),
        take_for("reflect", "symmetric"),
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
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
    "indices count the padding too": Fault(
        ("max_unpool",),
        reindexed(padding_counted),
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
    "gaps not cleared": Fault(
        ("max_unpool",), after=uncleared, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "maxima sought under other pads": Fault(
        ("max_pool_gradient",), swap_pads, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "maxima sought in zeros": Fault(
        ("max_pool_gradient",),
        pad_with_zero,
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
    "divided by the size of the kernel": Fault(
        ("average_pool_gradient",),
        Only("Div", set_operand(1, lambda count: np.full_like(count, count.max()))),
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
    "pads of a derivative swapped": Fault(
        SPREADING, swap_pads, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "last elements first": Fault(
        SPREADING, extra_in_front, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "amounts swapped": Fault(
        ("pad", "median_pool", *PADDED),
        of(change_amounts(lambda sides: sides[::-1]), "Pad"),
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
    "amounts read in pairs": Fault(
        ("pad",),
        change_amounts(lambda sides: sides.reshape(-1, 2).T),
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
    "nothing removed": Fault(
        ("pad", *PADDED_POOLS),
        of(change_amounts(lambda sides: sides.clip(0)), "Pad"),
        message=SHAPE,
        source="https://github.com/onnx/onnx/issues/4294 'Pad operator behavior is not fully defined' (removal)",
    ),
    "axes sorted": Fault(
        ("pad",), sort_axes, message=SHAPE, source="pads and auto_pad of the operators' texts; Pad's modes and amounts"
    ),
    "constant_value ignored": Fault(
        ("pad", *PADDED),
        of(forget_constant, "Pad"),
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
    "border reflected too": Fault(
        ("pad", "median_pool", *PADDED),
        take_for("reflect", "symmetric"),
        source="https://github.com/microsoft/onnxruntime/issues/6442 'PadNode reflect mode implementation is wrong'",
    ),
    "edge taken for wrap": Fault(
        ("pad", *PADDED),
        take_for("wrap", "edge"),
        source="pads and auto_pad of the operators' texts; Pad's modes and amounts",
    ),
}
