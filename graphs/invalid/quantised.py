"""Invalid graphs of ConvInteger and QLinearConv."""

from __future__ import annotations

from graphs.blocks.conv_integer import ConvInteger
from graphs.blocks.qlinear_conv import QLinearConv
from graphs.invalid.broken import broken

# X (1, 4, 5, 5), W (6, 2, 3, 3) in two groups
WHOLE = ConvInteger(
    batch=1, channels=4, extent=(5, 5), filters=6, group=2, kernel_shape=(3, 3), dtype="uint8", x_zero_point=3,
    w_zero_point=1,
)  # fmt: skip
BYTES = QLinearConv(
    batch=1, channels=4, extent=(5, 5), filters=6, group=2, kernel_shape=(3, 3), dtype="uint8", bias=True, x_scale=0.5,
    w_scale=0.25, y_scale=2.0,
)  # fmt: skip
EACH = QLinearConv(
    batch=1, channels=4, extent=(5, 5), filters=6, group=2, kernel_shape=(3, 3), dtype="uint8", x_scale=0.5,
    w_scale=(0.25,) * 6, w_zero_point=(1,) * 6, y_scale=2.0,
)  # fmt: skip
LENGTH = "its number of elements should be equal to the number of output channels (M)"
SCALAR = "It's a scalar, which means a per-tensor/layer quantization."
CHANNELS = "X.shape[1] == (W.shape[1] * group) == C"

ENTRIES = (
    broken("conv-integer-weight-channels", WHOLE, ("shape", "w", (6, 3, 3, 3)), CHANNELS),
    broken("conv-integer-zero-point-length", WHOLE, ("shape", "w_zero_point", (5,)), LENGTH),
    broken("conv-integer-x-zero-point-list", WHOLE, ("shape", "x_zero_point", (4,)), SCALAR),
    broken("conv-integer-weight-type", WHOLE, ("dtype", "w", "int32"), "w : T2"),
    broken("qlinear-conv-weight-channels", BYTES, ("shape", "w", (6, 3, 3, 3)), CHANNELS),
    broken("qlinear-conv-scale-length", EACH, ("shape", "w_scale", (5,)), LENGTH),
    broken("qlinear-conv-x-scale-list", BYTES, ("shape", "x_scale", (4,)), SCALAR),
    broken("qlinear-conv-y-scale-list", BYTES, ("shape", "y_scale", (6,)), SCALAR),
    broken("qlinear-conv-bias-length", BYTES, ("shape", "b", (5,)), "has size of M."),
    broken("qlinear-conv-bias-type", BYTES, ("dtype", "b", "int64"), "B : T4"),
    broken("qlinear-conv-scale-type", BYTES, ("dtype", "x_scale", "float64"), "x_scale : tensor(float)"),
)
