"""Deconvolution as convolutions on sub-pixel shifts: Conv, DepthToSpace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs import patterns
from graphs.blocks.conv import Conv
from graphs.blocks.depth_to_space import DepthToSpace
from graphs.chain import Chain
from graphs.spec import Spec


@dataclass(frozen=True, kw_only=True)
class SubPixel(Chain):
    """One filter for each place in a block of the result (Shi et al., CVPR 2016)."""

    block: ClassVar[str] = "sub_pixel"
    kinds: ClassVar[tuple[type[Spec], ...]] = (Conv, DepthToSpace)
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "conv.filters": ("conv.channels", "depth_to_space.blocksize", "depth_to_space.depth"),
    }


AXES: dict[str, tuple[Any, ...]] = {
    "depth_to_space.blocksize": (2, 3, 1),
    "depth_to_space.mode": (None, "DCR", "CRD"),
    "depth_to_space.depth": (2, 1),  # channels of the result
    "conv.kernel_shape": ((3, 3), (2, 2), (4, 1), (1, 1)),
    "conv.strides": (None, (1, 1), (2, 1)),
    "conv.pads": ("one", None, "asymmetric"),
    "conv.auto_pad": (None, "VALID", "SAME_UPPER", "SAME_LOWER"),
    "conv.dilations": (None, (2, 2)),
    "conv.extent": ((2, 3), (0, 0)),
    "conv.channels": ((3, None), (1, 1), (4, 2), (17, None)),  # channels, group
    "conv.batch": (1, 3),
    "conv.bias": (False, True),
    "conv.weights": ("initializer", "input"),
    "opset": (22, 13, 11),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
}


def build(values: dict[str, Any]) -> SubPixel:
    """The spec for one value of every axis."""
    own = {name.removeprefix("conv."): value for name, value in values.items()}
    blocksize, (channels, group) = values["depth_to_space.blocksize"], own["channels"]
    same = {name: own[name] for name in ("opset", "dtype")}
    conv = SubPixel.link(
        Conv, channels=channels, group=group, filters=values["depth_to_space.depth"] * blocksize**2, **same,
        **{name: own[name] for name in ("batch", "bias", "weights")},
        **patterns.window(own | {"rank": 2}, pads_below_kernel=True),
    )  # fmt: skip
    _, shape = conv.outputs()["y"]
    mode = values["depth_to_space.mode"]
    return SubPixel.of(conv, SubPixel.link(DepthToSpace, shape=shape, blocksize=blocksize, mode=mode, **same))
