"""Named cases for what axis values alone do not bring about: sizes that hide a layout, long rows, models much alike.

Each tells a planted fault from the correct operator that no other case did (docs/power.md).
"""

from __future__ import annotations

import math
from typing import Any

from graphs.blocks.average_pool import AveragePool
from graphs.blocks.conv import Conv
from graphs.blocks.depth_to_space import DepthToSpace
from graphs.blocks.elu import Elu
from graphs.blocks.global_lp_pool import GlobalLpPool
from graphs.blocks.leaky_relu import LeakyRelu
from graphs.blocks.lp_pool import LpPool
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.max_unpool import MaxUnpool
from graphs.blocks.p_relu import PRelu
from graphs.blocks.pad import Pad
from graphs.blocks.pad_average_pool import PadAveragePool
from graphs.blocks.pad_conv import PadConv
from graphs.blocks.pad_max_pool import PadMaxPool
from graphs.blocks.relu import Relu
from graphs.blocks.resize import Resize
from graphs.blocks.space_to_depth import SpaceToDepth
from graphs.blocks.sub_pixel import SubPixel
from graphs.spec import Spec

ROW: dict[str, Any] = {"batch": 1, "channels": 2, "extent": (3, 21), "kernel_shape": (2, 2)}
DILATED: dict[str, Any] = {"batch": 1, "channels": 2, "extent": (6, 8), "kernel_shape": (2, 3), "dilations": (1, 2)}
SQUARE: dict[str, Any] = {"batch": 3, "channels": 3, "extent": (5, 5), "kernel_shape": (3, 3)}
RULES: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (8,), "kernel_shape": (3,)}
TINY: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (2, 5)}


def _padded(window: Any, value: float | None = None) -> Pad:
    """A Pad whose result the window takes: a row above and a column on the left."""
    height, width = window.extent
    shape = (window.batch, window.channels, height - 1, width - 1)
    return Pad(shape=shape, pads=(0, 0, 1, 1, 0, 0, 0, 0), value=value)


def _sub_pixel(**attributes: Any) -> SubPixel:
    """Four filters for each channel of the result."""
    conv = Conv(**attributes)
    return SubPixel.of(conv, DepthToSpace(shape=conv.outputs()["y"][1], blocksize=2))


def _resize(**attributes: Any) -> Resize:
    """An image of 4x5 to 7x3, opset 19."""
    return Resize(shape=(1, 1, 4, 5), opset=19, **attributes)


def _normed(p: int) -> LpPool:
    """One window, another power."""
    return LpPool(**RULES, p=p)


# name -> (spec, data set)
TELLING: dict[str, tuple[Spec, str]] = {
    "telling-conv-square": (Conv(filters=3, **SQUARE), "small"),
    "telling-conv-450-products": (
        Conv(batch=1, channels=50, filters=3, extent=(4, 5), kernel_shape=(3, 3)), "small",
    ),
    "telling-pad-conv-square": (
        PadConv.of(_padded(Conv(filters=3, **SQUARE)), Conv(filters=3, **SQUARE)), "small",
    ),
    "telling-pad-conv-row": (PadConv.of(_padded(Conv(filters=2, **ROW)), Conv(filters=2, **ROW)), "small"),
    "telling-pad-max-pool-row": (PadMaxPool.of(_padded(MaxPool(**ROW)), MaxPool(**ROW)), "small"),
    "telling-pad-average-pool-row": (PadAveragePool.of(_padded(AveragePool(**ROW)), AveragePool(**ROW)), "small"),
    "telling-max-unpool-row": (
        MaxUnpool(batch=1, channels=2, extent=(2, 11), kernel_shape=(2, 2), strides=(2, 2), places="drawn"), "small",
    ),
    "telling-max-unpool-no-strides": (
        MaxUnpool(batch=1, channels=2, extent=(3, 4), kernel_shape=(2, 2), places="drawn"), "small",
    ),
    "telling-pad-conv-dilated": (
        PadConv.of(_padded(Conv(filters=2, **DILATED)), Conv(filters=2, **DILATED)), "small",
    ),
    "telling-pad-max-pool-dilated": (PadMaxPool.of(_padded(MaxPool(**DILATED)), MaxPool(**DILATED)), "small"),
    "telling-pad-average-pool-dilated": (
        PadAveragePool.of(_padded(AveragePool(**DILATED)), AveragePool(**DILATED)), "small",
    ),
    "telling-sub-pixel-dilated": (_sub_pixel(filters=4, **DILATED), "small"),
    "telling-sub-pixel-21-channels": (
        _sub_pixel(batch=1, channels=1, filters=84, extent=(3, 4), kernel_shape=(2, 2)), "small",
    ),
    "telling-lp-pool-21-channels": (
        LpPool(batch=1, channels=21, extent=(3, 4), kernel_shape=(2, 2), p=1), "small",
    ),
    "telling-average-pool-ceil-at-10": (
        AveragePool(batch=1, channels=1, extent=(8,), kernel_shape=(3,), strides=(2,), ceil_mode=1, opset=10), "small",
    ),
    "telling-average-pool-counted-at-7": (
        AveragePool(batch=1, channels=1, extent=(5,), kernel_shape=(3,), strides=(1,), pads=(1, 1),
                    count_include_pad=1, opset=7), "small",
    ),
    "telling-average-pool-steps-of-1": (AveragePool(**RULES, strides=(1,)), "small"),
    "telling-average-pool-steps-of-2": (AveragePool(**RULES, strides=(2,)), "small"),
    "telling-max-pool-ceil-at-10": (
        MaxPool(batch=1, channels=1, extent=(8,), kernel_shape=(3,), strides=(2,), dilations=(1,), ceil_mode=1,
                opset=10), "small",
    ),
    "telling-lp-pool-p-1": (_normed(1), "small"),
    "telling-lp-pool-p-2": (_normed(2), "small"),
    "telling-global-lp-pool-p-1": (GlobalLpPool(batch=1, channels=1, extent=(7,), p=1), "small"),
    "telling-global-lp-pool-p-2": (GlobalLpPool(batch=1, channels=1, extent=(7,), p=2), "small"),
    "telling-depth-to-space-square-dcr": (DepthToSpace(shape=(1, 8, 3, 3), blocksize=2, mode="DCR"), "small"),
    "telling-depth-to-space-square-crd": (DepthToSpace(shape=(1, 8, 3, 3), blocksize=2, mode="CRD"), "small"),
    "telling-depth-to-space-crd-at-11": (
        DepthToSpace(shape=(1, 8, 3, 2), blocksize=2, mode="CRD", opset=11), "small",
    ),
    "telling-space-to-depth-square": (SpaceToDepth(shape=(1, 2, 4, 4), blocksize=2), "small"),
    "telling-p-relu-trailing": (PRelu(shape=(1, 3, 2, 3), slope=(3,)), "small"),
    "telling-resize-extrapolated": (
        _resize(sizes=(1, 1, 7, 3), mode="linear", coordinate_transformation_mode="tf_crop_and_resize",
                roi=(0.0, 0.0, -0.5, -0.25, 1.0, 1.0, 1.25, 1.5)), "small",
    ),
    "telling-resize-antialias-at-18": (
        Resize(shape=(1, 1, 6, 8), sizes=(1, 1, 3, 4), mode="linear", antialias=1, exclude_outside=1, opset=18),
        "small",
    ),
    "telling-relu-subnormal": (Relu(shape=(2, 5)), "subnormal-ends"),
    "telling-leaky-relu-subnormal": (LeakyRelu(shape=(2, 5), alpha=0.5), "subnormal-ends"),
    "telling-elu-subnormal": (Elu(shape=(2, 5)), "subnormal-ends"),
    "telling-pad-subnormal": (Pad(shape=(2, 5), pads=(0, 1, 0, 0)), "subnormal-ends"),
    "telling-max-pool-subnormal": (MaxPool(kernel_shape=(1, 2), **TINY), "subnormal-ends"),
    "telling-depth-to-space-subnormal": (DepthToSpace(shape=(1, 10, 1, 1), blocksize=1), "subnormal-ends"),
    "telling-conv-subnormal": (Conv(filters=1, kernel_shape=(1, 1), **TINY), "subnormal-ends"),
    "telling-pad-conv-infinite": (
        PadConv.of(_padded(Conv(filters=2, **ROW), -math.inf), Conv(filters=2, **ROW)), "small",
    ),
    "telling-pad-average-pool-infinite": (
        PadAveragePool.of(_padded(AveragePool(**DILATED), -math.inf), AveragePool(**DILATED)), "small",
    ),
}  # fmt: skip
