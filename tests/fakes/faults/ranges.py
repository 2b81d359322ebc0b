"""What small numbers on a grid do not show: narrower ranges, running totals, steps beside their place, norms of 0."""

from __future__ import annotations

import numpy as np

from tests.fakes.arithmetic import PLAIN
from tests.fakes.executor import Arithmetic, Call, Tensor
from tests.fakes.faults.changes import on_y, rounded
from tests.fakes.faults.fault import Fault
from tests.fakes.faults.narrow import DAZ, TF_43393, flush_inputs, no_subnormals

CROW = "Crow 1984, 'Summed-area tables for texture mapping': a window's sum as a difference of running totals"
DNRM2 = "BLAS dnrm2: 'scale * sqrt(ssq)', where scale is the largest element and a vector of zeros is a case of its own"
BRANCH = "ThresholdedRelu-10: 'y = x for x > alpha', compared after a conversion"


def running_mean(values: Tensor, count: Tensor) -> Tensor:
    """Averages whose sums are differences of one total that runs over all windows, in the tensors' type."""
    sums = values.sum(axis=-1)
    total = np.cumsum(sums.ravel(), dtype=values.dtype)
    before = np.concatenate([np.zeros(1, values.dtype), total[:-1]])
    return np.asarray((total - before).reshape(sums.shape) / count.astype(values.dtype))


def nan_of_nothing(y: Tensor) -> Tensor:
    """0 / 0, where a norm is divided by its largest element."""
    return np.where(y == 0, y.dtype.type(np.nan), y)


def half_range(y: Tensor) -> Tensor:
    """Infinite beyond float16, and otherwise as it is."""
    return np.where(np.abs(y) > 65504, np.copysign(y.dtype.type(np.inf), y), y) if y.dtype.itemsize > 2 else y


def compared_short(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Whether x is above alpha, decided on eight bits of both."""
    x = call.operands[0]
    alpha = np.asarray(call.attributes.get("alpha", 1.0), x.dtype)
    return [np.where(rounded(x, 8) > rounded(alpha, 8), x, x.dtype.type(0))]


def dropped_below(y: Tensor) -> Tensor:
    """0 in the place of what is below 2^-100, as an epsilon makes it."""
    return np.where(np.abs(y.astype(np.float64)) < 2.0**-100, y.dtype.type(0), y)


SUMS = ("conv", "conv_transpose", "pad_conv", "sub_pixel", "average_pool", "global_average_pool", "lp_pool", "resize")
COPIES = ("relu", "max_pool", "min_pool", "pad", "leaky_relu", "p_relu", "clip", "depth_to_space", "max_unpool")
FAULTS = {
    "sums of a running total": Fault(
        ("average_pool", "global_average_pool", "pad_average_pool"),
        how=Arithmetic(PLAIN.dot, running_mean),
        source=CROW,
    ),
    "a norm of nothing is NaN": Fault(("lp_pool", "global_lp_pool"), after=on_y(nan_of_nothing), source=DNRM2),
    "infinite beyond float16": Fault((*SUMS, *COPIES), after=on_y(half_range), source=TF_43393),
    "threshold compared in bfloat16": Fault(("thresholded_relu",), after=compared_short, source=BRANCH),
    "subnormal numbers lost in sums": Fault(
        tuple(block for block in SUMS if block != "conv"), flush_inputs, source=DAZ
    ),
    "subnormal sums are 0": Fault(SUMS, after=on_y(no_subnormals), source=DAZ),
    "tiny results are 0": Fault((*SUMS, *COPIES), after=on_y(dropped_below), source=DAZ),
}
