"""The lecture's examples: each named case has the lecture's size, and the reference gives the lecture's numbers."""

from __future__ import annotations

import numpy as np
import pytest

from graphs.data import operands
from graphs.grid import TIERS, cases
from graphs.lecture import LECTURE
from reference import KERNELS
from reference.ball import Ball
from reference.claim import Claim

IMAGE = np.array([[10, 11, 13, 14], [9, 7, 10, 11], [10, 6, 10, 13], [14, 7, 17, 15]])
SIZES = {
    "lecture-conv-8x8-k3": (6, 6),
    "lecture-conv-9x9-k3-stride-1": (7, 7),
    "lecture-conv-9x9-k3-stride-2": (4, 4),
    "lecture-conv-9x9-k3-stride-2x1": (4, 7),
    "lecture-conv-k3-pad-1-keeps-size": (8, 8),
    "lecture-conv-1x1-mixes-channels": (5, 5),
    "lecture-conv-rectangular": (7, 5),
    "lecture-max-pool-2x2-stride-1": (3, 3),
    "lecture-max-pool-2x2-stride-2": (2, 2),
    "lecture-min-pool-2x2-stride-2": (2, 2),
    "lecture-median-pool-2x2-stride-2": (2, 2),
    "lecture-median-pool-3x3-stride-1": (2, 2),
    "lecture-average-pool-2x2-stride-2": (2, 2),
    "lecture-relu": (2, 3),
    "lecture-global-max-pool": (1, 1),
    "lecture-global-average-pool": (1, 1),
    "lecture-leaky-relu": (2, 3),
    "lecture-parametric-relu": (2, 3),
    "lecture-pad-zeros": (6, 6),
    "lecture-pad-height-and-width": (8, 6),
    "lecture-pad-reflect": (6, 6),
    "lecture-pad-edge": (6, 6),
    "lecture-resize-copies-into-2x2": (8, 8),
    "lecture-resize-interpolates": (7, 7),
    "lecture-deconvolution-6x6-k3": (8, 8),
    "lecture-deconvolution-7x7-k3": (9, 9),
    "lecture-deconvolution-4x4-k3-stride-2": (9, 9),
    "lecture-deconvolution-2x2-k2-stride-2": (4, 4),
    "lecture-max-unpool-2x2-stride-2": (4, 4),
    "lecture-max-unpool-size": (9, 9),
    "lecture-copy-unpool-2x2-stride-2": (4, 4),
    "lecture-copy-unpool-overlap": (5, 5),
    "lecture-copy-unpool-gaps": (5, 5),
    "lecture-pad-conv-keeps-size": (4, 4),
    "lecture-sub-pixel-4x4-to-8x8": (8, 8),
    "lecture-randomized-relu": (2, 3),
    "lecture-relu-derivative": (5,),
    "lecture-leaky-relu-derivative": (5,),
    "lecture-max-pool-derivative": (4, 4),
    "lecture-average-pool-derivative": (4, 4),
    "lecture-conv-derivative-8x8-k3": (8, 8),
    "lecture-pyramid-200-100-50-25": (200, 200),
    "lecture-pyramid-binomial": (200, 200),
    "lecture-sobel": (4, 4),
}
VALUES = {
    "lecture-max-pool-2x2-stride-1": [[11, 13, 14], [10, 10, 13], [14, 17, 17]],
    "lecture-max-pool-2x2-stride-2": [[11, 14], [14, 17]],
    "lecture-min-pool-2x2-stride-2": [[7, 10], [6, 10]],
    "lecture-median-pool-2x2-stride-2": [[9.5, 12], [8.5, 14]],
    "lecture-median-pool-3x3-stride-1": [[10, 11], [10, 10]],
    "lecture-average-pool-2x2-stride-2": [[9.25, 12], [9.25, 13.75]],
    "lecture-global-max-pool": [[17]],
    "lecture-global-average-pool": [[11.0625]],
}


def answer(name: str) -> tuple[dict[str, np.ndarray], Ball]:
    """A named case's operands and what is expected of it."""
    spec, data = LECTURE[name]
    given = operands(spec, data, name)
    ball, *_ = KERNELS[spec.block](**given, claim=Claim(), **spec.meaning())
    assert isinstance(ball, Ball)
    return given, ball


@pytest.mark.parametrize("name", LECTURE)
def test_size(name: str) -> None:
    spec, _ = LECTURE[name]
    _, shape = next(iter(spec.outputs().values()))
    assert shape[-2:] == SIZES[name]
    assert answer(name)[1].value.shape == shape


def test_every_example_has_its_size_here() -> None:
    assert set(LECTURE) == set(SIZES)


@pytest.mark.parametrize("name", VALUES)
def test_pooling_values(name: str) -> None:
    given, ball = answer(name)
    np.testing.assert_array_equal(given["x"][0, 0], IMAGE)
    np.testing.assert_array_equal(ball.value[0, 0], VALUES[name])


def test_convolution_is_a_dot_product_of_kernel_and_window_plus_a_bias() -> None:
    given, ball = answer("lecture-conv-rectangular")
    x, w, b = given["x"], given["w"], given["b"]
    assert (x.shape[2] != x.shape[3], w.shape[2:]) == (True, (3, 2))
    for m in range(2):
        for i in range(7):
            for j in range(5):
                due = int((x[0, :, i : i + 3, j : j + 2] * w[m]).sum()) + int(b[m])
                assert ball.value[0, m, i, j] == due


def test_1x1_kernel_only_mixes_channels() -> None:
    given, ball = answer("lecture-conv-1x1-mixes-channels")
    np.testing.assert_array_equal(ball.value[0], np.tensordot(given["w"][:, :, 0, 0], given["x"][0], 1))


def test_relu_is_max_of_0_and_x() -> None:
    given, ball = answer("lecture-relu")
    assert (given["x"] < 0).any()
    np.testing.assert_array_equal(ball.value, np.where(given["x"] > 0, given["x"], 0))


def test_leaky_relu_has_a_slope_on_the_negative_side() -> None:
    given, ball = answer("lecture-leaky-relu")
    assert (given["x"] < 0).any()
    np.testing.assert_array_equal(ball.value, np.where(given["x"] > 0, given["x"], given["x"] / 4))


def test_randomised_relu_has_a_slope_an_element() -> None:
    given, ball = answer("lecture-randomized-relu")
    assert np.unique(given["slope"]).size > 1
    np.testing.assert_array_equal(ball.value, given["x"] * np.where(given["x"] > 0, 1, given["slope"]))


def test_derivatives_of_the_rectifiers_are_steps() -> None:
    """Positive goes to 1, the rest, 0 too, to 0 or to the slope."""
    given, ball = answer("lecture-relu-derivative")
    np.testing.assert_array_equal(given["x"], [-2, -1, 0, 1, 2])
    np.testing.assert_array_equal(ball.value, [0, 0, 0, 1, 1])
    np.testing.assert_array_equal(answer("lecture-leaky-relu-derivative")[1].value, [0.25, 0.25, 0.25, 1, 1])


def test_derivatives_of_pooling_lead_back_to_the_image() -> None:
    """To the maxima 11, 14, 14 and 17; or to all four elements of each window, a quarter each."""
    given, ball = answer("lecture-max-pool-derivative")
    np.testing.assert_array_equal(IMAGE[ball.value[0, 0] == 1], [11, 14, 14, 17])
    np.testing.assert_array_equal(given["x"][0, 0], IMAGE)
    assert ball.value.sum() == 4
    np.testing.assert_array_equal(answer("lecture-average-pool-derivative")[1].value, np.full((1, 1, 4, 4), 0.25))


def test_derivative_of_a_convolution_is_a_deconvolution_by_the_same_kernel() -> None:
    given, ball = answer("lecture-conv-derivative-8x8-k3")
    (due,) = KERNELS["conv_transpose"](given["dy"], given["w"], claim=Claim())
    assert isinstance(due, Ball)
    np.testing.assert_array_equal(ball.value, due.value)


def test_parametric_relu_has_a_slope_a_channel() -> None:
    given, ball = answer("lecture-parametric-relu")
    assert given["slope"].shape == (2, 1)
    np.testing.assert_array_equal(ball.value, given["x"] * np.where(given["x"] > 0, 1, given["slope"]))


PADDED = {
    "lecture-pad-zeros": [
        [0, 0, 0, 0, 0, 0], [0, 10, 11, 13, 14, 0], [0, 9, 7, 10, 11, 0],
        [0, 10, 6, 10, 13, 0], [0, 14, 7, 17, 15, 0], [0, 0, 0, 0, 0, 0],
    ],
    "lecture-pad-reflect": [
        [7, 9, 7, 10, 11, 10], [11, 10, 11, 13, 14, 13], [7, 9, 7, 10, 11, 10],
        [6, 10, 6, 10, 13, 10], [7, 14, 7, 17, 15, 17], [6, 10, 6, 10, 13, 10],
    ],
    "lecture-pad-edge": [
        [10, 10, 11, 13, 14, 14], [10, 10, 11, 13, 14, 14], [9, 9, 7, 10, 11, 11],
        [10, 10, 6, 10, 13, 13], [14, 14, 7, 17, 15, 15], [14, 14, 7, 17, 15, 15],
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", PADDED)
def test_padding_can_be_of_different_types(name: str) -> None:
    given, ball = answer(name)
    np.testing.assert_array_equal(given["x"][0, 0], IMAGE)
    np.testing.assert_array_equal(ball.value[0, 0], PADDED[name])


def test_unpooling_may_copy_into_each_window_or_interpolate() -> None:
    """Every value fills its 2x2 window; or the values stay, and halfway between two of them stands their mean."""
    _, ball = answer("lecture-resize-copies-into-2x2")
    np.testing.assert_array_equal(ball.value[0, 0], np.kron(IMAGE, np.ones((2, 2))))
    _, ball = answer("lecture-resize-interpolates")
    np.testing.assert_array_equal(ball.value[0, 0, ::2, ::2], IMAGE)
    np.testing.assert_array_equal(ball.value[0, 0, ::2, 1::2], (np.array(IMAGE)[:, 1:] + np.array(IMAGE)[:, :-1]) / 2)


def test_padding_of_height_and_width_is_independent() -> None:
    given, ball = answer("lecture-pad-height-and-width")
    np.testing.assert_array_equal(ball.value[0, 0, 2:6, 1:5], given["x"][0, 0])
    assert ball.value.sum() == given["x"].sum()


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("lecture-conv-8x8-k3", "lecture-deconvolution-6x6-k3"),
        ("lecture-conv-9x9-k3-stride-1", "lecture-deconvolution-7x7-k3"),
        ("lecture-conv-9x9-k3-stride-2", "lecture-deconvolution-4x4-k3-stride-2"),
    ],
)
def test_deconvolution_is_the_opposite_of_convolution(there: str, back: str) -> None:
    """From the size of the lecture's result to the size of its image: o = (M - 1) S + w."""
    forth, opposite = LECTURE[there][0], LECTURE[back][0]
    assert opposite.inputs()["x"] == forth.outputs()["y"][1]
    assert opposite.outputs()["y"][1] == forth.inputs()["x"]


def test_max_unpooling_puts_each_maximum_back_into_the_lecture_s_image() -> None:
    """From 11 14 / 14 17; the rest is 0, and pooling what comes out gives the same maxima again."""
    given, ball = answer("lecture-max-unpool-2x2-stride-2")
    pooled = VALUES["lecture-max-pool-2x2-stride-2"]
    np.testing.assert_array_equal(given["x"][0, 0], pooled)
    kept = np.isin(np.arange(16), [1, 3, 12, 14]).reshape(4, 4)
    np.testing.assert_array_equal(ball.value[0, 0], np.where(kept, IMAGE, 0))
    np.testing.assert_array_equal(ball.value[0, 0].reshape(2, 2, 2, 2).max(axis=(1, 3)), pooled)


def test_un_pooling_has_the_size_that_was_pooled() -> None:
    """O = (M - 1) S + w: 9x9 by 3x3 at stride 2 is 4x4, and back."""
    back, forth = LECTURE["lecture-max-unpool-size"][0], LECTURE["lecture-conv-9x9-k3-stride-2"][0]
    assert back.inputs()["x"] == forth.outputs()["y"][1]
    assert back.outputs()["y"][1] == forth.inputs()["x"]


def test_deconvolution_without_overlap_copies_the_kernel_times_each_element() -> None:
    given, ball = answer("lecture-deconvolution-2x2-k2-stride-2")
    np.testing.assert_array_equal(ball.value[0, 0], np.kron(given["x"][0, 0], given["w"][0, 0]))


UNPOOLED = {
    "lecture-copy-unpool-2x2-stride-2": [[11, 11, 14, 14], [11, 11, 14, 14], [14, 14, 17, 17], [14, 14, 17, 17]],
    "lecture-copy-unpool-overlap": [
        [11, 11, 12.5, 14, 14], [11, 11, 12.5, 14, 14], [12.5, 12.5, 14, 15.5, 15.5],
        [14, 14, 15.5, 17, 17], [14, 14, 15.5, 17, 17],
    ],
    "lecture-copy-unpool-gaps": [
        [11, 11, 0, 14, 14], [11, 11, 0, 14, 14], [0, 0, 0, 0, 0], [14, 14, 0, 17, 17], [14, 14, 0, 17, 17],
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", UNPOOLED)
def test_unpooling_values(name: str) -> None:
    """Of what 2x2 max pooling left; the mean where windows overlap, 0 in the gaps between them."""
    given, ball = answer(name)
    np.testing.assert_array_equal(given["x"][0, 0], VALUES["lecture-max-pool-2x2-stride-2"])
    np.testing.assert_array_equal(ball.value[0, 0], UNPOOLED[name])


def test_padding_by_reflection_keeps_the_size_too() -> None:
    """And the border shows no edge: each window reads elements of the image alone."""
    given, ball = answer("lecture-pad-conv-keeps-size")
    x = np.pad(given["x"][0, 0], 1, mode="reflect")
    due = [[(x[i : i + 3, j : j + 3] * given["w"][0, 0]).sum() for j in range(4)] for i in range(4)]
    np.testing.assert_array_equal(ball.value[0, 0], due)


def test_each_filter_makes_the_pixels_of_one_sub_pixel_shift() -> None:
    given, ball = answer("lecture-sub-pixel-4x4-to-8x8")
    x = np.pad(given["x"][0, 0], 1)
    assert given["w"].shape == (4, 1, 3, 3)
    for i, j in np.ndindex(8, 8):
        window = x[i // 2 : i // 2 + 3, j // 2 : j // 2 + 3]
        assert ball.value[0, 0, i, j] == (window * given["w"][i % 2 * 2 + j % 2, 0]).sum()


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_starts_with_the_lecture(tier: str) -> None:
    """Checked on the blocks whose standard tier is quick to make; all blocks share the code."""
    for block in ("relu",) if tier != "quick" else KERNELS:
        named = [name for name, (spec, _) in LECTURE.items() if spec.block == block]
        assert [case.id for case in cases(block, tier)][: len(named)] == named
