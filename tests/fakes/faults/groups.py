"""Channels and filters that are dealt to the wrong groups."""

from __future__ import annotations

from tests.fakes.faults.blocks import (
    FILTERS,
)
from tests.fakes.faults.changes import (
    Only,
    first_group_only,
    interleave_groups,
    of_filters,
)
from tests.fakes.faults.fault import Fault

FAULTS = {
    "first group serves all": Fault(
        FILTERS,
        of_filters(first_group_only),
        source="Conv-22 group: 'number of groups input channels and output channels are divided into.'",
    ),
    "groups interleaved": Fault(
        FILTERS,
        of_filters(interleave_groups),
        source="https://github.com/uxlfoundation/oneDNN/issues/352 'get wrong layout when using deconvolution-direct && group != 1'",
    ),
    "groups of dX mixed": Fault(
        ("conv_gradient",),
        Only("ConvTranspose", interleave_groups),
        source="Conv-22 group: 'number of groups input channels and output channels are divided into.'",
    ),
    "groups of dW mixed": Fault(
        ("conv_gradient",),
        Only("Conv", interleave_groups),
        source="Conv-22 group: 'number of groups input channels and output channels are divided into.'",
    ),
}
