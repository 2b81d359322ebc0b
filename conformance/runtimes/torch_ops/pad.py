"""Padding in torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from conformance.runtimes.protocol import Unsupported

MODES = {b"reflect": "reflect", b"edge": "replicate", b"wrap": "circular"}


def pad(
    x: torch.Tensor,
    pads: Sequence[int] | torch.Tensor = (),
    constant_value: torch.Tensor | None = None,
    axes: torch.Tensor | None = None,
    *,
    outputs: int,
    mode: bytes = b"constant",
    value: float = 0.0,
    paddings: Sequence[int] = (),
) -> tuple[Any, ...]:
    """``Pad``; every mode but the constant one axis after the other, because torch has it for the last axes only."""
    amounts = [int(p) for p in (pads if len(pads) else paddings)]
    named = range(x.ndim) if axes is None else [int(axis) % x.ndim for axis in axes]
    if len(set(named)) < len(named):
        raise Unsupported("an axis is repeated, whose behaviour is undefined")
    sides = {axis: (amounts[i], amounts[len(named) + i]) for i, axis in enumerate(named)}
    if mode == b"constant":
        every = [sides.get(axis, (0, 0)) for axis in reversed(range(x.ndim))]
        fill = value if constant_value is None else constant_value.item()
        return (F.pad(x, [n for side in every for n in side], value=fill),)
    for axis, (begin, end) in sides.items():
        x = along(x.movedim(axis, -1), begin, end, mode).movedim(-1, axis)
    return (x,)


def along(x: torch.Tensor, begin: int, end: int, mode: bytes) -> torch.Tensor:
    """The last axis padded; what a negative amount removes goes first."""
    x = F.pad(x, [min(begin, 0), min(end, 0)])
    begin, end, size = max(begin, 0), max(end, 0), x.shape[-1]
    limit = {b"reflect": size - 1, b"wrap": size}.get(mode, begin + end if size else 0)
    if max(begin, end) > limit:
        raise Unsupported(f"torch.nn.functional.pad has no {MODES[mode]} padding of {max(begin, end)} for {size}")
    if not begin and not end:
        return x
    flat = F.pad(x.reshape(1, -1, size), [begin, end], MODES[mode])
    return flat.reshape(*x.shape[:-1], -1)


TABLE = {"Pad": pad}
