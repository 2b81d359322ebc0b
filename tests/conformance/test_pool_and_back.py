"""Max pooling and un-pooling as one model of two nodes, on runtimes that have both."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from conformance.runtimes import open_runtime
from conformance.runtimes.protocol import Runtime, Unavailable, Unsupported
from graphs.blocks.max_unpool import MaxUnpool
from graphs.data import operands
from graphs.model import feeds, ir_version, to_model
from reference.ball import Members
from reference.claim import Claim
from reference.max_pool import max_pool
from reference.max_unpool import max_unpool

WINDOWS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "even": ((1, 1, 4, 6), {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "odd": ((2, 3, 5, 7), {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "overlapping": ((1, 2, 7, 6), {"kernel_shape": [3, 2], "strides": [1, 2]}),
    "padded": ((2, 1, 6, 5), {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    "one axis": ((2, 3, 9), {"kernel_shape": [2], "strides": [2]}),
    "three axes": ((1, 2, 5, 3, 4), {"kernel_shape": [2, 2, 2], "strides": [2, 1, 2]}),
}


def model(shape: tuple[int, ...], window: dict[str, Any]) -> bytes:
    """MaxPool's two results into MaxUnpool, which is told the shape of X."""
    nodes = [
        helper.make_node("MaxPool", ["x"], ["top", "at"], **window),
        helper.make_node("MaxUnpool", ["top", "at", "shape"], ["y"], **window),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    held = [helper.make_tensor("shape", TensorProto.INT64, [len(shape)], shape)]
    graph = helper.make_graph(nodes, "there_and_back", ends[:1], ends[1:], held)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=ir_version(22))
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def opened(name: str) -> Runtime:
    """The runtime, or the test is skipped."""
    try:
        return open_runtime(name)
    except Unavailable as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", ["onnxruntime:cpu", "torch:cpu"])
@pytest.mark.parametrize("which", WINDOWS)
def test_every_maximum_comes_back_to_its_place(which: str, name: str) -> None:
    """As in the reference, and so: what is left of x is x itself, at the maxima of some window."""
    shape, window = WINDOWS[which]
    runtime = opened(name)
    x = 1 + np.random.default_rng(6).permutation(int(np.prod(shape))).reshape(shape).astype(np.float32)
    top, at = max_pool(x, outputs=2, claim=Claim(), **window)
    assert isinstance(at, Members)
    indices = np.take_along_axis(at.candidates, at.admissible.argmax(axis=-1)[..., None], -1)[..., 0]
    (due,) = max_unpool(top.value, indices, np.array(shape), claim=Claim(), **window)  # type: ignore[union-attr]
    (y,) = runtime.prepare(model(shape, window))({"x": x})
    np.testing.assert_array_equal(y, due.value)
    assert set(np.unique(y)) <= {0, *x.flat}
    assert np.count_nonzero(y) == len(np.unique(indices))
    np.testing.assert_array_equal(y[y != 0], x[y != 0])


@pytest.mark.parametrize(("places", "declines"), [((0, 9), False), ((1, 5), False), ((5, 1), True), ((0, 1), True)])
def test_torch_declines_an_index_into_another_channel(places: tuple[int, int], declines: bool) -> None:
    """Two channels of five; its own indices count within each."""
    spec = MaxUnpool(batch=1, channels=2, extent=(1,), kernel_shape=(5,), places=places)
    given = operands(spec, "small", "a case")
    run = opened("torch:cpu").prepare(to_model(spec, given).SerializeToString())
    if declines:
        with pytest.raises(Unsupported, match="another channel"):
            run(feeds(spec, given))
        return
    (y,) = run(feeds(spec, given))
    (due,) = max_unpool(given["x"], given["indices"], kernel_shape=[5], claim=Claim())
    np.testing.assert_array_equal(y, due.value)
