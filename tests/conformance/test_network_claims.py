"""Networks under other claims than plain ones, and runtimes from whose activations nothing follows."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import ModelProto, NodeProto, numpy_helper

from conformance.execute import try_case
from conformance.results import BAD
from graphs.blocks.network import Network
from graphs.grid import Case, cases
from reference.claim import CAST_FLOAT16, NATIVE, TF32, Claim, Precision
from tests.conformance.test_layers import NETWORKS, Change, Faulty, feeds_on
from tests.fakes.executor import Call
from tests.fakes.fake import Fake
from tests.fakes.faults import rounded


def infinite(model: ModelProto, node: NodeProto) -> None:
    """The first weight is infinite."""
    (held,) = (t for t in model.graph.initializer if t.name == node.input[1])
    w = numpy_helper.to_array(held).copy()
    w.reshape(-1)[0] = np.inf
    held.CopyFrom(numpy_helper.from_array(w, held.name))


def enormous(model: ModelProto, node: NodeProto) -> None:
    """The weights are so large that the next layer's sums overflow."""
    (held,) = (t for t in model.graph.initializer if t.name == node.input[1])
    held.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(held) * np.float32(2.0**125), held.name))


@pytest.mark.parametrize("change", [infinite, enormous])
@pytest.mark.parametrize("architecture", NETWORKS)
def test_an_activation_from_which_nothing_follows_is_the_runtimes_failure(architecture: str, change: Change) -> None:
    """Not the reference's: sums of what came cannot be bounded, and the activation itself is outside its ball."""
    pytest.importorskip("onnxruntime")
    case = Case(Network(architecture=architecture, probes=True, opset=18), "random")
    assert isinstance(case.spec, Network)
    number = next(n for n, node in enumerate(case.spec.nodes) if node.op_type == "Conv")
    record = try_case(case, "faulty", Faulty(number, change))
    assert record.verdict == "fail", record
    assert record.message.partition("[")[0] in feeds_on(case.spec, number), record.message


PRODUCTS = ("Conv", "ConvTranspose", "AveragePool")


@pytest.mark.parametrize("block", ["network", "pyramid", "classical_filter"])
@pytest.mark.parametrize(("precision", "rounds"), [(TF32, PRODUCTS), (CAST_FLOAT16, None)])
def test_operands_rounded_in_every_layer_are_no_fault_where_that_is_claimed(
    precision: Precision, rounds: tuple[str, ...] | None, block: str
) -> None:
    """Weights and activations alike: of products alone under TF32, of every operator where all is cast."""
    changed = 0

    def narrow(call: Call) -> None:
        nonlocal changed
        if call.operands[0].dtype == np.float32 and (rounds is None or call.op in rounds):
            before = call.operands
            call.operands = [o if o is None or o.dtype.kind != "f" else rounded(o, 11) for o in before]
            changed += any(not np.array_equal(a, b) for a, b in zip(before, call.operands, strict=True))

    runtime = Fake(narrow, claim=Claim({**NATIVE, "float32": precision}, deterministic=True))
    records = [try_case(case, "fake", runtime) for case in cases(block, "quick")]
    assert [f"{r.verdict}: {r.case}: {r.message}" for r in records if r.verdict in BAD] == []
    assert changed > 20
