"""For every kernel one evaluation by its definition, and settings to evaluate, small and drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.reference.soundness import codes, curves, layers, linear, resampling, selecting
from tests.reference.soundness.curves import each
from tests.reference.soundness.draws import Array, Case, Draw

Evaluation = Callable[..., list[Array]]


def windowed(draw: Draw) -> dict[str, Any]:
    """A window on 3 by 4 elements."""
    settings: tuple[dict[str, Any], ...] = (
        {"kernel_shape": (2, 3), "strides": (1, 2), "pads": (1, 0, 0, 1)}, {"kernel_shape": (3, 2)},
        {"kernel_shape": (2, 2), "dilations": (1, 2), "pads": (0, 1, 1, 0)},
    )  # fmt: skip
    return draw.source.choice(settings)


def average(draw: Draw) -> Case:
    """Means, of padding too or not."""
    include, window = draw.of(0, 1), windowed(draw)
    return Case({"x": draw(1, 1, 3, 4)}, {**window, "count_include_pad": include}, {**window, "include": include})


def convolution(draw: Draw) -> Case:
    """One of a few, with a bias and without."""
    window = draw.of({"pads": (1, 1)}, {"strides": (2,), "dilations": (2,)}, {})
    group = draw.of(1, 2)
    operands = {"x": draw(1, 2, 6), "w": draw(2, 2 // group, 3), "b": draw(2)}
    if draw.of(False, True):
        del operands["b"]
    return Case(operands, {**window, "group": group})


def transposed(draw: Draw) -> Case:
    """Of one axis."""
    settings = {"strides": (draw.of(1, 2, 3),), "pads": (1, 0), "dilations": (draw.of(1, 2),), "group": draw.of(1, 2)}
    return Case({"x": draw(1, 2, 3), "w": draw(2, 1, 3), "b": draw(settings["group"])}, settings)


def padded_convolution(draw: Draw) -> Case:
    """Pads and a constant in front of a convolution with pads of its own."""
    conv = {"pads": (1, 0)}
    operands = {
        "x": draw(1, 2, 4), "pads": np.array([0, 0, 1, 0, 0, 2]),
        "constant_value": draw.of(draw(), np.zeros((), draw.dtype)), "w": draw(2, 2, 3), "b": draw(2),
    }  # fmt: skip
    return Case(operands, {"pad": {}, "conv": conv}, conv)


def padded_pool(name: str) -> Callable[[Draw], Case]:
    """Pads and a constant in front of a pool."""

    def make(draw: Draw) -> Case:
        window: dict[str, Any] = {"kernel_shape": (2,), "strides": (draw.of(1, 2),)}
        operands = {"x": draw(1, 1, 5), "pads": np.array([0, 0, 1, 0, 0, 2]), "constant_value": draw()}
        outputs = {} if name == "average_pool" else {"outputs": 2}
        return Case(operands, {"pad": {}, name: window, **outputs}, window)

    return make


def filtered(draw: Draw) -> Case:
    """A classical filter; the evaluation gets its kernels and the padded image."""
    name, border = draw.of("sobel", "gaussian-3", "laplacian-8", "haar"), draw.of("zero", "edge", "reflect")
    return Case({"x": draw(1, 1, 3, 3), "w": draw(0)}, {"filter": name, "border": border})


def unpooled(draw: Draw) -> Case:
    """Each element at a place of its own."""
    places = draw.source.sample(range(24), 6)
    operands = {"x": draw(1, 1, 6), "indices": np.array(places).reshape(1, 1, 6)}
    return Case(operands, {"kernel_shape": (4,), "strides": (4,)}, {"shape": (1, 1, 24)})


def gradient_of_max(draw: Draw) -> Case:
    """Overlapping windows, their maxima equal now and then."""
    x, window = draw(1, 1, 6), {"kernel_shape": (3,), "pads": (1, 0)}
    x.flat[draw.source.randrange(6)] = x.flat[draw.source.randrange(6)]
    return Case({"x": x, "dy": draw(1, 1, 5)}, window)


def gradient_of_average(draw: Draw) -> Case:
    """Overlapping windows, not all alike."""
    return Case({"dy": draw(1, 1, 5)}, {"extent": (6,), "kernel_shape": (3,), "pads": (1, 0)})


def gradients(draw: Draw) -> Case:
    """All three of a convolution."""
    window = {"pads": (1, 0), "strides": (draw.of(1, 2),)}
    count = (5 + 1 - 2) // window["strides"][0] + 1
    operands = {"x": draw(1, 2, 5), "w": draw(2, 2, 2), "dy": draw(1, 2, count)}
    return Case(operands, {**window, "outputs": 3}, window)


def clipped(draw: Draw) -> Case:
    """Between two elements."""
    low, high = sorted(draw(2))
    return Case({"x": draw(8), "min": np.asarray(low), "max": np.asarray(high)}, {})


def plain(*shape: int, **attributes: Any) -> Callable[[Draw], Case]:
    """One tensor and fixed attributes."""
    return lambda draw: Case({"x": draw(*shape)}, attributes)


def with_alpha(*alphas: float, names: tuple[str, ...] = ("alpha",)) -> Callable[[Draw], Case]:
    """One tensor and constants, each one of several."""
    return lambda draw: Case({"x": draw(8)}, {name: draw.of(*alphas) for name in names})


def drawn_slopes(draw: Draw) -> Case:
    """Slopes of few bits, between the bounds."""
    slope = np.array([draw.source.randrange(32, 86) * 2.0**-8 for _ in range(6)]).astype(draw.dtype)
    return Case({"x": draw(6), "slope": slope}, {"training": True, "lower": 0.125, "upper": 0.375})


CONSTANTS = tuple(float(np.float32(c)) for c in (0.01, 0.25, -0.3, 1.7))
CURVED = tuple(float(np.float32(c)) for c in (1.0, 1.67326319217681884765625, 0.3))
POOL = {"kernel_shape": (2, 2), "strides": (1, 2), "pads": (0, 1, 1, 0)}

EVALUATIONS: dict[str, tuple[Evaluation, Callable[[Draw], Case]]] = {
    "conv": (linear.conv, convolution),
    "max_pool": (selecting.max_pool, plain(1, 1, 3, 4, outputs=2, **POOL)),
    "average_pool": (linear.average_pool, average),
    "relu": (selecting.relu, plain(8)),
    "global_max_pool": (selecting.global_max_pool, plain(1, 2, 5)),
    "global_average_pool": (linear.global_average_pool, plain(1, 2, 5)),
    "lp_pool": (curves.lp_pool, lambda draw: Case({"x": draw(1, 1, 3, 4)}, {"p": draw.of(1, 2, 3), **POOL})),
    "global_lp_pool": (curves.global_lp_pool, lambda draw: Case({"x": draw(1, 2, 5)}, {"p": draw.of(1, 2, 3)})),
    "leaky_relu": (each(curves.leaky_relu), with_alpha(*CONSTANTS)),
    "p_relu": (curves.with_slopes, lambda draw: Case({"x": draw(2, 4), "slope": draw(4)}, {})),
    "clip": (selecting.clip, clipped),
    "thresholded_relu": (selecting.thresholded_relu, with_alpha(0.5, *CONSTANTS)),
    "elu": (each(curves.elu), with_alpha(*CURVED)),
    "selu": (each(curves.selu), with_alpha(*CURVED, names=("alpha", "gamma"))),
    "pad": (
        selecting.pad,
        lambda draw: Case({"x": draw(3, 2), "pads": np.array([1, 0, 0, 2]), "constant_value": draw()}, {}),
    ),
    "conv_transpose": (linear.conv_transpose, transposed),
    "depth_to_space": (selecting.moved_depth, plain(1, 4, 1, 2, blocksize=2)),
    "space_to_depth": (selecting.space_to_depth, plain(1, 1, 4, 2, blocksize=2)),
    "min_pool": (selecting.min_pool, plain(1, 1, 3, 4, **POOL)),
    "classical_filter": (linear.classical_filter, filtered),
    "network": (layers.network, layers.drawn_network),
    "pyramid": (layers.network, layers.drawn_pyramid),
    "max_unpool": (selecting.max_unpool, unpooled),
    "sigmoid": (each(curves.sigmoid), plain(8)),
    "tanh": (each(curves.tanh), plain(8)),
    "hard_sigmoid": (each(curves.hard_sigmoid), with_alpha(*CONSTANTS, names=("alpha", "beta"))),
    "hard_swish": (each(curves.hard_swish), plain(8)),
    "median_pool": (
        selecting.median_pool, lambda draw: Case({"x": draw(1, 1, 3, 4)}, {"kernel_shape": draw.of((2, 2), (3, 1))})
    ),
    "copy_unpool": (
        linear.copy_unpool,
        lambda draw: Case({"x": draw(1, 1, 3, 2)}, {"kernel_shape": (2, draw.of(1, 3)), "strides": (1, 2)}),
    ),
    "pad_conv": (linear.pad_conv, padded_convolution),
    "pad_max_pool": (selecting.pad_max_pool, padded_pool("max_pool")),
    "pad_average_pool": (linear.pad_average_pool, padded_pool("average_pool")),
    "sub_pixel": (
        linear.sub_pixel,
        lambda draw: Case(
            {"x": draw(1, 1, 3, 3), "w": draw(4, 1, 2, 2), "b": draw(4)},
            {"conv": {}, "depth_to_space": {"blocksize": 2}}, {"blocksize": 2},
        ),
    ),
    "randomized_relu": (curves.with_slopes, drawn_slopes),
    "relu_gradient": (selecting.relu_gradient, lambda draw: Case({"x": draw(6), "dy": draw(6)}, {})),
    "leaky_relu_gradient": (
        curves.leaky_relu_gradient, lambda draw: Case({"x": draw(6), "dy": draw(6)}, {"alpha": draw.of(*CONSTANTS)})
    ),
    "max_pool_gradient": (selecting.max_pool_gradient, gradient_of_max),
    "average_pool_gradient": (linear.average_pool_gradient, gradient_of_average),
    "conv_gradient": (linear.conv_gradient, gradients),
    "resize": (resampling.resize, resampling.drawn),
    "conv_integer": (codes.conv_integer, codes.drawn_integers),
    "qlinear_conv": (codes.qlinear_conv, codes.drawn_qlinear),
    "quantize_linear": (codes.quantize_linear, codes.drawn_numbers),
    "dequantize_linear": (codes.dequantize_linear, codes.drawn_codes),
    "qdq_conv": (codes.qdq_conv, codes.drawn_qdq),
}  # fmt: skip
