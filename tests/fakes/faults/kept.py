"""What is kept from a run or a model of equal shapes: weights, attributes, results, sums, buffers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import After, Before
from tests.fakes.faults.blocks import FILTERS, GLOBAL, POOLS
from tests.fakes.faults.changes import of_filters
from tests.fakes.faults.fault import ANY_VALUE, TWICE, VALUE, Fault

OPENVINO_4739 = (
    "https://github.com/openvinotoolkit/openvino/pull/4739 'MKLDNN weights cache key calculation algorithm changed'"
)
AIDOTNET_583 = (
    "https://github.com/ooples/AiDotNet.Tensors/pull/583 'validate prepacked-B cache against in-place weight mutation'"
)
TT_55795 = "https://github.com/tenstorrent/tt-metal/pull/55795: a cache of weights poisoned by one that differs in its layout alone"
BURST = "accumulators, scratch space and outputs that are cleared once, when they are allocated"


def key_of(call: Call, first: int) -> Any:
    """Operator and shapes, as a careless cache has them."""
    return call.op, first, *(None if o is None else (o.shape, o.dtype.name) for o in call.operands)


def caching_operand(number: int) -> Callable[[], Before]:
    """An operand of the first model of equal shapes serves all later ones."""

    def make() -> Before:
        held: dict[Any, Any] = {}

        def before(call: Call) -> None:
            if len(call.operands) > number and call.operands[number] is not None:
                call.operands[number] = held.setdefault(key_of(call, number), call.operands[number])

        return of_filters(before) if number else before

    return make


def caching_slope() -> Before:
    """Slopes of the first model of equal shapes."""
    held: dict[Any, Any] = {}

    def before(call: Call) -> None:
        call.operands[1] = held.setdefault(key_of(call, 1), call.operands[1])

    return before


def caching_attribute(*names: str) -> Callable[[], Before]:
    """Attributes of the first model of equal shapes and windows."""

    def make() -> Before:
        held: dict[Any, Any] = {}

        def before(call: Call) -> None:
            others = tuple((k, str(v)) for k, v in sorted(call.attributes.items()) if k not in names)
            found = held.setdefault((key_of(call, 0), others, call.opset), {n: call.attributes.get(n) for n in names})
            for name, value in found.items():
                call.attributes.pop(name, None)
                if value is not None:
                    call.attributes[name] = value

        return before

    return make


def first_of_run(*numbers: int) -> Before:
    """Operands of a model's first run again."""

    def before(call: Call) -> None:
        held = call.memory.setdefault(f"operands of {call.op}", list(call.operands))
        for number in numbers:
            if len(call.operands) > number:
                call.operands[number] = held[number]

    return before


def added_up(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Sums go on from those of the run before."""
    call.memory["sum"] = call.memory.get("sum", 0) + results[0]
    return [np.asarray(call.memory["sum"], results[0].dtype), *results[1:]]


def border_kept(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The last element of each row is written by the first run alone."""
    y = results[0].copy()
    if y.ndim:
        y[..., -1] = call.memory.setdefault("border", y[..., -1].copy())
    return [y, *results[1:]]


def alternating(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Of two buffers in turn the second one's first element is never written."""
    runs = call.memory["runs"] = call.memory.get("runs", 0) + 1
    y = results[0].copy()
    if runs > 2 and y.size:
        y.flat[0] = 5
    return [y, *results[1:]]


def larger_kept() -> After:
    """The largest of this run and the one before: a maximum that is not started anew."""

    def after(call: Call, results: list[Tensor]) -> list[Tensor]:
        top = call.memory["top"] = np.maximum(call.memory.get("top", results[0]), results[0])
        return [np.asarray(top), *results[1:]]

    return after


def raises_later(call: Call) -> None:
    """The second run of a model finds its workspace gone."""
    runs = call.memory["runs"] = call.memory.get("runs", 0) + 1
    if runs > 1:
        raise RuntimeError("workspace was released")


FAULTS = {
    "weights of another model of equal shapes": Fault(FILTERS, make=caching_operand(1), source=OPENVINO_4739),
    "bias of another model of equal shapes": Fault(
        ("conv", "conv_transpose", "pad_conv"), make=caching_operand(2), source=TT_55795
    ),
    "slopes of another model of equal shapes": Fault(("p_relu",), make=caching_slope, source=OPENVINO_4739),
    "strides of another model of equal shapes": Fault(
        ("conv", "max_pool", "average_pool"), make=caching_attribute("strides"), message=".*has shape", source=TT_55795
    ),
    "p of another model of equal shapes": Fault(
        ("lp_pool", "global_lp_pool"), make=caching_attribute("p"), source=TT_55795
    ),
    "alpha of another model of equal shapes": Fault(
        ("leaky_relu", "elu", "thresholded_relu", "hard_sigmoid"), make=caching_attribute("alpha"), source=TT_55795
    ),
    "mode of another model of equal shapes": Fault(
        ("depth_to_space",), make=caching_attribute("mode"), source=TT_55795
    ),
    "slopes of the first run again": Fault(("p_relu",), first_of_run(1), source=AIDOTNET_583),
    "images of the first run again": Fault(
        ("conv", "max_pool", "resize"), first_of_run(0), message=VALUE, source=BURST
    ),
    "weights of the first run of a network again": Fault(("conv_transpose",), first_of_run(1, 2), source=AIDOTNET_583),
    "sums of the run before added": Fault(
        (*FILTERS, "average_pool", "lp_pool", *GLOBAL[1:], "copy_unpool"), after=added_up, source=BURST
    ),
    "maxima of the run before kept": Fault(
        ("max_pool", "global_max_pool", "pad_max_pool"), after=larger_kept(), source=BURST
    ),
    "border written once": Fault((*FILTERS, *POOLS, "pad", "max_unpool"), after=border_kept, source=BURST),
    "second buffer not written": Fault(
        ("conv", "relu", "max_pool", "pad"), after=alternating, message=TWICE + "|" + ANY_VALUE, source=BURST
    ),
    "workspace released after a run": Fault(
        ("conv", "resize"),
        raises_later,
        message="^RuntimeError: workspace was released$",
        verdict="error",
        source=BURST,
    ),
}
