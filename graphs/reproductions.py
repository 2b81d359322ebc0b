"""Named cases, one or more for each known deviation and as small as will do, so that every tier shows it.

See conformance/deviations.toml and docs/findings.md.
"""

from __future__ import annotations

import math
from typing import Any

from graphs.blocks.average_pool import AveragePool
from graphs.blocks.clip import Clip
from graphs.blocks.conv import Conv
from graphs.blocks.conv_gradient import ConvGradient
from graphs.blocks.conv_integer import ConvInteger
from graphs.blocks.conv_transpose import ConvTranspose
from graphs.blocks.dequantize_linear import DequantizeLinear
from graphs.blocks.global_max_pool import GlobalMaxPool
from graphs.blocks.lp_pool import LpPool
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.max_pool_gradient import MaxPoolGradient
from graphs.blocks.max_unpool import MaxUnpool
from graphs.blocks.min_pool import MinPool
from graphs.blocks.network import Network
from graphs.blocks.p_relu import PRelu
from graphs.blocks.pad import Pad
from graphs.blocks.pad_average_pool import PadAveragePool
from graphs.blocks.pad_conv import PadConv
from graphs.blocks.pad_max_pool import PadMaxPool
from graphs.blocks.qlinear_conv import QLinearConv
from graphs.blocks.quantize_linear import QuantizeLinear
from graphs.blocks.resize import Resize
from graphs.blocks.selu import Selu
from graphs.blocks.tanh import Tanh
from graphs.resampled import CROP
from graphs.spec import Spec


def _conv(*extent: int, **attributes: Any) -> Conv:
    """One channel, one filter."""
    fields: dict[str, Any] = {"batch": 1, "channels": 1, "extent": extent, "kernel_shape": (2,)}
    return Conv(**fields | attributes)


def _whole(*extent: int, **attributes: Any) -> ConvInteger:
    """One channel of bytes, two filters of one tap, each with a zero point."""
    kernel = (1,) * len(extent)
    fields: dict[str, Any] = {"batch": 1, "channels": 1, "filters": 2, "extent": extent, "kernel_shape": kernel}
    return ConvInteger(**fields | {"w_zero_point": (1, 2), "dtype": "uint8"} | attributes)


def _bytes(*extent: int, **attributes: Any) -> QLinearConv:
    """One channel of bytes, one filter of one tap, sums halved."""
    kernel = (1,) * len(extent)
    fields: dict[str, Any] = {"batch": 1, "channels": 1, "extent": extent, "kernel_shape": kernel, "dtype": "uint8"}
    scales = {"x_scale": 0.5, "w_scale": 0.25, "y_scale": 0.25}
    return QLinearConv(**fields | scales | attributes)


def _max(*extent: int, **attributes: Any) -> MaxPool:
    """One image of one channel under a window of two."""
    fields: dict[str, Any] = {"batch": 1, "channels": 1, "extent": extent, "kernel_shape": (2,) * len(extent)}
    return MaxPool(**fields | attributes)


def _average(*extent: int, **attributes: Any) -> AveragePool:
    """One image of one channel under a window of two."""
    fields: dict[str, Any] = {"batch": 1, "channels": 1, "extent": extent, "kernel_shape": (2,)}
    return AveragePool(**fields | attributes)


def _lp(*extent: int, **attributes: Any) -> LpPool:
    """One image of one channel under a window of two."""
    fields: dict[str, Any] = {"batch": 1, "channels": 1, "extent": extent, "kernel_shape": (2,)}
    return LpPool(**fields | attributes)


def _deconv(*extent: int, **attributes: Any) -> ConvTranspose:
    """One channel, one filter of three taps."""
    fields: dict[str, Any] = {"batch": 1, "channels": 1, "extent": extent, "kernel_shape": (3,)}
    return ConvTranspose(**fields | attributes)


def _unpool(*extent: int, **attributes: Any) -> MaxUnpool:
    """One image of one channel, windows of two side by side."""
    n = len(extent)
    fields: dict[str, Any] = {
        "batch": 1,
        "channels": 1,
        "extent": extent,
        "kernel_shape": (2,) * n,
        "strides": (2,) * n,
    }
    return MaxUnpool(**fields | attributes)


def _pad(*sides: tuple[int, int], of: tuple[int, ...], value: float | None = None) -> Pad:
    """One image of one channel, begin and end of each spatial axis."""
    pads = (0, 0, *(begin for begin, _ in sides), 0, 0, *(end for _, end in sides))
    return Pad(shape=(1, 1, *of), pads=pads, value=value)


def _max_gradient(*extent: int, **attributes: Any) -> MaxPoolGradient:
    """One image of one channel under a window of two."""
    fields: dict[str, Any] = {"batch": 1, "channels": 1, "extent": extent, "kernel_shape": (2,) * len(extent)}
    return MaxPoolGradient(**fields | attributes)


def _resize(*shape: int, **attributes: Any) -> Resize:
    """A plain tensor, in the newest version that has no other reason to be refused."""
    fields: dict[str, Any] = {"shape": shape, "opset": 19}
    return Resize(**fields | attributes)


# name -> (spec, data set)
def _quantize(extent: int, code: str, **attributes: Any) -> QuantizeLinear:
    """A row of numbers with one scale of 1/2."""
    fields: dict[str, Any] = {"scale": (0.5,), "zero_point": (0.0,), "zero_dtype": code, "opset": 21}
    return QuantizeLinear(shape=(extent,), **fields | attributes)


REPRODUCTIONS: dict[str, tuple[Spec, str]] = {
    "conv-same-dilation": (_conv(5, auto_pad="SAME_UPPER", dilations=(2,)), "random"),
    "conv-same-stride-above-size": (
        _conv(4, kernel_shape=(1,), strides=(4,), auto_pad="SAME_UPPER"), "random",
    ),
    "conv-infinity-in-a-gap": (_conv(25, dilations=(2,)), "special"),
    "conv-bfloat16-nan": (_conv(6, 7, kernel_shape=(3, 3), dtype="bfloat16"), "special"),
    "conv-bfloat16-subnormal": (_conv(5, 6, kernel_shape=(3, 3), dtype="bfloat16"), "subnormal"),
    "conv-bfloat16-column": (
        _conv(3, 4, 3, kernel_shape=(2, 2, 2), strides=(1, 1, 2), dtype="bfloat16"), "small",
    ),
    "conv-column": (_conv(3, 4, 3, kernel_shape=(2, 2, 2), strides=(1, 1, 2)), "small"),
    "max-pool-bfloat16-empty-window": (_max(3, strides=(2,), pads=(2, 0), dtype="bfloat16"), "small"),
    "clip-bfloat16": (Clip(shape=(3,), min=0.0, opset=13, dtype="bfloat16"), "random"),
    "max-pool-same-dilation": (_max(5, auto_pad="SAME_UPPER", dilations=(2,)), "random"),
    "max-pool-pad-of-kernel-size": (_max(5, pads=(2, 2), dilations=(2,)), "random"),
    "max-pool-minus-infinity": (_max(25, kernel_shape=(1,)), "special"),
    "max-pool-end-pad": (_max(5, pads=(0, 1)), "random"),
    "max-pool-begin-pad": (_max(5, pads=(1, 0)), "random"),
    "max-pool-same-kernel-1": (_max(5, kernel_shape=(1,), auto_pad="SAME_UPPER"), "random"),
    "max-pool-pads-order": (_max(3, 3, pads=(1, 0, 1, 0)), "random"),
    "max-pool-pads-order-no-element": (_max(7, 7, kernel_shape=(4, 3), pads=(3, 2, 3, 2)), "random"),
    "max-pool-pads-ceil": (_max(3, 3, pads=(1, 1, 1, 1), ceil_mode=1), "random"),
    "max-pool-indices-channels": (_max(3, channels=2, indices=True), "random"),
    "max-pool-indices-same": (_max(3, 3, auto_pad="SAME_UPPER", indices=True), "random"),
    "max-pool-indices-column-major": (_max(3, 3, kernel_shape=(1, 1), storage_order=1, indices=True), "random"),
    "max-pool-same-lower-size": (_max(5, kernel_shape=(3,), strides=(2,), auto_pad="SAME_LOWER"), "random"),
    "max-pool-same-lower-odd-pad": (
        _max(4, channels=17, kernel_shape=(3,), strides=(2,), auto_pad="SAME_LOWER"), "random",
    ),
    "average-pool-same-dilation": (_average(5, auto_pad="SAME_UPPER", dilations=(2,)), "random"),
    "average-pool-same-dilation-above-pad": (
        _average(8, kernel_shape=(3,), strides=(4,), dilations=(2,), auto_pad="SAME_UPPER"), "random",
    ),
    "average-pool-pad-of-kernel-size": (_average(5, pads=(2, 0), count_include_pad=1), "random"),
    "average-pool-1-pad": (_average(5, strides=(1,), pads=(1, 0), opset=6), "random"),
    "average-pool-1-pad-special": (_average(25, strides=(1,), pads=(1, 0), opset=6), "special"),
    "average-pool-nan": (_average(25), "special"),
    "average-pool-ceil-valid": (_average(5, auto_pad="VALID", ceil_mode=1), "random"),
    "average-pool-overhang": (_average(6, kernel_shape=(3,), strides=(5,), ceil_mode=1), "random"),
    "lp-pool-pad-of-kernel-size": (_lp(5, pads=(2, 0)), "random"),
    "lp-pool-ceil-valid": (_lp(5, auto_pad="VALID", ceil_mode=1), "random"),
    "lp-pool-nan": (_lp(25), "special"),
    "lp-pool-overhang": (_lp(3, strides=(2,), ceil_mode=1), "random"),
    "lp-pool-1-mean": (_lp(25, kernel_shape=(13,), p=1), "random"),
    "lp-pool-1-exponent": (_lp(5, strides=(1,), pads=(0, 0), p=3, opset=1, dtype="float64"), "random"),
    "max-pool-int8-two-axes": (_max(3, 3, dtype="int8"), "full"),
    "min-pool-infinity": (MinPool(batch=1, channels=1, extent=(25,), kernel_shape=(1,)), "special"),
    "max-pool-int8-empty-window": (_max(3, strides=(2,), pads=(2, 0), dtype="int8"), "full"),
    "global-max-pool-minus-infinity": (GlobalMaxPool(batch=1, channels=25, extent=(1,)), "special"),
    "global-max-pool-one-axis": (GlobalMaxPool(batch=1, channels=2, extent=(3,)), "random"),
    "p-relu-scalar": (PRelu(shape=(), slope=(1,), opset=6), "random"),
    "selu-1-gamma": (Selu(shape=(3,), opset=5), "negative"),
    "selu-1-alpha": (Selu(shape=(3,), gamma=1.0, opset=5), "negative"),
    "tanh-near-zero": (Tanh(shape=(6,)), "range"),
    "pad-axes-int32": (Pad(shape=(3,), pads=(1, 1), axes=(0,), axes_dtype="int32"), "random"),
    "pad-remove": (Pad(shape=(3,), pads=(-1, 0)), "random"),
    "pad-max-pool-zeros": (PadMaxPool.of(_pad((1, 0), of=(2,)), _max(3)), "negative"),
    "pad-max-pool-minus-infinity": (PadMaxPool.of(_pad((2, 0), of=(2,), value=-math.inf), _max(4)), "random"),
    "pad-max-pool-pad-of-kernel-size": (PadMaxPool.of(_pad((2, 0), of=(2,)), _max(4)), "random"),
    "pad-max-pool-ceil": (PadMaxPool.of(_pad((0, 1), of=(3,)), _max(4, strides=(3,), ceil_mode=1)), "small"),
    "pad-average-pool-pad-of-kernel-size": (
        PadAveragePool.of(_pad((2, 0), of=(2,)), _average(4)), "random",
    ),
    "pad-average-pool-ceil": (
        PadAveragePool.of(_pad((0, 1), of=(3,)), _average(4, strides=(3,), ceil_mode=1)), "small",
    ),
    "pad-conv-infinite-weight": (
        PadConv.of(_pad((0, 1), (0, 1), of=(5, 5)), _conv(6, 6, kernel_shape=(2, 2), filters=2)), "special",
    ),
    "max-pool-gradient-float16": (_max_gradient(4, strides=(2,), dtype="float16"), "random"),
    "max-pool-gradient-same-dilation": (_max_gradient(5, auto_pad="SAME_UPPER", dilations=(2,)), "random"),
    "max-pool-gradient-indices": (_max_gradient(3, channels=2), "random"),
    "max-pool-gradient-end-pad": (_max_gradient(5, pads=(0, 1)), "random"),
    "max-pool-gradient-same-lower": (
        _max_gradient(5, kernel_shape=(3,), strides=(2,), auto_pad="SAME_LOWER"), "random",
    ),
    "conv-gradient-groups": (
        ConvGradient(batch=1, channels=2, filters=4, group=2, extent=(3,), kernel_shape=(2,)), "random",
    ),
    "conv-gradient-infinity-in-a-gap": (
        ConvGradient(batch=1, channels=1, extent=(25,), kernel_shape=(1,), strides=(2,)), "special",
    ),
    "conv-transpose-groups": (_deconv(3, channels=2, filters=4, group=2), "random"),
    "conv-transpose-bias-of-groups": (_deconv(3, channels=2, filters=2, group=2, bias=True), "random"),
    "conv-transpose-output-shape": (_deconv(3, output_shape=(4,)), "random"),
    "conv-transpose-output-shape-place": (_deconv(3, strides=(2,), output_padding=(1,), output_shape=(7,)), "random"),
    "max-unpool-pad-of-kernel-size": (_unpool(3, pads=(2, 0)), "random"),
    "max-unpool-output-shape-smaller": (_unpool(3, output_shape=(1, 1, 5)), "random"),
    "max-unpool-output-shape-formula-empty": (_unpool(1, pads=(1, 1), output_shape=(1, 1, 2)), "random"),
    "max-unpool-output-shape-past-formula": (
        _unpool(2, 2, pads=(0, 1, 0, 0), output_shape=(1, 1, 4, 4), places="last"), "random",
    ),
    "max-unpool-output-shape-place": (_unpool(2, 2, pads=(0, 1, 0, 0), output_shape=(1, 1, 4, 4)), "random"),
    "network-relu-clip-float64": (Network(architecture="conv-relu-clip", dtype="float64"), "random"),
    "network-lrn": (Network(architecture="conv-lrn-pool", probes=True), "random"),
    "network-batch-normalization-9-inside": (Network(architecture="fully-convolutional", opset=13), "random"),
    "network-batch-normalization-9-probes": (
        Network(architecture="fully-convolutional", opset=13, probes=True), "random",
    ),
    "network-batch-normalization-9": (Network(architecture="conv-bn-relu", opset=13), "random"),
    "resize-nearest-antialias": (_resize(4, sizes=(2,), antialias=1), "random"),
    "resize-nearest-exclude-outside": (_resize(4, sizes=(2,), exclude_outside=1), "random"),
    "resize-linear-exclude-outside": (_resize(2, 4, sizes=(2, 8), mode="linear", exclude_outside=1), "random"),
    "resize-roi-float64-of-float16": (
        _resize(
            4, sizes=(2,), coordinate_transformation_mode=CROP, roi=(0.0, 1.0), roi_dtype="float64", dtype="float16",
        ), "random",
    ),
    "resize-roi-float64": (
        _resize(4, sizes=(2,), coordinate_transformation_mode=CROP, roi=(0.0, 1.0), roi_dtype="float64"), "random",
    ),
    "resize-linear-one-axis": (_resize(4, sizes=(2,), mode="linear"), "random"),
    "resize-cubic-three-axes": (_resize(1, 1, 4, sizes=(1, 1, 4), mode="cubic"), "random"),
    "resize-linear-batch": (_resize(2, 1, 2, 2, sizes=(1, 1, 2, 2), mode="linear"), "random"),
    "resize-crop-same-length": (
        _resize(4, sizes=(4,), coordinate_transformation_mode=CROP, roi=(0.0, 0.5), nearest_mode="floor"), "random",
    ),
    "resize-policy-axis-from-the-back": (
        _resize(4, sizes=(2,), axes=(-1,), keep_aspect_ratio_policy="not_larger"), "random",
    ),
    "resize-linear-nan-beside": (_resize(3, 4, sizes=(8,), axes=(1,), mode="linear"), "special"),
    "resize-half-pixel-for-nn": (
        _resize(4, sizes=(2,), coordinate_transformation_mode="tf_half_pixel_for_nn", nearest_mode="floor", opset=11),
        "random",
    ),
    "resize-axis-from-the-back": (_resize(4, sizes=(2,), axes=(-1,)), "random"),
    "resize-align-corners-cut": (
        _resize(2, 4, scales=(1.0, 0.6000000238418579), coordinate_transformation_mode="align_corners"), "random",
    ),
    "resize-nearest-special": (_resize(25, sizes=(25,), nearest_mode="floor"), "special"),
    "resize-pytorch-half-pixel-one": (
        _resize(1, 4, sizes=(1, 1), mode="cubic", coordinate_transformation_mode="pytorch_half_pixel"), "random",
    ),
    "conv-integer-zero-point-each": (_whole(1, 1), "small"),
    "conv-integer-zero-point-each-one-axis": (_whole(2), "small"),
    "conv-integer-zero-point-each-three-axes": (_whole(1, 1, 1), "small"),
    "qlinear-conv-past-int32": (
        _bytes(8, filters=4, x_scale=1024.0, w_scale=1024.0, y_scale=2.0**-10, w_zero_point=1), "full",
    ),
    "qlinear-conv-odd-zero-point": (_bytes(8, x_zero_point=128, y_zero_point=127), "small"),
    "qlinear-conv-scale-each-one-axis": (
        _bytes(2, batch=2, filters=3, w_scale=(0.25, 0.5, 1.0), w_zero_point=(0, 0, 0)), "small",
    ),
    "qlinear-conv-scale-each-one-image": (
        _bytes(2, filters=2, w_scale=(0.25, 0.5), w_zero_point=(0, 0)), "small",
    ),
    "quantize-infinity-float16": (_quantize(5, "int8", dtype="float16", scale_dtype="float16"), "special"),
    "quantize-infinity": (_quantize(5, "int8"), "special"),
    "quantize-scale-of-another-type": (_quantize(5, "uint8", scale_dtype="float16", opset=23), "small"),
    "dequantize-float4-output-dtype": (
        DequantizeLinear(
            shape=(3,), scale=(0.5,), scale_dtype="float16", dtype="float4_e2m1fn", output_dtype=10, opset=23,
        ), "codes",
    ),
    "dequantize-float4-output-dtype-25": (
        DequantizeLinear(
            shape=(3,), scale=(0.5,), scale_dtype="float16", dtype="float4_e2m1fn", output_dtype=10, opset=25,
        ), "codes",
    ),
    "quantize-beyond-e5m2": (_quantize(200, "float8_e5m2", saturate=0), "ties"),
    "quantize-beyond-e4m3fn": (_quantize(200, "float8_e4m3fn", saturate=0), "ties"),
}  # fmt: skip
