"""The derivative of max pooling: nested loops, every choice among equal maxima, orders of addition, torch."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import CAST_FLOAT16, Claim
from reference.max_pool_gradient import EMPTY, NAN, TIE, max_pool_gradient
from tests.reference.derivatives import WINDOWS, derivatives, fractions, torch, whole
from tests.reference.inside import inside
from tests.reference.loops import shape_of, windows
from tests.reference.test_max_pool import SETTINGS

CLAIM = Claim()
POOLS = {1: torch.nn.functional.max_pool1d, 2: torch.nn.functional.max_pool2d, 3: torch.nn.functional.max_pool3d}


def ball_of(x: NDArray[Any], dy: NDArray[Any], claim: Claim = CLAIM, **attributes: Any) -> Ball:
    (ball,) = max_pool_gradient(x, dy, claim=claim, **attributes)
    return ball


def choices(x: NDArray[Any], **attributes: Any) -> dict[tuple[int, ...], list[tuple[int, ...]]]:
    """For each window, by image, channel and position, where its maxima are."""
    found = {}
    for n, c in np.ndindex(*x.shape[:2]):
        for position, taps in windows(x.shape[2:], **attributes):
            points = [(n, c, *tap.point) for tap in taps if tap.is_inside]
            top = max((x[p] for p in points), default=0)
            found[(n, c, *position)] = [p for p in points if x[p] == top]
    return found


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_window_adds_to_its_maximum(setting: str) -> None:
    """Without ties: the value by nested loops, and no radius, as sums of small whole numbers are exact."""
    shape, attributes = SETTINGS[setting]
    x = np.random.default_rng(3).permutation(int(np.prod(shape))).reshape(shape).astype(np.float32)
    layout = choices(x, **attributes)
    dy = whole((*shape[:2], *shape_of([key[2:] for key in layout])), 9, "float32", 4)
    due = np.zeros(shape)
    for window, points in layout.items():
        if points:
            due[points[0]] += dy[window]
    ball = ball_of(x, dy, **attributes)
    is_open = any(not points for points in layout.values())
    assert (ball.undecided is not None) == is_open
    assert ball.sentence == (EMPTY if is_open else ball.sentence)
    np.testing.assert_array_equal(ball.value, due)
    assert not ball.radius.any()


def test_equal_maxima_give_the_hull_of_all_choices() -> None:
    """Every choice, window by window: the ends of each ball are the least and the largest sum that occurs."""
    for seed in range(20):
        x, dy = whole((1, 1, 6), 1, "float32", seed), whole((1, 1, 5), 9, "float32", seed + 50)
        layout = choices(x, kernel_shape=(2,))
        sums = []
        for picked in product(*layout.values()):
            found = np.zeros(x.shape)
            for window, point in zip(layout, picked, strict=True):
                found[point] += dy[window]
            sums.append(found)
        ball = ball_of(x, dy, kernel_shape=(2,))
        assert (np.abs(ball.value - ball.radius - np.min(sums, axis=0)) <= 9 * 2.0**-40).all()
        assert (np.abs(ball.value + ball.radius - np.max(sums, axis=0)) <= 9 * 2.0**-40).all()
        assert all(inside(ball, found).all() for found in sums)


def orders(terms: list[np.float32]) -> set[np.float32]:
    """Sums of a few terms from either end, rounded at every step."""
    found = set()
    for row in (terms, terms[::-1], sorted(terms), sorted(terms, key=abs)):
        total = np.float32(0)
        for term in row:
            total = np.float32(total + term)
        found.add(total)
    return found


def test_any_order_of_addition_is_inside() -> None:
    """One peak under all windows of a line of 9, so that all that arrives is added there."""
    x = np.zeros((1, 1, 9), np.float32)
    x[..., 4] = 1
    used = 0.0
    for seed in range(50):
        dy = fractions((1, 1, 5), "float32", seed)
        ball = ball_of(x, dy, kernel_shape=(5,))
        radius = ball.radius[0, 0, 4]
        assert 0 < radius <= 4.001 * 2.0**-24 * np.abs(dy.astype(np.float64)).sum()
        for total in orders(list(dy[0, 0])):
            used = max(used, abs(float(total) - ball.value[0, 0, 4]) / radius)
    assert 0.2 < used <= 1


@pytest.mark.parametrize(("extent", "window"), WINDOWS, ids=str)
def test_torch_picks_one_of_the_equal_maxima(extent: tuple[int, ...], window: dict[str, Any]) -> None:
    """Whole numbers of few values have ties everywhere; fractions have none, and their sums round."""
    given = {"stride": window["strides"], "dilation": window["dilations"], "padding": window["pads"][: len(extent)]}

    def pool(x: Any) -> Any:
        return POOLS[len(extent)](x, window["kernel_shape"], **given)

    for data in (whole((2, 3, *extent), 2, "float32", 5), fractions((2, 3, *extent), "float32", 5)):
        dy, (dx,) = derivatives(pool, [data], lambda shape: fractions(shape, "float32", 6))
        ball = ball_of(data, dy, **window)
        assert inside(ball, dx).all()
        assert ball.undecided is None


def test_a_window_with_nan_opens_its_elements_alone() -> None:
    x = np.array([[[1, np.nan, 3, 2]]], np.float32)
    ball = ball_of(x, np.array([[[5, 6, 7]]], np.float32), kernel_shape=(2,))
    assert ball.undecided is not None
    assert ball.sentence == NAN
    np.testing.assert_array_equal(ball.undecided, [[[True, True, True, False]]])


def test_an_infinity_on_equal_maxima_is_open_and_on_one_is_not() -> None:
    x = np.array([[[1, 1, 0, 2]]], np.float32)
    ball = ball_of(x, np.array([[[np.inf, -np.inf]]], np.float32), kernel_shape=(2,), strides=(2,))
    assert ball.undecided is not None
    assert ball.sentence == TIE
    np.testing.assert_array_equal(ball.undecided, [[[True, True, False, False]]])
    np.testing.assert_array_equal(ball.value[0, 0, 2:], [0, -np.inf])


def test_opposite_infinities_on_one_maximum_are_nan() -> None:
    x = np.array([[[0, 5, 0]]], np.float32)
    ball = ball_of(x, np.array([[[np.inf, -np.inf]]], np.float32), kernel_shape=(2,))
    np.testing.assert_array_equal(ball.value, [[[0, np.nan, 0]]])
    assert ball.undecided is None


def test_a_cast_may_take_near_elements_for_equal() -> None:
    """2049 and 2050 are one number of 11 bits, 2048 or 2050."""
    x, dy = np.array([[[2049, 2050]]], np.float32), np.array([[[3]]], np.float32)
    assert ball_of(x, dy, kernel_shape=(2,)).radius.max() == 0
    ball = ball_of(x, dy, Claim({"float32": CAST_FLOAT16}), kernel_shape=(2,))
    for found in ([3, 0], [0, 3]):
        assert inside(ball, np.array([[found]], np.float32)).all()


def test_a_flushed_term_is_inside() -> None:
    x, dy = np.array([[[0, 5, 0]]], np.float32), np.full((1, 1, 2), 2.0**-130, np.float32)
    for claim, is_inside in ((Claim(flush_to_zero=True), True), (CLAIM, False)):
        assert inside(ball_of(x, dy, claim, kernel_shape=(2,)), np.zeros((1, 1, 3))).all() == is_inside


def test_a_sum_beyond_the_type_is_not_planned() -> None:
    x, dy = np.array([[[0, 5, 0]]], np.float16), np.full((1, 1, 2), 40000, np.float16)
    with pytest.raises(OverflowError):
        ball_of(x, dy, kernel_shape=(2,))
