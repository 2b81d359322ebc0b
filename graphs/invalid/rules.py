"""Sentences that several entries break, as they stand in the operators' texts and in the specification of the IR."""

from __future__ import annotations

# of windows: Conv, ConvTranspose, the pools, MaxUnpool
PADS = "`pads` format should be as follow [x1_begin, x2_begin...x1_end, x2_end,...]"
PADS_SIGN = "it can take any value greater than or equal to 0"
NOT_WITH_AUTO_PAD = "This attribute cannot be used simultaneously with auto_pad attribute."
AUTO_PAD = "auto_pad must be either NOTSET, SAME_UPPER, SAME_LOWER or VALID."
STRIDES = "Stride along each spatial axis."
DILATIONS = "dilation value along each spatial axis of the filter."
KERNEL = "The size of the kernel along each axis."
KERNEL_DUE = "kernel_shape : list of ints (required)"
NO_DIVISOR = (
    "output_spatial_shape[i] = floor((input_spatial_shape[i] + pad_shape[i] - dilation[i] * (kernel_shape[i] - 1) - 1) "
    "/ strides_spatial_shape[i] + 1)"
)

# of graphs
SIGNATURE = (
    "The number of inputs and outputs in a node, their types, the set of attributes specified in a node and their "
    "types MUST satisfy the constraints imposed by the signature"
)
DECLARED = (
    "Each operator used within a graph MUST be explicitly declared by one of the operator sets imported by the model."
)
DEFINED_ONCE = "A value name used in a graph must have a unique definition"
