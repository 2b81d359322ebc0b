"""Networks layer by layer: nodes of the specs that we have, the weights they need, and what the reference is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isqrt, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.blocks.average_pool import AveragePool
from graphs.blocks.conv import Conv
from graphs.blocks.conv_transpose import ConvTranspose
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.relu import Relu
from graphs.blocks.thresholded_relu import ThresholdedRelu
from graphs.composite import Graph
from graphs.geometry import Ints
from graphs.spec import Spec

Step = tuple[str, tuple[str, ...], tuple[str, ...], Mapping[str, Any]]  # operator, operands, results, attributes


@dataclass
class Layers:
    """A network under construction; each method adds a layer and returns the name of its result."""

    dtype: str
    opset: int
    graph: Graph = field(default_factory=Graph)
    shapes: dict[str, Ints] = field(default_factory=dict)  # of every value between layers
    weights: dict[str, Ints] = field(default_factory=dict)
    fan_in: dict[str, int] = field(default_factory=dict)  # products in a sum, for weights
    fixed: dict[str, NDArray[Any]] = field(default_factory=dict)  # weights that belong to the setting
    steps: list[Step] = field(default_factory=list)
    results: tuple[str, ...] = ()

    def rename(self, names: Mapping[str, str]) -> None:
        """Give the results their names."""
        self.results = tuple(names.values())
        for node in self.graph.nodes:
            node.input[:] = [names.get(name, name) for name in node.input]
            node.output[:] = [names.get(name, name) for name in node.output]
        self.steps = [
            (op, tuple(names.get(n, n) for n in read), tuple(names.get(n, n) for n in made), attributes)
            for op, read, made, attributes in self.steps
        ]
        self.shapes = {names.get(name, name): shape for name, shape in self.shapes.items()}

    def _weight(self, kind: str, shape: Ints, fan_in: int = 0) -> str:
        """A new weight's name: w1, w2 ... for those of products, b1 ... for what is added."""
        name = f"{kind}{sum(n.rstrip('0123456789') == kind for n in self.weights) + 1}"
        self.weights[name], self.fan_in[name] = shape, fan_in
        return name

    def _done(self, op: str, names: Sequence[str], results: Mapping[str, Ints], attributes: Mapping[str, Any]) -> str:
        """Note the layer for the reference."""
        self.steps.append((op, tuple(names), tuple(results), dict(attributes)))
        self.shapes.update(results)
        return next(iter(results))

    def _laid(self, spec: Spec, *names: str) -> str:
        """The node of a spec of one result as a layer."""
        y = self.graph.spec(spec, *names)
        return self._done(spec.op_type, names, {y: spec.outputs()["y"][1]}, spec.meaning())

    def _plain(self, op: str, names: Sequence[str], shape: Ints, **attributes: Any) -> str:
        """An operator without a spec as a layer, of one result."""
        return self._done(op, names, {self.graph.node(op, *names, **attributes): shape}, attributes)

    def _image(self, x: str) -> dict[str, Any]:
        """Spec fields of an image of this name."""
        n, c, *extent = self.shapes[x]
        return {"batch": n, "channels": c, "extent": tuple(extent), "dtype": self.dtype, "opset": self.opset}

    def fix(self, value: NDArray[Any]) -> str:
        """A weight that is what it is."""
        name = self._weight("k", value.shape)
        self.fixed[name] = np.ascontiguousarray(value)
        return name

    def filtered(self, x: str, kernel: NDArray[Any], **attributes: Any) -> str:
        """``Conv`` of every channel by itself with one kernel."""
        return self._by_channel(Conv, x, kernel, **attributes)

    def spread(self, x: str, kernel: NDArray[Any], **attributes: Any) -> str:
        """``ConvTranspose`` of every channel by itself with one kernel."""
        return self._by_channel(ConvTranspose, x, kernel, **attributes)

    def _by_channel(self, kind: type[Conv | ConvTranspose], x: str, kernel: NDArray[Any], **attributes: Any) -> str:
        """A fixed kernel, the same for each channel."""
        n = self.shapes[x][1]
        spec = kind(filters=n, group=n, kernel_shape=kernel.shape, **self._image(x), **attributes)
        names = [x, self.fix(np.broadcast_to(kernel, spec.inputs()["w"]))]
        return self._laid(spec, *names)

    def repeated(self, x: str) -> str:
        """Every pixel twice along each spatial axis, by ``Gather``."""
        n, c, *extent = self.shapes[x]
        y = x
        for axis, size in enumerate(extent, 2):
            y = self.graph.node("Gather", y, self.graph.hold(f"twice{size}", np.arange(size).repeat(2)), axis=axis)
        return self._done("Repeat", [x], {y: (n, c, *(2 * e for e in extent))}, {})

    def subtract(self, x: str, z: str) -> str:
        """``Sub``."""
        return self._plain("Sub", (x, z), self.shapes[x])

    def conv(
        self, x: str, filters: int, kernel: Ints, *, bias: bool = True, fixed: NDArray[Any] | None = None,
        **attributes: Any
    ) -> str:  # fmt: skip
        """``Conv``, its weights drawn unless ``fixed``."""
        spec = Conv(filters=filters, kernel_shape=kernel, bias=bias, **self._image(x), **attributes)
        shape = spec.inputs()["w"]
        weights = self._weight("w", shape, prod(shape[1:])) if fixed is None else self.fix(fixed)
        names = [x, weights, *([self._weight("b", (filters,))] if bias else [])]
        return self._laid(spec, *names)

    def conv_transpose(self, x: str, filters: int, kernel: Ints, **attributes: Any) -> str:
        """``ConvTranspose`` with a bias."""
        spec = ConvTranspose(filters=filters, kernel_shape=kernel, bias=True, **self._image(x), **attributes)
        shape = spec.inputs()["w"]
        names = [x, self._weight("w", shape, shape[0]), self._weight("b", (filters,))]
        return self._laid(spec, *names)

    def max_pool(self, x: str, kernel: Ints, strides: Ints) -> str:
        """``MaxPool``."""
        return self._laid(MaxPool(kernel_shape=kernel, strides=strides, **self._image(x)), x)

    def max_pool_indices(self, x: str, kernel: Ints) -> tuple[str, str]:
        """``MaxPool`` whose windows do not overlap, with its Indices."""
        spec = MaxPool(kernel_shape=kernel, strides=kernel, indices=True, **self._image(x))
        y = self.graph.spec(spec, x, to=[f"pooled_{len(self.steps)}", f"at_{len(self.steps)}"])
        at = f"at_{len(self.steps)}"
        shape = spec.outputs()["y"][1]
        self._done("MaxPool", [x], {y: shape, at: shape}, {**spec.meaning(), "outputs": 2})
        return y, at

    def max_unpool(self, x: str, at: str, kernel: Ints) -> str:
        """``MaxUnpool`` of windows side by side."""
        n, c, *extent = self.shapes[x]
        shape = (n, c, *(e * k for e, k in zip(extent, kernel, strict=True)))
        y = self.graph.node("MaxUnpool", x, at, kernel_shape=kernel, strides=kernel)
        return self._done("MaxUnpool", [x, at], {y: shape}, {"shape": shape})

    def average_pool(self, x: str, kernel: Ints, strides: Ints) -> str:
        """``AveragePool``."""
        return self._laid(AveragePool(kernel_shape=kernel, strides=strides, **self._image(x)), x)

    def relu(self, x: str) -> str:
        """``Relu``."""
        return self._laid(Relu(shape=self.shapes[x], dtype=self.dtype, opset=self.opset), x)

    def thresholded_relu(self, x: str, alpha: float) -> str:
        """``ThresholdedRelu``, which jumps at alpha."""
        return self._laid(ThresholdedRelu(shape=self.shapes[x], alpha=alpha, dtype=self.dtype, opset=self.opset), x)

    def clip(self, x: str, low: float, high: float) -> str:
        """``Clip`` between constants of the graph's own."""
        bounds = [self.graph.hold(name, value, self.dtype) for name, value in (("low", low), ("high", high))]
        y = self.graph.node("Clip", x, *bounds)
        return self._done("Clip", [x], {y: self.shapes[x]}, {"low": low, "high": high})

    def batch_normalization(self, x: str) -> str:
        """``BatchNormalization`` at inference, its four numbers a channel drawn as weights."""
        channels = self.shapes[x][1:2]
        names = [x, *(self._weight(kind, channels) for kind in ("scale", "shift", "mean", "var"))]
        return self._plain("BatchNormalization", names, self.shapes[x])

    def lrn(self, x: str, size: int) -> str:
        """``LRN`` with alpha, beta and bias as AlexNet has them: 1e-4, 0.75 and 2."""
        return self._plain("LRN", [x], self.shapes[x], size=size, bias=2.0)

    def gemm(self, x: str, units: int) -> str:
        """A fully connected layer: ``Gemm`` with W (units, inputs)."""
        n, inputs = self.shapes[x]
        names = [x, self._weight("w", (units, inputs), inputs), self._weight("b", (units,))]
        return self._plain("Gemm", names, (n, units), transB=1)

    def flatten(self, x: str) -> str:
        """``Flatten``."""
        n, *others = self.shapes[x]
        return self._plain("Flatten", [x], (n, prod(others)))

    def softmax(self, x: str) -> str:
        """``Softmax`` over the last axis."""
        return self._plain("Softmax", [x], self.shapes[x], axis=-1)

    def add(self, *names: str) -> str:
        """``Add`` of two tensors of one shape."""
        return self._plain("Add", names, self.shapes[names[0]])

    def concat(self, *names: str) -> str:
        """``Concat`` along the channels."""
        n, _, *extent = self.shapes[names[0]]
        shape = (n, sum(self.shapes[name][1] for name in names), *extent)
        return self._plain("Concat", names, shape, axis=1)


def shift_of(fan_in: int) -> int:
    """The s whose 2^-s is nearest to 1/sqrt(fan_in) from below, so that a sum of that many products keeps its size."""
    return (isqrt(max(fan_in, 1)) - 1).bit_length()
