"""Invalid graphs of the other operators that networks and composites are made of."""

from __future__ import annotations

from graphs.blocks.conv_gradient import ConvGradient
from graphs.blocks.copy_unpool import CopyUnpool
from graphs.blocks.max_pool_gradient import MaxPoolGradient
from graphs.blocks.median_pool import MedianPool
from graphs.blocks.network import Network
from graphs.invalid.broken import broken

LENET = Network(architecture="lenet-5")
NORMALISED = Network(architecture="conv-bn-relu")
RESPONSES = Network(architecture="conv-lrn-pool")
JOINED = Network(architecture="encoder-decoder")
GATHERED = CopyUnpool(batch=1, channels=1, extent=(2,), kernel_shape=(2,), strides=(2,))
SORTED = MedianPool(batch=1, channels=1, extent=(5,), kernel_shape=(3,), strides=(1,), windows="slice")
SCATTERED = MaxPoolGradient(batch=1, channels=1, extent=(4, 4), kernel_shape=(2, 2), strides=(2, 2))
SUMMED = ConvGradient(batch=1, channels=1, filters=1, extent=(5,), kernel_shape=(2,), bias=True)
ONE_NUMBER = "A 1-D tensor containing a single positive value corresponding to the number of top elements to retrieve"
AXIS = "Accepted range is [-r, r-1] where r = rank(data)."

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
        AXIS, operator="Gather",
    ),
    broken(
        "gather-indices-type", GATHERED, ("dtype", "axis_0_0", "float32"), "Tind : tensor(int32), tensor(int64)",
        operator="Gather",
    ),
    broken("slice-step-zero", SORTED, ("value", "steps", (0,)), "'steps' cannot be 0.", operator="Slice"),
    broken("slice-axis-past-the-end", SORTED, ("value", "spatial", (3,)), AXIS, operator="Slice"),
    broken("slice-without-ends", SORTED, ("inputs", "x", "starts_0"), "Inputs (3 - 5)", operator="Slice"),
    broken("top-k-of-none", SORTED, ("value", "k", (0,)), ONE_NUMBER, operator="TopK"),
    broken("top-k-of-a-negative-number", SORTED, ("value", "k", (-2,)), ONE_NUMBER, operator="TopK"),
    broken("top-k-of-two-numbers", SORTED, ("value", "k", (2, 2)), ONE_NUMBER, operator="TopK"),
    broken(
        "reshape-two-extents-unknown", SORTED, ("value", "apart", (1, -1, -1, 1)),
        "At most one dimension of the new shape can be -1.", operator="Reshape",
    ),
    broken("scatter-elements-axis-past-the-end", SCATTERED, ("attribute", "axis", 1), AXIS, operator="ScatterElements"),
    broken(
        "scatter-elements-reduction-unknown", SCATTERED, ("attribute", "reduction", "sub"),
        "Type of reduction to apply: none (default), add, mul, max, min.", operator="ScatterElements",
    ),
    broken("reduce-sum-axis-past-the-end", SUMMED, ("value", "but_channels", (0, 3)), AXIS, operator="ReduceSum"),
    broken(
        "transpose-perm-length", SUMMED, ("attribute", "perm", (1, 0)),
        "Its length must be equal to the rank of the input.", operator="Transpose",
    ),
)  # fmt: skip
