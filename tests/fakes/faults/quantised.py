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

TEXTS = "QLinearConv-10, ConvInteger-10: 'zero_point', 'scale', saturation and rounding"  # what most of them misread

FAULTS = {
    "weights of bytes flipped": Fault(
        BYTES,
        misquantised.of_weights(flip_kernel),
        source=TEXTS,
    ),
    "weights of bytes transposed": Fault(
        BYTES,
        misquantised.of_weights(transpose_kernel),
        source=TEXTS,
    ),
    "bytes of the first group serve all": Fault(BYTES, first_group_only, source=TEXTS),
    "groups of bytes interleaved": Fault(
        BYTES,
        interleave_groups,
        source=TEXTS,
    ),
    "weights of bytes kept": Fault(
        BYTES,
        misquantised.of_weights(keep_first_weights),
        source=TEXTS,
    ),
    "x's zero point ignored": Fault(
        BYTES,
        operand("x_zero", np.zeros_like),
        source=TEXTS,
    ),
    "w's zero point ignored": Fault(
        BYTES,
        operand("w_zero", np.zeros_like),
        source=TEXTS,
    ),
    "y's zero point ignored": Fault(
        ("qlinear_conv",),
        operand("y_zero", np.zeros_like),
        source=TEXTS,
    ),
    "first zero point for all filters": Fault(
        BYTES,
        operand("w_zero", misquantised.first_of),
        source=TEXTS,
    ),
    "zero points by group": Fault(
        BYTES,
        misquantised.of_groups,
        source=TEXTS,
    ),
    "first scale for all filters": Fault(
        ("qlinear_conv",),
        operand("w_scale", misquantised.first_of),
        source=TEXTS,
    ),
    "padding that is not the zero point": Fault(
        BYTES,
        step("raw padding"),
        source=TEXTS,
    ),
    "bytes of x read with the other sign": Fault(
        BYTES,
        operand("x", misquantised.other_sign),
        source=TEXTS,
    ),
    "x and its zero point read with the other sign": Fault(
        BYTES,
        misquantised.both(operand("x", misquantised.other_sign), operand("x_zero", misquantised.other_sign)),
        source=TEXTS,
    ),
    "bytes of w read with the other sign": Fault(
        BYTES,
        operand("w", misquantised.other_sign),
        source=TEXTS,
    ),
    "bias of bytes dropped": Fault(
        ("qlinear_conv",),
        misquantised.drop_bias,
        source=TEXTS,
    ),
    "bias added unscaled": Fault(
        ("qlinear_conv",),
        step("bias late"),
        source=TEXTS,
    ),
    "halves rounded away from 0": Fault(
        ("qlinear_conv",),
        rounding(misquantised.away),
        source=TEXTS,
    ),
    "halves rounded up": Fault(
        ("qlinear_conv",),
        rounding(lambda real: np.floor(real + SINGLE(0.5))),
        source=TEXTS,
    ),
    "fractions cut off": Fault(
        ("qlinear_conv",),
        rounding(np.trunc),
        source=TEXTS,
    ),
    "fractions rounded down": Fault(
        ("qlinear_conv",),
        rounding(np.floor),
        source=TEXTS,
    ),
    "zero point added before rounding": Fault(
        ("qlinear_conv",),
        step("store", misquantised.zero_first),
        source=TEXTS,
    ),
    "bytes not saturated": Fault(
        ("qlinear_conv",),
        step("store", misquantised.not_held),
        source=TEXTS,
    ),
    "saturated to the other type": Fault(
        ("qlinear_conv",),
        step("store", misquantised.held_elsewhere),
        source=TEXTS,
    ),
    "saturated past 32 bits": Fault(
        ("qlinear_conv",),
        step("store", misquantised.through_int32),
        source=TEXTS,
    ),
    "factor in fixed point": Fault(
        ("qlinear_conv",),
        step("scale", misquantised.fixed_point),
        source=TEXTS,
    ),
    "factor of float16": Fault(
        ("qlinear_conv",),
        step("scale", misquantised.narrow_factor),
        source=TEXTS,
    ),
    "y_scale inverted": Fault(
        ("qlinear_conv",),
        operand("y_scale", lambda y: SINGLE(1) / y),
        source=TEXTS,
    ),
    "pairs saturate at 16 bits": Fault(
        BYTES,
        step("dot", misquantised.saturating_pairs),
        source="Intel's VPMADDUBSW adds pairs of products with saturation to 16 bits",
    ),
    "accumulator of 16 bits": Fault(
        BYTES,
        step("total", misquantised.wrapped(16)),
        source=TEXTS,
    ),
    "accumulator of 24 bits": Fault(
        BYTES,
        step("total", misquantised.wrapped(24)),
        source=TEXTS,
    ),
    "accumulator of float32": Fault(
        ("conv_integer",),
        step("total", lambda total: total.astype(SINGLE)),
        source=TEXTS,
    ),
}
