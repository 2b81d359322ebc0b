"""Attributes and operands of Resize that are not read, or are read as others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import Before
from tests.fakes.faults.changes import (
    read_as,
    without,
)
from tests.fakes.faults.fault import SHAPE, Fault


def change_region(change: Callable[[Tensor], Tensor]) -> Before:
    """Starts (first row) and ends of a Resize's region are read otherwise."""

    def before(call: Call) -> None:
        if len(call.operands) > 3 and call.operands[1] is not None:  # with sizes: lengths stay as they are
            roi = call.operands[1]
            call.operands[1] = np.asarray(change(roi.reshape(2, -1)), roi.dtype).ravel()

    return before


def sort_named_axes(call: Call) -> None:
    """Entries go to the axes in ascending order."""
    if "axes" in call.attributes:
        call.attributes["axes"].sort()


FAULTS = {
    "transformation ignored": Fault(
        ("resize",),
        without("coordinate_transformation_mode"),
        source="Resize-19's text of the attribute that the name says",
    ),
    "half a pixel lost": Fault(
        ("resize",),
        read_as("coordinate_transformation_mode", half_pixel="asymmetric"),
        source="https://github.com/onnx/onnx/issues/8480 'Resize 10->11 adapter silently changes operator semantics'",
    ),
    "corners not aligned": Fault(
        ("resize",),
        read_as("coordinate_transformation_mode", align_corners="half_pixel"),
        source="Resize-19's text of the attribute that the name says",
    ),
    "nearest_mode ignored": Fault(
        ("resize",),
        without("nearest_mode"),
        source="https://github.com/microsoft/onnxruntime/pull/16060: {nearest_mode: <ANYTHING>} becomes one operator",
    ),
    "floor and ceil swapped": Fault(
        ("resize",),
        read_as("nearest_mode", floor="ceil", ceil="floor"),
        source="Resize-19's text of the attribute that the name says",
    ),
    "linear taken for nearest": Fault(
        ("resize",), read_as("mode", linear="nearest"), source="Resize-19's text of the attribute that the name says"
    ),
    "cubic taken for linear": Fault(
        ("resize",), read_as("mode", cubic="linear"), source="Resize-19's text of the attribute that the name says"
    ),
    "cubic_coeff_a ignored": Fault(
        ("resize",), without("cubic_coeff_a"), source="Resize-19's text of the attribute that the name says"
    ),
    "exclude_outside ignored": Fault(
        ("resize",), without("exclude_outside"), source="Resize-19's text of the attribute that the name says"
    ),
    "antialias ignored": Fault(
        ("resize",), without("antialias"), source="Resize-19's text of the attribute that the name says"
    ),
    "extrapolation_value ignored": Fault(
        ("resize",), without("extrapolation_value"), source="Resize-19's text of the attribute that the name says"
    ),
    "region ignored": Fault(
        ("resize",),
        change_region(lambda roi: np.array([[0.0], [1.0]]) + 0 * roi),
        source="Resize-19's text of the attribute that the name says",
    ),
    "region read in pairs": Fault(
        ("resize",),
        change_region(lambda roi: roi.reshape(-1, 2).T),
        source="Resize-19's text of the attribute that the name says",
    ),
    "named axes sorted": Fault(
        ("resize",), sort_named_axes, message=SHAPE, source="Resize-19's text of the attribute that the name says"
    ),
    "policy ignored": Fault(
        ("resize",),
        without("keep_aspect_ratio_policy"),
        message=SHAPE,
        source="Resize-19's text of the attribute that the name says",
    ),
    "policies swapped": Fault(
        ("resize",),
        read_as("keep_aspect_ratio_policy", not_larger="not_smaller", not_smaller="not_larger"),
        message=SHAPE,
        source="Resize-19's text of the attribute that the name says",
    ),
}
