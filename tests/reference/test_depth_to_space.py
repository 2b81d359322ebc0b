"""DepthToSpace against the text's own statements, and as the second half of a sub-pixel convolution."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from reference.claim import CAST_FLOAT16, Claim
from reference.conv import conv
from reference.conv_transpose import conv_transpose
from reference.depth_to_space import depth_to_space
from reference.space_to_depth import space_to_depth
from tests.reference.inside import inside

CLAIM = Claim()
SHAPES = [(1, 4, 2, 3, 2), (2, 12, 1, 1, 2), (1, 9, 2, 2, 3), (3, 5, 2, 4, 1), (1, 32, 3, 2, 4)]


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
@pytest.mark.parametrize("sizes", SHAPES)
def test_is_what_the_text_computes(sizes: tuple[int, ...], mode: str) -> None:
    """Line by line from DepthToSpace-13."""
    *shape, blocksize = sizes
    x = np.arange(np.prod(shape)).reshape(shape).astype(np.float32)
    b, c, h, w = x.shape
    if mode == "DCR":
        tmp = np.reshape(x, [b, blocksize, blocksize, c // (blocksize**2), h, w])
        tmp = np.transpose(tmp, [0, 3, 4, 1, 5, 2])
    else:
        tmp = np.reshape(x, [b, c // (blocksize**2), blocksize, blocksize, h, w])
        tmp = np.transpose(tmp, [0, 1, 4, 2, 5, 3])
    y = np.reshape(tmp, [b, c // (blocksize**2), h * blocksize, w * blocksize])
    (ball,) = depth_to_space(x, claim=CLAIM, blocksize=blocksize, mode=mode)
    np.testing.assert_array_equal(ball.value, y)
    assert not ball.radius.any()
    assert ball.undecided is None


def test_mode_is_dcr_by_default() -> None:
    x = np.arange(8, dtype=np.float32).reshape(1, 8, 1, 1)
    (ball,) = depth_to_space(x, claim=CLAIM, blocksize=2)
    assert ball.value[0].tolist() == [[[0, 2], [4, 6]], [[1, 3], [5, 7]]]


@pytest.mark.parametrize("sizes", SHAPES)
def test_is_the_reverse_of_space_to_depth(sizes: tuple[int, ...]) -> None:
    *shape, blocksize = sizes
    x = np.arange(np.prod(shape)).reshape(shape).astype(np.float32)
    (there,) = depth_to_space(x, claim=CLAIM, blocksize=blocksize)
    (back,) = space_to_depth(there.value, claim=CLAIM, blocksize=blocksize)
    np.testing.assert_array_equal(back.value, x)


@pytest.mark.parametrize("seed", range(20))
def test_sub_pixel_convolution_is_a_transposed_convolution(seed: int) -> None:
    """Conv to b^2 as many channels, then DepthToSpace: the same as ConvTranspose with stride b and kernel b K.

    Output row h b + i takes input row h - q under tap q b + i: the convolution's filter for the place i in
    a block holds those taps in reverse, over an image padded by K - 1.
    """
    source = Random(seed)
    b, taps, channels, filters = (source.randint(1, 3) for _ in range(4))
    draw = np.random.default_rng(seed)
    x = draw.integers(-9, 10, (2, channels, source.randint(1, 4), source.randint(1, 4))).astype(np.float64)
    w = draw.integers(-9, 10, (channels, filters, b * taps, b * taps)).astype(np.float64)
    (due,) = conv_transpose(x, w, claim=CLAIM, strides=(b, b))
    apart = w.reshape(channels, filters, taps, b, taps, b)[:, :, ::-1, :, ::-1]
    places = apart.transpose(3, 5, 1, 0, 2, 4).reshape(b * b * filters, channels, taps, taps)
    (deep,) = conv(x, places, claim=CLAIM, pads=(taps - 1,) * 4)
    (found,) = depth_to_space(deep.value, claim=CLAIM, blocksize=b)
    np.testing.assert_array_equal(found.value, due.value)


SPECIAL: list[Any] = [np.nan, np.inf, -np.inf, -0.0]


def test_special_values_are_copied() -> None:
    (ball,) = depth_to_space(np.array(SPECIAL, np.float32).reshape(1, 4, 1, 1), claim=CLAIM, blocksize=2)
    np.testing.assert_array_equal(ball.value.ravel(), SPECIAL)
    assert not inside(ball, np.full((1, 1, 2, 2), 1.0))[0, 0, 0].any()


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.full((1, 4, 1, 1), 1 + 2.0**-13, np.float32)
    rounded = np.ones((1, 1, 2, 2))
    assert not inside(depth_to_space(x, claim=CLAIM, blocksize=2)[0], rounded).any()
    assert inside(depth_to_space(x, claim=Claim({"float32": CAST_FLOAT16}), blocksize=2)[0], rounded).all()
