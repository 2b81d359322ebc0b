"""What is kept from another image, run or model."""

from __future__ import annotations

from tests.fakes.executor import Call, Tensor
from tests.fakes.faults.blocks import (
    ALL,
    COMPOSED,
    COPYING,
    GLOBAL,
    WINDOWED,
)
from tests.fakes.faults.changes import (
    Only,
    flicker,
    no_batch,
    of_filters,
)
from tests.fakes.faults.fault import TWICE, VALUE, Fault


def first_results(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Whatever the first run gave."""
    found: list[Tensor] = call.memory.setdefault("first", results)
    return found


def keep_first_weights(call: Call) -> None:
    """Filters and bias are packed at the first run and never looked at again."""
    call.operands[1:] = call.memory.setdefault("weights", call.operands[1:])


def overwrite(call: Call, results: list[Tensor]) -> list[Tensor]:
    """An input serves as scratch space."""
    call.operands[0][...] = 1
    return results


FAULTS = {
    "first image serves all": Fault((*WINDOWED, *GLOBAL), no_batch),
    "first image of the batch serves all": Fault((*COPYING, "max_unpool", *COMPOSED), no_batch),
    "maxima of the first image": Fault(("max_pool_gradient",), Only("MaxPool", no_batch)),
    "results of the first run again": Fault(ALL, after=first_results, message=VALUE.replace(")?$", ")$")),
    "weights of the first run again": Fault(("conv", "pad_conv", "sub_pixel"), of_filters(keep_first_weights)),
    "input overwritten": Fault(ALL, after=overwrite, message="^input (x|dy) was overwritten by the run$"),
    "not repeatable": Fault(("average_pool",), after=flicker, message=TWICE),
}
