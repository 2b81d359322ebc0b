"""Bytes misread: zero points, scales, signs, saturation, accumulators that are too narrow."""

from __future__ import annotations

import numpy as np

from tests.fakes import misquantised
from tests.fakes.faults.blocks import (
    BYTES,
)
from tests.fakes.faults.changes import (
    first_group_only,
    flip_kernel,
    interleave_groups,
    keep_first_weights,
    transpose_kernel,
)
from tests.fakes.faults.fault import Fault
from tests.fakes.misquantised import operand, rounding, step
from tests.fakes.quantised import SINGLE

FAULTS = {
    "weights of bytes flipped": Fault(
        BYTES,
        misquantised.of_weights(flip_kernel),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "weights of bytes transposed": Fault(
        BYTES,
        misquantised.of_weights(transpose_kernel),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "bytes of the first group serve all": Fault(
        BYTES, first_group_only, source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding"
    ),
    "groups of bytes interleaved": Fault(
        BYTES,
        interleave_groups,
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "weights of bytes kept": Fault(
        BYTES,
        misquantised.of_weights(keep_first_weights),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "x's zero point ignored": Fault(
        BYTES,
        operand("x_zero", np.zeros_like),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "w's zero point ignored": Fault(
        BYTES,
        operand("w_zero", np.zeros_like),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "y's zero point ignored": Fault(
        ("qlinear_conv",),
        operand("y_zero", np.zeros_like),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "first zero point for all filters": Fault(
        BYTES,
        operand("w_zero", misquantised.first_of),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "zero points by group": Fault(
        BYTES,
        misquantised.of_groups,
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "first scale for all filters": Fault(
        ("qlinear_conv",),
        operand("w_scale", misquantised.first_of),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "padding that is not the zero point": Fault(
        BYTES,
        step("raw padding"),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "bytes of x read with the other sign": Fault(
        BYTES,
        operand("x", misquantised.other_sign),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "x and its zero point read with the other sign": Fault(
        BYTES,
        misquantised.both(operand("x", misquantised.other_sign), operand("x_zero", misquantised.other_sign)),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "bytes of w read with the other sign": Fault(
        BYTES,
        operand("w", misquantised.other_sign),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "bias of bytes dropped": Fault(
        ("qlinear_conv",),
        misquantised.drop_bias,
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "bias added unscaled": Fault(
        ("qlinear_conv",),
        step("bias late"),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "halves rounded away from 0": Fault(
        ("qlinear_conv",),
        rounding(misquantised.away),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "halves rounded up": Fault(
        ("qlinear_conv",),
        rounding(lambda real: np.floor(real + SINGLE(0.5))),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "fractions cut off": Fault(
        ("qlinear_conv",),
        rounding(np.trunc),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "fractions rounded down": Fault(
        ("qlinear_conv",),
        rounding(np.floor),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "zero point added before rounding": Fault(
        ("qlinear_conv",),
        step("store", misquantised.zero_first),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "bytes not saturated": Fault(
        ("qlinear_conv",),
        step("store", misquantised.not_held),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "saturated to the other type": Fault(
        ("qlinear_conv",),
        step("store", misquantised.held_elsewhere),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "saturated past 32 bits": Fault(
        ("qlinear_conv",),
        step("store", misquantised.through_int32),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "factor in fixed point": Fault(
        ("qlinear_conv",),
        step("scale", misquantised.fixed_point),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "factor of float16": Fault(
        ("qlinear_conv",),
        step("scale", misquantised.narrow_factor),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "y_scale inverted": Fault(
        ("qlinear_conv",),
        operand("y_scale", lambda y: SINGLE(1) / y),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "pairs saturate at 16 bits": Fault(
        BYTES,
        step("dot", misquantised.saturating_pairs),
        source="Intel's VPMADDUBSW adds pairs of products with saturation to 16 bits",
    ),
    "accumulator of 16 bits": Fault(
        BYTES,
        step("total", misquantised.wrapped(16)),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "accumulator of 24 bits": Fault(
        BYTES,
        step("total", misquantised.wrapped(24)),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
    "accumulator of float32": Fault(
        ("conv_integer",),
        step("total", lambda total: total.astype(SINGLE)),
        source="QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding",
    ),
}
