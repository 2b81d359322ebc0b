"""Which blocks have what in common, so that one fault applies to them all."""

from __future__ import annotations

DEQUANTIZED = ("DequantizeLinear",)
NORMS = ("lp_pool", "global_lp_pool")
GLOBAL = ("global_max_pool", "global_average_pool", "global_lp_pool")
COPYING = ("depth_to_space", "space_to_depth")
PADDED = ("pad_conv", "pad_max_pool", "pad_average_pool")
PADDED_POOLS = PADDED[1:]
FILTERS = ("conv", "conv_transpose", "pad_conv", "sub_pixel")
WINDOWED = ("conv", "max_pool", "average_pool", "lp_pool", "conv_transpose", "min_pool", *PADDED, "sub_pixel")
POOLS = ("max_pool", "average_pool", "lp_pool", "min_pool", *PADDED_POOLS)
CURVED = ("sigmoid", "tanh", "hard_sigmoid", "hard_swish")
POINTWISE = ("relu", "leaky_relu", "p_relu", "clip", "thresholded_relu", "elu", "selu", *CURVED)
COMPOSED = ("median_pool", "copy_unpool")
STEPS = ("relu_gradient", "leaky_relu_gradient")
SPREADING = ("average_pool_gradient", "conv_gradient")
CODING = ("quantize_linear", "qdq_conv")
QUANTIZING = ("quantize_linear", "dequantize_linear")
GRADIENTS = (*STEPS, "max_pool_gradient", *SPREADING)
BYTES = ("conv_integer", "qlinear_conv")
SLIDING = (*WINDOWED, *BYTES)
ALL = (
    *WINDOWED, *POINTWISE, "pad", *COPYING, *GLOBAL, "max_unpool", *COMPOSED, "randomized_relu", *GRADIENTS, "resize",
    *BYTES, *QUANTIZING, "qdq_conv",
)  # fmt: skip
FLOATING = tuple(block for block in ALL if block not in BYTES)
LAYERED = ("network", "pyramid")
