"""What the answer is: float64 kernels that return every value with the error a claim allows. Needs only NumPy."""

from __future__ import annotations

from collections.abc import Callable

from reference.average_pool import average_pool
from reference.ball import Expected
from reference.clip import clip
from reference.conv import conv
from reference.conv_transpose import conv_transpose
from reference.depth_to_space import depth_to_space
from reference.elu import elu
from reference.global_average_pool import global_average_pool
from reference.global_lp_pool import global_lp_pool
from reference.global_max_pool import global_max_pool
from reference.leaky_relu import leaky_relu
from reference.lp_pool import lp_pool
from reference.max_pool import max_pool
from reference.p_relu import p_relu
from reference.pad import pad
from reference.relu import relu
from reference.resize import resize
from reference.selu import selu
from reference.space_to_depth import space_to_depth
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
    "resize": resize,
}
