"""What the answer is: float64 kernels that return every value with the error a claim allows. Needs only NumPy."""

from __future__ import annotations

from collections.abc import Callable

from reference.average_pool import average_pool
from reference.average_pool_gradient import average_pool_gradient
from reference.ball import Expected
from reference.classical_filter import classical_filter
from reference.clip import clip
from reference.conv import conv
from reference.conv_gradient import conv_gradient
from reference.conv_integer import conv_integer
from reference.conv_transpose import conv_transpose
from reference.copy_unpool import copy_unpool
from reference.depth_to_space import depth_to_space
from reference.dequantize_linear import dequantize_linear
from reference.elu import elu
from reference.global_average_pool import global_average_pool
from reference.global_lp_pool import global_lp_pool
from reference.global_max_pool import global_max_pool
from reference.hard_sigmoid import hard_sigmoid
from reference.hard_swish import hard_swish
from reference.leaky_relu import leaky_relu
from reference.leaky_relu_gradient import leaky_relu_gradient
from reference.lp_pool import lp_pool
from reference.max_pool import max_pool
from reference.max_pool_gradient import max_pool_gradient
from reference.max_unpool import max_unpool
from reference.median_pool import median_pool
from reference.min_pool import min_pool
from reference.network import network
from reference.p_relu import p_relu
from reference.pad import pad
from reference.pad_average_pool import pad_average_pool
from reference.pad_conv import pad_conv
from reference.pad_max_pool import pad_max_pool
from reference.pyramid import pyramid
from reference.qdq_conv import qdq_conv
from reference.qlinear_conv import qlinear_conv
from reference.quantize_linear import quantize_linear
from reference.randomized_relu import randomized_relu
from reference.relu import relu
from reference.relu_gradient import relu_gradient
from reference.resize import resize
from reference.selu import selu
from reference.sigmoid import sigmoid
from reference.space_to_depth import space_to_depth
from reference.sub_pixel import sub_pixel
from reference.tanh import tanh
from reference.thresholded_relu import thresholded_relu

KERNELS: dict[str, Callable[..., tuple[Expected, ...]]] = {
    "conv": conv,
    "max_pool": max_pool,
    "average_pool": average_pool,
    "relu": relu,
    "global_max_pool": global_max_pool,
    "global_average_pool": global_average_pool,
    "lp_pool": lp_pool,
    "global_lp_pool": global_lp_pool,
    "leaky_relu": leaky_relu,
    "p_relu": p_relu,
    "clip": clip,
    "thresholded_relu": thresholded_relu,
    "elu": elu,
    "selu": selu,
    "pad": pad,
    "conv_transpose": conv_transpose,
    "depth_to_space": depth_to_space,
    "space_to_depth": space_to_depth,
    "min_pool": min_pool,
    "classical_filter": classical_filter,
    "network": network,
    "pyramid": pyramid,
    "max_unpool": max_unpool,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "hard_sigmoid": hard_sigmoid,
    "hard_swish": hard_swish,
    "median_pool": median_pool,
    "copy_unpool": copy_unpool,
    "pad_conv": pad_conv,
    "pad_max_pool": pad_max_pool,
    "pad_average_pool": pad_average_pool,
    "sub_pixel": sub_pixel,
    "randomized_relu": randomized_relu,
    "relu_gradient": relu_gradient,
    "leaky_relu_gradient": leaky_relu_gradient,
    "max_pool_gradient": max_pool_gradient,
    "average_pool_gradient": average_pool_gradient,
    "conv_gradient": conv_gradient,
    "resize": resize,
    "conv_integer": conv_integer,
    "qlinear_conv": qlinear_conv,
    "quantize_linear": quantize_linear,
    "dequantize_linear": dequantize_linear,
    "qdq_conv": qdq_conv,
}
# Those that hand on elements, or 0 in their place: they form no product, whose factors a claim might round.
SELECTING = frozenset({
    "max_pool", "global_max_pool", "min_pool", "max_unpool", "relu", "relu_gradient", "thresholded_relu", "clip", "pad",
    "pad_max_pool", "depth_to_space", "space_to_depth",
})  # fmt: skip
