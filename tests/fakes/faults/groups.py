"""Channels and filters that are dealt to the wrong groups."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call
from tests.fakes.faults.blocks import (
    FILTERS,
)
from tests.fakes.faults.changes import (
    Only,
    of_filters,
)
from tests.fakes.faults.fault import Fault


def first_group_only(call: Call) -> None:
    """Every group reads the channels of the first."""
    x, group = call.operands[0], call.attributes.get("group", 1)
    call.operands[0] = np.concatenate([x[:, : x.shape[1] // group]] * group, axis=1)


def interleave_groups(call: Call) -> None:
    """Channels are dealt to the groups in turn."""
    x, group = call.operands[0], call.attributes.get("group", 1)
    call.operands[0] = x.reshape(len(x), -1, group, *x.shape[2:]).swapaxes(1, 2).reshape(x.shape)


FAULTS = {
    "first group serves all": Fault(FILTERS, of_filters(first_group_only)),
    "groups interleaved": Fault(FILTERS, of_filters(interleave_groups)),
    "groups of dX mixed": Fault(("conv_gradient",), Only("ConvTranspose", interleave_groups)),
    "groups of dW mixed": Fault(("conv_gradient",), Only("Conv", interleave_groups)),
}
