"""Specs of nodes in any ONNX model: every node of an operator that a block is of, or why it cannot be read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from graphs.blocks import SINGLE
from graphs.geometry import Ints
from graphs.model_file import BadModel, load_model, load_tensor
from graphs.numbers import named
from graphs.size import too_large
from graphs.spec import Invalid, Spec

OPERATORS = {spec.op_type: spec for spec in SINGLE.values()}
Arrays = Mapping[str, NDArray[Any]]


class Reading(NamedTuple):
    """A node of a covered operator: its spec, or else the reason why there is none."""

    block: str
    spec: Spec | None
    reason: str = ""


def read(model: ModelProto, fed: Arrays) -> Iterator[Reading]:
    """Each such node, in graphs within nodes too; ``fed`` has values of the model's inputs, as far as known.

    Shapes come from ONNX's inference.  An input's first extent that is not known is taken for 1.
    """
    known = ModelProto()
    known.CopyFrom(model)
    for value in known.graph.input:
        dims = value.type.tensor_type.shape.dim
        if len(dims) and not dims[0].HasField("dim_value"):
            dims[0].dim_value = 1
    with contextlib.suppress(Exception):  # whatever a file may hold; shapes that are declared are known all the same
        known = onnx.shape_inference.infer_shapes(known, data_prop=True)
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)
    yield from read_graph(known.graph, opset, dict(fed), Operands({}, {}, {}))


class Operands(NamedTuple):
    """What is known of the values of a graph and those around it."""

    shapes: Mapping[str, Ints]
    types: Mapping[str, str]
    constants: Arrays


def read_graph(graph: GraphProto, opset: int, fed: Arrays, around: Operands) -> Iterator[Reading]:
    """The nodes of one graph, then of those within."""
    values = {t.name: value_of(t) for t in graph.initializer}
    held = dict(around.constants) | {name: value for name, value in values.items() if value is not None}
    held |= {node.output[0]: value for node in graph.node if (value := constant_of(node)) is not None}
    free = {name: value for name, value in fed.items() if name not in held}
    declared = [*graph.input, *graph.value_info, *graph.output]
    known = {**held, **free}
    operands = Operands(
        {
            **around.shapes,
            **{t.name: tuple(t.dims) for t in graph.initializer},
            **{v.name: s for v in declared if (s := shape_of(v)) is not None},
        }
        | {name: value.shape for name, value in known.items()},
        {**around.types, **{v.name: t for v in declared if (t := type_of(v.type.tensor_type.elem_type))}}
        | {name: value.dtype.name for name, value in known.items()},
        held,
    )
    for node in graph.node:
        if node.op_type in OPERATORS and node.domain in ("", "ai.onnx"):
            yield read_node(node, opset, free, operands)
        for attribute in node.attribute:
            for within in [attribute.g, *attribute.graphs]:
                yield from read_graph(within, opset, {}, operands)


def read_node(node: NodeProto, opset: int, fed: Arrays, operands: Operands) -> Reading:
    """One node."""
    kind = OPERATORS[node.op_type]
    unknown = [name for name in node.input if name and name not in operands.shapes]
    if unknown:
        return Reading(kind.block, None, "the shape of an operand is not known")
    try:
        spec = kind.from_node(
            node, operands.shapes, dtype=operands.types.get(node.input[0], ""), opset=opset,
            constants=operands.constants, fed=fed, types=operands.types,
        )  # fmt: skip
    except Invalid as error:
        reason = str(error)
        for name in filter(None, node.input):
            reason = reason.replace(name, "an operand") if reason.startswith(name + " ") else reason
        return Reading(kind.block, None, reason)
    except (IndexError, TypeError, ValueError) as error:  # operands or attributes of other numbers and types than due
        return Reading(kind.block, None, f"malformed: {error}")
    found = too_large(spec)
    return Reading(kind.block, None, found) if found else Reading(kind.block, spec)


def value_of(tensor: TensorProto) -> NDArray[Any] | None:
    """A tensor's value; None where its bytes do not fit its extents, lie in another file, and so on."""
    if tensor.data_location == TensorProto.EXTERNAL:
        return None
    try:
        return numpy_helper.to_array(tensor)
    except Exception:  # whatever a file may hold
        return None


def loaded(file: Path) -> NDArray[Any] | None:
    """The tensor in a file; None where there is none."""
    try:
        return value_of(load_tensor(file))
    except BadModel:
        return None


def constant_of(node: NodeProto) -> NDArray[Any] | None:
    """The value of a Constant."""
    given = {a.name: helper.get_attribute_value(a) for a in node.attribute} if node.op_type == "Constant" else {}
    if "value" in given:
        return value_of(given["value"])
    types = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
    with contextlib.suppress(TypeError, ValueError, OverflowError):  # text under a number's name
        return next((np.array(given[name], of) for name, of in types.items() if name in given), None)
    return None


def shape_of(value: ValueInfoProto) -> Ints | None:
    """A shape of which all is known."""
    tensor = value.type.tensor_type
    dims = tensor.shape.dim
    is_known = tensor.HasField("shape") and all(d.HasField("dim_value") for d in dims)
    return tuple(d.dim_value for d in dims) if is_known else None


def type_of(number: int) -> str:
    """NumPy's name of an element type, empty for none and for those that are no numbers of NumPy's or not ONNX's."""
    return (named(number) or "") if number in TensorProto.DataType.values() else ""


def node_suite() -> Iterator[tuple[str, ModelProto, Arrays]]:
    """ONNX's own node cases: name, model, and what the first data set feeds."""
    import warnings

    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ONNX computes its cases on import, with overflows and divisions by zero
        found = load_model_tests(kind="node")
    for case in found:
        if case.model is not None:
            first = (case.data_sets or [((), ())])[0][0]
            names = [value.name for value in case.model.graph.input]
            # A tensor of a type that NumPy lacks comes as a protobuf, one in a sequence or a map is of no use.
            arrays = (numpy_helper.to_array(a) if isinstance(a, onnx.TensorProto) else a for a in first)
            pairs = zip(names, arrays, strict=False)
            fed = {n: np.asarray(a) for n, a in pairs if isinstance(a, np.ndarray | np.generic)}
            yield case.name, case.model, fed


def files(path: Path) -> list[Path]:
    """Every file below a folder that is named as a model, in order."""
    return sorted(path.rglob("*.onnx"))


def read_file(file: Path) -> list[Reading]:
    """The nodes of the model in a file, with the inputs of ``test_data_set_0`` beside it; or why it cannot be read."""
    try:
        model = load_model(file)
    except BadModel as error:
        return [Reading("", None, str(error))]
    held = {tensor.name for tensor in model.graph.initializer}
    names = [value.name for value in model.graph.input if value.name not in held]
    tensors = [file.parent / "test_data_set_0" / f"input_{i}.pb" for i in range(len(names))]
    fed = {n: loaded(p) for n, p in zip(names, tensors, strict=True)}
    return list(read(model, {n: value for n, value in fed.items() if value is not None}))
