"""The one module that builds ONNX models: protobufs directly, the lowest IR version that the opset allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, helper, numpy_helper

from graphs.geometry import Ints
from graphs.spec import Spec

NARROW = ("int2", "int4", "float4_e2m1fn", "float6_e2m3fn", "float6_e3m2fn")  # less than a byte each


@cache
def ir_version(opset: int) -> int:
    """The lowest IR version of the ONNX releases that had this opset, so that old runtimes load the model.

    Releases went from opset 1 to 5, all of them with IR version 3.
    """
    return int(helper.find_min_ir_version_for([helper.make_opsetid("", max(opset, 5))]))


@cache
def element_type(dtype: str) -> int:
    """TensorProto's number for a NumPy dtype name."""
    return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


def _declare(values: Any, name: str, dtype: str, shape: Ints) -> None:
    """Append a ValueInfoProto of a fully known shape."""
    tensor = values.add(name=name).type.tensor_type
    tensor.elem_type = element_type(dtype)
    tensor.shape.SetInParent()
    for extent in shape:
        tensor.shape.dim.add(dim_value=extent)


def raw(value: NDArray[Any]) -> bytes:
    """A tensor's bytes, the lowest first; elements of 2 and 4 bits side by side in a byte."""
    if value.dtype.name.endswith(NARROW):
        return bytes(numpy_helper.from_array(value).raw_data)
    return np.ascontiguousarray(value, value.dtype.newbyteorder("<")).tobytes()


def to_model(spec: Spec, operands: Mapping[str, NDArray[Any]]) -> ModelProto:
    """A model of one node, or of a composite's; the spec's constant operands become initializers."""
    model = ModelProto()
    model.CopyFrom(without_constants(spec))
    held = {name: operands[name] for name in spec.constants() if name in operands}
    for name, value in {**held, **spec.held}.items():
        held_as = element_type(value.dtype.name)
        model.graph.initializer.add(name=name, data_type=held_as, dims=value.shape, raw_data=raw(value))
    return model


@lru_cache(maxsize=64)  # a spec meets its data sets one after the other; the key is all that the answer depends on
def without_constants(spec: Spec) -> ModelProto:
    """The model but for its initializers; before IR version 4 those must be listed among the inputs as well."""
    model = ModelProto(ir_version=ir_version(spec.opset), producer_name="convformance")
    model.opset_import.add(domain="", version=spec.opset)
    graph = model.graph
    graph.name = spec.block
    graph.node.extend(spec.nodes)
    constants = spec.constants()
    for name, shape in spec.inputs().items():
        if name not in constants or model.ir_version < 4:
            _declare(graph.input, name, spec.type_of(name), shape)
    for name, (dtype, shape) in spec.outputs().items():
        _declare(graph.output, name, dtype, shape)
    return model


def feeds(spec: Spec, operands: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The operands that come as inputs when the model runs."""
    constants = spec.constants()
    return {name: value for name, value in operands.items() if name not in constants}


def from_model(
    model: ModelProto, blocks: Mapping[str, type[Spec]], fed: Mapping[str, NDArray[Any]] = MappingProxyType({})
) -> Spec:
    """Read the spec of a one-node model back; shapes and types come from its inputs and initializers.

    ``fed`` has the values of inputs on which the setting depends, such as the pads of a Pad.
    """
    (node,) = model.graph.node
    (opset,) = (o.version for o in model.opset_import if o.domain == "")
    shapes = {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in model.graph.input}
    shapes |= {t.name: tuple(t.dims) for t in model.graph.initializer}
    numbers = {v.name: v.type.tensor_type.elem_type for v in model.graph.input}
    numbers |= {t.name: t.data_type for t in model.graph.initializer}
    types = {name: helper.tensor_dtype_to_np_dtype(number).name for name, number in numbers.items()}
    (block,) = (b for b in blocks.values() if b.op_type == node.op_type)
    held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    dtype = types[node.input[0]]
    return block.from_node(node, shapes, dtype=dtype, opset=opset, constants=held, fed=fed, types=types)


def as_text(model: ModelProto, most: int = 64) -> str:
    """ONNX's own text form of a model; of an initializer with more than ``most`` elements only the first eight."""
    short = ModelProto()
    short.CopyFrom(model)
    long = {t.name: ",".join(map(str, t.dims)) for t in short.graph.initializer if prod(t.dims) > most}
    for tensor in short.graph.initializer:
        if tensor.name in long:
            tensor.raw_data = tensor.raw_data[: 8 * (len(tensor.raw_data) // prod(tensor.dims))]
            tensor.dims[:] = [8]
    text = str(onnx.printer.to_text(short))
    for name, dims in long.items():
        text = re.sub(rf"\[8\]( {re.escape(name)} = +{{[^}}]*)}}", rf"[{dims}]\1,...}}", text, count=1)
    return text
