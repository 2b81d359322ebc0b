"""What the answer is: float64 kernels that return every value with the error a claim allows. Needs only NumPy."""

from __future__ import annotations

from collections.abc import Callable

from reference.average_pool import average_pool
from reference.ball import Expected
from reference.conv import conv
from reference.global_average_pool import global_average_pool
from reference.global_lp_pool import global_lp_pool
from reference.global_max_pool import global_max_pool
from reference.lp_pool import lp_pool
from reference.max_pool import max_pool
from reference.relu import relu

KERNELS: dict[str, Callable[..., tuple[Expected, ...]]] = {
    "conv": conv,
    "max_pool": max_pool,
    "average_pool": average_pool,
    "relu": relu,
    "global_max_pool": global_max_pool,
    "global_average_pool": global_average_pool,
    "lp_pool": lp_pool,
    "global_lp_pool": global_lp_pool,
}
