"""What is kept from another image, run or model."""

from __future__ import annotations

from tests.fakes.executor import Call, Tensor
from tests.fakes.faults.blocks import (
    ALL,
    COMPOSED,
    COPYING,
    GLOBAL,
    SLIDING,
)
from tests.fakes.faults.changes import (
    Only,
    flicker,
    keep_first_weights,
    no_batch,
    of_filters,
)
from tests.fakes.faults.fault import TWICE, VALUE, Fault


def first_results(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Whatever the first run gave."""
    found: list[Tensor] = call.memory.setdefault("first", results)
    return found


def overwrite(call: Call, results: list[Tensor]) -> list[Tensor]:
    """An input serves as scratch space."""
    call.operands[0][...] = 1
    return results


FAULTS = {
    "first image serves all": Fault(
        (*SLIDING, *GLOBAL), no_batch, source="a run depends on its model and its inputs alone"
    ),
    "first image of the batch serves all": Fault(
        (*COPYING, "max_unpool", *COMPOSED), no_batch, source="a run depends on its model and its inputs alone"
    ),
    "maxima of the first image": Fault(
        ("max_pool_gradient",), Only("MaxPool", no_batch), source="a run depends on its model and its inputs alone"
    ),
    "results of the first run again": Fault(
        ALL,
        after=first_results,
        message=VALUE.replace(")?$", ")$"),
        source="a run depends on its model and its inputs alone",
    ),
    "weights of the first run again": Fault(
        ("conv", "pad_conv", "sub_pixel"),
        of_filters(keep_first_weights),
        source="https://github.com/ooples/AiDotNet.Tensors/pull/583 'validate prepacked-B cache against in-place weight mutation'",
    ),
    "input overwritten": Fault(
        ALL,
        after=overwrite,
        message="^input (x|dy) was overwritten by the run$",
        source="a run depends on its model and its inputs alone",
    ),
    "not repeatable": Fault(
        ("average_pool",), after=flicker, message=TWICE, source="a run depends on its model and its inputs alone"
    ),
}
