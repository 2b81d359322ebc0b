"""Drawn specs of every block: to a node and back, through a model and back, and three ways to one size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.blocks import BLOCKS
from graphs.blocks.average_pool import AveragePool
from graphs.blocks.conv import Conv
from graphs.blocks.global_average_pool import GlobalAveragePool
from graphs.blocks.global_lp_pool import GlobalLpPool
from graphs.blocks.global_max_pool import GlobalMaxPool
from graphs.blocks.lp_pool import LpPool
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.relu import Relu
from graphs.model import from_model, to_model
from graphs.spec import Invalid, Spec
from reference import KERNELS
from reference.ball import Ball
from reference.claim import Claim


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def windowed(draw: st.DrawFn, kind: type[Any]) -> dict[str, Any]:
    """Attributes of a window in a version that has them; most are valid."""
    opset, rank = draw(st.sampled_from([*kind.versions, 21])), draw(st.integers(1, 3))

    def ints(low: int, high: int, length: int = rank) -> st.SearchStrategy[tuple[int, ...]]:
        return st.tuples(*[st.integers(low, high)] * length)

    fields: dict[str, Any] = {
        "opset": opset, "dtype": draw(st.sampled_from([t for t, v in kind.dtypes_since.items() if v <= opset])),
        "batch": draw(st.integers(1, 4)), "channels": draw(st.sampled_from([1, 2, 4, 6])),
        "extent": draw(ints(4, 9)), "kernel_shape": draw(ints(1, 3)), "strides": draw(optional(ints(1, 4))),
    }  # fmt: skip
    if draw(st.booleans()):
        fields["auto_pad"] = draw(st.sampled_from(["VALID", "SAME_UPPER", "SAME_LOWER"]))
    else:
        fields |= {"pads": draw(optional(ints(0, 4, 2 * rank))), "auto_pad": draw(optional(st.just("NOTSET")))}
    flags = {"ceil_mode": (0, 1), "count_include_pad": (0, 1), "storage_order": (0, 1), "indices": (True, False)}
    for name, values in flags.items():
        if name in kind.__dataclass_fields__ and kind.since.get(name, 1) <= opset:
            fields[name] = draw(st.sampled_from(values if name == "indices" else (None, *values)))
    if kind.since.get("dilations", 1) <= opset:
        fields["dilations"] = draw(optional(ints(1, 2)))
    return fields


@st.composite
def convolutions(draw: st.DrawFn) -> dict[str, Any]:
    """A window, groups that divide, bias, and where weights and kernel_shape come from."""
    fields = draw(windowed(Conv))
    group = draw(st.sampled_from([g for g in (None, 1, 2, 3, 4, 6) if fields["channels"] % (g or 1) == 0]))
    filters = (group or 1) * draw(st.integers(1, 3))
    flags = {"bias": draw(st.booleans()), "infer_kernel": draw(st.booleans())}
    weights = draw(st.sampled_from(["initializer", "input"]))
    return fields | flags | {"group": group, "filters": filters, "weights": weights}


@st.composite
def rectifiers(draw: st.DrawFn) -> dict[str, Any]:
    """Any shape, scalars too."""
    shape = tuple(draw(st.lists(st.integers(1, 5), max_size=5)))
    return {"shape": shape, "opset": draw(st.integers(1, 22)), "dtype": draw(st.sampled_from(list(Relu.dtypes_since)))}


@st.composite
def channels(draw: st.DrawFn, kind: type[Any]) -> dict[str, Any]:
    """Shapes of whole channels."""
    return {
        "opset": draw(st.sampled_from([*kind.versions, 21])), "dtype": draw(st.sampled_from(list(kind.dtypes_since))),
        "batch": draw(st.integers(1, 4)), "channels": draw(st.integers(1, 4)),
        "extent": tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))),
    }  # fmt: skip


@st.composite
def norms(draw: st.DrawFn, kind: type[Any], pool: Callable[..., st.SearchStrategy[dict[str, Any]]]) -> dict[str, Any]:
    """A pool and p, a fraction too in the first version."""
    fields = draw(pool(kind))
    return fields | {"p": draw(st.sampled_from([None, 1, 2, 3, 2.5] if fields["opset"] == 1 else [None, 1, 2, 3]))}


FIELDS: dict[str, tuple[Callable[..., Spec], st.SearchStrategy[dict[str, Any]]]] = {
    "conv": (Conv, convolutions()),
    "max_pool": (MaxPool, windowed(MaxPool)),
    "average_pool": (AveragePool, windowed(AveragePool)),
    "relu": (Relu, rectifiers()),
    "global_max_pool": (GlobalMaxPool, channels(GlobalMaxPool)),
    "global_average_pool": (GlobalAveragePool, channels(GlobalAveragePool)),
    "lp_pool": (LpPool, norms(LpPool, windowed)),
    "global_lp_pool": (GlobalLpPool, norms(GlobalLpPool, channels)),
}


def build(kind: Callable[..., Spec], fields: dict[str, Any]) -> Spec:
    """The spec, its image enlarged where the kernel does not fit."""
    try:
        return kind(**fields)
    except Invalid:
        return kind(**fields | {"extent": tuple(e + 9 for e in fields["extent"])})


def context_of(opset: int) -> Any:
    """A checker's context for one opset."""
    context = onnx.checker.C.CheckerContext()
    context.ir_version, context.opset_imports = 10, {"": opset}
    return context


@pytest.mark.parametrize("block", FIELDS)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_from_node_of_to_node(block: str, data: st.DataObject) -> None:
    """from_node(to_node(spec)) == spec, and so through a model; the id tells any two specs apart."""
    assert set(FIELDS) == set(BLOCKS)
    kind, strategy = FIELDS[block]
    spec, other = (build(kind, data.draw(strategy)) for _ in range(2))
    shapes = spec.inputs()
    node = spec.to_node()
    onnx.checker.check_node(node, context_of(spec.opset))
    constants = {name: np.zeros(shapes[name], spec.dtype) for name in spec.constants() if name in shapes}
    again = BLOCKS[block].from_node(node, shapes, dtype=spec.dtype, opset=spec.opset, constants=constants)
    assert again == spec
    zeros = {name: np.zeros(shape, spec.dtype) for name, shape in shapes.items()}
    if spec.opset not in (2, 3, 4):  # which no release of ONNX had
        assert from_model(to_model(spec, zeros), BLOCKS) == spec
    assert (spec.id == other.id) == (spec == other)


UNINFERRED = {("Relu", 1), ("LpPool", 1), ("GlobalLpPool", 1)}  # ONNX has no inference function for them


@pytest.mark.parametrize("block", FIELDS)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_three_ways_to_a_size_agree(block: str, data: st.DataObject) -> None:
    """The spec's formula, the reference's windows and ONNX's inference, wherever the text decides."""
    kind, strategy = FIELDS[block]
    spec = build(kind, data.draw(strategy))
    shapes = [shape for _, shape in spec.outputs().values()]
    zeros = {name: np.zeros(shape, spec.dtype) for name, shape in spec.inputs().items()}
    results = {"outputs": len(shapes)} if block == "max_pool" else {}
    found = KERNELS[block](*zeros.values(), claim=Claim(), **spec.attributes(), **results)
    assert [p.value.shape if isinstance(p, Ball) else p.candidates.shape[:-1] for p in found] == shapes
    if spec.silent is None and spec.opset not in (2, 3, 4) and (spec.op_type, spec.version) not in UNINFERRED:
        model = to_model(spec, zeros)
        for value in model.graph.output:
            value.type.tensor_type.ClearField("shape")
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True).graph.output
        assert [tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in inferred] == shapes
