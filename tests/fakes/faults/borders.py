"""What Pad and its kin lay around a tensor: amounts, modes, constants."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call, Tensor, unpooled_shape
from tests.fakes.faults.blocks import (
    PADDED,
    PADDED_POOLS,
)
from tests.fakes.faults.changes import (
    Only,
    change_amounts,
    of,
    pad_with_zero,
    reindexed,
    set_operand,
    swap_pads,
    take_for,
)
from tests.fakes.faults.fault import SHAPE, Fault


def sort_axes(call: Call) -> None:
    """Amounts go to the axes in ascending order."""
    if len(call.operands) > 3:
        call.operands[3] = np.sort(call.operands[3])


def forget_constant(call: Call) -> None:
    """Always padded by 0."""
    call.attributes.pop("value", None)
    call.operands = [*call.operands[:2], None, *call.operands[3:]]


def padding_counted(at: Tensor, call: Call) -> Tensor:
    """Positions in the padded tensor, of which only the part inside is there."""
    extent = unpooled_shape(call)
    n = len(extent) - 2
    pads = call.attributes.get("pads", [0] * 2 * n)
    whole = (*extent[:2], *np.add(extent[2:], np.add(pads[:n], pads[n:])))
    moved = np.subtract(np.unravel_index(at, whole), np.reshape([0, 0, *pads[:n]], (-1, *[1] * at.ndim)))
    return np.asarray(np.ravel_multi_index(tuple(moved), extent, mode="clip"))


def uncleared(call: Call, results: list[Tensor]) -> list[Tensor]:
    """What was in memory before stays in the gaps."""
    y = results[0]
    gaps = np.ones(y.size, bool)
    gaps[call.operands[1].ravel()] = False
    return [np.where(gaps.reshape(y.shape), y.dtype.type(7), y)]


FAULTS = {
    "border reflected with its edge": Fault(
        ("classical_filter",),
        take_for("reflect", "symmetric"),
        source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22",
    ),
    "indices count the padding too": Fault(
        ("max_unpool",), reindexed(padding_counted), source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22"
    ),
    "gaps not cleared": Fault(
        ("max_unpool",), after=uncleared, source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22"
    ),
    "maxima sought under other pads": Fault(
        ("max_pool_gradient",), swap_pads, source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22"
    ),
    "maxima sought in zeros": Fault(
        ("max_pool_gradient",), pad_with_zero, source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22"
    ),
    "divided by the size of the kernel": Fault(
        ("average_pool_gradient",),
        Only("Div", set_operand(1, lambda count: np.full_like(count, count.max()))),
        source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22",
    ),
    "amounts swapped": Fault(
        ("pad", "median_pool", *PADDED),
        of(change_amounts(lambda sides: sides[::-1]), "Pad"),
        source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22",
    ),
    "amounts read in pairs": Fault(
        ("pad",),
        change_amounts(lambda sides: sides.reshape(-1, 2).T),
        source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22",
    ),
    "nothing removed": Fault(
        ("pad", *PADDED_POOLS),
        of(change_amounts(lambda sides: sides.clip(0)), "Pad"),
        message=SHAPE,
        source="https://github.com/onnx/onnx/issues/4294 'Pad operator behavior is not fully defined' (removal)",
    ),
    "axes sorted": Fault(
        ("pad",), sort_axes, message=SHAPE, source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22"
    ),
    "constant_value ignored": Fault(
        ("pad", *PADDED), of(forget_constant, "Pad"), source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22"
    ),
    "border reflected too": Fault(
        ("pad", "median_pool", *PADDED),
        take_for("reflect", "symmetric"),
        source="https://github.com/microsoft/onnxruntime/issues/6442 'PadNode reflect mode implementation is wrong'",
    ),
    "edge taken for wrap": Fault(
        ("pad", *PADDED), take_for("wrap", "edge"), source="Pad-25: pads, mode, constant_value, axes; MaxUnpool-22"
    ),
}
