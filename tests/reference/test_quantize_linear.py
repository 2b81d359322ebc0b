"""QuantizeLinear element by element in fractions: ties, ends, the order of rounding and zero point, minifloats."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from reference.ball import Ball
from reference.claim import TF32, Claim
from reference.quantised import MINIFLOATS, integer_ends
from reference.quantize_linear import quantize_linear
from tests.reference.inside import inside

CODES = ("int8", "uint8", "int16", "uint16", "int4", "uint4", "int2", "uint2")
NUMBERS = {"int16": 5, "int4": 22, "uint4": 21, "float8_e4m3fn": 17, "int8": 3}


def quantized(x: Any, scale: Any, zero: Any = None, **more: Any) -> Ball:
    """The kernel of float32 arrays."""
    (ball,) = quantize_linear(np.asarray(x, "float32"), np.asarray(scale, "float32"), zero, claim=Claim(), **more)
    return ball


def even(v: Fraction) -> int:
    """The nearest whole number, the even one of two."""
    low = math.floor(v)
    rest = v - low
    return low + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and low % 2 == 1))


@pytest.mark.parametrize("code", CODES)
def test_equals_a_loop_by_powers_of_two(code: str) -> None:
    """Ties, their neighbours and both ends: one code each, the zero point added to what was rounded."""
    low, high = integer_ends(code) or (0, 0)
    halves = (np.arange(low - 3, high + 3, max(1, (high - low) // 97)) + 0.5).astype("float32")
    up, down = (np.nextafter(halves, np.float32(side)) for side in (np.inf, -np.inf))
    x = np.concatenate([halves, up, down, [1e9, -1e9]]).astype("float32")
    for scale in (0.5, 1.0, 4.0):
        for zero in {low, high, 0, low + 1}:
            (ball,) = quantize_linear(
                x * np.float32(scale), np.array(scale, "float32"), np.array(zero).astype(code), claim=Claim()
            )
            due = [min(max(even(Fraction(float(v))) + zero, low), high) for v in x]
            np.testing.assert_array_equal(ball.value, due)
            assert not ball.radius.any()
            assert ball.others == ()


@pytest.mark.parametrize("shape", [(3, 4, 5), (4, 6)])
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("block_size", [0, 2, 3])
def test_each_element_has_the_parameters_at_its_place(shape: tuple[int, ...], axis: int, block_size: int) -> None:
    at = axis % len(shape)
    blocks = tuple(-(-d // block_size) if i == at else d for i, d in enumerate(shape)) if block_size else (shape[at],)
    source = np.random.default_rng(3)
    scale = np.ldexp(1.0, source.integers(-3, 3, blocks)).astype("float32")
    zero = source.integers(-128, 127, blocks).astype("int8")
    x = (source.integers(-400, 400, shape) / 8).astype("float32")
    ball = quantized(x, scale, zero, axis=axis, block_size=block_size)
    for index in np.ndindex(shape):
        place = (index[at],)
        if block_size:
            place = tuple(i // block_size if n == at else i for n, i in enumerate(index))
        v = Fraction(float(x[index])) / Fraction(float(scale[place]))
        assert ball.value[index] == min(max(even(v) + int(zero[place]), -128), 127)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("scale", [0.1, 1 / 3, 0.7, 3.0])
def test_a_division_and_a_reciprocal_are_inside(dtype: str, scale: float) -> None:
    """In the type itself and in wider ones, near ties above all; two steps off is outside."""
    s = np.array(scale).astype(dtype)
    steps = (np.arange(-130, 131) + 0.5) * float(s)
    x = np.concatenate([steps, np.random.default_rng(1).uniform(-14, 14, 500)]).astype(dtype)
    (ball,) = quantize_linear(x, s, claim=Claim(), output_dtype=3)
    wide, ws = x.astype("float64"), s.astype("float64")
    one = np.array(1).astype(dtype)
    for v in (wide / ws, x / s, x * (one / s), wide * (1 / ws), (x.astype("float32") / s.astype("float32"))):
        y = np.clip(np.rint(v.astype("float64")), -128, 127)
        assert inside(ball, y).all()
    assert not inside(ball, y + 3).any() or dtype != "float32"
    exact = [even(Fraction(float(a)) / Fraction(float(s))) for a in x]
    far = np.abs(wide / ws - np.rint(wide / ws)) < 0.4
    if dtype == "float32":
        np.testing.assert_array_equal(ball.value[far], np.clip(exact, -128, 127)[far])
        assert all(not (other.value - ball.value)[far].any() for other in ball.others)


def test_the_reachable_codes_are_all_between_the_ends() -> None:
    """Divided in float16, 16 bits of code know only every few."""
    (ball,) = quantize_linear(np.array([5000], "float16"), np.array(0.3, "float16"), claim=Claim(), output_dtype=5)
    v = 5000 / float(np.float16(0.3))
    reach = {int(b.value[0]) for b in (ball, *ball.others)}
    assert reach == set(range(min(reach), max(reach) + 1))
    assert v * (1 - 2**-9) < min(reach) < v * (1 - 2**-11)
    assert v * (1 + 2**-11) < max(reach) < v * (1 + 2**-9)


def test_an_odd_zero_point_tells_the_order() -> None:
    """rint(0.5) + 1 is 1, rint(0.5 + 1) would be 2."""
    assert quantized([0.5, 1.5, -0.5], 1, np.array(1, "int8")).value.tolist() == [1, 3, 1]


def test_the_type_is_the_zero_point_s_or_output_dtype_or_uint8() -> None:
    x = [-1e9, 1e9]
    assert quantized(x, 1).value.tolist() == [0, 255]
    assert quantized(x, 1, np.array(0, "int8")).value.tolist() == [-128, 127]
    for code, number in NUMBERS.items():
        ends = integer_ends(code) or (-448, 448)
        assert quantized(x, 1, output_dtype=number).value.tolist() == list(ends)


@pytest.mark.parametrize("code", MINIFLOATS)
def test_minifloats_round_as_ml_dtypes_does(code: str) -> None:
    """Every number of the format, every middle of two and what lies beside it, in range."""
    dtype = np.dtype(getattr(ml_dtypes, code))
    every = np.arange(2 ** {"float8": 8, "float6": 6, "float4": 4}[code.partition("_")[0]], dtype=np.uint8)
    known = np.unique(every.view(dtype).astype("float64"))
    known = known[np.isfinite(known)]
    middles = ((known[1:] + known[:-1]) / 2).astype("float32")  # ml_dtypes takes float64 by way of it
    beside = [np.nextafter(middles, np.float32(side)) for side in (np.inf, -np.inf)]
    x = np.concatenate([known.astype("float32"), middles, *beside])
    form = MINIFLOATS[code]
    due = x.astype(dtype).astype("float64")
    np.testing.assert_array_equal(form.stored(x.astype("float64"), saturate=True), due)
    assert form.largest == known[-1]


@pytest.mark.parametrize(
    ("code", "saturate", "due"),
    [
        ("float8_e4m3fn", 1, [448, 448, 448, 448]),
        ("float8_e4m3fn", 0, [448, np.nan, np.nan, np.nan]),
        ("float8_e5m2", 1, [448, 57344, 57344, 57344]),
        ("float8_e5m2", 0, [448, 57344, np.inf, np.inf]),
        ("float8_e4m3fnuz", 1, [240, 240, 240, np.nan]),
        ("float8_e5m2fnuz", 0, [448, 57344, np.nan, np.nan]),
        ("float4_e2m1fn", 0, [6, 6, 6, 6]),
    ],
)
def test_beyond_the_largest_number_as_the_tables_of_cast_have_it(code: str, saturate: int, due: list[float]) -> None:
    """464 lies halfway to 480, and is 448; 61440 halfway to 65536, which is beyond."""
    x = [464 if code == "float8_e4m3fn" else 448, 57344, 61440, np.inf]
    zero = np.zeros((), getattr(ml_dtypes, code))
    for sign in (1, -1):
        ball = quantized(sign * np.array(x), 1, zero, saturate=saturate)
        np.testing.assert_array_equal(ball.value, sign * np.array(due))


def test_nan_is_open_where_the_codes_have_none() -> None:
    ball = quantized([np.nan, np.inf, -np.inf], 0.1, np.array(3, "int8"))
    np.testing.assert_array_equal(inside(ball, np.array([7.0, 127.0, -128.0])), [True, True, True])
    assert not inside(ball, np.array([7.0, -128.0, 127.0]))[1:].any()
    ball = quantized([np.nan], 0.1, np.zeros((), ml_dtypes.float8_e5m2))
    assert inside(ball, np.array([np.nan])).all()
    assert not inside(ball, np.array([1.0])).any()


def test_precision_rounds_x_and_may_overflow() -> None:
    """2049 is 2048 in float16, and 70000 is infinite; without the attribute float32 has both."""
    x = np.array([2049, 70000, 40000], "float32")
    (narrow,) = quantize_linear(x, np.array(2, "float32"), claim=Claim(), output_dtype=4, precision=10)
    assert inside(narrow, np.array([1024.0, 65535.0, 20000.0])).all()
    (wide,) = quantize_linear(x, np.array(2, "float32"), claim=Claim(), output_dtype=4)
    np.testing.assert_array_equal(inside(wide, np.array([1024.0, 65535.0, 20000.0])), [True, False, True])


def test_a_claim_that_rounds_inputs_allows_the_tie_beside() -> None:
    x = np.array([2.5 + 2.0**-20], "float32")
    assert not inside(quantized(x, 1), np.array([2.0])).any()
    (ball,) = quantize_linear(x, np.array(1, "float32"), claim=Claim({"float32": TF32}))
    assert inside(ball, np.array([2.0])).all()
    assert inside(ball, np.array([3.0])).all()


@pytest.mark.parametrize("scale", [0.0, 1e-40, 2.0**127 * 1.5, np.inf])
def test_scales_without_a_normal_reciprocal_are_refused(scale: float) -> None:
    with np.errstate(divide="ignore"), pytest.raises(OverflowError, match="is no normal float32"):
        quantized([1.0], scale)
