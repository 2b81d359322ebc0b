"""A runtime of our own that a test can bend: hooks before and after each run of a correct executor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from conformance.runtimes.protocol import Run
from reference.claim import Claim
from tests.fakes.arithmetic import PLAIN
from tests.fakes.executor import OPERATORS as WINDOWS
from tests.fakes.executor import Arithmetic, Call, Tensor
from tests.fakes.quantised import OPERATORS as QUANTISED
from tests.fakes.quantizing import OPERATORS as QUANTIZING
from tests.fakes.tensors import OPERATORS as TENSORS

OPERATORS = WINDOWS | QUANTIZING
KNOWN = OPERATORS | QUANTISED | TENSORS
Before = Callable[[Call], None]
After = Callable[[Call, list[Tensor]], Any]


def leave(call: Call) -> None:
    """No change."""


def hand_over(call: Call, results: list[Tensor]) -> Any:
    """No change."""
    return results


class Fake:
    """Runs models node after node; ``before`` may change the call of a block's operator, or of those in ``bends``.

    ``after`` may change the results of the whole, and is told the first call.  ``operators`` replace those known.
    """

    def __init__(
        self,
        before: Before = leave,
        after: After = hand_over,
        *,
        claim: Claim | None = None,
        how: Arithmetic = PLAIN,
        bends: Collection[str] = (),
        operators: Mapping[str, Callable[[Call, Arithmetic], list[Tensor]]] = MappingProxyType({}),
    ):
        self.known = {**KNOWN, **operators}
        self.before, self.after, self.how, self.bends = before, after, how, bends
        self.claim = claim or Claim(deterministic=True)

    def version(self) -> str:
        """Never changes."""
        return "1.2.3"

    def prepare(self, model: bytes) -> Run:
        """Read the nodes; initializers stay the model's own."""
        read = onnx.ModelProto.FromString(model)
        graph, opset = read.graph, read.opset_import[0].version
        held = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        own = [node.op_type for node in graph.node if node.op_type in OPERATORS] or [graph.node[0].op_type]
        bent = self.bends or [*own, getattr(self.before, "op", "")]
        memory: dict[str, Any] = {}

        def run(feeds: Mapping[str, Tensor]) -> Sequence[Tensor]:
            given = {**held, **feeds}
            calls: list[Call] = []
            if "dy" in given:  # of derivatives, where no operator that is bent may read it
                arrives = Call("dy", [given["dy"]], {}, 1, memory, opset=opset)
                self.before(arrives)
                given["dy"] = arrives.operands[0]
            for node in graph.node:
                operands: list[Any] = [given[name] if name else None for name in node.input]
                call = Call(
                    node.op_type, operands, attributes(node), len(list(filter(None, node.output))), memory, opset=opset,
                    is_first=not any(earlier.op in bent for earlier in calls),
                )  # fmt: skip
                calls.append(call)
                if node.op_type in bent:
                    self.before(call)
                with np.errstate(all="ignore"):
                    results = self.known[node.op_type](call, self.how)
                    given.update(zip(node.output, results, strict=False))
            wanted = [given[value.name] for value in graph.output]
            with np.errstate(all="ignore"):
                found: Sequence[Tensor] = self.after(calls[0], wanted)
            return found

        return run


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """Plain values; lists can be changed in place."""
    found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return {
        k: v.decode() if isinstance(v, bytes) else list(v) if hasattr(v, "__len__") else v for k, v in found.items()
    }
