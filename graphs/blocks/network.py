"""Whole networks: LeNet-5, AlexNet, a same-sized fully convolutional network, an encoder-decoder, fusable chains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.gabor import gabor
from graphs.geometry import Ints
from graphs.layered import Layered
from graphs.layers import Layers
from graphs.spec import Invalid


def lenet(net: Layers) -> str:
    """LeNet-5 (LeCun, Bottou, Bengio & Haffner 1998, section II.B) with rectifiers, 32x32 in, ten classes out."""
    y = net.average_pool(net.relu(net.conv("x", 6, (5, 5))), (2, 2), (2, 2))
    y = net.average_pool(net.relu(net.conv(y, 16, (5, 5))), (2, 2), (2, 2))
    y = net.flatten(net.relu(net.conv(y, 120, (5, 5))))
    return net.softmax(net.gemm(net.relu(net.gemm(y, 84)), 10))


def alexnet(net: Layers) -> str:
    """AlexNet (Krizhevsky, Sutskever & Hinton 2012, section 3.5), its two halves as groups, 224x224 in.

    The first layer's kernels are made, like those that it learned: gratings and blobs of colour.
    """
    y = net.lrn(net.relu(net.conv("x", 96, (11, 11), fixed=gabor(96, 11), strides=(4, 4), pads=(2, 2, 2, 2))), 5)
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
    """Two poolings with their Indices, un-pooled again in turn; a skip connection and a deconvolution at the end.

    Pooling comes before the rectifier, or a window of its zeros would leave open where the maximum stands.
    """
    first = net.conv("x", 6, (3, 3), pads=(1, 1, 1, 1))
    y, outer = net.max_pool_indices(first, (2, 2))
    y, inner = net.max_pool_indices(net.conv(net.relu(y), 12, (3, 3), pads=(1, 1, 1, 1)), (2, 2))
    y = net.conv(net.max_unpool(net.relu(y), inner, (2, 2)), 6, (3, 3), pads=(1, 1, 1, 1))
    y = net.concat(net.max_unpool(y, outer, (2, 2)), net.relu(first))
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


def conv_lrn_pool(net: Layers) -> str:
    """AlexNet's first stage in small: response normalisation across channels, and pooling windows that overlap."""
    return net.max_pool(net.lrn(net.relu(net.conv("x", 7, (3, 3), strides=(2, 2))), 5), (3, 3), (2, 2))


def conv_relu_clip(net: Layers) -> str:
    """Two limits in turn, as where ReLU6 follows a ReLU."""
    return net.clip(net.relu(net.conv("x", 5, (3, 3))), 0.25, 0.75)


def conv_step_conv(net: Layers) -> str:
    """A step between two convolutions: an element near it may fall on either side."""
    return net.conv(net.thresholded_relu(net.conv("x", 6, (3, 3)), 0.25), 4, (3, 3))


# architecture -> (shape of x, layers)
ARCHITECTURES: dict[str, tuple[Ints, Callable[[Layers], str]]] = {
    "lenet-5": ((1, 1, 32, 32), lenet),
    "fully-convolutional": ((2, 3, 17, 14), fully_convolutional),
    "encoder-decoder": ((1, 3, 16, 12), encoder_decoder),
    "narrowing": ((2, 3, 16, 16), narrowing),
    "conv-bn-relu": ((2, 3, 9, 8), conv_bn_relu),
    "conv-add-relu": ((2, 4, 9, 8), conv_add_relu),
    "conv-lrn-pool": ((2, 3, 19, 15), conv_lrn_pool),
    "conv-relu-clip": ((2, 3, 9, 8), conv_relu_clip),
    "conv-step-conv": ((2, 3, 9, 8), conv_step_conv),
    "alexnet": ((1, 3, 224, 224), alexnet),
}


@dataclass(frozen=True, kw_only=True)
class Network(Layered):
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

    def lay_out(self, net: Layers) -> Mapping[str, str]:
        """The architecture's layers."""
        net.shapes["x"], build = ARCHITECTURES[self.architecture]
        return {build(net): "y"}

    def tokens(self) -> list[str]:
        """The architecture, and whether there are probes."""
        return [self.architecture.replace("-", ""), *["probes"] * self.probes]

    def traits(self) -> dict[str, Any]:
        """Fields, and which normalisations there are."""
        ops = {node.op_type for node in self.nodes}
        return super().traits() | {
            "batch_normalised": "BatchNormalization" in ops, "response_normalised": "LRN" in ops,
        }  # fmt: skip


AXES: dict[str, tuple[Any, ...]] = {
    "architecture": tuple(name for name in ARCHITECTURES if name != "alexnet"),  # which is a named case of its own
    "probes": (False, True),
    "opset": (22, 13),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
}


def build(values: Mapping[str, Any]) -> Network:
    """The spec for one value of every axis."""
    return Network(**values)
