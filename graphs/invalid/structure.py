"""Invalid graphs whatever the operator: names, order, versions, declarations, attributes and initializers."""

from __future__ import annotations

from graphs.blocks.conv import Conv
from graphs.blocks.copy_unpool import CopyUnpool
from graphs.blocks.relu import Relu
from graphs.invalid.broken import IR, PROTO, broken
from graphs.invalid.rules import DECLARED, DEFINED_ONCE

RELU = Relu(shape=(2, 3))
CONV = Conv(batch=1, channels=2, extent=(4, 4), filters=2, kernel_shape=(3, 3), strides=(1, 1))
CHAIN = CopyUnpool(batch=1, channels=1, extent=(2,), kernel_shape=(2,), strides=(2,))  # Pad, Gather
ONE_DEFINITION = (
    "The graph MUST adhere to single static assignment (SSA) for all node outputs; this means that all node output "
    "names MUST be unique within a graph."
)
NO_CYCLES = "Node dependencies MUST NOT create cycles in the computation graph."
REFERS = "It must refer to either a graph input, a graph initializer or a node output."
UNIQUE = "Within a namespace, each name MUST be unique for each given graph."
VALUES = "V is a list of values with length equal to the product of the dimensions in S"
SHAPED = "The main graph inputs and outputs are required to have a shape, indicating the rank"
DATA_TYPE = "This field MUST have a valid TensorProto.DataType value"

ENTRIES = (
    broken("operator-unknown", RELU, ("operator", "Rectify"), DECLARED, source=IR),
    broken(
        "operator-in-lower-case", RELU, ("operator", "relu"),
        "The name of the operator (case sensitive), as used in graph nodes.", source=IR,
    ),
    broken(
        "domain-not-imported", RELU, ("domain", "com.example"),
        "Each model MUST explicitly name the operator sets that it relies on for its functionality.", source=IR,
    ),
    broken("opset-zero", RELU, ("opset", 0), DECLARED, source=IR),
    broken(
        "opset-of-the-future", RELU, ("opset", 10_000),
        "An implementation must support all operators in the set or reject the model.", source=IR,
    ),
    broken(
        "ir-version-none", RELU, ("ir_version", None),
        "The version of the IR this model targets. See Version enum above. This field MUST be present.", source=PROTO,
    ),
    broken(
        "ir-version-of-the-future", RELU, ("ir_version", 10_000),
        "The valid IR versions are defined by the `onnx.Version` enumeration", source=IR,
    ),
    broken(
        "ir-version-3-initializer-no-input", CONV, ("ir_version", 3),
        "IR VERSION 4 published on Jan 22, 2019 - Relax constraint that initializers should be a subset of graph "
        "inputs",
        source=PROTO,
    ),
    broken("graph-without-name", RELU, ("graph_name", ""), "Each graph MUST specify a name.", source=IR),
    broken("value-computed-twice", RELU, ("append_node", "Relu", "x", "y"), ONE_DEFINITION, source=IR),
    broken("input-computed", RELU, ("append_node", "Relu", "y", "x"), DEFINED_ONCE, source=IR),
    broken("initializer-computed", CONV, ("append_node", "Relu", "y", "w"), DEFINED_ONCE, source=IR),
    broken("input-undefined", CONV, ("inputs", "x", "v"), REFERS, source=IR),
    broken(
        "order-not-topological", CHAIN, ("reverse",),
        "The list of nodes defining the top-level computation graph MUST be ordered topologically", source=IR,
    ),
    broken("cycle-of-one", RELU, ("inputs", "y"), NO_CYCLES, source=IR),
    broken("cycle-of-two", CHAIN, ("inputs", "y", "pads"), NO_CYCLES, source=IR),
    broken("output-of-no-node", RELU, ("declare_output", "z"), DEFINED_ONCE, source=IR),
    broken("input-declared-twice", RELU, ("declare_twice", "x"), UNIQUE, source=IR),
    broken("initializer-twice", CONV, ("initializer_twice", "w"), UNIQUE, source=IR),
    broken(
        "output-declared-too-large", RELU, ("shape", "y", (2, 4)),
        "The type of the value **including shape information**.", source=IR,
    ),
    broken(
        "output-declared-of-other-rank", RELU, ("shape", "y", (2, 3, 1)),
        "The type of the value **including shape information**.", source=IR,
    ),
    broken("output-without-shape", RELU, ("shape", "y", None), SHAPED, source=IR),
    broken("input-without-shape", RELU, ("shape", "x", None), SHAPED, source=IR),
    broken(
        "output-without-type", RELU, ("untyped", "y"),
        "This field MUST be present in this version of the IR for inputs and outputs of the top-level graph.",
        source=PROTO,
    ),
    broken(
        "input-type-undefined", RELU, ("element_type_number", "x", 0),
        "This field MUST NOT have the value of UNDEFINED", source=PROTO,
    ),
    broken("input-type-of-no-name", RELU, ("element_type_number", "x", 99), DATA_TYPE, source=PROTO),
    broken(
        "input-extent-negative", RELU, ("shape", "x", (-1, 3)),
        "S is the shape of the tensor (a list of non-negative integers)", source=IR,
    ),
    broken(
        "attribute-twice", CONV, ("attribute_twice", "strides"),
        "The names of attributes of an operator. Unique for each operator.", source=IR,
    ),
    broken(
        "attribute-without-type", CONV, ("attribute_field", "strides", "type", "UNDEFINED"),
        "The type field MUST be present for this version of the IR.", source=PROTO,
    ),
    broken(
        "attribute-without-name", CONV, ("attribute_field", "strides", "name", ""),
        "The name field MUST be present for this version of the IR.", source=PROTO,
    ),
    broken(
        "attribute-of-two-values", CONV, ("attribute_field", "strides", "f", 1.0),
        "An attribute MUST have only one of the value-carrying properties.", source=IR,
    ),
    broken(
        "attribute-reference-in-main-graph", CONV, ("attribute_field", "strides", "ref_attr_name", "strides"),
        "Can only be used within the function body.", source=IR,
    ),
    broken("initializer-too-short", CONV, ("raw", "w", -4), VALUES, source=IR),
    broken("initializer-cut-in-an-element", CONV, ("raw", "w", -2), VALUES, source=IR),
    broken("initializer-too-long", CONV, ("raw", "w", 4), VALUES, source=IR),
    broken("initializer-empty", CONV, ("raw", "w", -144), VALUES, source=IR),
    broken(
        "initializer-extent-negative", CONV, ("dims", "w", (-2, -2, 3, 3)),
        "S is the shape of the tensor (a list of non-negative integers)", source=IR,
    ),
    broken("initializer-extents-overflow", CONV, ("dims", "w", (2**32, 2**32, 3, 3)), VALUES, source=IR),
    broken("initializer-type-of-no-name", CONV, ("element_type_number", "w", 99), DATA_TYPE, source=PROTO),
    broken(
        "initializer-type-undefined", CONV, ("element_type_number", "w", 0),
        "When this field is present, the data_type field MUST NOT be STRING or UNDEFINED", source=PROTO,
    ),
    broken(
        "initializer-in-two-fields", CONV, ("float_data", "w", 1.0),
        "exactly one of the fields below with name ending in _data is used to store the elements of the tensor",
        source=PROTO,
    ),
)  # fmt: skip
