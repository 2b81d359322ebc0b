"""Ways to break a valid model in one place; a catalogue names them, with their arguments, as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from graphs.geometry import Ints
from graphs.model import element_type


def attribute(model: ModelProto, node: NodeProto, name: str, value: Any) -> None:
    """Give the node an attribute, of the type that the value has in Python, in place of one of that name."""
    without(model, node, name)
    node.attribute.append(helper.make_attribute(name, value))


def without(model: ModelProto, node: NodeProto, name: str) -> None:
    """Take an attribute away."""
    kept = [a for a in node.attribute if a.name != name]
    del node.attribute[:]
    node.attribute.extend(kept)


def attribute_twice(model: ModelProto, node: NodeProto, name: str) -> None:
    """Append an attribute once more."""
    node.attribute.append(next(a for a in node.attribute if a.name == name))


def attribute_field(model: ModelProto, node: NodeProto, name: str, field: str, value: Any) -> None:
    """Set a field of an attribute, whichever its type says is in use."""
    found = next(a for a in node.attribute if a.name == name)
    setattr(found, field, AttributeProto.AttributeType.Value(value) if field == "type" else value)


def inputs(model: ModelProto, node: NodeProto, *names: str) -> None:
    """Other operands."""
    node.input[:] = names


def outputs(model: ModelProto, node: NodeProto, *names: str) -> None:
    """Other results."""
    node.output[:] = names


def operator(model: ModelProto, node: NodeProto, name: str) -> None:
    """Another operator."""
    node.op_type = name


def domain(model: ModelProto, node: NodeProto, name: str) -> None:
    """An operator of another domain."""
    node.domain = name


def _declared(model: ModelProto, name: str) -> ValueInfoProto | None:
    """The graph's input or output of this name."""
    return next((v for v in [*model.graph.input, *model.graph.output] if v.name == name), None)


def _held(model: ModelProto, name: str) -> TensorProto:
    """The initializer of this name."""
    held: TensorProto = next(t for t in model.graph.initializer if t.name == name)
    return held


def _replace(model: ModelProto, name: str, array: Any) -> None:
    """Another array for an initializer."""
    _held(model, name).CopyFrom(numpy_helper.from_array(array, name))


def shape(model: ModelProto, node: NodeProto, name: str, shape: Ints | None) -> None:
    """Another shape of an input, an output or an initializer, whose elements are repeated or cut; None for none."""
    value = _declared(model, name)
    if value is None:
        _replace(model, name, np.resize(numpy_helper.to_array(_held(model, name)), shape or ()))
        return
    value.type.tensor_type.ClearField("shape")
    if shape is not None:
        value.type.tensor_type.shape.SetInParent()
        value.type.tensor_type.shape.dim.extend(onnx.TensorShapeProto.Dimension(dim_value=d) for d in shape)


def dtype(model: ModelProto, node: NodeProto, name: str, to: str) -> None:
    """Another element type of an input, an output or an initializer."""
    value = _declared(model, name)
    if value is None:
        _replace(model, name, numpy_helper.to_array(_held(model, name)).astype(to))
    else:
        value.type.tensor_type.elem_type = element_type(to)


def element_type_number(model: ModelProto, node: NodeProto, name: str, number: int) -> None:
    """An element type by its number, which may be none."""
    value = _declared(model, name)
    if value is None:
        _held(model, name).data_type = number
    else:
        value.type.tensor_type.elem_type = number


def untyped(model: ModelProto, node: NodeProto, name: str) -> None:
    """An input or output without a type."""
    for value in (*model.graph.input, *model.graph.output):
        if value.name == name:
            value.ClearField("type")


def value(model: ModelProto, node: NodeProto, name: str, values: Any) -> None:
    """Other elements of an initializer of the same type."""
    _replace(model, name, np.asarray(values, numpy_helper.to_array(_held(model, name)).dtype))


def raw(model: ModelProto, node: NodeProto, name: str, change: int) -> None:
    """So many bytes of an initializer more, or fewer."""
    held = _held(model, name)
    held.raw_data = held.raw_data[:change] if change < 0 else held.raw_data + bytes(change)


def float_data(model: ModelProto, node: NodeProto, name: str, *values: float) -> None:
    """Elements of an initializer in a second field."""
    _held(model, name).float_data.extend(values)


def dims(model: ModelProto, node: NodeProto, name: str, shape: Ints) -> None:
    """Another shape of an initializer, its bytes as they are."""
    _held(model, name).dims[:] = shape


def initializer_twice(model: ModelProto, node: NodeProto, name: str) -> None:
    """Append an initializer once more."""
    model.graph.initializer.append(_held(model, name))


def declare_twice(model: ModelProto, node: NodeProto, name: str) -> None:
    """Append an input of the graph once more."""
    model.graph.input.append(next(v for v in model.graph.input if v.name == name))


def declare_output(model: ModelProto, node: NodeProto, name: str) -> None:
    """One more output of the graph, like its first."""
    added = model.graph.output.add()
    added.CopyFrom(model.graph.output[0])
    added.name = name


def append_node(model: ModelProto, node: NodeProto, op: str, operand: str, result: str) -> None:
    """One more node at the end."""
    model.graph.node.add(op_type=op, input=[operand], output=[result])


def reverse(model: ModelProto, node: NodeProto) -> None:
    """The nodes, last first."""
    nodes = list(model.graph.node)[::-1]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def opset(model: ModelProto, node: NodeProto, version: int) -> None:
    """Another version of the operators."""
    model.opset_import[0].version = version


def ir_version(model: ModelProto, node: NodeProto, version: int | None) -> None:
    """Another version of the format; None for none."""
    model.ClearField("ir_version")
    if version is not None:
        model.ir_version = version


def graph_name(model: ModelProto, node: NodeProto, name: str) -> None:
    """Another name of the graph."""
    model.graph.name = name


EDITS: dict[str, Callable[..., None]] = {
    edit.__name__: edit
    for edit in (
        attribute, without, attribute_twice, attribute_field, inputs, outputs, operator, domain, shape, dtype,
        element_type_number, untyped, value, raw, float_data, dims, initializer_twice, declare_twice, declare_output,
        append_node, reverse, opset, ir_version, graph_name,
    )
}  # fmt: skip
