"""Results of another number, kind, type or shape."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call
from tests.fakes.fake import Before
from tests.fakes.faults.blocks import (
    ALL,
    GLOBAL,
)
from tests.fakes.faults.changes import (
    on_indices,
    on_y,
)
from tests.fakes.faults.fault import SHAPE, TAIL, Fault


def raises(error: Exception) -> Before:
    """The runtime refuses a valid graph."""

    def before(call: Call) -> None:
        raise error

    return before


FAULTS = {
    "spatial axes squeezed": Fault(
        GLOBAL,
        after=on_y(lambda y: y.reshape(y.shape[:2])),
        message=SHAPE,
        source="the operator's outputs: number, kind, type and shape",
    ),
    "float64 returned": Fault(
        ALL,
        after=on_y(lambda y: y.astype(np.float64)),
        message=r"^(y|dx) is float64, should be (b?float|u?int)\d+\w*" + TAIL,
        source="the operator's outputs: number, kind, type and shape",
    ),
    "batch squeezed": Fault(
        ALL,
        after=on_y(lambda y: y[0] if y.shape and len(y) == 1 else y),
        message=SHAPE,
        source="the operator's outputs: number, kind, type and shape",
    ),
    "a list instead of an array": Fault(
        ALL,
        after=on_y(lambda y: y.tolist()),
        message="^(y|dx) is a (list|float), should be an array$",
        source="the operator's outputs: number, kind, type and shape",
    ),
    "nothing instead of an array": Fault(
        ALL,
        after=on_y(lambda y: None),
        message="^(y|dx) is a NoneType, should be an array$",
        source="the operator's outputs: number, kind, type and shape",
    ),
    "no results": Fault(
        ALL,
        after=lambda c, r: [],
        message=r"^0 results, should be [123] \((y|dx)(, \w+)*\)",
        source="the operator's outputs: number, kind, type and shape",
    ),
    "indices forgotten": Fault(
        ("max_pool", "pad_max_pool"),
        after=lambda c, r: r[:1],
        message=r"^1 results, should be 2 \(y, indices\)$",
        source="the operator's outputs: number, kind, type and shape",
    ),
    "one result too many": Fault(
        ALL,
        after=lambda c, r: [*r, r[0]],
        message=r"^[234] results, should be [123] \((y|dx)(, \w+)*\)" + TAIL,
        source="the operator's outputs: number, kind, type and shape",
    ),
    "indices of 32 bits": Fault(
        ("max_pool", "pad_max_pool"),
        after=on_indices(lambda at: at.astype(np.int32)),
        message="^indices is int32, should be int64$",
        source="the operator's outputs: number, kind, type and shape",
    ),
    "an exception": Fault(
        ALL,
        raises(ValueError("no\nway")),
        message="^ValueError: no way$",
        verdict="error",
        source="the operator's outputs: number, kind, type and shape",
    ),
}
