"""Padding in front of average pooling: Pad, AveragePool, where padding counts whatever count_include_pad says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from graphs import pad_chain
from graphs.blocks.average_pool import AveragePool
from graphs.blocks.pad import Pad
from graphs.pad_chain import PadThenWindow
from graphs.spec import Spec


@dataclass(frozen=True, kw_only=True)
class PadAveragePool(PadThenWindow):
    """The mean of each window of the padded input; AveragePool's own pads count by count_include_pad."""

    block: ClassVar[str] = "pad_average_pool"
    kinds: ClassVar[tuple[type[Spec], ...]] = (Pad, AveragePool)

    @property
    def adds_zeros(self) -> bool:
        """Not beside pads that do not count, as zeros do."""
        pool = self.links[-1]
        counts = isinstance(pool, AveragePool) and bool(pool.count_include_pad)
        return super().adds_zeros and (counts or not any(axis.begin or axis.end for axis in self.window.axes))


AXES: dict[str, tuple[Any, ...]] = {
    **pad_chain.AXES,
    **pad_chain.window_axes("average_pool"),
    "average_pool.ceil_mode": (None, 1),
    "average_pool.count_include_pad": (None, 1),
    "average_pool.channels": (1, 17),
}


def build(values: dict[str, Any]) -> PadAveragePool:
    """The spec for one value of every axis."""
    own = {name: values[f"average_pool.{name}"] for name in ("ceil_mode", "count_include_pad", "channels")}
    pool = PadAveragePool.link(AveragePool, **own, **pad_chain.window_fields("average_pool", values))
    return PadAveragePool.of(pad_chain.pad_before(PadAveragePool, pool, values), pool)
