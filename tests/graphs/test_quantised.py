"""Specs of quantised convolutions: what is refused, how it reads, and where each operand stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest

from graphs.blocks import SINGLE
from graphs.blocks.conv_integer import ConvInteger
from graphs.blocks.qlinear_conv import QLinearConv
from graphs.data import operands
from graphs.model import feeds, from_model, to_model
from graphs.spec import Invalid, Spec

WINDOW: dict[str, Any] = {"batch": 1, "channels": 2, "filters": 3, "extent": (5,), "kernel_shape": (3,)}
SUMS: dict[str, Any] = WINDOW | {"dtype": "uint8", "opset": 10}
BYTES: dict[str, Any] = SUMS | {"x_scale": 0.5, "w_scale": 0.25, "y_scale": 2.0}

BAD: list[tuple[type[Spec], dict[str, Any], dict[str, Any], str]] = [
    (ConvInteger, SUMS, {"opset": 9}, "opset is 9, must be 10 or more"),
    (ConvInteger, SUMS, {"dtype": "float32"}, "dtype is float32, must be one of uint8, int8"),
    (ConvInteger, SUMS, {"weight_dtype": "int16"}, "weight_dtype is int16"),
    (ConvInteger, SUMS, {"x_zero_point": 256}, "x_zero_point is 256, must be from 0 to 255"),
    (ConvInteger, SUMS, {"x_zero_point": -1}, "x_zero_point is -1"),
    (ConvInteger, SUMS, {"x_zero_point": (1, 2, 3)}, "x_zero_point is .*, must be a scalar"),
    (ConvInteger, SUMS, {"w_zero_point": 128}, "w_zero_point is 128, must be from -128 to 127"),
    (ConvInteger, SUMS, {"w_zero_point": (0, -129, 0)}, "w_zero_point is -129"),
    (ConvInteger, SUMS, {"w_zero_point": (1, 2)}, "w_zero_point has 2 entries, must have 3"),
    (ConvInteger, SUMS, {"setting": "input"}, "setting is input, needs a zero point"),
    (ConvInteger, SUMS, {"setting": "held", "x_zero_point": 1}, "setting is 'held'"),
    (ConvInteger, SUMS, {"group": 2}, "group is 2, must divide"),
    (QLinearConv, BYTES, {"output_dtype": "int32"}, "output_dtype is int32"),
    (QLinearConv, BYTES, {"y_zero_point": -1}, "y_zero_point is -1, must be from 0 to 255"),
    (QLinearConv, BYTES, {"w_scale": (1.0, 2.0, 4.0)}, "w_scale and w_zero_point must have the same shape"),
    (QLinearConv, BYTES, {"w_zero_point": (1, 2, 4)}, "w_scale and w_zero_point must have the same shape"),
    (QLinearConv, BYTES, {"w_scale": (1.0, 2.0), "w_zero_point": (0, 0, 0)}, "w_scale has 2 entries, must have 3"),
    (QLinearConv, BYTES, {"x_scale": (1.0,)}, "x_scale is .*, must be a scalar"),
    (QLinearConv, BYTES, {"y_scale": 0.0}, "y_scale is 0.0, must be a float32 above 0"),
    (QLinearConv, BYTES, {"y_scale": -1.0}, "y_scale is -1.0"),
    (QLinearConv, BYTES, {"x_scale": 0.1}, "x_scale is 0.1, must be a float32"),
    (QLinearConv, BYTES, {"y_scale": float("inf")}, "y_scale is inf"),
]


@pytest.mark.parametrize(("kind", "fields", "change", "message"), BAD)
def test_bad_setting_is_refused(kind: type[Spec], fields: dict[str, Any], change: dict[str, Any], message: str) -> None:
    kind(**fields)
    with pytest.raises(Invalid, match=message) as caught:
        kind(**fields | change)
    assert caught.value.fields


@pytest.mark.parametrize(
    ("spec", "due"),
    [
        (ConvInteger(**SUMS), "convinteger-1d-x1.2.5-m3-k3-wi8-u8-op10"),
        (ConvInteger(**SUMS | {"x_zero_point": 0, "weights": "input", "setting": "input"}),
         "convinteger-1d-x1.2.5-m3-k3-winput-wi8-xz0-sinput-u8-op10"),
        (ConvInteger(**SUMS | {"w_zero_point": (1, 2, 1)}), "convinteger-1d-x1.2.5-m3-k3-wi8-wzm1.2-u8-op10"),
        (ConvInteger(**SUMS | {"w_zero_point": (1, 1, 1)}), "convinteger-1d-x1.2.5-m3-k3-wi8-wzm1-u8-op10"),
        (ConvInteger(**SUMS | {"w_zero_point": 1}), "convinteger-1d-x1.2.5-m3-k3-wi8-wz1-u8-op10"),
        (QLinearConv(**BYTES | {"bias": True, "output_dtype": "int8", "y_zero_point": -3}),
         "qlinearconv-1d-x1.2.5-m3-k3-bias-wi8-xz0-wz0-xs0.5-ws0.25-ys2-yz-3-yi8-u8-op10"),
    ],
)  # fmt: skip
def test_ids_read_well(spec: Spec, due: str) -> None:
    assert spec.id == due


def test_operands_stand_where_the_schemas_have_them() -> None:
    """By name, in order; types as declared."""
    for spec in (
        ConvInteger(**SUMS | {"x_zero_point": 3, "w_zero_point": (1, 2, 3)}),
        QLinearConv(**BYTES | {"bias": True, "output_dtype": "int8"}),
    ):
        schema = onnx.defs.get_schema(spec.op_type, spec.opset)
        assert [i.name.lower() for i in schema.inputs] == list(spec.inputs())
        assert [i.name.lower() for i in schema.inputs] == spec.operand_names()
        found = operands(spec, "small", spec.id)
        assert {name: a.dtype.name for name, a in found.items()} == {name: spec.type_of(name) for name in found}
    assert found["b"].dtype == np.int32
    assert [found[f"{name}_zero_point"].dtype for name in "xwy"] == [np.uint8, np.int8, np.int8]


def test_a_zero_point_left_out_in_front_of_another_has_an_empty_name() -> None:
    assert ConvInteger(**SUMS | {"w_zero_point": 1}).operand_names() == ["x", "w", "", "w_zero_point"]
    assert ConvInteger(**SUMS | {"x_zero_point": 1}).operand_names() == ["x", "w", "x_zero_point"]


def test_an_omitted_zero_point_is_another_graph_than_one_of_0() -> None:
    assert ConvInteger(**SUMS) != ConvInteger(**SUMS | {"x_zero_point": 0})


@pytest.mark.parametrize("kind", [ConvInteger, QLinearConv])
def test_a_setting_that_comes_as_inputs_must_be_known(kind: type[Spec]) -> None:
    fields = {ConvInteger: SUMS | {"x_zero_point": 1}, QLinearConv: BYTES}[kind]
    spec = kind(**fields | {"setting": "input"})
    found = operands(spec, "small", spec.id)
    assert set(feeds(spec, found)) == {"x", *spec.given()}
    model = to_model(spec, found)
    with pytest.raises(Invalid, match="comes as an input, its value must be known"):
        from_model(model, SINGLE)
    assert from_model(model, SINGLE, dict(spec.given())) == spec


def test_a_setting_from_two_places_makes_no_spec() -> None:
    spec = QLinearConv(**BYTES)
    model = to_model(spec, operands(spec, "small", spec.id))
    with pytest.raises(Invalid, match="all be initializers, or all inputs"):
        from_model(model, SINGLE, {"x_scale": spec.given()["x_scale"]})


@pytest.mark.parametrize(("at", "names"), [(7, 7), (4, 9)])
def test_a_missing_operand_makes_no_spec(at: int, names: int) -> None:
    """Cut off at the end, or left out by an empty name."""
    spec = QLinearConv(**BYTES | {"bias": True})
    model = to_model(spec, operands(spec, "small", spec.id))
    node = model.graph.node[0]
    del node.input[names:]
    if at < names:
        node.input[at] = ""
    with pytest.raises(Invalid, match=f"operand {at} is missing"):
        from_model(model, SINGLE)
