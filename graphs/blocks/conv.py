"""Convolution: ONNX ``Conv``, versions 1, 11 and 22, in one to three spatial axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from graphs import patterns, weighted
from graphs.geometry import Ints
from graphs.spec import Silence
from graphs.weighted import Weighted
from graphs.windowed import Windowed


@dataclass(frozen=True, kw_only=True)
class Conv(Weighted, Windowed):
    """``Y = W * X (+ B)``: X is N x C x D..., W is M x C/group x k..., B is M, Y is N x M x O...."""

    block: ClassVar[str] = "conv"
    op_type: ClassVar[str] = "Conv"
    versions: ClassVar[Ints] = (1, 11, 22)
    attribute_names: ClassVar[tuple[str, ...]] = (
        "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides",
    )  # fmt: skip
    filters_first: ClassVar[bool] = True

    @property
    def silent(self) -> Silence | None:
        """What version 1 lacks, and its SAME_* sentence, which cannot hold under a stride."""
        found = super().silent
        if found or self.version > 1:
            return found
        if self.is_same and max(self.strides or (1,)) > 1:
            return Silence(
                "Conv-1, auto_pad: 'pad the input so that the output spatial size match the input' (under a stride?)",
                ("auto_pad", "strides", "kernel_shape", "opset"),
            )
        return None


# (channels, filters, group): past vector widths of 8 and 16, grouped, depthwise, depthwise with a multiplier
CHANNELS = ((1, 1, None), (3, 17, 1), (17, 5, None), (4, 6, 2), (17, 17, 17), (3, 6, 3))
AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.PADS,
    "channels": CHANNELS,
    **patterns.WINDOW,
    **weighted.AXES,
}


def build(values: dict[str, Any]) -> Conv:
    """The spec for one value of every axis."""
    return Conv(**weighted.fields(values), **patterns.window(values))
