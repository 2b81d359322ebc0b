"""Invalid graphs of pooling and un-pooling."""

from __future__ import annotations

from typing import Any

from graphs.blocks.average_pool import AveragePool
from graphs.blocks.global_average_pool import GlobalAveragePool
from graphs.blocks.global_lp_pool import GlobalLpPool
from graphs.blocks.global_max_pool import GlobalMaxPool
from graphs.blocks.lp_pool import LpPool
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.max_unpool import MaxUnpool
from graphs.invalid.broken import IR, broken
from graphs.invalid.rules import (
    AUTO_PAD,
    KERNEL,
    KERNEL_DUE,
    NO_DIVISOR,
    NOT_WITH_AUTO_PAD,
    PADS,
    PADS_SIGN,
    SIGNATURE,
    STRIDES,
)

MAX = MaxPool(batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), strides=(2, 2))
MAX_PADDED = MaxPool(batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), strides=(2, 2), pads=(1, 1, 1, 1))
MAX_INDICES = MaxPool(batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), strides=(2, 2), indices=True)
MAX_DILATED = MaxPool(
    batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), strides=(1, 1), dilations=(2, 2), opset=10
)
MAX_CEIL = MaxPool(batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), strides=(2, 2), ceil_mode=1)
MAX_INTEGERS = MaxPool(batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), strides=(2, 2), dtype="int8", opset=12)
AVERAGE = AveragePool(batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), strides=(2, 2))
AVERAGE_PADDED = AveragePool(batch=1, channels=2, extent=(6, 6), kernel_shape=(3, 3), pads=(1, 1, 1, 1))
AVERAGE_CEIL = AveragePool(
    batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), strides=(2, 2), ceil_mode=1, opset=10
)
AVERAGE_DILATED = AveragePool(batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), dilations=(2, 2), opset=19)
LP = LpPool(batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), strides=(2, 2), p=1)
LP_DILATED = LpPool(batch=1, channels=2, extent=(6, 6), kernel_shape=(2, 2), dilations=(2, 2), p=1, opset=18)
GLOBAL: dict[str, Any] = {"batch": 1, "channels": 2, "extent": (3, 3)}
UNPOOL = MaxUnpool(batch=1, channels=1, extent=(2, 2), kernel_shape=(2, 2), strides=(2, 2))

ENTRIES = (
    broken("max-pool-without-kernel", MAX, ("without", "kernel_shape"), KERNEL_DUE),
    broken("max-pool-kernel-length", MAX, ("attribute", "kernel_shape", (2, 2, 2)), KERNEL),
    broken("max-pool-kernel-no-list", MAX, ("attribute", "kernel_shape", 2), KERNEL_DUE),
    broken("max-pool-strides-length", MAX, ("attribute", "strides", (2,)), STRIDES),
    broken("max-pool-stride-zero", MAX, ("attribute", "strides", (0, 2)), NO_DIVISOR),
    broken("max-pool-pads-length", MAX, ("attribute", "pads", (1, 1)), PADS),
    broken("max-pool-pads-negative", MAX, ("attribute", "pads", (-1, -1, 0, 0)), PADS_SIGN),
    broken("max-pool-pads-with-auto-pad", MAX_PADDED, ("attribute", "auto_pad", "SAME_UPPER"), NOT_WITH_AUTO_PAD),
    broken("max-pool-auto-pad-unknown", MAX, ("attribute", "auto_pad", "SAME"), AUTO_PAD),
    broken(
        "max-pool-dilations-length", MAX, ("attribute", "dilations", (1,)),
        "Dilation value along each spatial axis of filter.",
    ),
    broken(
        "max-pool-storage-order-2", MAX_INDICES, ("attribute", "storage_order", 2),
        "0 is row major, and 1 is column major.",
    ),
    broken("max-pool-ceil-mode-string", MAX_CEIL, ("attribute", "ceil_mode", "1"), "ceil_mode : int"),
    broken("max-pool-indices-type", MAX_INDICES, ("dtype", "indices", "int32"), "I : tensor(int64)"),
    broken("max-pool-third-result", MAX_INDICES, ("outputs", "y", "indices", "z"), "Outputs (1 - 2)"),
    broken("max-pool-second-operand", MAX, ("inputs", "x", "x"), "Inputs (1)"),
    broken("max-pool-8-dilations", MAX_DILATED, ("opset", 9), SIGNATURE, source=IR),
    broken(
        "max-pool-11-int8", MAX_INTEGERS, ("opset", 11), "T : tensor(float16), tensor(float), tensor(double)",
        source="MaxPool-11",
    ),
    broken("average-pool-without-kernel", AVERAGE, ("without", "kernel_shape"), KERNEL_DUE),
    broken("average-pool-kernel-length", AVERAGE, ("attribute", "kernel_shape", (2,)), KERNEL),
    broken("average-pool-strides-length", AVERAGE, ("attribute", "strides", (2,)), STRIDES),
    broken("average-pool-stride-zero", AVERAGE, ("attribute", "strides", (2, 0)), NO_DIVISOR),
    broken("average-pool-pads-length", AVERAGE, ("attribute", "pads", (1, 1)), PADS),
    broken("average-pool-pads-negative", AVERAGE, ("attribute", "pads", (-1, -1, 0, 0)), PADS_SIGN),
    broken(
        "average-pool-pads-with-auto-pad", AVERAGE_PADDED, ("attribute", "auto_pad", "SAME_LOWER"), NOT_WITH_AUTO_PAD,
    ),
    broken("average-pool-auto-pad-unknown", AVERAGE, ("attribute", "auto_pad", "same_upper"), AUTO_PAD),
    broken(
        "average-pool-count-include-pad-string", AVERAGE_PADDED, ("attribute", "count_include_pad", "yes"),
        "count_include_pad : int",
    ),
    broken("average-pool-7-ceil-mode", AVERAGE_CEIL, ("opset", 9), SIGNATURE, source=IR),
    broken("average-pool-11-dilations", AVERAGE_DILATED, ("opset", 18), SIGNATURE, source=IR),
    broken("lp-pool-without-kernel", LP, ("without", "kernel_shape"), KERNEL_DUE),
    broken("lp-pool-strides-length", LP, ("attribute", "strides", (2,)), STRIDES),
    broken("lp-pool-pads-length", LP, ("attribute", "pads", (1, 1)), PADS),
    broken("lp-pool-auto-pad-unknown", LP, ("attribute", "auto_pad", "SAME"), AUTO_PAD),
    broken("lp-pool-p-float", LP, ("attribute", "p", 1.0), "p : int"),
    broken("lp-pool-11-dilations", LP_DILATED, ("opset", 17), SIGNATURE, source=IR),
    broken(
        "global-max-pool-kernel", GlobalMaxPool(**GLOBAL), ("attribute", "kernel_shape", (3, 3)), SIGNATURE, source=IR,
    ),
    broken("global-average-pool-second-operand", GlobalAveragePool(**GLOBAL), ("inputs", "x", "x"), "Inputs (1)"),
    broken("global-lp-pool-p-string", GlobalLpPool(**GLOBAL, p=1, opset=21), ("attribute", "p", "1"), "p : int"),
    broken("max-unpool-without-kernel", UNPOOL, ("without", "kernel_shape"), KERNEL_DUE),
    broken("max-unpool-without-indices", UNPOOL, ("inputs", "x"), "Inputs (2 - 3)"),
    broken(
        "max-unpool-indices-shape", UNPOOL, ("shape", "indices", (1, 1, 2, 1)),
        "Dimensions must be the same as input tensor X.",
    ),
    broken("max-unpool-indices-type", UNPOOL, ("dtype", "indices", "int32"), "T2 : tensor(int64)"),
    broken(
        "max-unpool-index-past-the-end", UNPOOL, ("value", "indices", (((0, 2), (8, 2**20)),)),
        "So the values in indices are in the range [0, N x C x D1 x ... x Dn).",
    ),
    broken(
        "max-unpool-index-negative", UNPOOL, ("value", "indices", (((0, 2), (8, -1)),)),
        "So the values in indices are in the range [0, N x C x D1 x ... x Dn).",
    ),
    broken("max-unpool-kernel-length", UNPOOL, ("attribute", "kernel_shape", (2,)), KERNEL),
    broken("max-unpool-strides-length", UNPOOL, ("attribute", "strides", (2,)), STRIDES),
    broken("max-unpool-pads-length", UNPOOL, ("attribute", "pads", (1, 1)), PADS),
    broken("max-unpool-pads-negative", UNPOOL, ("attribute", "pads", (-1, 0, 0, 0)), PADS_SIGN),
)  # fmt: skip
