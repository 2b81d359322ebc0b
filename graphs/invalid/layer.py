"""Invalid graphs of the other operators that networks and composites are made of."""

from __future__ import annotations

from graphs.blocks.copy_unpool import CopyUnpool
from graphs.blocks.network import Network
from graphs.invalid.broken import broken

LENET = Network(architecture="lenet-5")
NORMALISED = Network(architecture="conv-bn-relu")
RESPONSES = Network(architecture="conv-lrn-pool")
JOINED = Network(architecture="encoder-decoder")
GATHERED = CopyUnpool(batch=1, channels=1, extent=(2,), kernel_shape=(2,), strides=(2,))

ENTRIES = (
    broken(
        "gemm-inner-size", LENET, ("shape", "w4", (84, 119)),
        "The shape of B should be (K, N) if transB is 0, or (N, K) if transB is non-zero.", operator="Gemm",
    ),
    broken(
        "gemm-bias-does-not-broadcast", LENET, ("shape", "b4", (83,)),
        "The shape of C should be unidirectional broadcastable to (M, N).", operator="Gemm",
    ),
    broken(
        "gemm-bias-of-two-rows", LENET, ("shape", "b4", (2, 84)),
        "The shape of C should be unidirectional broadcastable to (M, N).", operator="Gemm",
    ),
    broken(
        "flatten-axis-past-the-end", LENET, ("attribute", "axis", 5),
        "The value for axis must be in the range [-r, r], where r is the rank of the input tensor.", operator="Flatten",
    ),
    broken(
        "softmax-axis-past-the-end", LENET, ("attribute", "axis", 2),
        "Accepted range is [-r, r-1] where r = rank(input).", operator="Softmax",
    ),
    broken(
        "batch-normalization-scale-length", NORMALISED, ("shape", "scale1", (4,)), "Scale tensor of shape (C).",
        operator="BatchNormalization",
    ),
    broken(
        "batch-normalization-scale-of-one", NORMALISED, ("shape", "scale1", (1,)), "Scale tensor of shape (C).",
        operator="BatchNormalization",
    ),
    broken(
        "batch-normalization-epsilon-int", NORMALISED, ("attribute", "epsilon", 0), "epsilon : float",
        operator="BatchNormalization",
    ),
    broken(
        "batch-normalization-second-result", NORMALISED, ("outputs", "batchnormalization_1", "mean"),
        "When training_mode=False, extra outputs are invalid.", operator="BatchNormalization",
    ),
    broken("lrn-without-size", RESPONSES, ("without", "size"), "size : int (required)", operator="LRN"),
    broken("concat-without-axis", JOINED, ("without", "axis"), "axis : int (required)", operator="Concat"),
    broken(
        "concat-other-extents", JOINED, ("inputs", "maxunpool_8", "conv_7"),
        "All input tensors must have the same shape, except for the dimension size of the axis to concatenate on.",
        operator="Concat",
    ),
    broken(
        "concat-axis-past-the-end", JOINED, ("attribute", "axis", 4),
        "Accepted range is [-r, r-1] where r = rank(inputs)", operator="Concat",
    ),
    broken(
        "gather-index-past-the-end", GATHERED, ("value", "axis_0_0", (0, 0, 1, 2**20)),
        "It is an error if any of the index values are out of bounds.", operator="Gather",
    ),
    broken(
        "gather-index-before-the-start", GATHERED, ("value", "axis_0_0", (0, 0, 1, -(2**20))),
        "It is an error if any of the index values are out of bounds.", operator="Gather",
    ),
    broken(
        "gather-axis-past-the-end", GATHERED, ("attribute", "axis", 3),
        "Accepted range is [-r, r-1] where r = rank(data).", operator="Gather",
    ),
    broken(
        "gather-indices-type", GATHERED, ("dtype", "axis_0_0", "float32"), "Tind : tensor(int32), tensor(int64)",
        operator="Gather",
    ),
)  # fmt: skip
