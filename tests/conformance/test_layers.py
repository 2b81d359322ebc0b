"""A fault planted in any one layer of a network is found and that layer named, or it lies within the bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, NodeProto, helper, numpy_helper

from conformance.execute import try_case
from conformance.problem import Problem
from conformance.results import Record
from conformance.runtimes import canonical, open_runtime
from conformance.runtimes.protocol import Run
from graphs.blocks.network import Network
from graphs.grid import Case
from reference.ball import Ball

NETWORKS = ("lenet-5", "fully-convolutional", "encoder-decoder")
Change = Callable[[ModelProto, NodeProto], None]


class Faulty:
    """ONNX Runtime on a model that a fault has changed in one node."""

    def __init__(self, number: int, change: Change):
        self.number, self.change = number, change
        self.runtime = open_runtime(canonical("onnxruntime"))
        self.claim = self.runtime.claim

    def version(self) -> str:
        """The runtime's."""
        return self.runtime.version()

    def prepare(self, model: bytes) -> Run:
        """The changed model."""
        read = ModelProto.FromString(model)
        self.change(read, read.graph.node[self.number])
        return self.runtime.prepare(read.SerializeToString())


def low_bits(model: ModelProto, node: NodeProto) -> None:
    """The largest weight of every filter is off by 2^-8 of itself; one filter alone may have no result above 0."""
    (held,) = (t for t in model.graph.initializer if t.name == node.input[1])
    w = numpy_helper.to_array(held).copy()
    rows = w.reshape(len(w), -1)
    rows[range(len(w)), np.abs(rows).argmax(axis=1)] *= 1 + 2.0**-8
    held.CopyFrom(numpy_helper.from_array(w, held.name))


def no_bias(model: ModelProto, node: NodeProto) -> None:
    """The bias is left out."""
    (held,) = (t for t in model.graph.initializer if t.name == node.input[2])
    held.CopyFrom(numpy_helper.from_array(0 * numpy_helper.to_array(held), held.name))


def pads_moved(model: ModelProto, node: NodeProto) -> None:
    """A row of padding goes from the top to the bottom."""
    (pads,) = (a for a in node.attribute if a.name == "pads")
    pads.ints[0], pads.ints[2] = pads.ints[0] - 1, pads.ints[2] + 1


def index_moved(model: ModelProto, node: NodeProto) -> None:
    """Every index of an un-pooling is that of the neighbour in its window: the lowest bit is turned."""
    at = node.input[1]
    model.graph.initializer.append(numpy_helper.from_array(np.array(1, np.int64), "lowest_bit"))
    turn = helper.make_node("BitwiseXor", [at, "lowest_bit"], [f"moved_{at}"])
    before = list(model.graph.node).index(node)
    node.input[1] = f"moved_{at}"
    kept = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*kept[:before], turn, *kept[before:]])


FAULTS: dict[str, tuple[Change, tuple[str, ...]]] = {
    "a weight's low bits": (low_bits, ("Conv", "ConvTranspose", "Gemm")),
    "no bias": (no_bias, ("Conv", "ConvTranspose", "Gemm")),
    "a pad": (pads_moved, ("Conv", "ConvTranspose")),
    "an index": (index_moved, ("MaxUnpool",)),
}


def has(node: NodeProto, change: Change) -> bool:
    """Whether there is something to change."""
    if change is no_bias:
        return len(node.input) > 2
    return change is not pads_moved or any(a.name == "pads" and any(a.ints) for a in node.attribute)


PLANTED = [
    (architecture, number, name)
    for architecture in NETWORKS
    for number, node in enumerate(Network(architecture=architecture, opset=18).nodes)
    for name, (change, ops) in FAULTS.items() if node.op_type in ops and has(node, change)
]  # fmt: skip


def judged(architecture: str, number: int, name: str, *, probes: bool) -> tuple[Case, Record, Faulty]:
    """What becomes of a case under a fault."""
    case = Case(Network(architecture=architecture, probes=probes, opset=18), "random")
    runtime = Faulty(number, FAULTS[name][0])
    return case, try_case(case, "faulty", runtime), runtime


def feeds_on(spec: Network, number: int) -> set[str]:
    """Results that a node's result reaches without passing another result."""
    reached, found = set(spec.nodes[number].output), set()
    for node in spec.nodes[number:]:
        found |= reached & set(spec.outputs())
        if reached & set(node.input) - set(spec.outputs()):
            reached |= set(node.output)
    return found | (reached & set(spec.outputs()))


@pytest.mark.parametrize(("architecture", "number", "name"), PLANTED)
def test_a_fault_in_one_layer_is_named_or_lies_within_the_bound(architecture: str, number: int, name: str) -> None:
    """With probes the first activation behind it is the one that fails; else every result stays inside its ball."""
    pytest.importorskip("onnxruntime")
    case, record, runtime = judged(architecture, number, name, probes=True)
    assert isinstance(case.spec, Network)
    if record.verdict == "fail":
        assert record.message.partition("[")[0] in feeds_on(case.spec, number), record.message
        return
    assert name == "a weight's low bits", record  # the others are all found
    problem = Problem(case)
    right = open_runtime(canonical("onnxruntime")).prepare(problem.model)(problem.feeds())
    wrong = runtime.prepare(problem.model)(problem.feeds())
    came = dict(zip(case.spec.outputs(), wrong, strict=True))
    balls = problem.expected(runtime.claim, **came)
    assert any(not np.array_equal(a, b) for a, b in zip(right, wrong, strict=True)), "nothing changed"
    for ball, result in zip(balls, wrong, strict=True):
        assert isinstance(ball, Ball)
        assert (np.abs(result - ball.value) <= ball.radius).all()


@pytest.mark.parametrize("architecture", NETWORKS)
def test_most_faults_show_at_the_output_alone_too(architecture: str) -> None:
    """Without probes the bound has gone through the whole network; how many of the faults it still shows."""
    pytest.importorskip("onnxruntime")
    own = [(number, name) for where, number, name in PLANTED if where == architecture]
    found = [judged(architecture, number, name, probes=False)[1].verdict == "fail" for number, name in own]
    assert sum(found) >= 0.5 * len(own), [fault for fault, is_found in zip(own, found, strict=True) if not is_found]


def test_the_planted_faults_reach_every_kind_of_layer() -> None:
    nodes: list[Any] = [Network(architecture=a, opset=18).nodes[n] for a, n, _ in PLANTED]
    assert {node.op_type for node in nodes} == {"Conv", "ConvTranspose", "Gemm", "MaxUnpool"}
    assert len(PLANTED) > 25
    assert onnx.__version__
