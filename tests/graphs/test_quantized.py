"""Specs of quantised operators: what the texts rule out and leave open, and data that lies on the ties."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from graphs import codes
from graphs.blocks.dequantize_linear import DequantizeLinear
from graphs.blocks.qdq_conv import QdqConv
from graphs.blocks.quantize_linear import QuantizeLinear
from graphs.data import operands
from graphs.draw import Draw
from graphs.grid import cases
from graphs.model import raw
from graphs.numbers import LARGEST, ends_of
from graphs.spec import Invalid


def quantizing(**more: Any) -> QuantizeLinear:
    """Two rows of three."""
    fields: dict[str, Any] = {"shape": (2, 3), "scale": (0.5,), "opset": 21}
    return QuantizeLinear(**fields | more)


def dequantizing(**more: Any) -> DequantizeLinear:
    """Two rows of three."""
    fields: dict[str, Any] = {"shape": (2, 3), "scale": (0.5,), "opset": 21, "dtype": "uint8"}
    return DequantizeLinear(**fields | more)


LISTED: dict[str, Any] = {"scale": (0.5, 0.5, 0.5), "scale_shape": (3,)}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"dtype": "float64"}, "must be one of"),
        ({"dtype": "float16", "opset": 13}, "has float16 from opset 19 on"),
        ({"dtype": "float16"}, "scale_dtype is float32, must be one of float16 at opset 21"),
        ({"scale": (0.1,)}, "must be positive float32"),
        ({"scale": (-0.5,)}, "must be positive float32"),
        ({"scale": (0.0,)}, "must be positive float32"),
        ({**LISTED, "opset": 10}, "must be a scalar before opset 13"),
        ({**LISTED, "axis": 0}, r"the scale has shape \(3,\), must have \(2,\)"),
        ({**LISTED, "axis": 2}, "axis is 2, must be in -2..1"),
        ({**LISTED, "scale": (0.5,)}, "there are 1 scales"),
        ({**LISTED, "scale_shape": (2, 2), "block_size": 3}, r"must have \(2, 1\)"),
        ({"block_size": -1}, "block_size is -1"),
        ({"zero_point": (3.0,)}, "zero_dtype is of a zero point"),
        ({"zero_point": (300.0,), "zero_dtype": "uint8"}, "must be of uint8"),
        ({"zero_point": (0.5,), "zero_dtype": "int8"}, "must be of int8"),
        ({"zero_point": (1.0,), "zero_dtype": "int8", "zero_point_shape": (2,)}, "the zero point has shape"),
        ({"zero_point": (1.0,), "zero_dtype": "int8", "zero_point_shape": ()}, "said where it is the scale's"),
        ({"zero_point_shape": (1,)}, "no zero point to have a shape"),
        ({"zero_point": (1.0,), "zero_dtype": "int16", "opset": 19}, "QuantizeLinear-19 has no int16"),
        ({"zero_point": (1.0,), "zero_dtype": "int8", "output_dtype": 2}, "output_dtype is uint8, must be int8"),
        ({"output_dtype": 1}, "no type of codes"),
        ({"output_dtype": 2, "opset": 19}, "has output_dtype from opset 21 on"),
        ({"precision": 3, "opset": 23}, "precision is 3"),
        ({"precision": 1}, "has precision from opset 23 on"),
        ({"operands_as": "nothing"}, "must be initializer or input"),
        ({"shape": (0,)}, "every entry must be 1 or more"),
    ],
)
def test_what_the_text_of_quantize_linear_rules_out(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        quantizing(**fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"dtype": "int32", "zero_point": (1.0,)}, "no zero point"),
        ({"dtype": "int16", "opset": 19}, "has int16 from opset 21 on"),
        ({"scale_dtype": "float16", "opset": 13}, "must be one of float32 at opset 13"),
        ({"output_dtype": 3, "opset": 23}, "output_dtype is 3"),
    ],
)
def test_what_the_text_of_dequantize_linear_rules_out(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        dequantizing(**fields)


def test_the_default_axis_is_not_there_in_a_tensor_of_one() -> None:
    with pytest.raises(Invalid, match=r"axis is 1, must be in -1\.\.0"):
        quantizing(shape=(3,), **LISTED)
    assert quantizing(shape=(3,), **LISTED, axis=-1, opset=13).silent is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"shape": (3,), **LISTED, "axis": 0}, "per-tensor quantization is applied"),
        ({"zero_point": (1.0,), "zero_dtype": "float8_e4m3fn"}, "usually not used"),
        ({"zero_point": (1.0,), "zero_dtype": "int8", "zero_point_shape": (1,)}, "must have the same shape"),
        ({"scale": (2.0,), "scale_dtype": "int32", "opset": 23}, "when the division is one of integers"),
    ],
)
def test_what_the_text_leaves_open(fields: dict[str, Any], said: str) -> None:
    silence = quantizing(**fields).silent
    assert silence is not None
    assert said in silence.sentence


@pytest.mark.parametrize("dtype", [*LARGEST, "int4", "uint2", "int16", "float32"])
def test_ends_are_those_of_ml_dtypes(dtype: str) -> None:
    kind = np.dtype(dtype) if dtype in ("int16", "float32") else np.dtype(getattr(ml_dtypes, dtype))
    limits: Any = ml_dtypes.iinfo if "int" in dtype else ml_dtypes.finfo
    assert ends_of(dtype) == (float(limits(kind).min), float(limits(kind).max))


def test_every_third_quotient_is_a_tie_and_both_ends_are_passed() -> None:
    """By powers of two, of each type of codes."""
    spec = quantizing(shape=(40, 40), zero_point=(5.0,), zero_dtype="int8")
    v = operands(spec, "ties", "any")["x"].astype(np.float64) / 0.5 + 5
    is_tie = v % 1 == 0.5
    assert 0.25 < is_tie.mean() < 0.42
    assert (np.abs(v[~is_tie] % 1 - 0.5) < 1e-4).all()
    assert v.min() < -129
    assert v.max() > 128
    assert (np.abs(v) < 10).mean() > 0.05


def test_levels_of_a_minifloat_are_its_finite_numbers_and_three_steps_more() -> None:
    known = codes.levels("float4_e2m1fn")
    positive = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0]
    assert known.tolist() == [-v for v in positive[:0:-1]] + positive


@pytest.mark.parametrize("dtype", ["int16", "uint16", "int32", "int4", "float8_e5m2"])
def test_codes_are_of_the_whole_range(dtype: str) -> None:
    found = codes.codes(dequantizing(dtype=dtype), "x", (4000,), Draw("any")).astype(np.float64)
    low, high = ends_of(dtype)
    finite = found[np.isfinite(found)]
    assert finite.min() <= low * 0.98 + high * 0.02
    assert finite.max() >= high * 0.98
    assert (finite.size < found.size) == (dtype == "float8_e5m2")


def test_narrow_elements_lie_side_by_side() -> None:
    assert raw(np.array([1, -2, 7]).astype("int4")) == bytes([0xE1, 0x07])
    assert raw(np.array([258], "int16")) == bytes([2, 1])


def test_a_convolution_of_codes_needs_parameters_for_all_filters_or_each() -> None:
    fields: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (5,), "kernel_shape": (3,), "filters": 3}
    with pytest.raises(Invalid, match="one a filter"):
        QdqConv(**fields, dtype="uint8", opset=13, w_scale=(0.5, 0.5), w_zero_point=(0.0, 0.0))
    with pytest.raises(Invalid, match="w_dtype is int16"):
        QdqConv(**fields, dtype="uint8", opset=13, w_dtype="int16")


def test_the_grid_mixes_signs_and_has_extreme_zero_points() -> None:
    specs = {case.spec for case in cases("qdq_conv", "quick")}
    found = [spec for spec in specs if isinstance(spec, QdqConv)]
    for one, other in (("dtype", "w_dtype"), ("w_dtype", "y_dtype"), ("dtype", "y_dtype")):
        assert len({(getattr(spec, one), getattr(spec, other)) for spec in found}) == 4
    assert {spec.x_zero_point for spec in found if spec.dtype == "uint8"} >= {0.0, 255.0}
    assert any(len(set(spec.w_zero_point)) > 2 for spec in found)
