"""The Laplacian pyramid and its reconstruction (Burt & Adelson 1983), with 2x2 means or the binomial kernel of five."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.blocks.classical_filter import KERNELS
from graphs.geometry import Ints
from graphs.layered import Layered
from graphs.layers import Layers
from graphs.spec import Invalid

(BINOMIAL,) = KERNELS["gaussian-5"]  # Burt & Adelson's kernel with a = 3/8
SMOOTHINGS = ("mean", "binomial")


@dataclass(frozen=True, kw_only=True)
class Pyramid(Layered):
    """Results d0, d1 ...: what each halving loses; g: the smallest image; y: the image put together again."""

    smoothing: str
    extent: Ints
    levels: int
    channels: int = 1

    block: ClassVar[str] = "pyramid"

    def validate(self) -> None:
        """An image that can be halved as often."""
        super().validate()
        if self.smoothing not in SMOOTHINGS:
            raise Invalid(f"smoothing is {self.smoothing!r}, must be one of {', '.join(SMOOTHINGS)}", "smoothing")
        if self.levels < 1:
            raise Invalid(f"levels is {self.levels}, must be 1 or more", "levels")
        if any(e < 1 or e % (1 << self.levels) for e in self.extent):
            raise Invalid(f"extent is {self.extent}, must be multiples of 2^{self.levels}", "extent", "levels")

    def halved(self, net: Layers, x: str) -> str:
        """Smoothed, and every other pixel."""
        if self.smoothing == "mean":
            return net.average_pool(x, (2, 2), (2, 2))
        return net.filtered(x, BINOMIAL, strides=(2, 2), pads=(2, 2, 2, 2))

    def doubled(self, net: Layers, x: str) -> str:
        """Copied into 2x2 pixels, or spread by the binomial kernel over zeros between the pixels."""
        if self.smoothing == "mean":
            return net.repeated(x)
        return net.spread(x, 4 * BINOMIAL, strides=(2, 2), pads=(2, 2, 2, 2), output_padding=(1, 1))

    def lay_out(self, net: Layers) -> Mapping[str, str]:
        """Down, the differences, and up again."""
        net.shapes["x"] = (1, self.channels, *self.extent)
        images, details = ["x"], []
        for _ in range(self.levels):
            images.append(self.halved(net, images[-1]))
            details.append(net.subtract(images[-2], self.doubled(net, images[-1])))
        y = images[-1]
        for detail in reversed(details):
            y = net.add(self.doubled(net, y), detail)
        return {name: f"d{i}" for i, name in enumerate(details)} | {images[-1]: "g", y: "y"}

    def tokens(self) -> list[str]:
        """Smoothing, image, levels."""
        shape = ".".join(map(str, (self.channels, *self.extent)))
        return [self.smoothing, f"x{shape}", f"l{self.levels}", *["probes"] * self.probes]


AXES: dict[str, tuple[Any, ...]] = {
    "smoothing": SMOOTHINGS,
    "extent": ((8, 8), (16, 24)),
    "levels": (3, 1),
    "channels": (1, 3),
    "probes": (False, True),
    "opset": (22, 13, 11),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
}


def build(values: Mapping[str, Any]) -> Pyramid:
    """The spec for one value of every axis."""
    return Pyramid(**values)
