"""Quantised operators by their definitions: exact whole numbers, scales in floating point, one rounding to a code."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from tests.reference.soundness.draws import Array, Case, Draw, boxed, exact
from tests.reference.soundness.linear import Reading, convolved, summed
from tests.reference.soundness.machine import ONE, Machine

ENDS = {"uint8": (0, 255), "int8": (-128, 127)}


def scale(draw: Draw, *shape: int) -> Array:
    """Powers of two now and then, by which nothing rounds."""
    is_power = draw.of(False, False, True)
    found = [
        2.0 ** draw.source.randrange(-5, 2) * (1 if is_power else 1 + draw.source.random())
        for _ in range(int(np.prod(shape)))
    ]
    return np.array(found).astype(draw.dtype).reshape(shape)


def bytes_of(draw: Draw, dtype: str, *shape: int) -> Array:
    """Any codes of a type."""
    low, high = ENDS[dtype]
    return np.array([draw.source.randrange(low, high + 1) for _ in range(int(np.prod(shape)))], dtype).reshape(shape)


def from_zero(a: Array, zero: Array) -> Array:
    """Codes less their zero point, or one for each entry of the first axis."""
    spread = np.reshape(zero.astype(np.int64), (-1, *[1] * (a.ndim - 1)))
    return boxed([Fraction(int(v)) for v in (a.astype(np.int64) - spread).flat], a.shape)


def code(v: Fraction, zero: Array, ends: tuple[int, int]) -> Fraction:
    """Rounded to even at ties, counted from the zero point, held inside the type."""
    return Fraction(min(max(round(v) + int(zero), ends[0]), ends[1]))


def totals(x: Array, w: Array, b: Array | None, **window: Any) -> tuple[list[Fraction], Any]:
    """Exact sums of products."""
    terms, shape = convolved(x, w, None if b is None else exact(b), **window)
    return [sum((p * q for p, q in pairs), Fraction(0)) + sum(more) for pairs, more in terms], shape


# ---- ConvInteger, QLinearConv


def drawn_integers(draw: Draw) -> Case:
    """Bytes and zero points."""
    operands = {
        "x": bytes_of(draw, "uint8", 1, 1, 4), "w": bytes_of(draw, "int8", 2, 1, 3),
        "x_zero_point": bytes_of(draw, "uint8"), "w_zero_point": bytes_of(draw, "int8", 2),
    }  # fmt: skip
    return Case(operands, {"pads": (1, 0)})


def conv_integer(machine: Machine, x: Array, w: Array, x_zero: Array, w_zero: Array, **window: Any) -> list[Array]:
    """The exact sum."""
    return [boxed(*totals(from_zero(x, x_zero), from_zero(w, w_zero), None, **window))]


def drawn_qlinear(draw: Draw) -> Case:
    """Bytes, zero points, scales and a bias."""
    operands = {
        "x": bytes_of(draw, "uint8", 1, 1, 4), "x_scale": scale(draw), "x_zero_point": bytes_of(draw, "uint8"),
        "w": bytes_of(draw, "int8", 2, 1, 3), "w_scale": scale(draw, 2), "w_zero_point": bytes_of(draw, "int8", 2),
        "y_scale": scale(draw) * np.float32(64), "y_zero_point": bytes_of(draw, "int8"),
        "b": np.array([draw.source.randrange(-999, 999) for _ in range(2)], np.int32),
    }  # fmt: skip
    return Case(operands, {"pads": (1, 0)})


def qlinear_conv(
    machine: Machine, x: Array, x_scale: Array, x_zero: Array, w: Array, w_scale: Array, w_zero: Array, y_scale: Array,
    y_zero: Array, b: Array, **window: Any
) -> list[Array]:  # fmt: skip
    """The exact sum, times the scales in any order."""
    sums, shape = totals(from_zero(x, x_zero), from_zero(w, w_zero), b, **window)
    way = machine.source.randrange(4)
    found = []
    for k, total in enumerate(sums):
        r = rescaled(machine, total, x_scale.flat[0], w_scale.flat[k // (len(sums) // len(w))], y_scale.flat[0], way)
        found.append(code(r, y_zero, ENDS["int8"]))
    return [boxed(found, shape)]


def rescaled(machine: Machine, total: Fraction, a: Fraction, b: Fraction, c: Fraction, way: int) -> Fraction:
    """``total a b / c`` with at most five roundings."""
    read = machine.read

    def times(p: Fraction, q: Fraction) -> Fraction:
        return machine.times(read(p), read(q))

    first = machine.acc(total)
    if way == 0:
        return times(first, machine.over(times(a, b), c))
    if way == 1:
        return machine.over(times(first, times(a, b)), c)
    if way == 2:
        return times(times(first, times(a, b)), machine.over(ONE, c))
    return times(times(times(first, a), b), machine.over(ONE, c))


# ---- QuantizeLinear, DequantizeLinear


def drawn_numbers(draw: Draw) -> Case:
    """Numbers about as large as codes times the scale, halves of steps among them."""
    y_scale, dtype = scale(draw), draw.of("uint8", "int8")
    steps = [draw.source.randrange(-600, 600) / 2 + draw.of(0.0, 0.0, 0.125) for _ in range(8)]
    x = (np.array(steps) * float(y_scale)).astype(draw.dtype)
    return Case({"x": x, "y_scale": y_scale, "y_zero_point": bytes_of(draw, dtype)}, {}, {"ends": ENDS[dtype]})


def quantize_linear(machine: Machine, x: Array, y_scale: Array, zero: Array, *, ends: tuple[int, int]) -> list[Array]:
    """A quotient, or a product with a rounded reciprocal."""
    c, by_reciprocal = machine.read(y_scale.flat[0]), machine.source.randrange(2)
    read = Reading(machine)
    found = [
        machine.times(read(v), machine.over(ONE, c)) if by_reciprocal else machine.over(read(v), c) for v in x.flat
    ]
    return [boxed([code(v, zero, ends) for v in found], x.shape)]


def drawn_codes(draw: Draw) -> Case:
    """Codes of 8 or 16 bits, whose differences some types lack."""
    dtype = draw.of("uint8", "int8") if draw.dtype == "float16" else draw.of("int8", "uint16")
    count = 6
    if dtype == "uint16":
        x, zero = (np.array([draw.source.randrange(65536) for _ in range(n)], "uint16") for n in (count, 1))
        return Case({"x": x, "x_scale": scale(draw), "x_zero_point": zero.reshape(())}, {})
    return Case({"x": bytes_of(draw, dtype, count), "x_scale": scale(draw), "x_zero_point": bytes_of(draw, dtype)}, {})


def dequantize_linear(machine: Machine, x: Array, x_scale: Array, zero: Array) -> list[Array]:
    """The exact difference, cast, times the scale."""
    difference = from_zero(x.reshape(1, -1), zero.reshape(1)).reshape(x.shape)
    factor = machine.read(x_scale.flat[0])
    return [
        boxed([machine.store(machine.times(machine.read(machine.store(v)), factor)) for v in difference.flat], x.shape)
    ]


# ---- a convolution of codes as a graph


def drawn_qdq(draw: Draw) -> Case:
    """As for QLinearConv, the bias' scale rounded to float32."""
    found = drawn_qlinear(draw).operands
    operands = {name: value for name, value in found.items() if name != "b"}
    b_scale = (found["x_scale"] * found["w_scale"]).astype(np.float32)
    return Case(
        {"x": operands.pop("x"), "w": operands.pop("w"), "b": found["b"], **operands, "b_scale": b_scale},
        {"pads": (1, 0)},
    )


def qdq_conv(
    machine: Machine, x: Array, w: Array, b: Array, x_scale: Array, x_zero: Array, w_scale: Array, w_zero: Array,
    y_scale: Array, y_zero: Array, b_scale: Array, **window: Any
) -> list[Array]:  # fmt: skip
    """Node by node in floating point, or fused into whole numbers."""
    left, right = from_zero(x, x_zero), from_zero(w, w_zero)
    a, units, last = x_scale.flat[0], list(w_scale.flat), y_scale.flat[0]
    if machine.source.randrange(2):

        def dequantized(v: Fraction, s: Fraction) -> Fraction:
            return machine.store(machine.times(machine.store(v), s))

        filters = boxed([dequantized(v, units[at[0]]) for at, v in np.ndenumerate(right)], right.shape)
        bias = boxed([dequantized(Fraction(int(v)), s) for v, s in zip(b, b_scale.flat, strict=True)], b.shape)
        image = boxed([dequantized(v, a) for v in left.flat], left.shape)
        terms, shape = convolved(image, filters, bias, **window)
        values = [machine.over(v, last) for v in summed(machine, terms, shape).flat]
    else:
        sums, shape = totals(left, right, b, **window)
        each = len(sums) // len(w)
        factors = [machine.over(machine.times(a, s), last) for s in units]
        values = [machine.times(machine.acc(total), factors[k // each]) for k, total in enumerate(sums)]
    return [boxed([code(v, y_zero, ENDS["int8"]) for v in values], shape)]
