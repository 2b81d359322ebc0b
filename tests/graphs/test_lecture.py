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
    "lecture-average-pool-2x2-stride-2": (2, 2),
    "lecture-relu": (2, 3),
    "lecture-global-max-pool": (1, 1),
    "lecture-global-average-pool": (1, 1),
}
VALUES = {
    "lecture-max-pool-2x2-stride-1": [[11, 13, 14], [10, 10, 13], [14, 17, 17]],
    "lecture-max-pool-2x2-stride-2": [[11, 14], [14, 17]],
    "lecture-average-pool-2x2-stride-2": [[9.25, 12], [9.25, 13.75]],
    "lecture-global-max-pool": [[17]],
    "lecture-global-average-pool": [[11.0625]],
}


def answer(name: str) -> tuple[dict[str, np.ndarray], Ball]:
    """A named case's operands and what is expected of it."""
    spec, data = LECTURE[name]
    given = operands(spec, data, name)
    (ball,) = KERNELS[spec.block](*given.values(), claim=Claim(), **spec.attributes())
    assert isinstance(ball, Ball)
    return given, ball


@pytest.mark.parametrize("name", LECTURE)
def test_size(name: str) -> None:
    spec, _ = LECTURE[name]
    _, shape = spec.outputs()["y"]
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


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_starts_with_the_lecture(tier: str) -> None:
    """Checked on the blocks whose standard tier is quick to make; all blocks share the code."""
    for block in ("relu",) if tier != "quick" else KERNELS:
        named = [name for name, (spec, _) in LECTURE.items() if spec.block == block]
        assert [case.id for case in cases(block, tier)][: len(named)] == named
