"""Padding that is left to the window behind it, where that is not right."""

from __future__ import annotations

from tests.fakes import fusion
from tests.fakes.faults.blocks import (
    PADDED,
    PADDED_POOLS,
)
from tests.fakes.faults.fault import SHAPE, Fault

FAULTS = {
    "zeros left to MaxPool": Fault(
        ("pad_max_pool",),
        fusion.ZEROS_OF_MAX,
        source="onnxruntime's PadFusion, and the Pad and window operators' texts",
    ),
    "padding of any mode left to the window": Fault(
        PADDED, fusion.ANY_MODE, source="onnxruntime's PadFusion, and the Pad and window operators' texts"
    ),
    "any constant left to the window": Fault(
        PADDED, fusion.ANY_CONSTANT, source="onnxruntime's PadFusion, and the Pad and window operators' texts"
    ),
    "zeros left to the window not counted": Fault(
        ("pad_average_pool",),
        fusion.NOT_COUNTED,
        source="onnxruntime's PadFusion, and the Pad and window operators' texts",
    ),
    "amounts of batch and channels lost in fusion": Fault(
        PADDED_POOLS,
        fusion.LEADING_LOST,
        message=SHAPE,
        source="onnxruntime's PadFusion, and the Pad and window operators' texts",
    ),
    "removal lost in fusion": Fault(
        PADDED,
        fusion.REMOVAL_LOST,
        message=SHAPE,
        source="onnxruntime's PadFusion, and the Pad and window operators' texts",
    ),
    "the window's own pads lost in fusion": Fault(
        ("pad_conv", "pad_average_pool"),
        fusion.OWN_LOST,
        message=SHAPE,
        source="onnxruntime's PadFusion, and the Pad and window operators' texts",
    ),
    "window ignored that starts in fused padding": Fault(
        PADDED_POOLS,
        fusion.ROUNDED_UP,
        message=SHAPE,
        source="onnxruntime's PadFusion, and the Pad and window operators' texts",
    ),
}
