"""The blocks, one module each: a spec and the axes its grid is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphs.blocks import (
    average_pool,
    clip,
    conv,
    conv_transpose,
    depth_to_space,
    elu,
    global_average_pool,
    global_lp_pool,
    global_max_pool,
    leaky_relu,
    lp_pool,
    max_pool,
    p_relu,
    pad,
    relu,
    resize,
    selu,
    space_to_depth,
    thresholded_relu,
)
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
    "resize": (resize.Resize, resize.AXES, resize.build),
}
# Axis values that came later: their rows follow all others, which so stay as they were.
ADDED: dict[str, Axes] = {"max_pool": max_pool.ADDED}
BLOCKS = {name: spec for name, (spec, _, _) in TABLE.items()}
AXES = {name: axes for name, (_, axes, _) in TABLE.items()}
BUILD = {name: build for name, (_, _, build) in TABLE.items()}
