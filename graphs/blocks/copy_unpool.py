"""Un-pooling by copying: every element fills its window, windows that overlap are averaged, gaps are 0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs import patterns
from graphs.blocks.pad import Pad
from graphs.composite import Composite, Graph
from graphs.geometry import Ints
from graphs.spec import Invalid


def sources(size: int, kernel: int, stride: int) -> list[range]:
    """For each of the (M - 1) S + w places along an axis the elements whose windows hold it."""
    places = range((size - 1) * stride + kernel)
    return [range(max(0, -(-(at - kernel + 1) // stride)), min(size - 1, at // stride) + 1) for at in places]


@dataclass(frozen=True, kw_only=True)
class CopyUnpool(Composite):
    """Each element of X in every place of a window of ``kernel_shape``, the windows ``strides`` apart.

    Gather and Sum of whole numbers of places: a convolution with ones would make 0 * inf of an infinity nearby.
    """

    batch: int
    channels: int
    extent: Ints
    kernel_shape: Ints
    strides: Ints

    block: ClassVar[str] = "copy_unpool"

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return len(self.extent)

    def validate(self) -> None:
        """One to three axes, an entry of 1 or more for each in every tuple."""
        super().validate()
        if not 1 <= self.rank <= 3:
            raise Invalid(f"extent has {self.rank} axes, must have 1, 2 or 3", "extent")
        for field in ("extent", "kernel_shape", "strides"):
            value = getattr(self, field)
            if len(value) != self.rank or min(value) < 1:
                raise Invalid(f"{field} is {value}, must have {self.rank} entries of 1 or more", field, "extent")
        for field in ("batch", "channels"):
            if getattr(self, field) < 1:
                raise Invalid(f"{field} is {getattr(self, field)}, must be 1 or more", field)

    @cached_property
    def places(self) -> list[list[range]]:
        """`sources` along each axis."""
        return [sources(*axis) for axis in zip(self.extent, self.kernel_shape, self.strides, strict=True)]

    @cached_property
    def pad(self) -> Pad:
        """A 0 behind every spatial axis, to be read where no window is."""
        shape = self.inputs()["x"]
        pads = (*[0] * len(shape), 0, 0, *[1] * self.rank)
        return Pad(shape=shape, pads=pads, dtype=self.dtype, opset=self.opset)

    @property
    def terms(self) -> int:
        """The windows that hold one place."""
        return prod(max(len(found) for found in axis) for axis in self.places)

    def inputs(self) -> dict[str, Ints]:
        """X."""
        return {"x": (self.batch, self.channels, *self.extent)}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y, of (M - 1) S + w elements along each spatial axis."""
        return {"y": (self.dtype, (self.batch, self.channels, *map(len, self.places)))}

    def compose(self, graph: Graph) -> None:
        """Pad, a Sum of Gathers for each axis in turn, and Div by the number of windows where some overlap."""
        graph.hold("pads", self.pad.pads)
        found = graph.spec(self.pad, "x")
        for axis in range(self.rank):
            is_last = axis == self.rank - 1 and not self.overlaps
            found = self._along(graph, found, axis, ["y"] if is_last else [])
        if self.overlaps:
            graph.node("Div", found, graph.hold("counts", np.maximum(self.counts, 1), self.dtype), to=["y"])

    def _along(self, graph: Graph, x: str, axis: int, to: list[str]) -> str:
        """One spatial axis spread out: the first, second ... element of every place, the 0 where there is none."""
        number, most = self.extent[axis], max(map(len, self.places[axis]))
        names = []
        for nth in range(most):
            at = [which[nth] if nth < len(which) else number for which in self.places[axis]]
            index = graph.hold(f"axis_{axis}_{nth}", at)
            names.append(graph.node("Gather", x, index, to=to if most == 1 else (), axis=2 + axis))
        return names[0] if most == 1 else graph.node("Sum", *names, to=to)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many windows hold each place."""
        return reduce(np.multiply.outer, [np.array([len(which) for which in axis]) for axis in self.places])

    @property
    def overlaps(self) -> bool:
        """Whether two windows share a place."""
        return bool(self.counts.max() > 1)

    def meaning(self) -> dict[str, Any]:
        """The windows."""
        return {"kernel_shape": self.kernel_shape, "strides": self.strides}

    def tokens(self) -> list[str]:
        """Shape, window and strides."""
        marks = {"k": self.kernel_shape, "s": self.strides}
        shape = "x" + ".".join(map(str, self.inputs()["x"]))
        return [f"{self.rank}d", shape, *(mark + "x".join(map(str, value)) for mark, value in marks.items())]

    def traits(self) -> dict[str, Any]:
        """Fields, and how the windows lie to each other."""
        gaps = bool((self.counts == 0).any())
        return super().traits() | {"rank": self.rank, "overlaps": self.overlaps, "gaps": gaps}


AXES: dict[str, tuple[Any, ...]] = {
    "strides": ((2, 2, 2), "kernel", (1, 1, 1), (3, 1, 2), "above kernel"),
    "kernel_shape": patterns.KERNELS,
    "extent": ((3, 4, 2), (2, 5, 3), (1, 1, 1)),
    "rank": (2, 1, 3),
    "opset": (22, 18, 13, 11),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "channels": (1, 17),
    "batch": (1, 3),
}


def build(values: dict[str, Any]) -> CopyUnpool:
    """The spec for one value of every axis."""
    rank, strides = values["rank"], values["strides"]
    kernel = values["kernel_shape"][:rank]
    named = {"kernel": kernel, "above kernel": tuple(k + 1 for k in kernel)}
    return CopyUnpool(
        extent=values["extent"][:rank], kernel_shape=kernel,
        strides=named[strides] if isinstance(strides, str) else strides[:rank],
        **{name: values[name] for name in ("opset", "dtype", "channels", "batch")},
    )  # fmt: skip
