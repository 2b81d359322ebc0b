"""Networks evaluated in few bits, every operation rounded up or down by chance, fused or layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BITS = 10
U = 2.0 ** (1 - BITS)  # a number is off by less than one unit in the last place


@dataclass
class Rough:
    """Arithmetic of BITS significand bits; float64 holds every exact result before it is rounded, or is far finer."""

    source: np.random.Generator

    def r(self, a: Any) -> Array:
        """One of the two neighbours of each number, by chance; a number of BITS bits stays."""
        fraction, exponent = np.frexp(np.asarray(a, np.float64))
        scaled = np.ldexp(fraction, BITS)
        up = self.source.integers(0, 2, scaled.shape)
        return np.asarray(np.ldexp(np.where(up, np.ceil(scaled), np.floor(scaled)), exponent - BITS))

    def total(self, terms: Array) -> Array:
        """The sum along the first axis, one after the other in an order drawn."""
        found = np.zeros(terms.shape[1:])
        for k in self.source.permutation(len(terms)):
            found = self.r(found + terms[k])
        return found

    def windows(
        self, x: Array, kernel: Sequence[int], strides: Sequence[int], pads: Sequence[int], fill: float
    ) -> Array:
        """(taps, N, C, O...) of a 2-D image."""
        top, left, bottom, right = pads
        full = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=fill)
        rows = range(full.shape[2] - kernel[0] + 1)[:: strides[0]]
        columns = range(full.shape[3] - kernel[1] + 1)[:: strides[1]]
        return np.stack([
            full[:, :, [r + i for r in rows]][:, :, :, [c + j for c in columns]]
            for i, j in product(range(kernel[0]), range(kernel[1]))
        ])  # fmt: skip

    def conv(
        self, x: Array, w: Array, b: Array | None = None, *, pads: Any = (0,) * 4, strides: Any = (1, 1), **_: Any
    ) -> Array:
        """``Conv`` without groups; every product and every partial sum is rounded, the bias is one term of it."""
        taps = self.windows(x, w.shape[2:], strides, pads, 0.0)
        maps = []
        for m in range(len(w)):
            weights = np.moveaxis(w[m].reshape(w.shape[1], -1), 1, 0)[:, None, :, None, None]
            terms = self.r(taps * weights).swapaxes(1, 2).reshape(-1, len(x), *taps.shape[3:])
            bias = [] if b is None else [np.full(terms.shape[1:], b[m])]
            maps.append(self.total(np.stack([*terms, *bias])))
        return np.stack(maps, axis=1)

    def factor(self, scale: Array, var: Array) -> Array:
        """A batch normalisation's factor."""
        return self.r(scale / self.r(np.sqrt(self.r(var + float(np.float32(1e-5))))))

    def batch_normalization(self, x: Array, scale: Array, b: Array, mean: Array, var: Array) -> Array:
        """``BatchNormalization`` as written."""
        s, shift, centre = (a[:, None, None] for a in (self.factor(scale, var), b, mean))
        return self.r(self.r(self.r(x - centre) * s) + shift)

    def lrn(self, x: Array, *, size: int, bias: float = 1.0) -> Array:
        """``LRN`` as written, its power in one."""
        squares, n = self.r(x * x), x.shape[1]
        total = np.stack([
            self.total(squares[:, max(0, c - (size - 1) // 2) : c + size // 2 + 1].swapaxes(0, 1)) for c in range(n)
        ], axis=1)  # fmt: skip
        base = self.r(bias + self.r(self.r(float(np.float32(1e-4)) / size) * total))
        return self.r(x / self.r(base**0.75))

    def softmax(self, x: Array, **_: Any) -> Array:
        """``Softmax`` less the largest."""
        terms = self.r(np.exp(self.r(x - x.max(axis=-1, keepdims=True))))
        return self.r(terms / self.total(np.moveaxis(terms, -1, 0))[..., None])

    def average_pool(self, x: Array, *, kernel_shape: Any, strides: Any, **_: Any) -> Array:
        """``AveragePool`` by a reciprocal."""
        taps = self.windows(x, kernel_shape, strides, (0,) * 4, 0.0)
        return self.r(self.total(taps) * self.r(1 / len(taps)))

    def max_pool(self, x: Array, *, kernel_shape: Any, strides: Any, **_: Any) -> Array:
        """``MaxPool``."""
        return np.asarray(self.windows(x, kernel_shape, strides, (0,) * 4, -np.inf).max(axis=0))

    def gemm(self, x: Array, w: Array, b: Array, **_: Any) -> Array:
        """``Gemm`` with W transposed."""
        terms = self.r(x.T[:, :, None] * w.T[:, None, :])
        return self.total(np.concatenate([terms, np.broadcast_to(b, terms.shape[1:])[None]]))

    def fold(self, w: Array, b: Array | None, norm: Sequence[Array]) -> tuple[Array, Array]:
        """A convolution's weights and bias with a batch normalisation in them."""
        scale, shift, mean, var = norm
        s = self.factor(scale, var)
        less = -mean if b is None else self.r(b - mean)
        return self.r(w * s[:, None, None, None]), self.r(self.r(less * s) + shift)


def evaluate(steps: Sequence[Any], operands: Mapping[str, Array], source: np.random.Generator, *, fused: bool) -> Array:
    """The last result of a network; ``fused`` folds a batch normalisation into the convolution before it."""
    rough, values = Rough(source), dict(operands)
    plain: dict[str, Callable[..., Array]] = {
        "Conv": rough.conv, "Gemm": rough.gemm, "LRN": rough.lrn, "Softmax": rough.softmax,
        "AveragePool": rough.average_pool, "MaxPool": rough.max_pool,
        "BatchNormalization": rough.batch_normalization,
        "ThresholdedRelu": lambda x, alpha: np.where(x > alpha, x, 0),
        "Relu": lambda x: np.maximum(x, 0), "Flatten": lambda x: x.reshape(len(x), -1),
        "Add": lambda x, z: rough.r(x + z), "Sub": lambda x, z: rough.r(x - z),
        "Repeat": lambda x: x.repeat(2, 2).repeat(2, 3),
    }  # fmt: skip
    skip = ""
    for number, (op, names, results, attributes) in enumerate(steps):
        follower: Any = steps[number + 1] if number + 1 < len(steps) else ("",)
        if fused and op == "Conv" and follower[0] == "BatchNormalization":
            x, w, *b = (values[name] for name in names)
            weights = rough.fold(w, b[0] if b else None, [values[name] for name in follower[1][1:]])
            skip, values[follower[2][0]] = follower[2][0], rough.conv(x, *weights, **attributes)
        elif results[0] != skip:
            values[results[0]] = plain[op](*(values[name] for name in names), **attributes)
    return values[steps[-1][2][0]]
