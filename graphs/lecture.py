"""The lecture's examples as named cases: its sizes, and its 4x4 pooling example."""

from __future__ import annotations

from typing import Any

from graphs.blocks.average_pool import AveragePool
from graphs.blocks.average_pool_gradient import AveragePoolGradient
from graphs.blocks.classical_filter import ClassicalFilter
from graphs.blocks.conv import Conv
from graphs.blocks.conv_gradient import ConvGradient
from graphs.blocks.conv_transpose import ConvTranspose
from graphs.blocks.copy_unpool import CopyUnpool
from graphs.blocks.depth_to_space import DepthToSpace
from graphs.blocks.global_average_pool import GlobalAveragePool
from graphs.blocks.global_max_pool import GlobalMaxPool
from graphs.blocks.leaky_relu import LeakyRelu
from graphs.blocks.leaky_relu_gradient import LeakyReluGradient
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.max_pool_gradient import MaxPoolGradient
from graphs.blocks.max_unpool import MaxUnpool
from graphs.blocks.median_pool import MedianPool
from graphs.blocks.min_pool import MinPool
from graphs.blocks.network import Network
from graphs.blocks.p_relu import PRelu
from graphs.blocks.pad import Pad
from graphs.blocks.pad_conv import PadConv
from graphs.blocks.pyramid import Pyramid
from graphs.blocks.randomized_relu import RandomizedRelu
from graphs.blocks.relu import Relu
from graphs.blocks.relu_gradient import ReluGradient
from graphs.blocks.resize import Resize
from graphs.blocks.sub_pixel import SubPixel
from graphs.spec import Spec


def _conv(size: int, kernel: int, **attributes: Any) -> Conv:
    """One channel, one filter, a square image and a square kernel."""
    return Conv(batch=1, channels=1, extent=(size, size), kernel_shape=(kernel, kernel), **attributes)


def _deconv(size: int, kernel: int, stride: int) -> ConvTranspose:
    """The opposite of a convolution: one channel, ``o = (M - 1) S + w``."""
    return ConvTranspose(
        batch=1, channels=1, extent=(size, size), kernel_shape=(kernel, kernel), strides=(stride, stride)
    )


def _unpool(kernel: int, stride: int) -> CopyUnpool:
    """What 2x2 max pooling leaves of the 4x4 matrix, copied into square windows."""
    return CopyUnpool(batch=1, channels=1, extent=(2, 2), kernel_shape=(kernel, kernel), strides=(stride, stride))


def _sub_pixel(size: int, kernel: int, blocksize: int, **attributes: Any) -> SubPixel:
    """One filter of a square image for each place in a block: convolutions on sub-pixel shifts."""
    conv = Conv(
        batch=1, channels=1, filters=blocksize**2, extent=(size, size), kernel_shape=(kernel, kernel), **attributes
    )
    return SubPixel.of(conv, DepthToSpace(shape=conv.outputs()["y"][1], blocksize=blocksize))


_POOL: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (4, 4), "kernel_shape": (2, 2)}

# name -> (spec, data set); "lecture" is the 4x4 matrix 10 11 13 14 / 9 7 10 11 / 10 6 10 13 / 14 7 17 15, and
# "lecture-pooled" its maxima under stride 2, 11 14 / 14 17
LECTURE: dict[str, tuple[Spec, str]] = {
    "lecture-conv-8x8-k3": (_conv(8, 3), "small"),
    "lecture-conv-9x9-k3-stride-1": (_conv(9, 3, strides=(1, 1)), "small"),
    "lecture-conv-9x9-k3-stride-2": (_conv(9, 3, strides=(2, 2)), "small"),
    "lecture-conv-9x9-k3-stride-2x1": (_conv(9, 3, strides=(2, 1)), "small"),
    "lecture-conv-k3-pad-1-keeps-size": (_conv(8, 3, pads=(1, 1, 1, 1)), "small"),
    "lecture-conv-1x1-mixes-channels": (
        Conv(batch=1, channels=3, filters=2, extent=(5, 5), kernel_shape=(1, 1)), "small",
    ),
    "lecture-conv-rectangular": (
        Conv(batch=1, channels=3, filters=2, extent=(9, 6), kernel_shape=(3, 2), bias=True), "small",
    ),
    "lecture-max-pool-2x2-stride-1": (MaxPool(strides=(1, 1), **_POOL), "lecture"),
    "lecture-max-pool-2x2-stride-2": (MaxPool(strides=(2, 2), **_POOL), "lecture"),
    "lecture-min-pool-2x2-stride-2": (MinPool(strides=(2, 2), **_POOL), "lecture"),
    "lecture-median-pool-2x2-stride-2": (MedianPool(strides=(2, 2), **_POOL), "lecture"),
    "lecture-median-pool-3x3-stride-1": (
        MedianPool(**_POOL | {"kernel_shape": (3, 3)}, strides=(1, 1), windows="gather"), "lecture",
    ),
    "lecture-average-pool-2x2-stride-2": (AveragePool(strides=(2, 2), **_POOL), "lecture"),
    "lecture-relu": (Relu(shape=(2, 3)), "small"),
    "lecture-global-max-pool": (GlobalMaxPool(batch=1, channels=1, extent=(4, 4)), "lecture"),
    "lecture-global-average-pool": (GlobalAveragePool(batch=1, channels=1, extent=(4, 4)), "lecture"),
    "lecture-leaky-relu": (LeakyRelu(shape=(2, 3), alpha=0.25), "small"),
    "lecture-parametric-relu": (PRelu(shape=(1, 2, 3), slope=(2, 1)), "small"),
    "lecture-pad-zeros": (Pad(shape=(1, 1, 4, 4), pads=(0, 0, 1, 1, 0, 0, 1, 1)), "lecture"),
    "lecture-pad-height-and-width": (Pad(shape=(1, 1, 4, 4), pads=(0, 0, 2, 1, 0, 0, 2, 1)), "lecture"),
    "lecture-pad-reflect": (Pad(shape=(1, 1, 4, 4), pads=(0, 0, 1, 1, 0, 0, 1, 1), mode="reflect"), "lecture"),
    "lecture-pad-edge": (Pad(shape=(1, 1, 4, 4), pads=(0, 0, 1, 1, 0, 0, 1, 1), mode="edge"), "lecture"),
    "lecture-resize-copies-into-2x2": (
        Resize(shape=(1, 1, 4, 4), scales=(1.0, 1.0, 2.0, 2.0), coordinate_transformation_mode="asymmetric",
               nearest_mode="floor", opset=19), "lecture",
    ),
    "lecture-resize-interpolates": (
        Resize(shape=(1, 1, 4, 4), sizes=(1, 1, 7, 7), mode="linear", coordinate_transformation_mode="align_corners",
               opset=19), "lecture",
    ),
    "lecture-deconvolution-6x6-k3": (_deconv(6, 3, 1), "small"),
    "lecture-deconvolution-7x7-k3": (_deconv(7, 3, 1), "small"),
    "lecture-deconvolution-4x4-k3-stride-2": (_deconv(4, 3, 2), "small"),
    "lecture-deconvolution-2x2-k2-stride-2": (_deconv(2, 2, 2), "small"),
    # Each maximum goes back to its place in the 4x4 matrix.  The lecture's own max un-pooling copies it into its whole
    # window, 11 11 14 14 / 11 11 14 14 / 14 14 17 17 / 14 14 17 17, which takes other operators than this one.
    "lecture-max-unpool-2x2-stride-2": (
        MaxUnpool(
            batch=1, channels=1, extent=(2, 2), kernel_shape=(2, 2), strides=(2, 2), places=(1, 3, 12, 14),
        ), "lecture-pooled",
    ),
    "lecture-max-unpool-size": (
        MaxUnpool(batch=1, channels=1, extent=(4, 4), kernel_shape=(3, 3), strides=(2, 2), places="drawn"), "small",
    ),
    "lecture-copy-unpool-2x2-stride-2": (_unpool(2, 2), "lecture-pooled"),
    "lecture-copy-unpool-overlap": (_unpool(3, 2), "lecture-pooled"),
    "lecture-copy-unpool-gaps": (_unpool(2, 3), "lecture-pooled"),
    "lecture-pad-conv-keeps-size": (
        PadConv.of(Pad(shape=(1, 1, 4, 4), pads=(0, 0, 1, 1, 0, 0, 1, 1), mode="reflect"), _conv(6, 3)), "small",
    ),
    "lecture-sub-pixel-4x4-to-8x8": (_sub_pixel(4, 3, 2, pads=(1, 1, 1, 1)), "small"),
    "lecture-randomized-relu": (RandomizedRelu(shape=(2, 3), training=True), "small"),
    "lecture-relu-derivative": (ReluGradient(shape=(5,)), "slopes"),
    "lecture-leaky-relu-derivative": (LeakyReluGradient(shape=(5,), alpha=0.25), "slopes"),
    "lecture-max-pool-derivative": (MaxPoolGradient(strides=(2, 2), **_POOL), "lecture"),
    "lecture-average-pool-derivative": (AveragePoolGradient(strides=(2, 2), **_POOL), "lecture"),
    "lecture-conv-derivative-8x8-k3": (
        ConvGradient(batch=1, channels=1, extent=(8, 8), kernel_shape=(3, 3), bias=True), "small",
    ),
    "lecture-pyramid-200-100-50-25": (Pyramid(smoothing="mean", extent=(200, 200), levels=3), "small"),
    "lecture-pyramid-binomial": (Pyramid(smoothing="binomial", extent=(200, 200), levels=3), "random"),
    "lecture-sobel": (ClassicalFilter(filter="sobel", shape=(1, 1, 4, 4)), "lecture"),
}  # fmt: skip

# Of the larger tiers alone: 61 million weights.
LARGE: dict[str, tuple[Spec, str]] = {
    "lecture-alexnet": (Network(architecture="alexnet"), "random"),
    "lecture-alexnet-probes": (Network(architecture="alexnet", probes=True), "random"),
}
