"""Randomised rectifier (RReLU): slopes drawn anew for each element in training, their mean in evaluation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs.blocks.leaky_relu import LeakyRelu
from graphs.blocks.p_relu import PRelu
from graphs.composite import Composite, Graph
from graphs.draw import Draw
from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import readable, single
from graphs.spec import Invalid, Value

GRID = 256  # slopes are multiples of 1/256, which 8 bits hold: reading them narrower changes nothing


@dataclass(frozen=True, kw_only=True)
class RandomizedRelu(Composite, Elementwise):
    """``y = slope x`` where x < 0, else x.

    B. Xu, N. Wang, T. Chen, M. Li, *Empirical evaluation of rectified activations in convolutional network*, 2015.
    In training every element has a slope of its own, in lower..upper, which is an operand of the graph, because
    ONNX's random operators promise no sequence; in evaluation the slope is (lower + upper) / 2.
    """

    training: bool = False
    lower: float = 0.125
    upper: float = single(1 / 3)
    weights: str = "initializer"

    block: ClassVar[str] = "randomized_relu"

    def validate(self) -> None:
        """Bounds in order, with a slope of the grid between them; slopes are there in training alone."""
        super().validate()
        for name in ("lower", "upper"):
            self._validate_number(name)
        if not 0 <= self.lower <= self.upper <= 1:
            raise Invalid(f"bounds are {self.lower} and {self.upper}, must ascend within 0..1", "bounds")
        if ceil(self.lower * GRID) > floor(self.upper * GRID):
            raise Invalid(f"no multiple of 1/{GRID} lies in {self.lower}..{self.upper}", "bounds")
        if self.weights not in ("initializer", "input"):
            raise Invalid(f"weights is {self.weights!r}, must be initializer or input", "weights")
        if self.weights == "input" and not self.training:
            raise Invalid("slopes are an input, in evaluation there are none", "weights", "training")

    def inputs(self) -> dict[str, Ints]:
        """X, and in training a slope for each of its elements."""
        return super().inputs() | ({"slope": self.shape} if self.training else {})

    def constants(self) -> Collection[str]:
        """The slopes, unless they come as an input."""
        return ("slope",) if self.training and self.weights == "initializer" else ()

    def drawn(self, name: str, draw: Draw) -> NDArray[Any] | None:
        """Slopes, each multiple of 1/256 between the bounds as likely as any other."""
        if name != "slope":
            return None
        return np.asarray(draw.integers(ceil(self.lower * GRID), floor(self.upper * GRID), self.shape) / GRID)

    def compose(self, graph: Graph) -> None:
        """PRelu in training, LeakyRelu in evaluation."""
        same: dict[str, Any] = {"shape": self.shape, "dtype": self.dtype, "opset": self.opset}
        if self.training:
            graph.spec(PRelu(slope=self.shape, weights=self.weights, **same), "x", to=["y"])
        else:
            graph.spec(LeakyRelu(alpha=single((self.lower + self.upper) / 2), **same), "x", to=["y"])

    def meaning(self) -> dict[str, Value]:
        """The bounds, and which of the two forms it is."""
        return {"training": self.training, "lower": self.lower, "upper": self.upper}

    def tokens(self) -> list[str]:
        """Shape, bounds, form, and where the slopes come from."""
        form = ["train"] if self.training else ["eval"]
        marks = form + (["fed"] if self.weights == "input" else [])
        return [*super().tokens(), f"lower{readable(self.lower)}", f"upper{readable(self.upper)}", *marks]


AXES: dict[str, tuple[Any, ...]] = {
    "training": (True, False),
    "shape": SHAPES,
    "opset": (22, 15, 11),
    "dtype": DTYPES,
    "bounds": ((0.125, single(1 / 3)), (0.0, 1.0), (single(0.1), single(0.3)), (0.25, 0.25)),
    "weights": ("initializer", "input"),
}


def build(values: dict[str, Any]) -> RandomizedRelu:
    """The spec for one value of every axis."""
    names = ("training", "shape", "opset", "dtype", "weights")
    lower, upper = values["bounds"]
    return RandomizedRelu(lower=lower, upper=upper, **{name: values[name] for name in names})
