"""Sub-pixel convolution against nested loops, and equal to a transposed convolution in whole numbers."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from reference.claim import CAST_FLOAT16, Claim
from reference.conv import NON_FINITE, conv
from reference.conv_transpose import conv_transpose
from reference.sub_pixel import sub_pixel
from tests.reference.inside import inside

CLAIM = Claim()


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
@pytest.mark.parametrize(("blocksize", "depth"), [(1, 2), (2, 1), (2, 3), (3, 2)])
def test_each_pixel_of_a_block_has_a_filter_of_its_own(blocksize: int, depth: int, mode: str) -> None:
    draw = np.random.default_rng(2)
    x = draw.integers(-9, 10, (2, 3, 4, 5)).astype(np.float32)
    w = draw.integers(-9, 10, (depth * blocksize**2, 3, 2, 3)).astype(np.float32)
    b = draw.integers(-9, 10, len(w)).astype(np.float32)
    (ball,) = sub_pixel(x, w, b, claim=CLAIM, conv={}, depth_to_space={"blocksize": blocksize, "mode": mode})
    assert ball.value.shape == (2, depth, 3 * blocksize, 3 * blocksize)
    for n, c, i, j in np.ndindex(ball.value.shape):
        (row, shift), (column, across) = divmod(i, blocksize), divmod(j, blocksize)
        place = shift * blocksize + across
        filter_of = place * depth + c if mode == "DCR" else c * blocksize**2 + place
        due = (x[n, :, row : row + 2, column : column + 3] * w[filter_of]).sum() + b[filter_of]
        assert ball.value[n, c, i, j] == due


@pytest.mark.parametrize("seed", range(20))
def test_is_a_transposed_convolution_of_stride_2(seed: int) -> None:
    """In whole numbers: each filter holds every other tap of the transposed one's kernel, in reverse.

    Output row 2 h + i takes input row h - q under tap 2 q + i, so that K taps of a filter reach back
    K - 1 rows; the kernel of 2 K - 1 taps is that of 2 K with a last one of 0.
    """
    source, draw = Random(seed), np.random.default_rng(seed)
    taps, channels, filters = (source.randint(1, 3) for _ in range(3))
    x = draw.integers(-9, 10, (2, channels, source.randint(1, 4), source.randint(1, 4))).astype(np.float32)
    w = draw.integers(-9, 10, (channels, filters, 2 * taps, 2 * taps)).astype(np.float32)
    if seed % 2:
        w[:, :, -1] = w[:, :, :, -1] = 0
    (due,) = conv_transpose(x, w, claim=CLAIM, strides=(2, 2))
    places = np.stack([w[:, :, i::2, j::2][:, :, ::-1, ::-1].swapaxes(0, 1) for i in (0, 1) for j in (0, 1)])
    (ball,) = sub_pixel(
        x, places.reshape(4 * filters, channels, taps, taps), claim=CLAIM, conv={"pads": (taps - 1,) * 4},
        depth_to_space={"blocksize": 2},
    )  # fmt: skip
    np.testing.assert_array_equal(ball.value, due.value)
    assert not ball.radius.any()
    assert not due.radius.any()


def test_radius_and_what_is_open_move_with_the_values() -> None:
    draw = np.random.default_rng(6)
    x = draw.standard_normal((1, 2, 3, 3))
    w = draw.standard_normal((4, 2, 2, 2))
    w[2, 0, 1, 1] = np.inf
    (before,) = conv(x, w, claim=CLAIM, pads=(0, 0, 1, 0))
    (ball,) = sub_pixel(x, w, claim=CLAIM, conv={"pads": (0, 0, 1, 0)}, depth_to_space={"blocksize": 2})
    assert before.undecided is not None
    assert ball.undecided is not None
    assert ball.sentence == NON_FINITE
    for name in ("value", "radius", "undecided"):
        whole, parts = getattr(ball, name), getattr(before, name)
        assert whole.dtype == parts.dtype
        for k in range(4):
            np.testing.assert_array_equal(whole[0, 0, k // 2 :: 2, k % 2 :: 2], parts[0, k])


def test_another_type_than_the_claim_s_is_rearranged_too() -> None:
    """The claim need not speak of float64, in which the balls are."""
    claim = Claim({"float32": CAST_FLOAT16})
    x, w = np.full((1, 1, 1, 1), 1 + 2.0**-13, np.float32), np.ones((4, 1, 1, 1), np.float32)
    (ball,) = sub_pixel(x, w, claim=claim, conv={}, depth_to_space={"blocksize": 2})
    assert inside(ball, np.ones((1, 1, 2, 2))).all()
