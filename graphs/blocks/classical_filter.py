"""Classical filters as convolutions that keep the size: gradients, smoothing, the Laplacian, a Haar wavelet step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs.blocks.conv import Conv
from graphs.blocks.pad import Pad
from graphs.composite import Composite, Graph
from graphs.geometry import Ints
from graphs.spec import Invalid

RISE, SMOOTH, MEAN = (-1, 0, 1), (1, 2, 1), (1, 1, 1)
BINOMIAL = (1, 4, 6, 4, 1)
# name -> kernels of one channel; every one is correlated with the image, as Conv does
KERNELS: dict[str, list[NDArray[Any]]] = {
    "sobel": [np.outer(SMOOTH, RISE), np.outer(RISE, SMOOTH)],  # along the width, along the height
    "prewitt": [np.outer(MEAN, RISE), np.outer(RISE, MEAN)],
    "gaussian-3": [np.outer(SMOOTH, SMOOTH) / 16],
    "gaussian-5": [np.outer(BINOMIAL, BINOMIAL) / 256],
    "laplacian-4": [np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])],
    "laplacian-8": [np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]])],
    "haar": [np.outer(a, b) / 2 for a in ((1, 1), (1, -1)) for b in ((1, 1), (1, -1))],  # LL, LH, HL, HH
}
BORDERS = ("zero", "zero by Pad", "edge", "reflect")


@dataclass(frozen=True, kw_only=True)
class ClassicalFilter(Composite):
    """Every channel by itself, its kernels' results side by side.

    The odd pixel of an even kernel's border is at the end.
    """

    filter: str
    shape: Ints
    border: str = "zero"

    block: ClassVar[str] = "classical_filter"

    def validate(self) -> None:
        """Known names, and an image that a border can be taken from."""
        super().validate()
        if self.filter not in KERNELS:
            raise Invalid(f"filter is {self.filter!r}, must be one of {', '.join(KERNELS)}", "filter")
        if self.border not in BORDERS:
            raise Invalid(f"border is {self.border!r}, must be one of {', '.join(BORDERS)}", "border")
        if len(self.shape) != 4 or min(self.shape) < 1 or min(self.shape[2:]) < 3:
            raise Invalid(f"shape is {self.shape}, must be (N, C, H, W) with H and W of 3 or more", "shape")

    @cached_property
    def weights(self) -> NDArray[Any]:
        """W of a convolution with a group a channel."""
        kernels = np.stack(KERNELS[self.filter])[:, None]
        return np.tile(kernels, (self.shape[1], 1, 1, 1)).astype(self.dtype)

    @property
    def pads(self) -> Ints:
        """Begins and ends of both spatial axes."""
        sides = [k - 1 for k in self.weights.shape[2:]]
        return (*(s // 2 for s in sides), *(s - s // 2 for s in sides))

    def compose(self, graph: Graph) -> None:
        """A convolution, and Pad in front of it where the border is not its own zeros."""
        n, c, h, w = self.shape
        top, left, bottom, right = self.pads
        same: dict[str, Any] = {"dtype": self.dtype, "opset": self.opset}
        x, own = "x", dict[str, Any](pads=self.pads)
        if self.border != "zero":
            mode = "constant" if self.border == "zero by Pad" else self.border
            pad = Pad(shape=self.shape, pads=(0, 0, top, left, 0, 0, bottom, right), mode=mode, **same)
            x, own = graph.spec(pad, "x", graph.hold("pads", pad.pads)), {}
            h, w = h + top + bottom, w + left + right
        weights = self.weights
        conv = Conv(
            batch=n,
            channels=c,
            extent=(h, w),
            filters=len(weights),
            group=c,
            kernel_shape=weights.shape[2:],
            **own,
            **same,
        )
        graph.spec(conv, x, to=["y"])

    @property
    def tells_precision(self) -> bool:
        """The weights are not those of wide integers."""
        return False

    def inputs(self) -> dict[str, Ints]:
        """X and W."""
        return {"x": self.shape, "w": self.weights.shape}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y, of X's extent."""
        return {"y": (self.dtype, (self.shape[0], len(self.weights), *self.shape[2:]))}

    def constants(self) -> Collection[str]:
        """W."""
        return ("w",)

    def given(self) -> Mapping[str, NDArray[Any]]:
        """W belongs to the setting."""
        return {"w": self.weights}

    def meaning(self) -> dict[str, Any]:
        """The filter's name, from which the reference makes its own kernels, and the border."""
        return {"filter": self.filter, "border": self.border}

    def tokens(self) -> list[str]:
        """Filter, shape, border."""
        return [
            self.filter.replace("-", ""),
            "x" + ".".join(map(str, self.shape)),
            self.border.lower().replace(" ", ""),
        ]


AXES: dict[str, tuple[Any, ...]] = {
    "filter": tuple(KERNELS),
    "shape": ((1, 1, 9, 8), (2, 3, 5, 17), (1, 1, 3, 3)),
    "border": BORDERS,
    "opset": (22, 18, 13, 11),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
}


def build(values: Mapping[str, Any]) -> ClassicalFilter:
    """The spec for one value of every axis."""
    return ClassicalFilter(**values)
