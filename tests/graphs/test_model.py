"""Models of the quick tier: valid by ONNX's checker, sized as ONNX infers, and read back as they were."""

from __future__ import annotations

from functools import cache

import numpy as np
import onnx
import pytest
from onnx import ModelProto, numpy_helper

from graphs.blocks import BLOCKS, SINGLE
from graphs.blocks.conv import Conv
from graphs.blocks.pad import Pad
from graphs.blocks.relu import Relu
from graphs.composite import Composite
from graphs.data import operands
from graphs.elementwise import Elementwise
from graphs.grid import cases
from graphs.model import as_text, feeds, from_model, ir_version, to_model
from graphs.norm import Norm
from graphs.spec import Invalid, Spec
from tests.graphs.each import each
from tests.graphs.inference import ASKED, SAME, SMALLER, errs

SPECS: dict[str, Spec] = {case.spec.id: case.spec for block in BLOCKS for case in cases(block, "quick")}
NODES = {name: spec for name, spec in SPECS.items() if spec.block in SINGLE}  # of one operator
# https://github.com/onnx/onnx/blob/main/docs/Versioning.md, "Released Versions": opset -> IR version of its release
LOWEST_IR = {
    1: 3, 2: 3, 3: 3, 4: 3, 5: 3, 6: 3, 7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8,
    18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11, 24: 12, 25: 13, 28: 14,
}  # fmt: skip


@cache
def model_of(name: str) -> ModelProto:
    """A spec's model on small integers."""
    spec = SPECS[name]
    return to_model(spec, operands(spec, "small", name))


@each(NODES)
def test_round_trip(name: str) -> None:
    """Through bytes, as a runtime or a file would have it."""
    spec = SPECS[name]
    fed = {operand: value for operand, value in spec.given().items() if operand not in spec.constants()}
    assert from_model(ModelProto.FromString(model_of(name).SerializeToString()), SINGLE, fed) == spec


@each(SPECS)
def test_checker_accepts(name: str) -> None:
    spec = SPECS[name]
    onnx.checker.check_model(
        model_of(name), full_check=spec.silent is None and not (refused_by_inference(spec) or errs(spec))
    )


def refused_by_inference(spec: Spec) -> bool:
    """Axes of int32 as an initializer, which Pad's text allows; see docs/findings.md."""
    axes = spec.given().get("axes")
    return "axes" in spec.constants() and axes is not None and axes.dtype == np.int32


def can_infer(spec: Spec) -> bool:
    """Whether ONNX has an inference function for this version of the operator, and the text decides the size."""
    if isinstance(spec, Composite):
        return spec.silent is None
    schema = onnx.defs.get_schema(spec.op_type, spec.version)
    return spec.silent is None and not refused_by_inference(spec) and bool(schema.has_type_and_shape_inference_function)


def test_onnx_infers_all_but_the_oldest() -> None:
    """The first versions of activations, Pad and norms lack it; a filter that lets none through would pass unseen."""
    left_out = {s for s in NODES.values() if s.silent is None and not can_infer(s) and not refused_by_inference(s)}
    assert {s.version for s in left_out} == {1}
    assert all(isinstance(s, Elementwise | Pad | Norm) for s in left_out)


@pytest.mark.parametrize("spec", [SAME, SMALLER])
def test_where_onnx_infers_another_size_it_still_does(spec: Spec) -> None:
    """Otherwise the exception should go."""
    assert errs(spec)
    assert spec.silent is None
    with pytest.raises(onnx.shape_inference.InferenceError, match="differ in"):
        onnx.checker.check_model(to_model(spec, operands(spec, "small", "a case")), full_check=True)


def test_where_onnx_infers_no_size_it_still_does_not() -> None:
    """Otherwise the exception should go."""
    assert errs(ASKED)
    model = to_model(ASKED, operands(ASKED, "small", "a case"))
    model.graph.output[0].type.tensor_type.ClearField("shape")
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    assert not inferred.graph.output[0].type.tensor_type.HasField("shape")


@each({name: spec for name, spec in SPECS.items() if can_infer(spec) and not errs(spec)})
def test_onnx_infers_the_size_by_formula(name: str) -> None:
    """Shapes of the results are taken away first, or inference would only be compared with itself."""
    bare = ModelProto()
    bare.CopyFrom(model_of(name))
    for value in bare.graph.output:
        value.type.tensor_type.ClearField("shape")
    inferred = onnx.shape_inference.infer_shapes(bare, check_type=True, strict_mode=True)
    for value, (dtype, shape) in zip(inferred.graph.output, SPECS[name].outputs().values(), strict=True):
        found = tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
        if set(SPECS[name].given()) <= set(SPECS[name].constants()):
            assert found == shape
        else:  # what sets the size is known only when the model runs: 0 stands for an extent that is not
            assert len(found) in (0, len(shape))
            assert all(d in (0, e) for d, e in zip(found, shape, strict=False))
        assert onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type) == np.dtype(dtype)


@pytest.mark.parametrize("opset", LOWEST_IR)
def test_ir_version_is_the_lowest(opset: int) -> None:
    assert ir_version(opset) == LOWEST_IR[opset]


@each(SPECS)
def test_model_has_the_lowest_ir_version(name: str) -> None:
    """And its opset; before IR version 4 initializers are inputs too."""
    model, spec = model_of(name), SPECS[name]
    assert model.ir_version == LOWEST_IR[spec.opset]
    assert [(o.domain, o.version) for o in model.opset_import] == [("", spec.opset)]
    held = {tensor.name for tensor in model.graph.initializer}
    declared = {value.name for value in model.graph.input}
    assert held == {*spec.constants(), *spec.held} & {*spec.inputs(), *spec.held}
    assert declared == set(spec.inputs()) - (set() if model.ir_version < 4 else held)


@pytest.mark.parametrize("weights", ["initializer", "input"])
def test_feeds_and_initializers_hold_the_operands(weights: str) -> None:
    """Each operand once, unchanged."""
    spec = Conv(batch=1, channels=2, filters=3, extent=(4, 5), kernel_shape=(3, 2), bias=True, weights=weights)
    given = operands(spec, "random", "a case")
    fed = feeds(spec, given)
    assert set(fed) == ({"x"} if weights == "initializer" else {"x", "w", "b"})
    held = {t.name: numpy_helper.to_array(t) for t in to_model(spec, given).graph.initializer}
    assert not set(fed) & set(held)
    for name, a in given.items():
        np.testing.assert_array_equal((fed | held)[name], a)


def test_two_models_of_one_spec_are_apart() -> None:
    """A model that is changed leaves the next one of the same spec as it should be."""
    spec = Conv(batch=1, channels=1, extent=(4,), kernel_shape=(2,))
    first = to_model(spec, operands(spec, "small", "one"))
    before = first.SerializeToString()
    second = to_model(spec, operands(spec, "small", "two"))
    second.graph.node[0].op_type = "Changed"
    assert first.SerializeToString() == before
    assert to_model(spec, operands(spec, "small", "one")).SerializeToString() == before
    assert second.graph.initializer[0].raw_data != first.graph.initializer[0].raw_data


def test_unknown_attribute_is_refused() -> None:
    spec = Relu(shape=(3,))
    model = to_model(spec, operands(spec, "small", "a case"))
    model.graph.node[0].attribute.append(onnx.helper.make_attribute("alpha", 1))
    with pytest.raises(Invalid, match="alpha"):
        from_model(model, BLOCKS)


def test_text_names_the_operator() -> None:
    spec = Relu(shape=(3, 5))
    assert "y = Relu (x)" in as_text(to_model(spec, {}))


def test_text_shows_the_first_numbers_of_many() -> None:
    """A network's weights would fill a screen a thousand times."""
    spec = Conv(batch=1, channels=9, filters=2, extent=(4, 5), kernel_shape=(3, 3), bias=True)
    model = to_model(spec, operands(spec, "small", "a case"))
    before = model.SerializeToString()
    text = as_text(model)
    assert "float[2,9,3,3] w =" in text
    assert ",...}" in text
    assert "float[2] b =" in text
    assert len(text) < 600
    assert model.SerializeToString() == before
