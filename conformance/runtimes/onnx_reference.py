"""ONNX's own reference implementation, as a runtime under test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import onnx
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import RuntimeImplementationError

from conformance.runtimes.protocol import Run, Unsupported

if TYPE_CHECKING:
    from reference.claim import Claim

LACKING = "No implementation for operator"  # of the version in force


class OnnxReference:
    """`onnx.reference.ReferenceEvaluator`; it promises float16 arithmetic at float16 precision throughout."""

    @cached_property
    def claim(self) -> Claim:
        """Sums as written, the same each time."""
        from conformance.runtimes.claims import CLAIMS  # only here, for another interpreter has none

        return CLAIMS["onnx-reference"]()

    def version(self) -> str:
        """ONNX's version."""
        return str(onnx.__version__)

    def prepare(self, model: bytes) -> Run:
        """An evaluator on the model."""
        try:
            evaluator = ReferenceEvaluator(onnx.ModelProto.FromString(model))
        except (RuntimeImplementationError, NotImplementedError) as error:
            raise Unsupported(str(error)) from error
        except RuntimeError as error:
            if LACKING in str(error):
                raise Unsupported(str(error)) from error
            raise

        def run(feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
            try:
                return list(evaluator.run(None, dict(feeds)))
            except (RuntimeImplementationError, NotImplementedError) as error:
                raise Unsupported(str(error)) from error

        return run


def open_runtime() -> OnnxReference:
    """The adapter; onnx is always installed."""
    return OnnxReference()
