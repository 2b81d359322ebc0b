"""Layers that are fused, or folded into another one, where that is not right."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fakes.executor import Call
from tests.fakes.fake import Before
from tests.fakes.faults.changes import of
from tests.fakes.faults.fault import ANY_VALUE, Fault

ORT_FUSE = "onnxruntime's ConvBNFusion, ConvAddFusion and ConvActivationFusion: what they fold, and in which order"
ORT_2059 = "https://github.com/microsoft/onnxruntime/pull/2059 'Update optimizers to allow fusion if the relevant Clip input/s ...'"


def put(number: int, change: Any) -> Before:
    """An operand is another one."""

    def before(call: Call) -> None:
        call.operands[number] = np.asarray(change(call.operands[number]), call.operands[number].dtype)

    return before


def second_sign_lost(call: Call) -> None:
    """Of the two changes of sign around a maximum the second one is dropped."""
    if not call.is_first:
        call.operands[0] = -call.operands[0]


def only(op: str, change: Before, source: str, blocks: tuple[str, ...] = ("network",)) -> Fault:
    """A fault of one operator of a network."""
    return Fault(blocks, of(change, op), message=ANY_VALUE, bends=(op,), source=source)


FUSION = {
    "normalisation folded without epsilon": only(
        "BatchNormalization", lambda c: c.attributes.update(epsilon=0.0), ORT_FUSE
    ),
    "normalisation folded without its mean": only("BatchNormalization", put(3, np.zeros_like), ORT_FUSE),
    "normalisation folded without its bias": only("BatchNormalization", put(2, np.zeros_like), ORT_FUSE),
    "normalisation folded without its scale": only("BatchNormalization", put(1, np.ones_like), ORT_FUSE),
    "variance taken for the deviation": only("BatchNormalization", put(4, np.square), ORT_FUSE),
    "rectified before the addition": only("Add", put(0, lambda x: x.clip(0)), ORT_FUSE),
    "addition folded away": only("Add", put(1, np.zeros_like), ORT_FUSE),
    "limits of a fused Clip from 0 to 6": only(
        "Clip", lambda c: c.operands.__setitem__(slice(1, None), [c.operands[1] * 0, c.operands[2] * 0 + 6]), ORT_2059
    ),
    "lower limit of a fused Clip lost": only("Clip", put(1, lambda b: b * 0 - 1000), ORT_2059),
    "rectifier fused as absolute value": only("Relu", put(0, np.abs), ORT_FUSE),
    "bias of a fully connected layer lost": only("Gemm", put(2, np.zeros_like), ORT_FUSE),
    "second change of sign folded away": Fault(("min_pool",), second_sign_lost, bends=("Neg",), source=ORT_FUSE),
    "subtraction folded the other way": only("Sub", lambda c: c.operands.reverse(), ORT_FUSE, ("pyramid",)),
    "threshold of a fused step lost": only("ThresholdedRelu", lambda c: c.attributes.update(alpha=0.0), ORT_FUSE),
}
