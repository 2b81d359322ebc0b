"""Tensors of one layout taken for another where their sizes hide it, or fit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import Before
from tests.fakes.faults.blocks import COPYING, FILTERS, GLOBAL, PADDED, POOLS, WINDOWED
from tests.fakes.faults.changes import of, of_filters, on_y
from tests.fakes.faults.fault import ANY_VALUE, Fault

ORT_12815 = "https://github.com/microsoft/onnxruntime/pull/12815 'runs the NCHW logic on NHWC input and produces garbage output'"
OPENVINO_3909 = (
    "https://github.com/openvinotoolkit/openvino/issues/3909 'run onnx file out wrong result' (NHWC set for NCHW)"
)
MLIR_3326 = (
    "https://github.com/onnx/onnx-mlir/issues/3326: ConvTranspose has [Cin, CoutPerG, ...], Conv [Cout, CinPerG, ...]"
)
PYTORCH_5521 = "https://github.com/pytorch/pytorch/issues/5521 'Correct description of weight-dimensions in conv and conv_transpose'"
ONNX2TF_87 = "https://github.com/PINTO0309/onnx2tf/pull/87 'disable NHWC flag when transposition occurs'"


def as_channels_last(x: Tensor) -> Tensor:
    """The same numbers in memory, read as N x D... x C."""
    if x.ndim < 3:
        return x
    return np.ascontiguousarray(np.moveaxis(x.reshape(x.shape[0], *x.shape[2:], x.shape[1]), -1, 1))


def written_channels_last(y: Tensor) -> Tensor:
    """Written as N x D... x C, handed over in the shape of N x C x D...."""
    return np.ascontiguousarray(np.moveaxis(y, 1, -1)).reshape(y.shape) if y.ndim > 2 else y


def columns_first(x: Tensor) -> Tensor:
    """The last two axes in the other order in memory."""
    return x.reshape(*x.shape[:-2], x.shape[-1], x.shape[-2]).swapaxes(-1, -2) if x.ndim > 3 else x


def square_turned(x: Tensor) -> Tensor:
    """Height and width exchanged, where they are equal, so that no shape tells."""
    return x.swapaxes(-1, -2) if x.ndim > 3 and x.shape[-1] == x.shape[-2] else x


def batch_for_channels(x: Tensor) -> Tensor:
    """Images and channels exchanged, where there are as many."""
    return x.swapaxes(0, 1) if x.shape[0] == x.shape[1] else x


def depth_for_height(x: Tensor) -> Tensor:
    """Depth and height in the other order in memory."""
    return x.reshape(*x.shape[:2], x.shape[3], x.shape[2], x.shape[4]).swapaxes(2, 3) if x.ndim == 5 else x


def mirrored(x: Tensor) -> Tensor:
    """Rows from the bottom up."""
    return x[:, :, ::-1] if x.ndim > 3 else x


def on_x(change: Callable[[Tensor], Tensor]) -> Before:
    """A change of the first operand of the graph."""

    def before(call: Call) -> None:
        if call.is_first:
            call.operands[0] = np.asarray(change(call.operands[0]))

    return before


def on_w(change: Callable[[Tensor], Tensor]) -> Before:
    """A change of the weights."""

    def before(call: Call) -> None:
        call.operands[1] = np.asarray(change(call.operands[1]))

    return of_filters(before)


def hwio(w: Tensor) -> Tensor:
    """M x C x k... read as k... x C x M."""
    read = w.reshape(*w.shape[2:], w.shape[1], w.shape[0])
    return np.ascontiguousarray(np.moveaxis(read, (-1, -2), (0, 1)))


def ohwi(w: Tensor) -> Tensor:
    """M x C x k... read as M x k... x C."""
    return np.ascontiguousarray(np.moveaxis(w.reshape(w.shape[0], *w.shape[2:], w.shape[1]), -1, 1))


def filters_for_channels(w: Tensor) -> Tensor:
    """Filters and channels exchanged, where there are as many."""
    return w.swapaxes(0, 1) if w.shape[0] == w.shape[1] else w


def filters_first(w: Tensor) -> Tensor:
    """C x M/group x k... read as M/group x C x k...."""
    return w.reshape(w.shape[1], w.shape[0], *w.shape[2:]).swapaxes(0, 1)


def flattened_channels_last(call: Call) -> None:
    """The classifier's weights were trained on N x D... x C."""
    x = call.operands[0]
    call.operands[0] = np.moveaxis(x, 1, -1) if x.ndim > 2 else x


READ = (*WINDOWED, *GLOBAL, *COPYING, "resize", "max_unpool", "median_pool", "copy_unpool")
FAULTS = {
    "input read with channels last": Fault(READ, on_x(as_channels_last), source=ORT_12815),
    "result written with channels last": Fault(
        tuple(b for b in READ if b not in GLOBAL), after=on_y(written_channels_last), source=OPENVINO_3909
    ),
    "planes read by columns": Fault(
        ("conv", "max_pool", "average_pool", "conv_transpose", *COPYING), on_x(columns_first), source=OPENVINO_3909
    ),
    "square images turned": Fault((*FILTERS, *POOLS, *COPYING, "resize"), on_x(square_turned), source=OPENVINO_3909),
    "square results turned": Fault(
        ("conv", "conv_transpose", "max_pool", "average_pool", *COPYING, "resize"),
        after=on_y(square_turned),
        source=OPENVINO_3909,
    ),
    "images taken for channels": Fault(
        ("conv", "max_pool", "average_pool", "lp_pool"), after=on_y(batch_for_channels), source=ONNX2TF_87
    ),
    "depth taken for height": Fault(
        ("conv", "max_pool", "average_pool", "lp_pool", "conv_transpose", *PADDED),
        on_x(depth_for_height),
        source=OPENVINO_3909,
    ),
    "rows from the bottom up": Fault(
        ("conv", "max_pool", "average_pool", "resize"), on_x(mirrored), source=OPENVINO_3909
    ),
    "weights read as HWIO": Fault(FILTERS, on_w(hwio), source=PYTORCH_5521),
    "weights read as OHWI": Fault(FILTERS, on_w(ohwi), source=PYTORCH_5521),
    "filters taken for channels": Fault(FILTERS, on_w(filters_for_channels), source=MLIR_3326),
    "weights of a transposed convolution filters first": Fault(
        ("conv_transpose",), on_w(filters_first), source=MLIR_3326
    ),
    "flattened with channels last": Fault(
        ("network",),
        of(flattened_channels_last, "Flatten"),
        message=ANY_VALUE,
        bends=("Flatten",),
        is_standard=True,
        source=ONNX2TF_87,
    ),
}
