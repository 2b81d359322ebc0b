"""The blocks, one module each: a spec and the axes its grid is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphs.blocks import (
    average_pool,
    average_pool_gradient,
    classical_filter,
    clip,
    conv,
    conv_gradient,
    conv_integer,
    conv_transpose,
    copy_unpool,
    depth_to_space,
    dequantize_linear,
    elu,
    global_average_pool,
    global_lp_pool,
    global_max_pool,
    hard_sigmoid,
    hard_swish,
    leaky_relu,
    leaky_relu_gradient,
    lp_pool,
    max_pool,
    max_pool_gradient,
    max_unpool,
    median_pool,
    min_pool,
    network,
    p_relu,
    pad,
    pad_average_pool,
    pad_conv,
    pad_max_pool,
    pyramid,
    qdq_conv,
    qlinear_conv,
    quantize_linear,
    randomized_relu,
    relu,
    relu_gradient,
    resize,
    selu,
    sigmoid,
    space_to_depth,
    sub_pixel,
    tanh,
    thresholded_relu,
)
from graphs.composite import Composite
from graphs.spec import Spec

Axes = Mapping[str, tuple[Any, ...]]  # axis -> its values
Build = Callable[[dict[str, Any]], Spec]  # one value of every axis -> the spec

TABLE: dict[str, tuple[type[Spec], Axes, Build]] = {
    "conv": (conv.Conv, conv.AXES, conv.build),
    "max_pool": (max_pool.MaxPool, max_pool.AXES, max_pool.build),
    "average_pool": (average_pool.AveragePool, average_pool.AXES, average_pool.build),
    "relu": (relu.Relu, relu.AXES, relu.build),
    "global_max_pool": (global_max_pool.GlobalMaxPool, global_max_pool.AXES, global_max_pool.build),
    "global_average_pool": (global_average_pool.GlobalAveragePool, global_average_pool.AXES, global_average_pool.build),
    "lp_pool": (lp_pool.LpPool, lp_pool.AXES, lp_pool.build),
    "global_lp_pool": (global_lp_pool.GlobalLpPool, global_lp_pool.AXES, global_lp_pool.build),
    "leaky_relu": (leaky_relu.LeakyRelu, leaky_relu.AXES, leaky_relu.build),
    "p_relu": (p_relu.PRelu, p_relu.AXES, p_relu.build),
    "clip": (clip.Clip, clip.AXES, clip.build),
    "thresholded_relu": (thresholded_relu.ThresholdedRelu, thresholded_relu.AXES, thresholded_relu.build),
    "elu": (elu.Elu, elu.AXES, elu.build),
    "selu": (selu.Selu, selu.AXES, selu.build),
    "pad": (pad.Pad, pad.AXES, pad.build),
    "conv_transpose": (conv_transpose.ConvTranspose, conv_transpose.AXES, conv_transpose.build),
    "depth_to_space": (depth_to_space.DepthToSpace, depth_to_space.AXES, depth_to_space.build),
    "space_to_depth": (space_to_depth.SpaceToDepth, space_to_depth.AXES, space_to_depth.build),
    "min_pool": (min_pool.MinPool, min_pool.AXES, min_pool.build),
    "classical_filter": (classical_filter.ClassicalFilter, classical_filter.AXES, classical_filter.build),
    "network": (network.Network, network.AXES, network.build),
    "pyramid": (pyramid.Pyramid, pyramid.AXES, pyramid.build),
    "max_unpool": (max_unpool.MaxUnpool, max_unpool.AXES, max_unpool.build),
    "sigmoid": (sigmoid.Sigmoid, sigmoid.AXES, sigmoid.build),
    "tanh": (tanh.Tanh, tanh.AXES, tanh.build),
    "hard_sigmoid": (hard_sigmoid.HardSigmoid, hard_sigmoid.AXES, hard_sigmoid.build),
    "hard_swish": (hard_swish.HardSwish, hard_swish.AXES, hard_swish.build),
    "median_pool": (median_pool.MedianPool, median_pool.AXES, median_pool.build),
    "copy_unpool": (copy_unpool.CopyUnpool, copy_unpool.AXES, copy_unpool.build),
    "pad_conv": (pad_conv.PadConv, pad_conv.AXES, pad_conv.build),
    "pad_max_pool": (pad_max_pool.PadMaxPool, pad_max_pool.AXES, pad_max_pool.build),
    "pad_average_pool": (pad_average_pool.PadAveragePool, pad_average_pool.AXES, pad_average_pool.build),
    "sub_pixel": (sub_pixel.SubPixel, sub_pixel.AXES, sub_pixel.build),
    "randomized_relu": (randomized_relu.RandomizedRelu, randomized_relu.AXES, randomized_relu.build),
    "relu_gradient": (relu_gradient.ReluGradient, relu_gradient.AXES, relu_gradient.build),
    "leaky_relu_gradient": (leaky_relu_gradient.LeakyReluGradient, leaky_relu_gradient.AXES, leaky_relu_gradient.build),
    "max_pool_gradient": (max_pool_gradient.MaxPoolGradient, max_pool_gradient.AXES, max_pool_gradient.build),
    "average_pool_gradient": (
        average_pool_gradient.AveragePoolGradient,
        average_pool_gradient.AXES,
        average_pool_gradient.build,
    ),
    "conv_gradient": (conv_gradient.ConvGradient, conv_gradient.AXES, conv_gradient.build),
    "resize": (resize.Resize, resize.AXES, resize.build),
    "conv_integer": (conv_integer.ConvInteger, conv_integer.AXES, conv_integer.build),
    "qlinear_conv": (qlinear_conv.QLinearConv, qlinear_conv.AXES, qlinear_conv.build),
    "quantize_linear": (quantize_linear.QuantizeLinear, quantize_linear.AXES, quantize_linear.build),
    "dequantize_linear": (dequantize_linear.DequantizeLinear, dequantize_linear.AXES, dequantize_linear.build),
    "qdq_conv": (qdq_conv.QdqConv, qdq_conv.AXES, qdq_conv.build),
}
# Axis values that came later: their rows follow all others, which so stay as they were.
ADDED: dict[str, Axes] = {
    name: {"dtype": ("bfloat16",)} for name, (_, axes, _) in TABLE.items() if "bfloat16" in axes["dtype"]
}
ADDED |= {
    "max_pool": max_pool.ADDED, "p_relu": p_relu.ADDED, "clip": clip.ADDED, "median_pool": median_pool.ADDED,
}  # fmt: skip
SINGLE = {name: spec for name, (spec, _, _) in TABLE.items() if not issubclass(spec, Composite)}  # of one operator
BLOCKS = {name: spec for name, (spec, _, _) in TABLE.items()}
AXES = {name: axes for name, (_, axes, _) in TABLE.items()}
BUILD = {name: build for name, (_, _, build) in TABLE.items()}
