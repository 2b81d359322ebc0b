"""The derivative of average pooling: what arrives at a window is shared out among the elements that it averages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs import patterns
from graphs.blocks.average_pool import AveragePool
from graphs.blocks.conv_transpose import ConvTranspose
from graphs.composite import Composite, Graph, alike
from graphs.geometry import Axis, Ints
from graphs.pooling import Pooling, pooled
from graphs.spec import Silence


@dataclass(frozen=True, kw_only=True)
class AveragePoolGradient(Composite, Pooling):
    """``dx[i]`` is the sum of dy / count over the windows that hold i; X is N x C x D..., dY as AveragePool's Y."""

    count_include_pad: int | None = None

    block: ClassVar[str] = "average_pool_gradient"
    signal: ClassVar[str] = "dy"

    @cached_property
    def pool(self) -> AveragePool:
        """The operator whose derivative it is; no node of the graph."""
        return alike(AveragePool, self)

    @cached_property
    def back(self) -> ConvTranspose:
        """The node that adds the shares, one channel at a time."""
        return ConvTranspose(
            batch=self.batch, channels=self.channels, filters=self.channels, group=self.channels,
            dtype=self.dtype, opset=self.opset, **self.opposite(),
        )  # fmt: skip

    def validate(self) -> None:
        """The window's rules, and AveragePool's."""
        super().validate()
        _ = self.pool

    @property
    def silent(self) -> Silence | None:
        """Where AveragePool's text is."""
        return self.pool.silent

    @property
    def tells_precision(self) -> bool:
        """Not after a division: shares are no whole numbers, and what reads them narrower rounds them once more."""
        return False

    def inputs(self) -> dict[str, Ints]:
        """DY alone: the derivative does not depend on X."""
        return {"dy": self.pool.outputs()["y"][1]}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """DX, of X's shape."""
        return {"dx": (self.dtype, (self.batch, self.channels, *self.extent))}

    def count(self) -> NDArray[np.int64]:
        """How many elements each window averages, its shape the output's; 1 where none, which is shared with nobody."""
        total = np.ones((), np.int64)
        for axis, k in zip(self.axes, self.kernel_shape, strict=True):
            total = np.multiply.outer(total, counted(axis, k, padding=bool(self.count_include_pad)))
        return np.maximum(total, 1)

    def compose(self, graph: Graph) -> None:
        """Div by the count, then ConvTranspose with ones."""
        share = graph.node("Div", "dy", graph.hold("count", self.count()[None, None], self.dtype))
        graph.spec(self.back, share, graph.hold("ones", np.ones(self.back.inputs()["w"]), self.dtype), to=["dx"])

    def meaning(self) -> dict[str, Any]:
        """AveragePool's attributes, and X's extents, which the windows do not tell."""
        return self.pool.attributes() | {"extent": self.extent}

    def tokens(self) -> list[str]:
        """Those of AveragePool."""
        return self.pool.tokens()


def counted(axis: Axis, taps: int, *, padding: bool) -> NDArray[np.int64]:
    """For each window along an axis its taps inside the input, or inside the padded input."""
    step = (axis.kernel - 1) // (taps - 1) if taps > 1 else 1
    at = np.add.outer(np.arange(axis.count) * axis.stride - axis.begin, np.arange(taps) * step)
    low, high = (-axis.begin, axis.size + axis.end) if padding else (0, axis.size)
    return np.asarray(((at >= low) & (at < high)).sum(axis=1))


AXES: dict[str, tuple[Any, ...]] = {
    "pads": (*patterns.INNER_PADS, "up to kernel"),
    **patterns.INNER_WINDOW,
    "opset": (22, 19, 13, 11),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "ceil_mode": (None, 1),
    "count_include_pad": (None, 1),
    "channels": (1, 17),
    "batch": (1, 3),
}


def build(values: dict[str, Any]) -> AveragePoolGradient:
    """The spec for one value of every axis."""
    return pooled(AveragePoolGradient, values)
