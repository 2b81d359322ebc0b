"""Correct results in an unusual form, which must never be failed."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import After, Before, leave
from tests.fakes.faults.changes import (
    on_y,
)


def reuse_buffers(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Results in the same memory every time, right when handed over."""
    buffers: list[Tensor] = call.memory.setdefault("buffers", [np.empty_like(r) for r in results])
    for buffer, result in zip(buffers, results, strict=True):
        buffer[...] = result
    return buffers


def frozen(call: Call, results: list[Tensor]) -> tuple[Tensor, ...]:
    """A tuple of arrays that cannot be written."""
    for result in results:
        result.flags.writeable = False
    return tuple(results)


QUIRKS: dict[str, tuple[Before, After]] = {
    "buffers reused": (leave, reuse_buffers),
    "a tuple of read-only arrays": (leave, frozen),
    "not contiguous": (leave, lambda c, r: [np.repeat(y[..., None], 2, axis=-1)[..., 0] for y in r]),
    "column major": (leave, lambda c, r: [y.copy(order="F") for y in r]),
    "signs of zero turned": (leave, on_y(lambda y: np.where(y == 0, -y, y).astype(y.dtype))),
    "NaN of the other sign": (leave, on_y(lambda y: np.where(np.isnan(y), -y, y).astype(y.dtype))),
}
