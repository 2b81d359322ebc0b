"""Networks and pyramids: the sizes that their papers and the lecture give, and what the layers are told apart by."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.blocks.classical_filter import KERNELS as DRAWN
from graphs.blocks.network import ARCHITECTURES, Network
from graphs.blocks.pyramid import Pyramid
from graphs.data import operands
from graphs.gabor import gabor
from graphs.layers import shift_of
from graphs.spec import Invalid
from reference import KERNELS
from reference.ball import Ball
from reference.claim import Claim
from reference.classical_filter import FILTERS


def shapes(architecture: str) -> list[tuple[str, tuple[int, ...]]]:
    """Operator and shape of every layer's first result."""
    layers = Network(architecture=architecture).layers
    return [(op, layers.shapes[names[0]]) for op, _, names, _ in layers.steps]


def test_lenet_has_the_sizes_of_its_paper() -> None:
    """LeCun et al. 1998, figure 2: 6@28x28, 6@14x14, 16@10x10, 16@5x5, 120, 84, 10."""
    found = [shape for op, shape in shapes("lenet-5") if op in ("Conv", "AveragePool", "Gemm")]
    assert found == [
        (1, 6, 28, 28), (1, 6, 14, 14), (1, 16, 10, 10), (1, 16, 5, 5), (1, 120, 1, 1), (1, 84), (1, 10),
    ]  # fmt: skip


def test_alexnet_has_the_sizes_of_its_paper() -> None:
    """Krizhevsky et al. 2012, figure 2, and 60 million weights."""
    found = [shape[1:] for op, shape in shapes("alexnet") if op in ("Conv", "Gemm")]
    assert found == [
        (96, 55, 55),
        (256, 27, 27),
        (384, 13, 13),
        (384, 13, 13),
        (256, 13, 13),
        (4096,),
        (4096,),
        (1000,),
    ]
    weights = Network(architecture="alexnet").layers.weights.values()
    assert round(sum(int(np.prod(shape)) for shape in weights) / 1e6) == 61


def test_narrowing_ends_in_1x1_with_growing_depth() -> None:
    found = [shape for op, shape in shapes("narrowing") if op == "Conv"]
    assert [shape[1] for shape in found[:-1]] == [4, 8, 16, 32]
    assert [shape[2] for shape in found] == [8, 4, 2, 1, 1]


def test_a_same_sized_network_keeps_every_size() -> None:
    assert {shape[2:] for _, shape in shapes("fully-convolutional")} == {ARCHITECTURES["fully-convolutional"][0][2:]}


def test_a_pyramid_halves_again_and_again() -> None:
    """The lecture's 200, 100, 50, 25."""
    spec = Pyramid(smoothing="binomial", extent=(200, 200), levels=3)
    sizes = [shape[2] for _, shape in spec.outputs().values()]
    assert sorted(sizes, reverse=True) == [200, 200, 100, 50, 25]


@pytest.mark.parametrize("smoothing", ["mean", "binomial"])
def test_a_pyramid_is_put_together_again(smoothing: str) -> None:
    """The image itself is inside its ball; on integers with 2x2 means nothing but the image is."""
    for data in ("small", "random"):
        spec = Pyramid(smoothing=smoothing, extent=(16, 24), levels=3, channels=2)
        given = operands(spec, data, "a case")
        balls = dict(zip(spec.outputs(), KERNELS["pyramid"](**given, claim=Claim(), **spec.meaning()), strict=True))
        y, x = balls["y"], given["x"].astype(np.float64)
        assert (np.abs(y.value - x) <= y.radius + 2.0**-40).all()  # type: ignore[union-attr]
        assert y.radius.max() < 1e-4 * np.abs(x).max()  # type: ignore[union-attr]
        if (smoothing, data) == ("mean", "small"):
            assert all(not ball.radius.any() for ball in balls.values())  # type: ignore[union-attr]
            np.testing.assert_array_equal(y.value, x)  # type: ignore[union-attr]


@settings(max_examples=20, deadline=None)
@given(seed=st.text(max_size=8), down=st.integers(-2, 2), right=st.integers(-2, 2))
def test_a_same_sized_network_is_shift_invariant(seed: str, down: int, right: int) -> None:
    """Away from the border, moving the image moves the result: balls of the moved image overlap the moved balls."""
    spec = Network(architecture="fully-convolutional")
    given_ones: dict[str, Any] = operands(spec, "random", seed)
    (still,) = KERNELS["network"](**given_ones, claim=Claim(), **spec.meaning())
    given_ones["x"] = np.roll(given_ones["x"], (down, right), axis=(2, 3))
    (moved,) = KERNELS["network"](**given_ones, claim=Claim(), **spec.meaning())
    assert isinstance(still, Ball)
    assert isinstance(moved, Ball)
    reach = 4 + 2  # what the kernels read around an element, and the shift
    inner = (slice(None), slice(None), slice(reach, -reach), slice(reach, -reach))
    due = np.roll(still.value, (down, right), axis=(2, 3))[inner]
    assert due.size
    assert (np.abs(moved.value[inner] - due) <= moved.radius[inner] + still.radius.max()).all()
    if down or right:
        assert np.abs(moved.value - still.value).max() > 1e3 * still.radius.max()


@pytest.mark.parametrize(("terms", "shift"), [(1, 0), (4, 1), (9, 2), (25, 3), (400, 5), (9216, 7)])
def test_weights_are_scaled_by_the_length_of_a_sum(terms: int, shift: int) -> None:
    assert shift_of(terms) == shift
    assert 0.5 <= 2.0**-shift * np.sqrt(terms) <= 2


def test_both_sides_make_the_same_filters() -> None:
    """From their definitions, once in the builder and once in the reference."""
    assert set(DRAWN) == set(FILTERS)
    for name, kernels in DRAWN.items():
        for drawn, due in zip(kernels, FILTERS[name], strict=True):
            np.testing.assert_array_equal(drawn, due, err_msg=name)


def test_a_made_first_layer_is_on_its_grid_and_every_kernel_differs() -> None:
    kernels = gabor(96, 11)
    assert kernels.shape == (96, 3, 11, 11)
    np.testing.assert_array_equal(kernels * 4096, np.rint(kernels * 4096))
    assert 0.5 < np.abs(kernels).max() <= 1
    assert len({kernel.tobytes() for kernel in kernels}) == 96


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Network(architecture="vgg"), "architecture is 'vgg', must be one of lenet-5, "),
        (lambda: Network(architecture="lenet-5", opset=12), "opset is 12, must be 13 or more"),
        (lambda: Pyramid(smoothing="median", extent=(8, 8), levels=1), "smoothing is 'median', must be one of mean, "),
        (
            lambda: Pyramid(smoothing="mean", extent=(8, 12), levels=3),
            r"extent is \(8, 12\), must be multiples of 2\^3",
        ),
        (lambda: Pyramid(smoothing="mean", extent=(8, 8), levels=0), "levels is 0, must be 1 or more"),
    ],
)
def test_invalid_settings_are_refused(make: object, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        make()  # type: ignore[operator]
