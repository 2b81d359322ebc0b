"""Invalid graphs of Conv and ConvTranspose."""

from __future__ import annotations

from graphs.blocks.conv import Conv
from graphs.blocks.conv_transpose import ConvTranspose
from graphs.invalid.broken import IR, broken
from graphs.invalid.rules import (
    AUTO_PAD,
    DILATIONS,
    NOT_WITH_AUTO_PAD,
    PADS,
    PADS_SIGN,
    SIGNATURE,
    STRIDES,
)

# X (1, 4, 5, 5), W (6, 2, 3, 3) in two groups
PLAIN = Conv(batch=1, channels=4, extent=(5, 5), filters=6, group=2, kernel_shape=(3, 3))
FED = Conv(batch=1, channels=4, extent=(5, 5), filters=6, group=2, kernel_shape=(3, 3), weights="input")
BIASED = Conv(batch=1, channels=4, extent=(5, 5), filters=6, group=2, kernel_shape=(3, 3), bias=True)
PADDED = Conv(batch=1, channels=4, extent=(5, 5), filters=6, kernel_shape=(3, 3), pads=(1, 1, 1, 1))
SAME = Conv(batch=1, channels=4, extent=(5, 5), filters=6, kernel_shape=(3, 3), strides=(2, 2), auto_pad="SAME_UPPER")
WEIGHTS = "has size (M x C/group x kH x kW)"
CHANNELS = "X.shape[1] == (W.shape[1] * group) == C and W.shape[0] mod G == 0"

# X (1, 4, 5, 5), W (4, 6, 3, 3)
UP = ConvTranspose(batch=1, channels=4, extent=(5, 5), filters=6, kernel_shape=(3, 3))
UP_BIASED = ConvTranspose(batch=1, channels=4, extent=(5, 5), filters=6, kernel_shape=(3, 3), bias=True)
UP_PADDED = ConvTranspose(batch=1, channels=4, extent=(5, 5), filters=6, kernel_shape=(3, 3), pads=(1, 1, 1, 1))
UP_WIDER = ConvTranspose(
    batch=1, channels=4, extent=(5, 5), filters=6, kernel_shape=(3, 3), strides=(2, 2), output_padding=(1, 1)
)
UP_SHAPED = ConvTranspose(
    batch=1, channels=4, extent=(5, 5), filters=6, kernel_shape=(3, 3), strides=(2, 2), output_shape=(10, 10),
    auto_pad="SAME_UPPER",
)  # fmt: skip

ENTRIES = (
    broken("conv-group-not-of-weights", PLAIN, ("attribute", "group", 3), CHANNELS),
    broken("conv-group-zero", PLAIN, ("attribute", "group", 0), CHANNELS),
    broken("conv-group-negative", PLAIN, ("attribute", "group", -2), CHANNELS),
    broken("conv-channels-not-of-weights", PLAIN, ("shape", "x", (1, 6, 5, 5)), CHANNELS),
    broken(
        "conv-filters-do-not-divide", PLAIN, ("shape", "w", (5, 2, 3, 3)),
        "the number of feature maps M should be a multiple of the number of groups G",
    ),
    broken("conv-weight-channels", PLAIN, ("shape", "w", (6, 3, 3, 3)), WEIGHTS),
    broken("conv-weight-channels-fed", FED, ("shape", "w", (6, 1, 3, 3)), WEIGHTS),
    broken("conv-weight-rank", PLAIN, ("shape", "w", (6, 2, 3)), WEIGHTS),
    broken("conv-input-without-batch", PLAIN, ("shape", "x", (4, 5, 5)), "has size (N x C x H x W)"),
    broken(
        "conv-kernel-not-of-weights", PLAIN, ("attribute", "kernel_shape", (2, 2)),
        "The shape of the convolution kernel.",
    ),
    broken(
        "conv-kernel-length", PLAIN, ("attribute", "kernel_shape", (3,)), "The shape of the convolution kernel.",
    ),
    broken("conv-pads-length", PLAIN, ("attribute", "pads", (1, 1)), PADS),
    broken("conv-pads-negative", PLAIN, ("attribute", "pads", (-1, 0, 0, 0)), PADS_SIGN),
    broken("conv-pads-with-auto-pad", PADDED, ("attribute", "auto_pad", "SAME_UPPER"), NOT_WITH_AUTO_PAD),
    broken("conv-auto-pad-unknown", SAME, ("attribute", "auto_pad", "SAME"), AUTO_PAD),
    broken("conv-strides-length", PLAIN, ("attribute", "strides", (1,)), STRIDES),
    broken(
        "conv-stride-zero", SAME, ("attribute", "strides", (0, 1)),
        "`output_shape[i] = ceil(input_shape[i] / strides[i])`",
    ),
    broken("conv-dilations-length", PLAIN, ("attribute", "dilations", (1, 1, 1)), DILATIONS),
    broken("conv-bias-length", BIASED, ("shape", "b", (5,)), "has size of M."),
    broken("conv-bias-of-one", BIASED, ("shape", "b", (1,)), "has size of M."),
    broken("conv-bias-rank", BIASED, ("shape", "b", (1, 6)), "Optional 1D bias to be added to the convolution"),
    broken("conv-weight-type", PLAIN, ("dtype", "w", "float64"), "W : T"),
    broken("conv-without-weights", PLAIN, ("inputs", "x"), "Inputs (2 - 3)"),
    broken("conv-weights-left-out", PLAIN, ("inputs", "x", ""), "W : T"),
    broken("conv-fourth-operand", BIASED, ("inputs", "x", "w", "b", "x"), "Inputs (2 - 3)"),
    broken("conv-second-result", PLAIN, ("outputs", "y", "z"), "Outputs (1)"),
    broken("conv-strides-no-list", PLAIN, ("attribute", "strides", 1), "strides : list of ints"),
    broken("conv-pads-of-floats", PLAIN, ("attribute", "pads", (1.0, 1.0, 1.0, 1.0)), "pads : list of ints"),
    broken("conv-group-string", PLAIN, ("attribute", "group", "2"), "group : int"),
    broken("conv-attribute-unknown", PLAIN, ("attribute", "padding", (1, 1, 1, 1)), SIGNATURE, source=IR),
    broken("conv-transpose-weight-channels", UP, ("shape", "w", (3, 6, 3, 3)), "has size (C x M/group x kH x kW)"),
    broken(
        "conv-transpose-group-does-not-divide", UP, ("attribute", "group", 3),
        "number of groups input channels and output channels are divided into.",
    ),
    broken("conv-transpose-bias-length", UP_BIASED, ("shape", "b", (5,)), "has size of M."),
    broken(
        "conv-transpose-kernel-not-of-weights", UP, ("attribute", "kernel_shape", (2, 2)),
        "The shape of the convolution kernel.",
    ),
    broken(
        "conv-transpose-output-padding-of-stride", UP_WIDER, ("attribute", "output_padding", (2, 2)),
        'Each padding value in "output_padding" must be less than the corresponding stride/dilation dimension.',
    ),
    broken(
        "conv-transpose-output-padding-length", UP_WIDER, ("attribute", "output_padding", (1,)),
        "Additional elements added to the side with higher coordinate indices in the output.",
    ),
    broken(
        "conv-transpose-output-shape-whole", UP_SHAPED, ("attribute", "output_shape", (1, 6, 10, 10)),
        "the output_shape attribute value should not include dimensions for batch size and channels",
    ),
    broken("conv-transpose-pads-length", UP, ("attribute", "pads", (1, 1)), PADS),
    broken("conv-transpose-pads-negative", UP, ("attribute", "pads", (-1, 0, 0, 0)), PADS_SIGN),
    broken(
        "conv-transpose-pads-with-auto-pad", UP_PADDED, ("attribute", "auto_pad", "SAME_UPPER"), NOT_WITH_AUTO_PAD,
    ),
    broken("conv-transpose-auto-pad-unknown", UP_SHAPED, ("attribute", "auto_pad", "SAME"), AUTO_PAD),
    broken("conv-transpose-strides-length", UP, ("attribute", "strides", (1,)), STRIDES),
    broken("conv-transpose-dilations-length", UP, ("attribute", "dilations", (1, 1, 1)), DILATIONS),
)  # fmt: skip
