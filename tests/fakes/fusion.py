"""A runtime that leaves the padding of a Pad to the window behind it, where that is right and where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import Before


@dataclass(frozen=True)
class Padding:
    """What a Pad does to ``x``: amounts of every axis, mode and constant."""

    x: Tensor
    begin: Tensor
    end: Tensor
    mode: str
    constant: float

    @property
    def is_spatial(self) -> bool:
        """Whether batch and channels stay as they are."""
        return not (self.begin[:2].any() or self.end[:2].any())

    @property
    def is_added(self) -> bool:
        """Whether nothing is removed."""
        return bool(min(self.begin.min(), self.end.min()) >= 0)

    @property
    def is_plain(self) -> bool:
        """Whether a window's own pads could have these amounts."""
        return self.is_spatial and self.is_added and self.mode == "constant"


Rule = Callable[[Padding, Call], bool]


def padding_of(call: Call) -> Padding:
    """Read from the call of a Pad of opset 11 or later."""
    x, amounts, constant, axes = (*call.operands, None, None)[:4]
    named = np.arange(x.ndim) if axes is None else axes % x.ndim
    begin, end = np.zeros(x.ndim, int), np.zeros(x.ndim, int)
    begin[named], end[named] = np.reshape(amounts, (2, -1))
    return Padding(x, begin, end, call.attributes.get("mode", "constant"), 0.0 if constant is None else float(constant))


def fusing(rule: Rule, *, counts: bool = True, keeps: bool = True) -> Before:
    """Where the rule holds, the amounts are added to the explicit pads of the window, which reads what Pad read.

    ``counts`` says that an average counts them then, ``keeps`` that the window keeps its own pads.
    """

    def before(call: Call) -> None:
        if call.op == "Pad":
            call.memory["padding"] = padding_of(call)
            return
        found: Padding = call.memory["padding"]
        if call.attributes.get("auto_pad", "NOTSET") != "NOTSET" or not rule(found, call):
            return
        added = np.concatenate([found.begin[2:], found.end[2:]]).clip(0)
        own: Any = call.attributes.get("pads", 0) if keeps else 0
        call.operands[0] = found.x
        call.attributes["pads"] = (added + own).tolist()
        if counts and call.op == "AveragePool":
            call.attributes["count_include_pad"] = 1

    return before


def has_own(call: Call) -> bool:
    """Whether the window has pads of its own."""
    return any(call.attributes.get("pads", ()))


def is_right(padding: Padding, call: Call) -> bool:
    """Where a result stays the same: no window is ignored for where it starts, and padding means the same to both."""
    if not padding.is_plain or call.attributes.get("ceil_mode", 0):
        return False
    if call.op == "MaxPool":
        return padding.constant == -np.inf and call.outputs == 1
    if call.op == "AveragePool":
        return padding.constant == 0 and (bool(call.attributes.get("count_include_pad", 0)) or not has_own(call))
    return padding.constant == 0 and all(np.isfinite(w).all() for w in call.operands[1:])


def is_rounded_up(padding: Padding, call: Call) -> bool:
    """Under ceil_mode, where the window's own pads do not stand for the padding, though both mean zeros."""
    return padding.is_plain and padding.constant == 0 and bool(call.attributes.get("ceil_mode", 0))


RIGHT = fusing(is_right)
ZEROS_OF_MAX = fusing(lambda padding, call: padding.is_plain and padding.constant == 0 and call.outputs == 1)
ANY_MODE = fusing(lambda padding, call: padding.is_spatial and padding.is_added)
ANY_CONSTANT = fusing(lambda padding, call: padding.is_plain)
NOT_COUNTED = fusing(lambda padding, call: padding.is_plain and padding.constant == 0, counts=False)
LEADING_LOST = fusing(lambda padding, call: padding.mode == "constant" and padding.constant == 0 and padding.is_added)
REMOVAL_LOST = fusing(lambda padding, call: padding.is_spatial and padding.constant == 0)
OWN_LOST = fusing(is_right, keeps=False)
ROUNDED_UP = fusing(is_rounded_up)
