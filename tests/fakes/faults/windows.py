"""Windows and groups that are misread: pads, strides, dilations, filters, coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fakes.executor import Call, Tensor, gather
from tests.fakes.fake import Before
from tests.fakes.faults.blocks import FILTERS, WINDOWED
from tests.fakes.faults.changes import of, of_filters
from tests.fakes.faults.fault import ANY_VALUE, SHAPE, Fault

ORT_24681 = (
    "https://github.com/microsoft/onnxruntime/issues/24681 'AveragePool v19+ ignores `end` padding in computation ...'"
)
ONNX_TEXT = "pads: '[x1_begin, x2_begin...x1_end, x2_end,...]'"
CAFFE = "Caffe and many NPUs have one amount of padding for both sides of an axis"
MLPACK_3146 = "https://github.com/mlpack/mlpack/pull/3146 'NaiveConvolution stride and dilation fix' (dW counted rows)"
ONEDNN_352 = "https://github.com/uxlfoundation/oneDNN/issues/352 'get wrong layout when using deconvolution-direct && group != 1'"
ACL_553 = "https://github.com/ARM-software/ComputeLibrary/issues/553 'Depthwise convolution with depth multiplier 2'"
TVM_10223 = "https://github.com/apache/tvm/issues/10223 'Conv2DTranspose with groups not working correctly'"
OPENVINO_4325 = "https://github.com/openvinotoolkit/openvino/pull/4325 'Fixed layout optimizer' (groups)"
LRN_TEXT = "LRN-13: 'Y[...] = X[...] / (bias + alpha / size * square_sum[...] ) ^ beta'; Caffe and TensorFlow differ in alpha / size"
QNN_287 = "https://github.com/onnxruntime/onnxruntime-qnn/pull/287: tf_half_pixel_for_nn 'is mapped to HALF_PIXEL as the closest equivalent'"
ORT_17564 = (
    "https://github.com/microsoft/onnxruntime/issues/17564 \"Resize ... 'align_corners'\" gives what asymmetric gives"
)


def change_pads(change: Any) -> Before:
    """A window's begins (first row) and ends are read otherwise."""

    def before(call: Call) -> None:
        if call.op != "Pad" and "pads" in call.attributes:
            call.attributes["pads"] = np.asarray(change(np.reshape(call.attributes["pads"], (2, -1)))).ravel().tolist()

    return before


def same_on_all(name: str) -> Before:
    """The first axis's value serves all, where the window so fits."""

    def before(call: Call) -> None:
        if name not in call.attributes:
            return
        a, extent = call.attributes, call.operands[0].shape[2:]
        values, pads = [a[name][0]] * len(extent), np.reshape(a.get("pads", [0] * 2 * len(extent)), (2, -1)).sum(axis=0)
        kernel = a.get("kernel_shape", call.operands[-1].shape[2:])
        if (
            name == "strides"
            or call.op == "ConvTranspose"
            or all(v * (k - 1) < n + p for v, k, n, p in zip(values, kernel, extent, pads, strict=False))
        ):
            a[name] = values

    return before


def last_only(name: str) -> Before:
    """Only the last axis has it."""

    def before(call: Call) -> None:
        if name in call.attributes:
            call.attributes[name] = [*[1] * (len(call.attributes[name]) - 1), call.attributes[name][-1]]

    return before


def shares(call: Call) -> tuple[Tensor, int, int]:
    """Elements counted of each window, those in the input or padding in front of it alone, and all of the kernel."""
    kernel = tuple(call.attributes["kernel_shape"])
    taps = gather(call, kernel, 0.0)
    return taps.counted.sum(axis=-1), taps.real.sum(axis=-1), int(np.prod(kernel))


def end_not_counted(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Where padding counts, that at the end does not, from version 19 on."""
    if not call.attributes.get("count_include_pad", 0) or call.opset < 19:
        return results
    counted, _, _ = shares(call)
    pads = call.attributes.get("pads")
    if not pads:
        return results
    bare = Call(call.op, call.operands[:1], {**call.attributes, "pads": pads}, 1, opset=call.opset)
    taps = gather(bare, tuple(call.attributes["kernel_shape"]), 0.0)
    rank = len(pads) // 2
    extent = call.operands[0].shape[2:]
    inside = np.ones(taps.real.shape, bool)
    if rank == 1:
        a = call.attributes
        begin, stride, gap = pads[0], a.get("strides", [1])[0], a.get("dilations", [1])[0]
        at = np.add.outer(np.arange(taps.real.shape[0]) * stride - begin, np.arange(a["kernel_shape"][0]) * gap)
        inside = at < extent[0]
    left = np.maximum((taps.counted & inside).sum(axis=-1), 1)
    return [(results[0] * counted / left).astype(results[0].dtype)]


def filters_in_turn(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The groups' filters are laid down in turn."""
    y, group = results[0], call.attributes.get("group", 1)
    return [y.reshape(len(y), group, -1, *y.shape[2:]).swapaxes(1, 2).reshape(y.shape)]


def multiplier_in_turn(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Of a depthwise convolution with several filters a channel alone."""
    is_multiplied = call.attributes.get("group", 1) == call.operands[0].shape[1] < results[0].shape[1]
    return filters_in_turn(call, results) if is_multiplied else results


def last_group_lost(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The last group is never begun."""
    y, group = results[0].copy(), call.attributes.get("group", 1)
    if group > 1:
        y[:, -(y.shape[1] // group) :] = 0
    return [y]


def bias_of_group(call: Call) -> None:
    """The first group's bias serves all."""
    group = call.attributes.get("group", 1)
    if len(call.operands) > 2:
        bias = call.operands[2]
        call.operands[2] = np.resize(bias[: len(bias) // group], bias.shape)


def weights_of_group(call: Call) -> None:
    """The first group's weights serve all."""
    w, group = call.operands[1], call.attributes.get("group", 1)
    call.operands[1] = np.resize(w[: len(w) // group], w.shape)


def in_turn(call: Call) -> None:
    """Weights of a transposed convolution dealt to the groups in turn."""
    w, group = call.operands[1], call.attributes.get("group", 1)
    call.operands[1] = w.reshape(-1, group, *w.shape[1:]).swapaxes(0, 1).reshape(w.shape)


def alpha_whole(call: Call) -> None:
    """Alpha is not divided by the size of the window."""
    call.attributes["alpha"] = float(call.attributes.get("alpha", 1e-4)) * call.attributes["size"]


def one_more(call: Call) -> None:
    """Size is taken for the reach on either side."""
    call.attributes["size"] = 2 * call.attributes["size"] + 1


def only(op: str, change: Before, source: str, blocks: tuple[str, ...] = ("network",)) -> Fault:
    """A fault of one operator of a network."""
    return Fault(blocks, of(change, op), message=ANY_VALUE, bends=(op,), source=source)


PADDING = {
    "pads of a window read in pairs": Fault(
        WINDOWED, change_pads(lambda p: p.reshape(-1, 2).T), message=SHAPE, source=ONNX_TEXT
    ),
    "pads at the begin on both sides": Fault(WINDOWED, change_pads(lambda p: p[[0, 0]]), message=SHAPE, source=CAFFE),
    "pads at the end on both sides": Fault(WINDOWED, change_pads(lambda p: p[[1, 1]]), message=SHAPE, source=CAFFE),
    "pads of the first axis for all": Fault(
        WINDOWED, change_pads(lambda p: p[:, :1] + 0 * p), message=SHAPE, source=CAFFE
    ),
    "pads evened out": Fault(
        WINDOWED, change_pads(lambda p: np.stack([p.sum(0) // 2, p.sum(0) - p.sum(0) // 2])), source=CAFFE
    ),
    "padding at the end not counted": Fault(("average_pool",), after=end_not_counted, source=ORT_24681),
}
ATTRIBUTES = {
    "stride of the first axis for all": Fault(WINDOWED, same_on_all("strides"), message=SHAPE, source=MLPACK_3146),
    "dilation of the first axis for all": Fault(WINDOWED, same_on_all("dilations"), message=SHAPE, source=MLPACK_3146),
    "stride of the last axis alone": Fault(WINDOWED, last_only("strides"), message=SHAPE, source=MLPACK_3146),
    "dilation of the last axis alone": Fault(WINDOWED, last_only("dilations"), message=SHAPE, source=MLPACK_3146),
    "alpha of LRN not divided": only("LRN", alpha_whole, LRN_TEXT),
    "window of LRN too large": only("LRN", one_more, LRN_TEXT),
}
GROUPS = {
    "filters of groups in turn": Fault(("conv", "conv_transpose"), after=filters_in_turn, source=ONEDNN_352),
    "filters of a depth multiplier in turn": Fault(("conv",), after=multiplier_in_turn, source=ACL_553),
    "last group lost": Fault(("conv", "conv_transpose"), after=last_group_lost, source=OPENVINO_4325),
    "bias of the first group for all": Fault(FILTERS, of_filters(bias_of_group), source=OPENVINO_4325),
    "weights of the first group for all": Fault(FILTERS, of_filters(weights_of_group), source=OPENVINO_4325),
    "weights dealt to groups in turn": Fault(FILTERS, of_filters(in_turn), source=TVM_10223),
}
RESIZING = {
    "half pixels for all of TensorFlow's": Fault(
        ("resize",),
        lambda c: (
            c.attributes.update(coordinate_transformation_mode="half_pixel")
            if c.attributes.get("coordinate_transformation_mode") == "tf_half_pixel_for_nn"
            else None
        ),
        source=QNN_287,
    ),
    "corners aligned as if asymmetric": Fault(
        ("resize",),
        lambda c: (
            c.attributes.update(coordinate_transformation_mode="asymmetric")
            if c.attributes.get("coordinate_transformation_mode") == "align_corners"
            else None
        ),
        source=ORT_17564,
    ),
}
