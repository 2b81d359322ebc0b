"""Padding in front of a convolution: Pad, Conv, which runtimes fuse where the padding is zeros at the border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from graphs import pad_chain
from graphs.blocks.conv import Conv
from graphs.blocks.pad import Pad
from graphs.pad_chain import PadThenWindow
from graphs.spec import Spec


@dataclass(frozen=True, kw_only=True)
class PadConv(PadThenWindow):
    """The convolution of the padded input."""

    block: ClassVar[str] = "pad_conv"
    kinds: ClassVar[tuple[type[Spec], ...]] = (Pad, Conv)


AXES: dict[str, tuple[Any, ...]] = {
    **pad_chain.AXES,
    **pad_chain.window_axes("conv"),
    "conv.channels": ((3, 17, 1), (1, 1, None), (4, 6, 2), (17, 17, 17)),  # channels, filters, group
    "conv.bias": (False, True),
    "conv.weights": ("initializer", "input"),
}


def build(values: dict[str, Any]) -> PadConv:
    """The spec for one value of every axis."""
    channels, filters, group = values["conv.channels"]
    own = {"channels": channels, "filters": filters, "group": group}
    own |= {name: values[f"conv.{name}"] for name in ("bias", "weights")}
    conv = PadConv.link(Conv, **own, **pad_chain.window_fields("conv", values))
    return PadConv.of(pad_chain.pad_before(PadConv, conv, values), conv)
