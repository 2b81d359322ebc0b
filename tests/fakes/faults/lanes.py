"""Elements past a whole vector: lost, taken from the vector before, or done twice."""

from __future__ import annotations

from math import prod

import numpy as np

from tests.fakes.arithmetic import PLAIN
from tests.fakes.executor import OPERATORS, Call, Tensor
from tests.fakes.fake import After, Before
from tests.fakes.faults.blocks import COMPOSED, COPYING, GLOBAL, POINTWISE, SLIDING, WINDOWED
from tests.fakes.faults.changes import of_filters, on_y
from tests.fakes.faults.fault import Fault

NCNN_1014 = "https://github.com/Tencent/ncnn/issues/1014 'the result is wrong when the output size (w * h) is not multiple of 4'"
OPENCV_23162 = "https://github.com/opencv/opencv/pull/23162 'fixed bug in depthwise conv of stride 2' (the vector tail)"
PADDLE_11016 = "https://github.com/PaddlePaddle/Paddle/issues/11016 'bug in NeonDepthwiseConv' (reads past the row)"
COMPILED_16 = (
    "https://github.com/bhuman/CompiledNN/issues/16 'DConv2D does not work for channel numbers that are not ...'"
)
LANES = "a loop over whole vectors without one over what is left: SSE and NEON have 4 lanes, AVX 8, AVX-512 16"


def past(n: int, lanes: int) -> slice:
    """What a loop over whole vectors leaves; all done where there is less than one vector, by the scalar loop."""
    return slice(n - n % lanes if n > lanes else n, n)


def lose_last_column(y: Tensor) -> Tensor:
    """Zeros where a vector loop has no tail."""
    y = y.copy()
    y[..., -1] = 0
    return y


def lost(lanes: int) -> After:
    """Zeros past the last whole vector along the last axis."""

    def change(y: Tensor) -> Tensor:
        y = y.copy()
        y[..., past(y.shape[-1], lanes)] = 0
        return y

    return on_y(lambda y: change(y) if y.ndim else y)


def lost_of_all(lanes: int) -> After:
    """The same over the tensor as one row."""
    return on_y(lambda y: np.where(np.arange(y.size).reshape(y.shape) < past(y.size, lanes).start, y, y.dtype.type(0)))


def repeated(lanes: int) -> After:
    """The last lane of the vector before in place of what is left."""

    def change(y: Tensor) -> Tensor:
        y = y.copy()
        rest = past(y.shape[-1], lanes) if y.ndim else slice(0, 0)
        if rest.start < rest.stop:
            y[..., rest] = y[..., rest.start - 1 : rest.start]
        return y

    return on_y(change)


def twice(lanes: int) -> After:
    """The last vector overlaps the one before it, and what they share is done twice, in place."""

    def after(call: Call, results: list[Tensor]) -> list[Tensor]:
        y = results[0].copy()
        flat = y.reshape(-1)
        rest = past(flat.size, lanes)
        if rest.start < rest.stop:
            shared = slice(flat.size - lanes, rest.start)
            again = Call(call.op, [flat[shared]], dict(call.attributes), 1, opset=call.opset)
            flat[shared] = OPERATORS[call.op](again, PLAIN)[0]
        return [y, *results[1:]]

    return after


def plane_lost(lanes: int) -> After:
    """A plane as one row: its end is lost, under a kernel of 3 and a stride of 2 alone."""

    def after(call: Call, results: list[Tensor]) -> list[Tensor]:
        y = results[0]
        if call.attributes.get("kernel_shape") != [3, 3] or call.attributes.get("strides") != [2, 2]:
            return results
        start = past(prod(y.shape[2:]), lanes).start
        return [np.where(np.arange(prod(y.shape[2:])).reshape(y.shape[2:]) < start, y, y.dtype.type(0)), *results[1:]]

    return after


def products_lost(lanes: int) -> Before:
    """Of each sum the products past the last whole vector."""

    def before(call: Call) -> None:
        w = call.operands[1]
        rows = w.reshape(len(w), -1).copy()
        rows[:, past(rows.shape[1], lanes)] = 0
        call.operands[1] = rows.reshape(w.shape)

    return before


def elements_lost(lanes: int, fill: float) -> Before:
    """Of each plane the elements past the last whole vector count as ``fill``."""

    def before(call: Call) -> None:
        x = call.operands[0]
        rows = x.reshape(*x.shape[:2], -1).copy()
        rows[..., past(rows.shape[2], lanes)] = fill
        call.operands[0] = rows.reshape(x.shape)

    return before


def lanes_filled(call: Call) -> None:
    """A plane that fills no whole vector of 4 is filled up with zeros, which take part in the maximum."""
    x = call.operands[0]
    rows = x.reshape(*x.shape[:2], *[1] * (x.ndim - 3), -1)
    call.operands[0] = np.concatenate([rows, np.zeros((*rows.shape[:-1], -rows.shape[-1] % 4), x.dtype)], axis=-1)


def depthwise_channels_lost(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Of a depthwise convolution the channels past a multiple of 4."""
    y, channels = results[0].copy(), call.operands[0].shape[1]
    if call.attributes.get("group", 1) == channels:
        y[:, past(channels, 4)] = 0
    return [y]


def next_row(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The last element of a row, where it is alone in its vector, is the first one of the next row."""
    y = results[0].copy()
    if y.ndim > 3 and y.shape[-1] % 4 == 1:
        y[..., -1] = np.roll(results[0][..., 0], -1, axis=-1)
    return [y, *results[1:]]


CONVS = ("conv", "pad_conv", "sub_pixel")  # a sum is a row of W
SWEPT = (*POINTWISE, *COPYING, "pad", "resize", *GLOBAL)
FAULTS = {
    f"{kind} of {lanes} lanes {what}": Fault(blocks, after=change(lanes), source=source)
    for lanes in (4, 8, 16)
    for kind, what, blocks, change, source in (
        ("tail", "lost in a row", (*WINDOWED, "resize", "pad", "max_unpool"), lost, LANES),
        ("tail", "takes the lane before", WINDOWED, repeated, OPENCV_23162),
        ("tail", "lost of the whole tensor", SWEPT, lost_of_all, LANES),
        ("overlap", "done twice", ("leaky_relu", "elu", "sigmoid", "tanh", "hard_swish"), twice, OPENCV_23162),
    )
}
FAULTS |= {
    "last column lost": Fault((*SLIDING, "max_unpool", *COMPOSED), after=on_y(lose_last_column), source=LANES),
    "plane no multiple of 4": Fault(("conv",), after=plane_lost(4), source=NCNN_1014),
    "last products of 8 lost": Fault(CONVS, of_filters(products_lost(8)), source=LANES),
    "last products of 16 lost": Fault(CONVS, of_filters(products_lost(16)), source=LANES),
    "last elements of 16 not averaged": Fault(
        ("global_average_pool", "global_lp_pool"), elements_lost(16, 0), source=LANES
    ),
    "last elements of 16 not compared": Fault(("global_max_pool",), elements_lost(16, -np.inf), source=LANES),
    "lanes filled with zeros": Fault(("global_max_pool",), lanes_filled, source=LANES),
    "channels past 4 of a depthwise convolution lost": Fault(
        ("conv",), after=depthwise_channels_lost, source=COMPILED_16
    ),
    "row read past its end": Fault(("conv", "average_pool", "max_pool"), after=next_row, source=PADDLE_11016),
}
