"""Invalid graphs of operators that move and resample elements: Pad, Resize, DepthToSpace, SpaceToDepth."""

from __future__ import annotations

from graphs.blocks.depth_to_space import DepthToSpace
from graphs.blocks.pad import Pad
from graphs.blocks.resize import Resize
from graphs.blocks.space_to_depth import SpaceToDepth
from graphs.invalid.broken import IR, broken
from graphs.invalid.rules import SIGNATURE

PAD = Pad(shape=(2, 3), pads=(0, 1, 0, 1))
PAD_VALUE = Pad(shape=(2, 3), pads=(0, 1, 0, 1), value=1.0)
PAD_AXES = Pad(shape=(2, 3), pads=(1, 1), axes=(1,), opset=18)
PAD_WRAP = Pad(shape=(2, 3), pads=(0, 1, 0, 1), mode="wrap", opset=19)
AMOUNTS = "`pads` should be a 1D tensor of shape [2 * num_axes]"

SIZES = Resize(shape=(1, 1, 2, 2), sizes=(1, 1, 4, 4), mode="linear", opset=19)
SCALES = Resize(shape=(1, 1, 2, 2), scales=(1.0, 1.0, 2.0, 2.0), opset=19)
NEAREST = Resize(shape=(1, 1, 4, 4), sizes=(1, 1, 2, 2), nearest_mode="floor", opset=19)
SIZES_AXES = Resize(shape=(1, 1, 2, 2), sizes=(4, 4), axes=(2, 3), opset=18)
SIZES_11 = Resize(shape=(1, 1, 2, 2), sizes=(1, 1, 4, 4), opset=11)
SYMMETRIC = Resize(
    shape=(1, 1, 2, 2), scales=(1.0, 1.0, 2.0, 2.0), coordinate_transformation_mode="half_pixel_symmetric", opset=19
)
CROP = Resize(
    shape=(1, 1, 4, 4), sizes=(1, 1, 2, 2), coordinate_transformation_mode="tf_crop_and_resize", mode="linear",
    roi=(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0), opset=19,
)  # fmt: skip
COORDINATES = (
    "This attribute describes how to transform the coordinate in the resized tensor to the coordinate in the original "
    "tensor."
)

DEPTH = DepthToSpace(shape=(1, 8, 2, 3), blocksize=2)
DEPTH_MODE = DepthToSpace(shape=(1, 8, 2, 3), blocksize=2, mode="CRD", opset=11)
SPACE = SpaceToDepth(shape=(1, 2, 4, 6), blocksize=2)
FROM_DEPTH = "Output tensor of [N, C/(blocksize * blocksize), H * blocksize, W * blocksize]."
FROM_SPACE = "Output tensor of [N, C * blocksize * blocksize, H/blocksize, W/blocksize]."
IMAGES = "Input tensor of [N,C,H,W], where N is the batch axis, C is the channel or depth"

ENTRIES = (
    broken("pad-pads-length", PAD, ("value", "pads", (0, 1, 0)), AMOUNTS),
    broken("pad-pads-rank", PAD, ("shape", "pads", (2, 2)), AMOUNTS),
    broken("pad-pads-type", PAD, ("dtype", "pads", "int32"), "pads : tensor(int64)"),
    broken("pad-without-pads", PAD, ("inputs", "x"), "Inputs (2 - 4)"),
    broken("pad-pads-attribute", PAD, ("attribute", "pads", (0, 1, 0, 1)), SIGNATURE, source=IR),
    broken(
        "pad-mode-unknown", PAD, ("attribute", "mode", "symmetric"),
        "Supported modes: `constant`(default), `reflect`, `edge`, `wrap`",
    ),
    broken(
        "pad-18-wrap", PAD_WRAP, ("opset", 18), "Supported modes: `constant`(default), `reflect`, `edge`",
        source="Pad-18",
    ),
    broken("pad-13-axes", PAD_AXES, ("opset", 17), "Inputs (2 - 3)", source="Pad-13"),
    broken(
        "pad-axis-past-the-end", PAD_AXES, ("value", "axes", (2,)), "Accepted range is [-r, r-1] where r = rank(data).",
    ),
    broken("pad-value-type", PAD_VALUE, ("dtype", "constant_value", "float64"), "constant_value : T"),
    broken(
        "pad-value-no-scalar", PAD_VALUE, ("shape", "constant_value", (2,)),
        "A scalar value to be used if the mode chosen is `constant`",
    ),
    broken(
        "resize-neither-scales-nor-sizes", SIZES, ("inputs", "x"), "One of 'scales' and 'sizes' MUST be specified",
    ),
    broken(
        "resize-11-scales-and-sizes", SIZES_11, ("value", "scales", (1.0, 1.0, 2.0, 2.0)),
        "May only be set if 'scales' is set to an empty tensor.",
    ),
    broken(
        "resize-sizes-length", SIZES, ("value", "sizes", (4, 4)),
        "The number of elements of 'sizes' should be the same as the rank of input 'X', or the length of 'axes', if "
        "provided.",
    ),
    broken(
        "resize-scales-length", SCALES, ("value", "scales", (2.0, 2.0)),
        "The number of elements of 'scales' should be the same as the rank of input 'X' or the length of 'axes', if "
        "provided.",
    ),
    broken("resize-scale-zero", SCALES, ("value", "scales", (1.0, 1.0, 0.0, 2.0)), "It takes value greater than 0."),
    broken(
        "resize-scale-negative", SCALES, ("value", "scales", (1.0, 1.0, -2.0, 2.0)), "It takes value greater than 0.",
    ),
    broken("resize-scales-type", SCALES, ("dtype", "scales", "float64"), "scales : tensor(float)"),
    broken("resize-sizes-type", SIZES, ("dtype", "sizes", "int32"), "sizes : tensor(int64)"),
    broken(
        "resize-mode-unknown", SIZES, ("attribute", "mode", "area"),
        'Three interpolation modes: "nearest" (default), "linear" and "cubic".',
    ),
    broken(
        "resize-coordinates-unknown", SIZES, ("attribute", "coordinate_transformation_mode", "corners"), COORDINATES,
    ),
    broken("resize-18-half-pixel-symmetric", SYMMETRIC, ("opset", 18), COORDINATES, source="Resize-18"),
    broken(
        "resize-nearest-mode-unknown", NEAREST, ("attribute", "nearest_mode", "round"),
        'Four modes: "round_prefer_floor" (default, as known as round half down), "round_prefer_ceil" (as known as '
        'round half up), "floor", "ceil".',
    ),
    broken(
        "resize-policy-unknown", SIZES, ("attribute", "keep_aspect_ratio_policy", "keep"),
        "This attribute describes how to interpret the `sizes` input with regard to keeping the original aspect ratio "
        "of the input",
    ),
    broken(
        "resize-axis-past-the-end", SIZES_AXES, ("attribute", "axes", (3, 4)),
        "Accepted range is [-r, r-1], where r = rank(data).",
    ),
    broken("resize-13-axes", SIZES_AXES, ("opset", 17), SIGNATURE, source=IR),
    broken(
        "resize-roi-length", CROP, ("shape", "roi", (4,)),
        "where N is the rank of X or the length of axes, if provided.",
    ),
    broken("depth-to-space-channels-do-not-divide", DEPTH, ("shape", "x", (1, 6, 2, 3)), FROM_DEPTH),
    broken("depth-to-space-without-batch", DEPTH, ("shape", "x", (8, 2, 3)), IMAGES),
    broken("depth-to-space-without-blocksize", DEPTH, ("without", "blocksize"), "blocksize : int (required)"),
    broken("depth-to-space-blocksize-zero", DEPTH, ("attribute", "blocksize", 0), FROM_DEPTH),
    broken("depth-to-space-blocksize-negative", DEPTH, ("attribute", "blocksize", -2), FROM_DEPTH),
    broken(
        "depth-to-space-mode-unknown", DEPTH, ("attribute", "mode", "RCD"), "Use CRD for column-row-depth order.",
    ),
    broken("depth-to-space-1-mode", DEPTH_MODE, ("opset", 10), SIGNATURE, source=IR),
    broken("space-to-depth-height-does-not-divide", SPACE, ("shape", "x", (1, 2, 3, 6)), FROM_SPACE),
    broken("space-to-depth-without-batch", SPACE, ("shape", "x", (2, 4, 6)), IMAGES),
    broken("space-to-depth-without-blocksize", SPACE, ("without", "blocksize"), "blocksize : int (required)"),
    broken("space-to-depth-blocksize-zero", SPACE, ("attribute", "blocksize", 0), FROM_SPACE),
    broken("space-to-depth-mode", SPACE, ("attribute", "mode", "CRD"), SIGNATURE, source=IR),
)  # fmt: skip
