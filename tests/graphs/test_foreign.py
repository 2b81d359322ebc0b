"""Nodes of any model are read as specs, or a reason is given; and what specs show is what their names say."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from graphs.blocks import AXES, BUILD, SINGLE
from graphs.data import operands
from graphs.foreign import Reading, files, loaded, node_suite, read, read_file
from graphs.grid import cases
from graphs.model import feeds, to_model
from graphs.shown import labels_of, shown
from graphs.spec import Invalid, Spec


@pytest.mark.parametrize("block", SINGLE)
def test_our_own_models_are_read_back(block: str) -> None:
    """What the reader finds is the spec, with what is fed to it."""
    for case in cases(block, "quick")[::7]:
        given = operands(case.spec, case.data, case.id)
        (found,) = read(to_model(case.spec, given), feeds(case.spec, given))
        assert found.block == block
        assert found.spec is not None, f"{case.id}: {found.reason}"
        assert found.spec == case.spec


def conv(*attributes: Any, x: str = "x", y: str = "y", **named: Any) -> onnx.NodeProto:
    return helper.make_node("Conv", [x, "w"], [y], *attributes, **named)


def model(nodes: list[onnx.NodeProto], shape: list[Any], **changed: Any) -> ModelProto:
    """Nodes between x and y, with weights of 4 x 4 x 3 x 3."""
    weights = numpy_helper.from_array(np.ones((4, 4, 3, 3), np.float32), "w")
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [x], [y], [weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], **changed)


def specs(found: list[Reading]) -> list[Spec]:
    assert all(reading.spec is not None for reading in found), found
    return [reading.spec for reading in found if reading.spec is not None]


def test_every_node_of_a_model_counts() -> None:
    """Shapes between them come from ONNX's inference, an open batch is taken for 1."""
    nodes = [
        conv(y="a", pads=[1, 1, 1, 1]), helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Neg", ["b"], ["c"]),
        helper.make_node("Constant", [], ["p"], value_ints=[0, 0, 1, 1, 0, 0, 1, 1]),
        helper.make_node("Pad", ["c", "p"], ["d"]), helper.make_node("MaxPool", ["d"], ["y"], kernel_shape=[2, 2]),
    ]  # fmt: skip
    first, second, third, last = specs(list(read(model(nodes, ["N", 4, 8, 8]), {})))
    assert [spec.block for spec in (first, second, third, last)] == ["conv", "relu", "pad", "max_pool"]
    assert first.inputs() == {"x": (1, 4, 8, 8), "w": (4, 4, 3, 3)}
    assert third.outputs()["y"][1] == (1, 4, 10, 10)
    assert last.outputs()["y"][1] == (1, 4, 9, 9)


def test_nodes_within_nodes_count() -> None:
    out = helper.make_tensor_value_info("z", TensorProto.FLOAT, None)
    branch = helper.make_graph([conv(y="z")], "then", [], [out])
    other = helper.make_graph([helper.make_node("Relu", ["x"], ["z"])], "else", [], [out])
    cond = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.array(True)))
    chosen = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=other)
    found = specs(list(read(model([cond, chosen], [1, 4, 8, 8]), {})))
    assert sorted(spec.block for spec in found) == ["conv", "relu"]


@pytest.mark.parametrize(
    ("node", "shape", "reason"),
    [
        (conv(colour=1), [1, 4, 8, 8], "unknown attribute colour"),
        (conv(), [1, 4, "H", "W"], "the shape of an operand is not known"),
        (conv(), [1, 3, 8, 8], "W takes 4 channels, X has 3 channels"),
        (conv(), [1, 4, 2, 2], "the window of 3 does not fit"),
        (helper.make_node("Conv", ["x"], ["y"]), [1, 4, 8, 8], "malformed: "),
        (helper.make_node("Pad", ["x", "x"], ["y"]), [8], "an operand comes as an input, its value must be known"),
    ],
)
def test_what_cannot_be_read_has_a_reason(node: onnx.NodeProto, shape: list[Any], reason: str) -> None:
    (found,) = read(model([node], shape), {})
    assert found.spec is None
    assert reason in found.reason


def test_another_domain_s_operator_is_not_ours() -> None:
    assert list(read(model([conv(domain="com.example")], [1, 4, 8, 8]), {})) == []


def test_a_folder_at_any_depth(tmp_path: Path) -> None:
    """With the inputs of ``test_data_set_0``; a file that is no model has none."""
    within = tmp_path / "a" / "b"
    (within / "test_data_set_0").mkdir(parents=True)
    onnx.save(model([conv()], [1, 4, 8, 8]), within / "model.onnx")
    fed = np.arange(256, dtype=np.float32).reshape(1, 4, 8, 8)
    (within / "test_data_set_0" / "input_0.pb").write_bytes(numpy_helper.from_array(fed).SerializeToString())
    (tmp_path / "z.onnx").write_text("no model")
    good, bad = files(tmp_path)
    assert (good.relative_to(tmp_path).as_posix(), bad.name) == ("a/b/model.onnx", "z.onnx")
    assert len(specs(read_file(good))) == 1
    np.testing.assert_array_equal(loaded(within / "test_data_set_0" / "input_0.pb"), fed)
    assert read_file(bad) == [Reading("", None, "no ONNX model")]


@cache
def suite() -> dict[str, list[Reading]]:
    """ONNX's own node cases."""
    return {name: list(read(model, fed)) for name, model, fed in node_suite()}


# Of ONNX's own cases, what their names and texts say.
SHOWS = {
    "test_basic_conv_with_padding": {"pads": "begin as end", "strides": "omitted", "kernel_shape": "odd"},
    "test_basic_conv_without_padding": {"pads": "zero", "group": "omitted", "bias": "no", "weights": "input"},
    "test_conv_with_strides_and_asymmetric_padding": {"pads": "begin as end", "strides": "equal"},
    "test_conv_with_autopad_same": {"auto_pad": "SAME_LOWER", "pads": "omitted"},
    "test_maxpool_2d_ceil": {"ceil_mode": "1", "last_window": "hangs over"},
    "test_maxpool_1d_default": {"rank": "1", "extent": "one axis"},
    "test_maxpool_2d_uint8": {"dtype": "uint8"},
    "test_maxpool_with_argmax_2d_precomputed_strides": {"indices": "yes", "storage_order": "1"},
    "test_averagepool_3d_dilations_small": {"dilations": "even", "rank": "3", "ceil_mode": "1"},
    "test_lppool_2d_same_upper": {"auto_pad": "SAME_UPPER", "p": "2"},
    "test_convtranspose_group_2": {"group": "depthwise"},
    "test_convtranspose_output_shape": {"output_shape": "given", "output_padding": "omitted"},
    "test_constant_pad_negative_axes": {"axes": "negative", "mode": "constant", "value": "above 1"},
    "test_clip_min_greater_than_max": {"bounds": "as input", "min": "input"},
    "test_prelu_broadcast": {"slope": "last"},
    "test_depthtospace_crd_mode_example": {"mode": "CRD", "blocksize": "2"},
    "test_leakyrelu_default": {"alpha": "omitted"},
    "test_resize_downsample_sizes_cubic_antialias": {"antialias": "1", "direction": "down", "given_as": "sizes"},
    "test_resize_tf_crop_and_resize": {"roi": "inside", "coordinate_transformation_mode": "tf_crop_and_resize"},
    "test_maxunpool_export_with_output_shape": {"output_shape": "larger"},
    "test_globalmaxpool": {"extent": "square", "rank": "2"},
}


@pytest.mark.parametrize("name", SHOWS)
def test_a_case_of_onnx_shows_what_its_name_says(name: str) -> None:
    (spec,) = specs(suite()[name])
    found = shown(spec)
    assert {key: found[key] for key in SHOWS[name]} == SHOWS[name]


@pytest.mark.parametrize("block", SINGLE)
def test_specs_show_words_alone(block: str) -> None:
    """Under the names that the block has, each of which varies."""
    found = [shown(case.spec) for case in cases(block, "quick")]
    assert all(list(labels) == list(labels_of(SINGLE[block])) for labels in found)
    assert all(isinstance(value, str) and value for labels in found for value in labels.values())
    assert [name for name in found[0] if len({labels[name] for labels in found}) < 2] == []


@pytest.mark.parametrize("block", SINGLE)
def test_every_axis_shows(block: str) -> None:
    """Some two values of it, in some row, give specs that show different things."""
    source, axes = Random(1), AXES[block]
    silent = set(axes)
    for _ in range(300):
        row = {name: source.choice(values) for name, values in axes.items()}
        for axis in list(silent):
            found = []
            for value in axes[axis]:
                try:
                    found.append(shown(BUILD[block](row | {axis: value})))
                except Invalid:
                    continue
            silent -= {axis} if any(labels != found[0] for labels in found) else set()
    assert silent == set()
