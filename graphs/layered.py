"""The part of a spec that networks and pyramids share: a composite laid out layer by layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphs.composite import Composite, Graph
from graphs.geometry import Ints
from graphs.layers import Layers, shift_of

if TYPE_CHECKING:
    from graphs.draw import Draw

ENDS = ("Relu", "ThresholdedRelu", "Add", "LRN", "MaxUnpool")  # whose results a probe hands on


@dataclass(frozen=True, kw_only=True)
class Layered(Composite):
    """Layers from x to the results; the reference carries balls through the same layers, by its own definitions.

    With ``probes`` activations are results too, and each is judged from those before it as they came.
    """

    probes: bool = False

    def lay_out(self, net: Layers) -> Mapping[str, str]:
        """Set the shape of x and add the layers; the values that are results, and the results' names."""
        raise NotImplementedError

    @cached_property
    def layers(self) -> Layers:
        """The layers, results by their own names."""
        net = Layers(self.dtype, self.opset)
        net.rename(self.lay_out(net))
        return net

    @cached_property
    def graph(self) -> Graph:
        """Their nodes."""
        return self.layers.graph

    @cached_property
    def results(self) -> tuple[str, ...]:
        """Activations, where there are probes, and what else is a result, in order."""
        made = [(op, name) for op, _, names, _ in self.layers.steps for name in names[:1]]
        return tuple(name for op, name in made if name in self.layers.results or (self.probes and op in ENDS))

    @property
    def hands_on(self) -> bool:
        """Where there are probes."""
        return self.probes

    @property
    def patience(self) -> int:
        """Once more for each four million weights."""
        return 1 + sum(map(prod, self.layers.weights.values())) // 4_000_000

    @property
    def tells_precision(self) -> bool:
        """Sums of sums are not exact on wide integers."""
        return False

    @property
    def takes_special(self) -> bool:
        """No: nothing finite would be left to compare."""
        return False

    def inputs(self) -> dict[str, Ints]:
        """X and the weights."""
        return {"x": self.layers.shapes["x"], **self.layers.weights}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """The results."""
        return {name: (self.dtype, self.layers.shapes[name]) for name in self.results}

    def all_shapes(self) -> dict[str, Ints]:
        """Those between layers too."""
        return {**self.layers.weights, **self.layers.shapes}

    def constants(self) -> Collection[str]:
        """All weights."""
        return tuple(self.layers.weights)

    def given(self) -> Mapping[str, NDArray[Any]]:
        """Weights that are fixed."""
        return {name: value.astype(self.dtype) for name, value in self.layers.fixed.items()}

    def meaning(self) -> dict[str, Any]:
        """The layers in order."""
        return {"steps": self.layers.steps, "results": self.results}

    def drawn(self, name: str, draw: Draw) -> NDArray[Any] | None:
        """On a grid: weights in (-1, 1) 2^-s, s by the length of a sum; what is added, 1/8 of that; variances 1..2."""
        if name == "x":
            return None
        bits = {"float16": 10, "bfloat16": 7}.get(self.dtype, 19)
        raw = draw.integers(-(1 << bits) + 1, (1 << bits) - 1, self.layers.weights[name])
        if name.startswith("var"):
            return np.ldexp((np.abs(raw) + (1 << bits)).astype(np.float64), -bits)
        is_added = name.rstrip("0123456789") in ("b", "mean", "shift")  # small, lest a rectifier leave nothing
        return np.ldexp(raw.astype(np.float64), -bits - (3 if is_added else shift_of(self.layers.fan_in[name])))
