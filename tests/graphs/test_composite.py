"""Composites: every node of a spec reads back as that spec, and the graphs hang together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import onnx
import pytest
from onnx import ModelProto

from graphs.blocks import BLOCKS, SINGLE
from graphs.composite import Composite, Graph
from graphs.data import operands
from graphs.geometry import Ints
from graphs.grid import cases
from graphs.model import to_model

COMPOSITES = [name for name in BLOCKS if name not in SINGLE]


@cache
def specs_of(block: str) -> tuple[Composite, ...]:
    """The specs of the quick tier."""
    found = dict.fromkeys(case.spec for case in cases(block, "quick"))
    return tuple(spec for spec in found if isinstance(spec, Composite))


def inferred(model: ModelProto) -> dict[str, Ints]:
    """Every value's shape, as ONNX infers it."""
    graph = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True).graph
    values = [*graph.input, *graph.value_info, *graph.output]
    shapes = {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in values}
    return shapes | {t.name: tuple(t.dims) for t in graph.initializer}


def with_given(model: ModelProto, spec: Composite) -> ModelProto:
    """The model with inputs on which the setting depends as constants, for sizes follow from them."""
    fed = {name: value for name, value in spec.given().items() if name not in spec.constants()}
    others = [value for value in model.graph.input if value.name not in fed]
    del model.graph.input[:]
    model.graph.input.extend(others)
    model.graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in fed.items())
    return model


@pytest.mark.parametrize("block", COMPOSITES)
def test_every_node_of_a_spec_reads_back_as_that_spec(block: str) -> None:
    """From the node, and the shapes of its operands as ONNX infers them in the graph."""
    for spec in specs_of(block):
        if spec.silent is not None:
            continue
        given = operands(spec, "small", spec.id)
        shapes = inferred(with_given(to_model(spec, given), spec))
        held = {name: value for name, value in given.items() if name in spec.constants()} | dict(spec.held)
        for part, node in spec.graph.specs:
            constants = {name: held[name] for name in node.input if name in held}
            kept = {name: shapes[name] for name in node.input if name}
            fed = {name: value for name, value in part.given().items() if name in node.input and name not in held}
            assert type(part).from_node(
                node, kept, dtype=part.dtype, opset=spec.opset, constants=constants, fed=fed
            ) == part  # fmt: skip


@pytest.mark.parametrize("block", COMPOSITES)
def test_every_value_is_made_once_and_serves(block: str) -> None:
    """No node, constant or operand is left without use; one of two results of a node that has to have both, apart."""
    for spec in specs_of(block):
        made = [name for node in spec.nodes for name in node.output]
        read = {name for node in spec.nodes for name in node.input if name}
        assert len(set(made)) == len(made)
        assert {*spec.inputs(), *spec.held} <= read
        idle = set(made) - read - set(spec.outputs())
        pairs = [set(node.output) for node in spec.nodes if len(node.output) == 2]
        assert idle <= set().union(*pairs)
        assert all(pair - idle for pair in pairs)


@pytest.mark.parametrize("block", COMPOSITES)
def test_an_id_is_of_one_spec(block: str) -> None:
    assert len({spec.id for spec in specs_of(block)}) == len(specs_of(block))


@pytest.mark.parametrize("block", COMPOSITES)
def test_the_opset_is_no_lower_than_the_nodes_allow(block: str) -> None:
    """Each node's operator exists at the opset, with the attributes and the number of inputs that it has there."""
    for spec in specs_of(block):
        for node in spec.nodes:
            schema = onnx.defs.get_schema(node.op_type, spec.opset)
            assert {a.name for a in node.attribute} <= set(schema.attributes)
            assert schema.min_input <= len(node.input) <= schema.max_input
            assert schema.min_output <= len(node.output) <= schema.max_output


def test_two_constants_of_one_name_are_refused() -> None:
    graph = Graph()
    graph.hold("one", [1])
    graph.hold("one", [1])
    with pytest.raises(ValueError, match="two constants are named one"):
        graph.hold("one", [2])


def fresh(graph: Graph) -> Iterator[str]:
    """The names of three more nodes' results."""
    for _ in range(3):
        yield graph.node("Neg", "x")


def test_values_between_nodes_have_names_of_their_own() -> None:
    graph = Graph()
    assert len({*fresh(graph)}) == 3
    assert graph.node("Neg", "x", to=["y"]) == "y"
    assert np.all([len(node.output) == 1 for node in graph.nodes])
