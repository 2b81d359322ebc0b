"""The blocks, one module each: a spec and the axes its grid is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphs.blocks import average_pool, conv, conv_transpose, depth_to_space, max_pool, pad, relu, space_to_depth
from graphs.spec import Spec

Axes = Mapping[str, tuple[Any, ...]]  # axis -> its values
Build = Callable[[dict[str, Any]], Spec]  # one value of every axis -> the spec

TABLE: dict[str, tuple[type[Spec], Axes, Build]] = {
    "conv": (conv.Conv, conv.AXES, conv.build),
    "max_pool": (max_pool.MaxPool, max_pool.AXES, max_pool.build),
    "average_pool": (average_pool.AveragePool, average_pool.AXES, average_pool.build),
    "relu": (relu.Relu, relu.AXES, relu.build),
    "pad": (pad.Pad, pad.AXES, pad.build),
    "conv_transpose": (conv_transpose.ConvTranspose, conv_transpose.AXES, conv_transpose.build),
    "depth_to_space": (depth_to_space.DepthToSpace, depth_to_space.AXES, depth_to_space.build),
    "space_to_depth": (space_to_depth.SpaceToDepth, space_to_depth.AXES, space_to_depth.build),
}
BLOCKS = {name: spec for name, (spec, _, _) in TABLE.items()}
AXES = {name: axes for name, (_, axes, _) in TABLE.items()}
BUILD = {name: build for name, (_, _, build) in TABLE.items()}
