"""DequantizeLinear element by element in fractions, over every code of eight bits and fewer."""

from __future__ import annotations

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from graphs.numbers import ends_of
from reference.claim import Claim
from reference.dequantize_linear import dequantize_linear
from tests.reference.inside import inside


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("code", ["int8", "uint8", "int4", "uint4", "int2"])
@pytest.mark.parametrize("scale", [0.5, 0.1, 3.0])
def test_every_code_equals_a_loop(code: str, scale: float, dtype: str) -> None:
    """The exact product within the radius, which is 0 where it fits; rounded products are inside, a step is not."""
    low, high = map(int, ends_of(code))
    x, s = np.arange(low, high + 1).astype(code), np.array(scale).astype(dtype)
    for zero in (low, 0, high):
        (ball,) = dequantize_linear(x, s, np.array(zero).astype(code), claim=Claim())
        unit = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}[dtype]
        for value, radius, c in zip(ball.value, ball.radius, range(low, high + 1), strict=True):
            exact = Fraction(c - zero) * Fraction(float(s))
            assert abs(exact - Fraction(float(value))) <= Fraction(float(radius))
            assert radius <= 2 * unit * abs(exact)
        assert scale != 0.5 or not ball.radius.any()
        y = ((np.arange(low, high + 1) - zero).astype(dtype) * s).astype(dtype)
        assert inside(ball, y).all()
        away = y.astype("float64") * (1 + 4 * unit)
        assert not inside(ball, away + np.copysign(scale, away)).any()


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("block_size", [0, 2])
def test_each_element_has_the_parameters_at_its_place(axis: int, block_size: int) -> None:
    shape = (3, 4, 5)
    at = axis % 3
    blocks = tuple(-(-d // 2) if i == at else d for i, d in enumerate(shape)) if block_size else (shape[at],)
    source = np.random.default_rng(4)
    scale = np.ldexp(1.0, source.integers(-3, 3, blocks)).astype("float32")
    zero, x = source.integers(0, 255, blocks).astype("uint8"), source.integers(0, 255, shape).astype("uint8")
    (ball,) = dequantize_linear(x, scale, zero, claim=Claim(), axis=axis, block_size=block_size)
    for index in np.ndindex(shape):
        place = tuple(i // 2 if n == at else i for n, i in enumerate(index)) if block_size else (index[at],)
        assert ball.value[index] == (int(x[index]) - int(zero[place])) * float(scale[place])
    assert not ball.radius.any()


def test_codes_of_32_bits_are_rounded_once_more_by_the_cast() -> None:
    x = np.array([2**31 - 1, -(2**31), 2**24 + 1], "int32")
    (ball,) = dequantize_linear(x, np.array(0.5, "float32"), claim=Claim())
    for y in (x.astype("float32") * np.float32(0.5), (x * 0.5).astype("float32")):
        assert inside(ball, y).all()
    assert not inside(ball, ball.value * (1 + 2.0**-20)).any()
    assert ball.radius[1] == 0  # a power of two


def test_output_dtype_is_the_precision_of_the_product() -> None:
    """A scale of float32 is cast to float16, and so is a difference of 17 bits."""
    x, s = np.array([101, 255], "uint8"), np.array(0.1, "float32")
    (ball,) = dequantize_linear(x, s, claim=Claim(), output_dtype=10)
    assert inside(ball, (x.astype("float16") * s.astype("float16"))).all()
    assert inside(ball, (x * s).astype("float16")).all()
    (wide,) = dequantize_linear(x, s, claim=Claim())
    assert not inside(wide, (x.astype("float16") * s.astype("float16"))).all()


def test_nan_and_infinities_of_eight_bits_are_met() -> None:
    x = np.array([np.nan, np.inf, -np.inf, 57344, -(2.0**-16)]).astype(ml_dtypes.float8_e5m2)
    (ball,) = dequantize_linear(x, np.array(2, "float32"), claim=Claim())
    np.testing.assert_array_equal(ball.value, [np.nan, np.inf, -np.inf, 114688, -(2.0**-15)])
    assert not ball.radius.any()


@pytest.mark.parametrize(("code", "scale"), [("uint16", 1.0), ("int8", 1024.0)])
def test_what_float16_does_not_reach_is_refused(code: str, scale: float) -> None:
    with pytest.raises(OverflowError):
        dequantize_linear(np.array([np.iinfo(code).max], code), np.array(scale, "float16"), claim=Claim())
