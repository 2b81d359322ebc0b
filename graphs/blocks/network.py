"""Whole networks: LeNet-5, AlexNet, a same-sized fully convolutional network, an encoder-decoder, fusable chains."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs.composite import Composite, Graph
from graphs.geometry import Ints
from graphs.layers import Layers, shift_of
from graphs.spec import Invalid

if TYPE_CHECKING:
    from graphs.data import Draw


def lenet(net: Layers) -> str:
    """LeNet-5 (LeCun, Bottou, Bengio & Haffner 1998, section II.B) with rectifiers, 32x32 in, ten classes out."""
    y = net.average_pool(net.relu(net.conv("x", 6, (5, 5))), (2, 2), (2, 2))
    y = net.average_pool(net.relu(net.conv(y, 16, (5, 5))), (2, 2), (2, 2))
    y = net.flatten(net.relu(net.conv(y, 120, (5, 5))))
    return net.softmax(net.gemm(net.relu(net.gemm(y, 84)), 10))


def alexnet(net: Layers) -> str:
    """AlexNet (Krizhevsky, Sutskever & Hinton 2012, section 3.5), its two halves as groups, 224x224 in."""
    y = net.lrn(net.relu(net.conv("x", 96, (11, 11), strides=(4, 4), pads=(2, 2, 2, 2))), 5)
    y = net.conv(net.max_pool(y, (3, 3), (2, 2)), 256, (5, 5), pads=(2, 2, 2, 2), group=2)
    y = net.max_pool(net.lrn(net.relu(y), 5), (3, 3), (2, 2))
    y = net.relu(net.conv(y, 384, (3, 3), pads=(1, 1, 1, 1)))
    y = net.relu(net.conv(y, 384, (3, 3), pads=(1, 1, 1, 1), group=2))
    y = net.relu(net.conv(y, 256, (3, 3), pads=(1, 1, 1, 1), group=2))
    y = net.flatten(net.max_pool(y, (3, 3), (2, 2)))
    y = net.relu(net.gemm(net.relu(net.gemm(y, 4096)), 4096))
    return net.softmax(net.gemm(y, 1000))


def fully_convolutional(net: Layers) -> str:
    """Same-sized throughout: 3x3 with padding of 1, dilated, a residual addition, and 1x1 at the end."""
    keeps: dict[str, Any] = {"pads": (1, 1, 1, 1)}
    first = net.relu(net.batch_normalization(net.conv("x", 8, (3, 3), bias=False, **keeps)))
    y = net.relu(net.conv(first, 8, (3, 3), pads=(2, 2, 2, 2), dilations=(2, 2)))
    y = net.relu(net.add(net.batch_normalization(net.conv(y, 8, (3, 3), **keeps)), first))
    return net.conv(y, 4, (1, 1))


def encoder_decoder(net: Layers) -> str:
    """Two poolings with their Indices, un-pooled again in turn; a skip connection and a deconvolution at the end."""
    first = net.relu(net.conv("x", 6, (3, 3), pads=(1, 1, 1, 1)))
    y, outer = net.max_pool_indices(first, (2, 2))
    y, inner = net.max_pool_indices(net.relu(net.conv(y, 12, (3, 3), pads=(1, 1, 1, 1))), (2, 2))
    y = net.conv(net.max_unpool(y, inner, (2, 2)), 6, (3, 3), pads=(1, 1, 1, 1))
    y = net.concat(net.max_unpool(net.relu(y), outer, (2, 2)), first)
    return net.conv_transpose(y, 3, (4, 4), strides=(2, 2), pads=(1, 1, 1, 1))


def narrowing(net: Layers) -> str:
    """Down to 1x1 with growing depth, after the lecture; a 1x1 kernel mixes the channels at the end."""
    y = "x"
    for filters in (4, 8, 16):
        y = net.relu(net.conv(y, filters, (3, 3), strides=(2, 2), pads=(1, 1, 1, 1)))
    return net.conv(net.relu(net.conv(y, 32, (2, 2))), 10, (1, 1))


def conv_bn_relu(net: Layers) -> str:
    """A chain that runtimes fuse into one convolution."""
    return net.relu(net.batch_normalization(net.conv("x", 5, (3, 3), pads=(1, 1, 1, 1))))


def conv_add_relu(net: Layers) -> str:
    """A residual addition after a convolution."""
    return net.relu(net.add(net.conv("x", net.shapes["x"][1], (3, 3), pads=(1, 1, 1, 1)), "x"))


# architecture -> (shape of x, layers)
ARCHITECTURES: dict[str, tuple[Ints, Callable[[Layers], str]]] = {
    "lenet-5": ((1, 1, 32, 32), lenet),
    "fully-convolutional": ((2, 3, 17, 12), fully_convolutional),
    "encoder-decoder": ((1, 3, 16, 12), encoder_decoder),
    "narrowing": ((2, 3, 16, 16), narrowing),
    "conv-bn-relu": ((2, 3, 9, 8), conv_bn_relu),
    "conv-add-relu": ((2, 4, 9, 8), conv_add_relu),
    "alexnet": ((1, 3, 224, 224), alexnet),
}


@dataclass(frozen=True, kw_only=True)
class Network(Composite):
    """A network by name; weights come from the case's seed, scaled so that values keep their size."""

    architecture: str

    block: ClassVar[str] = "network"
    versions: ClassVar[Ints] = (13,)  # Softmax over one axis

    def validate(self) -> None:
        """A known architecture."""
        super().validate()
        if self.architecture not in ARCHITECTURES:
            raise Invalid(
                f"architecture is {self.architecture!r}, must be one of {', '.join(ARCHITECTURES)}", "architecture"
            )

    @cached_property
    def layers(self) -> Layers:
        """The network, laid out."""
        shape, build = ARCHITECTURES[self.architecture]
        net = Layers(self.dtype, self.opset, shapes={"x": shape})
        last = build(net)
        for node in net.graph.nodes:
            node.output[:] = ["y" if name == last else name for name in node.output]
        op, names, results, attributes = net.steps[-1]
        net.steps[-1] = (op, names, tuple("y" if name == last else name for name in results), attributes)
        net.shapes["y"] = net.shapes[last]
        return net

    @cached_property
    def graph(self) -> Graph:
        """Its nodes."""
        return self.layers.graph

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
        """Y."""
        return {"y": (self.dtype, self.layers.shapes["y"])}

    def constants(self) -> Collection[str]:
        """All weights."""
        return tuple(self.layers.weights)

    def meaning(self) -> dict[str, Any]:
        """The layers in order."""
        return {"steps": self.layers.steps, "results": ("y",)}

    def drawn(self, name: str, draw: Draw) -> NDArray[Any] | None:
        """Weights in (-1, 1) 2^-s on a grid, s by their sum's length; variances in 1..2."""
        if name == "x":
            return None
        bits = 10 if self.dtype == "float16" else 19
        raw = draw.integers(-(1 << bits) + 1, (1 << bits) - 1, self.layers.weights[name])
        if name.startswith("var"):
            return np.ldexp((np.abs(raw) + (1 << bits)).astype(np.float64), -bits)
        return np.ldexp(raw.astype(np.float64), -bits - shift_of(self.layers.fan_in[name]))

    def tokens(self) -> list[str]:
        """The architecture."""
        return [self.architecture.replace("-", "")]


AXES: dict[str, tuple[Any, ...]] = {
    "architecture": tuple(name for name in ARCHITECTURES if name != "alexnet"),  # which is a named case of its own
    "opset": (22, 13),
    "dtype": ("float32", "float64", "float16"),
}


def build(values: Mapping[str, Any]) -> Network:
    """The spec for one value of every axis."""
    return Network(**values)
