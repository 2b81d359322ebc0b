"""PyTorch's scattering and summing against ONNX's reference, attributes and all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import helper
from onnx.reference import ReferenceEvaluator

from conformance.runtimes import open_runtime
from conformance.runtimes.protocol import Unsupported

pytest.importorskip("torch")
ZEROS = np.zeros((3, 4), np.float32)
AT = np.array([[1, 0, 1], [2, 0, -1]])
UPDATES = np.arange(1, 7, dtype=np.float32).reshape(2, 3)


def both(op_type: str, operands: list[NDArray[Any]], opset: int, **attributes: Any) -> tuple[Any, Any]:
    """The result of one node by torch and by ONNX's reference."""
    names = [f"a{i}" for i in range(len(operands))]
    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
        for name, a in zip(names, operands, strict=True)
    ]
    outputs = [helper.make_tensor_value_info("y", helper.np_dtype_to_tensor_dtype(operands[0].dtype), None)]
    graph = helper.make_graph([helper.make_node(op_type, names, ["y"], **attributes)], "g", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    feeds = dict(zip(names, operands, strict=True))
    return (
        open_runtime("torch:cpu").prepare(model.SerializeToString())(feeds)[0],
        next(iter(ReferenceEvaluator(model).run(None, feeds))),
    )


@pytest.mark.parametrize("axis", [0, 1, -2])
@pytest.mark.parametrize("reduction", [None, "none", "add"])
def test_scatter_elements(axis: int, reduction: str | None) -> None:
    """Negative indices too; where an index occurs twice only adding has a result that is not a matter of order."""
    at = AT if reduction == "add" else np.array([[1, 0, 2], [2, 1, -4 if axis == 1 else -3]])
    given = {} if reduction is None else {"reduction": reduction}
    ours, theirs = both("ScatterElements", [ZEROS, at, UPDATES], 18, axis=axis, **given)
    np.testing.assert_array_equal(ours, theirs)
    assert ours.sum() == UPDATES.sum()


@pytest.mark.parametrize("reduction", ["mul", "max", "min"])
def test_other_reductions_are_declined(reduction: str) -> None:
    with pytest.raises(Unsupported, match=f"not by {reduction}"):
        both("ScatterElements", [ZEROS, AT, UPDATES], 18, reduction=reduction)


@pytest.mark.parametrize("keepdims", [None, 0, 1])
@pytest.mark.parametrize("axes", [None, [0], [0, 2], [-1]])
@pytest.mark.parametrize("opset", [11, 13])
def test_reduce_sum(opset: int, axes: list[int] | None, keepdims: int | None) -> None:
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    given: dict[str, Any] = {} if keepdims is None else {"keepdims": keepdims}
    if opset < 13 and axes is not None:
        given |= {"axes": axes}
    operands = [x, np.array(axes)] if opset >= 13 and axes is not None else [x]
    np.testing.assert_array_equal(*both("ReduceSum", operands, opset, **given))


def test_no_axes_may_mean_no_sum() -> None:
    np.testing.assert_array_equal(*both("ReduceSum", [ZEROS + 1], 13, noop_with_empty_axes=1))
