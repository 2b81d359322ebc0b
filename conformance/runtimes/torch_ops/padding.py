"""ONNX's pads and auto_pad for torch, whose own padding is symmetric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F

from conformance.runtimes.protocol import Unsupported


class Slide(NamedTuple):
    """A sliding window's attributes, all of one length, ``auto_pad`` resolved."""

    size: list[int]
    kernel: list[int]
    strides: list[int]
    dilations: list[int]
    begin: list[int]
    end: list[int]
    ceil: bool

    @property
    def reach(self) -> list[int]:
        """Extents of the dilated kernel."""
        return [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilations, strict=True)]

    @property
    def is_symmetric(self) -> bool:
        """Whether torch's padding argument can say it."""
        return self.begin == self.end

    def overhang(self) -> list[int]:
        """Pixels past the end padding that ceil_mode's last window needs; it must start before the right padding."""
        found = []
        for i, reach in enumerate(self.reach):
            span = self.size[i] + self.begin[i] + self.end[i] - reach
            extra = -span % self.strides[i] if self.ceil else 0
            starts_inside = span + extra < self.size[i] + self.begin[i]
            found.append(extra if starts_inside else 0)
        return found


def slide(
    x: torch.Tensor,
    kernel: Sequence[int],
    strides: Sequence[int] = (),
    dilations: Sequence[int] = (),
    pads: Sequence[int] = (),
    auto_pad: bytes = b"NOTSET",
    ceil_mode: int = 0,
) -> Slide:
    """Resolve the attributes of a node against its input; torch has one to three spatial axes."""
    size = list(x.shape[2:])
    rank = len(size)
    if not 1 <= rank <= 3:
        raise Unsupported(f"torch.nn.functional has no window over {rank} axes")
    strides, dilations = list(strides) or [1] * rank, list(dilations) or [1] * rank
    begin, end = (list(pads[:rank]), list(pads[rank:])) if pads else ([0] * rank, [0] * rank)
    found = Slide(size, list(kernel), strides, dilations, begin, end, bool(ceil_mode) and auto_pad == b"NOTSET")
    if not auto_pad.startswith(b"SAME"):
        return found
    total = [max(0, (-(-n // s) - 1) * s + r - n) for n, s, r in zip(size, strides, found.reach, strict=True)]
    less, more = [t // 2 for t in total], [t - t // 2 for t in total]
    begin, end = (less, more) if auto_pad == b"SAME_UPPER" else (more, less)
    return found._replace(begin=begin, end=end)


def pad(x: torch.Tensor, begin: Sequence[int], end: Sequence[int], value: float) -> torch.Tensor:
    """``x`` with its spatial axes padded by a constant."""
    amounts = [n for pair in zip(reversed(begin), reversed(end), strict=True) for n in pair]
    return F.pad(x, amounts, value=value) if any(amounts) else x
