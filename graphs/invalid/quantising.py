"""Invalid graphs of quantising and dequantising."""

from __future__ import annotations

from graphs.blocks.dequantize_linear import DequantizeLinear
from graphs.blocks.quantize_linear import QuantizeLinear
from graphs.invalid.broken import IR, broken
from graphs.invalid.rules import DECLARED

CODES = QuantizeLinear(
    shape=(2, 3), scale=(0.5,) * 3, scale_shape=(3,), zero_point=(1.0,) * 3, zero_dtype="int8", opset=13
)
BLOCKS = QuantizeLinear(shape=(2, 4), scale=(0.5,) * 4, scale_shape=(2, 2), block_size=2, output_dtype=3, opset=21)
NUMBERS = DequantizeLinear(
    shape=(2, 3), scale=(0.5,) * 3, scale_shape=(3,), zero_point=(1.0,) * 3, dtype="uint8", opset=13
)
AXIS = "Accepted range is [-r, r-1] where r = rank(input)."

ENTRIES = (
    broken("quantize-scales-too-few", CODES, ("value", "y_scale", (0.5, 0.5)), "Shape must match y_scale."),
    broken("quantize-zero-points-too-few", CODES, ("value", "y_zero_point", (1, 1)), "Shape must match y_scale."),
    broken("quantize-axis-past-the-last", CODES, ("attribute", "axis", 2), AXIS),
    broken("quantize-without-scale", CODES, ("inputs", "x"), "Inputs (2 - 3)"),
    broken("quantize-zero-point-float", CODES, ("dtype", "y_zero_point", "float32"), "y_zero_point : T2"),
    broken("quantize-9", CODES, ("opset", 9), DECLARED, source=IR),
    broken(
        "quantize-block-size-negative", BLOCKS, ("attribute", "block_size", -2), "The block size is a positive integer."
    ),
    broken("dequantize-scales-too-few", NUMBERS, ("value", "x_scale", (0.5, 0.5)), "Shape must match x_scale."),
    broken("dequantize-axis-past-the-last", NUMBERS, ("attribute", "axis", 2), AXIS),
    broken(
        "dequantize-zero-point-of-another-type", NUMBERS, ("dtype", "x_zero_point", "int8"),
        "`x_zero_point` and `x` must have same type.",
    ),
)  # fmt: skip
