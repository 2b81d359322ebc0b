"""Channels in blocks of 4, 8 or 16: the last partial block, the wrong block, what fills a block up."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import After, Before
from tests.fakes.faults.blocks import COPYING, FILTERS, GLOBAL, WINDOWED
from tests.fakes.faults.changes import of_filters, on_y
from tests.fakes.faults.fault import Fault

ONEDNN_45 = (
    "https://github.com/uxlfoundation/oneDNN/issues/45 'Maxpooling issue': nChw8c, 20 channels, 'blocked formats assume "
    "channels to be multiple of' 8"
)
ORT_14392 = (
    "https://github.com/microsoft/onnxruntime/issues/14392 'crashes when inputchannel is equal to 9 for Conv2d' (NCHWc)"
)
METAL_5087 = (
    "https://github.com/tenstorrent/tt-metal/issues/5087 'Conv fails for input channels size not divisible by 32'"
)
CUTLASS_333 = "https://github.com/NVIDIA/cutlass/issues/333 'Convolution with 3 channels' (the fourth of a pixel)"


def part(c: int, block: int) -> slice:
    """The last, partial block, of channels that fill at least one."""
    return slice(c - c % block if c > block else c, c)


def lost(block: int) -> After:
    """Zeros in the last, partial block of the result."""

    def change(y: Tensor) -> Tensor:
        y = y.copy()
        y[:, part(y.shape[1], block)] = 0
        return y

    return on_y(change)


def not_summed(block: int) -> Before:
    """Input channels of the last, partial block add nothing."""

    def before(call: Call) -> None:
        x = call.operands[0].copy()
        x[:, part(x.shape[1], block)] = 0
        call.operands[0] = x

    return before


def first_block_again(block: int) -> After:
    """The last, partial block has what the first one has."""

    def change(y: Tensor) -> Tensor:
        y, rest = y.copy(), part(y.shape[1], block)
        y[:, rest] = y[:, : rest.stop - rest.start]
        return y

    return on_y(change)


def swapped(block: int) -> After:
    """The first two whole blocks change places."""

    def change(y: Tensor) -> Tensor:
        if y.shape[1] < 2 * block:
            return y
        order = np.r_[block : 2 * block, :block, 2 * block : y.shape[1]]
        return y[:, order]

    return on_y(change)


def laid_wrong(block: int) -> After:
    """A whole block is read as channels times pixels where pixels times channels are written."""

    def change(y: Tensor) -> Tensor:
        if y.shape[1] < block:
            return y
        y = y.copy()
        whole = y[:, :block]
        pixels = np.moveaxis(whole, 1, -1)
        y[:, :block] = pixels.reshape(whole.shape)
        return y

    return on_y(change)


def bias_of_block(block: int) -> Before:
    """The bias of the first block serves all."""

    def before(call: Call) -> None:
        if len(call.operands) > 2:
            bias = call.operands[2]
            call.operands[2] = np.resize(bias[:block], bias.shape)

    return before


def bias_cut(block: int) -> Before:
    """The bias of the last, partial block is not added."""

    def before(call: Call) -> None:
        if len(call.operands) > 2:
            bias = call.operands[2].copy()
            bias[part(len(bias), block)] = 0
            call.operands[2] = bias

    return before


def fourth_channel(call: Call) -> None:
    """Of images of 3 channels each pixel takes 4: the next pixel's first is this one's fourth, and all move on."""
    x = call.operands[0]
    if x.shape[1] == 3:
        pixels = np.moveaxis(x, 1, -1).reshape(len(x), -1)
        moved = np.resize(pixels, (len(x), pixels.shape[1] // 3 * 4)).reshape(len(x), *x.shape[2:], 4)[..., :3]
        call.operands[0] = np.ascontiguousarray(np.moveaxis(moved, -1, 1))


def slopes_of_block(call: Call) -> None:
    """The slopes of the first 8 channels serve all."""
    x, slope = call.operands
    if x.ndim > 1 and slope.size == x.shape[1] > 8:
        call.operands[1] = np.resize(slope.ravel()[:8], slope.shape)


CHANNELLED = (*WINDOWED, *GLOBAL, "max_unpool")
FAULTS = {
    f"{what} of {block} channels {how}": Fault(blocks, after=change(block), source=ONEDNN_45)
    for block in (4, 8, 16)
    for what, how, blocks, change in (
        ("partial block", "lost", CHANNELLED, lost),
        ("partial block", "takes the first", ("conv", "conv_transpose", "max_pool", "average_pool"), first_block_again),
    )
}
FAULTS |= {
    "blocks of 8 channels swapped": Fault(CHANNELLED, after=swapped(8), source=ONEDNN_45),
    "blocks of 4 channels swapped": Fault(CHANNELLED, after=swapped(4), source=ONEDNN_45),
    "a block of 8 read plane by plane": Fault(
        ("conv", "conv_transpose", "max_pool", "average_pool", "pad_conv"), after=laid_wrong(8), source=ORT_14392
    ),
    "partial block of 8 inputs not summed": Fault(FILTERS, of_filters(not_summed(8)), source=METAL_5087),
    "partial block of 16 inputs not summed": Fault(FILTERS, of_filters(not_summed(16)), source=METAL_5087),
    "bias of the first 8 filters for all": Fault(
        ("conv", "conv_transpose", "pad_conv"), of_filters(bias_of_block(8)), source=ORT_14392
    ),
    "bias past 16 filters lost": Fault(
        ("conv", "conv_transpose", "pad_conv"), of_filters(bias_cut(16)), source=ORT_14392
    ),
    "three channels read as four": Fault(
        ("conv", "max_pool", "average_pool", *GLOBAL), fourth_channel, source=CUTLASS_333
    ),
    "slopes of the first 8 channels for all": Fault(("p_relu",), slopes_of_block, source=ONEDNN_45),
    "whole pixels of a block of 4 lost": Fault(COPYING, after=lost(4), source=ONEDNN_45),
}
