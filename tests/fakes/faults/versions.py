"""One version's rule at another version of the operator."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fakes.executor import Call
from tests.fakes.fake import Before
from tests.fakes.faults.changes import without
from tests.fakes.faults.fault import SHAPE, Fault

ONNX_SELU = "Selu-1: 'default value is 1.6732', 'default value is 1.0507'; Selu-6: 1.67326319217681884765625, 1.05070102214813232421875"
ORT_2059 = (
    "https://github.com/microsoft/onnxruntime/pull/2059 'Clip changed from min/max being attributes to node inputs.'"
)
OPENVINO_36020 = "https://github.com/openvinotoolkit/openvino/pull/36020 'Fix PRelu slope broadcasting for 1D slope'"
ONNX_889 = "https://github.com/onnx/onnx/issues/889 'PReLU slope design/doc issue': channel or NumPy's rule"
TVM_20152 = "https://github.com/apache/tvm/pull/20152 'Support Pad-18 axes input, keep wrap for Pad-19'"
MIGRAPHX_4518 = "https://github.com/ROCm/AMDMIGraphX/pull/4518 'Update clip operator to opset 13'"
ORT_24681 = "https://github.com/microsoft/onnxruntime/issues/24681 'AveragePool v19+ ignores `end` padding ...'"
SINCE = "the operator's versions: since when it has the attribute"


def between(first: int, last: int, change: Before) -> Before:
    """A change at opsets from the first to the last alone."""

    def before(call: Call) -> None:
        if first <= call.opset <= last:
            change(call)

    return before


def at_version(opset: int) -> Before:
    """As if the model were of another opset."""

    def before(call: Call) -> None:
        call.opset = opset

    return before


def inputs_unread(call: Call) -> None:
    """Only X is an input."""
    del call.operands[1:]


def along_channels(call: Call) -> None:
    """A slope of one axis goes along the channels, if there are as many."""
    x, slope = call.operands
    if slope.ndim == 1 < x.ndim and slope.size == x.shape[1] > 1:
        call.operands[1] = slope.reshape(-1, *[1] * (x.ndim - 2))


def axes_unread(call: Call) -> None:
    """The amounts are for the first axes, as many as there are."""
    if len(call.operands) > 3 and call.operands[3] is not None:
        call.operands[3] = np.arange(len(call.operands[3]))


def kept(call: Call) -> None:
    """Nothing is removed."""
    for name in ("pads", "paddings"):
        if name in call.attributes:
            call.attributes[name] = [max(0, p) for p in call.attributes[name]]
    if len(call.operands) > 1:
        call.operands[1] = np.maximum(call.operands[1], 0)


def whole_p(call: Call) -> None:
    """The power is a whole number."""
    if "p" in call.attributes:
        call.attributes["p"] = max(1, int(call.attributes["p"]))


def bounds_cut(call: Call) -> None:
    """Bounds lose what is behind the point."""
    call.attributes.update({n: float(int(call.attributes[n])) for n in ("min", "max") if n in call.attributes})
    call.operands[1:] = [o if o is None else np.trunc(o).astype(o.dtype) for o in call.operands[1:]]


def wrap_unknown(call: Call) -> None:
    """Wrapping is taken for what there was before."""
    call.modes["wrap"] = "constant"
    if call.attributes.get("mode") == "wrap":
        call.attributes["mode"] = "constant"


def first_axes(call: Call) -> None:
    """Scales and sizes are for the first axes, as many as there are."""
    if "axes" in call.attributes:
        call.attributes["axes"] = list(range(len(call.attributes["axes"])))


def read_before(opset: int, **names: Any) -> Before:
    """One value of an attribute is read as another one at earlier opsets."""

    def before(call: Call) -> None:
        for name, (old, new) in names.items():
            if call.opset < opset and call.attributes.get(name) == old:
                call.attributes[name] = new

    return before


FAULTS = {
    "Selu of version 6 at version 1": Fault(("selu",), between(1, 5, at_version(6)), source=ONNX_SELU),
    "Selu of version 1 at version 6": Fault(("selu",), between(6, 99, at_version(1)), source=ONNX_SELU),
    "bounds as inputs not read": Fault(("clip",), between(11, 99, inputs_unread), source=ORT_2059),
    "bounds as attributes not read": Fault(
        ("clip",), between(1, 10, lambda call: call.attributes.clear()), source=MIGRAPHX_4518
    ),
    "bounds of version 11 cut to whole numbers": Fault(("clip",), between(11, 11, bounds_cut), source=MIGRAPHX_4518),
    "bounds of version 6 cut to whole numbers": Fault(("clip",), between(6, 10, bounds_cut), source=MIGRAPHX_4518),
    "slopes along channels at version 9": Fault(("p_relu",), between(9, 99, along_channels), source=OPENVINO_36020),
    "axes not read at version 18": Fault(("pad",), between(18, 18, axes_unread), message=SHAPE, source=TVM_20152),
    "removal not known before version 11": Fault(("pad",), between(2, 10, kept), message=SHAPE, source=SINCE),
    "value not read before version 11": Fault(("pad",), between(1, 10, without("value")), source=SINCE),
    "wrap not known at version 19": Fault(("pad",), between(19, 20, wrap_unknown), source=TVM_20152),
    "dilations of MaxPool not read at version 10": Fault(
        ("max_pool",), between(10, 10, without("dilations")), message=SHAPE, source=SINCE
    ),
    "ceil_mode of MaxPool not read at version 10": Fault(
        ("max_pool",), between(10, 10, without("ceil_mode")), message=SHAPE, source=SINCE
    ),
    "ceil_mode of AveragePool not read at version 10": Fault(
        ("average_pool",), between(10, 10, without("ceil_mode")), message=SHAPE, source=SINCE
    ),
    "padding not counted at version 7": Fault(
        ("average_pool",), between(7, 9, without("count_include_pad")), source=SINCE
    ),
    "dilations of AveragePool not read at version 19": Fault(
        ("average_pool",), between(19, 21, without("dilations")), message=SHAPE, source=ORT_24681
    ),
    "dilations of LpPool not read at version 18": Fault(
        ("lp_pool",), between(18, 21, without("dilations")), message=SHAPE, source=SINCE
    ),
    "p of version 1 a whole number": Fault(("lp_pool", "global_lp_pool"), between(1, 1, whole_p), source="LpPool-1 p: FLOAT; LpPool-2 p: INT"),
    "mode of DepthToSpace not read at version 11": Fault(("depth_to_space",), between(11, 12, without("mode")), source=SINCE),
    "antialias not read at version 18": Fault(("resize",), between(18, 18, without("antialias")), source=SINCE),
    "region not read at version 11": Fault(
        ("resize",), read_before(13, coordinate_transformation_mode=("tf_crop_and_resize", "half_pixel")), source=SINCE
    ),
    "policy not read at version 18": Fault(
        ("resize",), between(18, 18, without("keep_aspect_ratio_policy")), message=SHAPE, source=SINCE
    ),
    "axes of Resize not read at version 18": Fault(
        ("resize",), between(18, 18, first_axes), message=SHAPE, source=SINCE
    ),
}  # fmt: skip
