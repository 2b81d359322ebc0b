"""Padding in front of max pooling: Pad, MaxPool, where padding by a number takes part in the maximum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from graphs import pad_chain
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.pad import Pad
from graphs.pad_chain import PadThenWindow
from graphs.spec import Spec


@dataclass(frozen=True, kw_only=True)
class PadMaxPool(PadThenWindow):
    """The largest element of each window of the padded input; MaxPool's own pads take no part."""

    block: ClassVar[str] = "pad_max_pool"
    kinds: ClassVar[tuple[type[Spec], ...]] = (Pad, MaxPool)

    @property
    def adds_zeros(self) -> bool:
        """Not where Indices, which count in the padded tensor, are asked for."""
        return super().adds_zeros and len(self.outputs()) == 1


AXES: dict[str, tuple[Any, ...]] = {
    **pad_chain.AXES,
    "pad.kind": tuple(pad_chain.KINDS),
    **pad_chain.window_axes("max_pool"),
    "max_pool.ceil_mode": (None, 1),
    "max_pool.channels": (1, 17),
    "max_pool.indices": (False, True),
}


def build(values: dict[str, Any]) -> PadMaxPool:
    """The spec for one value of every axis."""
    own = {name: values[f"max_pool.{name}"] for name in ("ceil_mode", "channels", "indices")}
    pool = PadMaxPool.link(MaxPool, **own, **pad_chain.window_fields("max_pool", values))
    return PadMaxPool.of(pad_chain.pad_before(PadMaxPool, pool, values), pool)
