"""The derivative of average pooling: exact fractions, ways to share out, torch's autograd."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.average_pool_gradient import average_pool_gradient
from reference.ball import Ball
from reference.claim import NATIVE, TF32, Claim
from tests.reference.derivatives import WINDOWS, derivatives, fractions, torch, whole
from tests.reference.inside import inside
from tests.reference.loops import shape_of, windows
from tests.reference.test_average_pool import SETTINGS

CLAIM = Claim()
POOLS = {1: torch.nn.functional.avg_pool1d, 2: torch.nn.functional.avg_pool2d, 3: torch.nn.functional.avg_pool3d}
Share = Callable[[Any, int], Any]


def ball_of(dy: NDArray[Any], extent: tuple[int, ...], claim: Claim = CLAIM, **attributes: Any) -> Ball:
    (ball,) = average_pool_gradient(dy, claim=claim, extent=extent, **attributes)
    return ball


def shared(
    dy: NDArray[Any], extent: tuple[int, ...], share: Share, zero: Any, *, count_include_pad: int = 0, **window: Any
) -> NDArray[Any]:
    """What ``share(dy, count)`` gives each element of a window, added one after the other."""
    dx = np.full((*dy.shape[:2], *extent), zero)
    for n, c in np.ndindex(*dy.shape[:2]):
        for position, taps in windows(extent, **window):
            count = sum(tap.is_counted if count_include_pad else tap.is_inside for tap in taps)
            for tap in taps:
                if tap.is_inside:
                    dx[(n, c, *tap.point)] += share(dy[(n, c, *position)], count)
    return dx


def arriving(shape: tuple[int, ...], **attributes: Any) -> tuple[int, ...]:
    """The shape of what average pooling gives for an input of ``shape``."""
    window = {name: value for name, value in attributes.items() if name != "count_include_pad"}
    return *shape[:2], *shape_of([position for position, _ in windows(shape[2:], **window)])


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_window_shares_out_what_arrives(setting: str) -> None:
    """Against exact fractions, within the reference's own error of a few units of float64."""
    shape, attributes = SETTINGS[setting]
    dy = whole(arriving(shape, **attributes), 99, "float32", 3)
    due = shared(dy, shape[2:], lambda d, count: Fraction(int(d), count), Fraction(0), **attributes)
    ball = ball_of(dy, shape[2:], **attributes)
    assert ball.value.shape == due.shape
    for value, exact, radius in zip(ball.value.flat, due.flat, ball.radius.flat, strict=True):
        assert abs(Fraction(value) - exact) <= Fraction(radius) / 2**20
    assert ball.undecided is None


WAYS: dict[str, Share] = {
    "quotient": lambda d, count: d / d.dtype.type(count),
    "reciprocal": lambda d, count: d * (d.dtype.type(1) / d.dtype.type(count)),
}


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_way_to_share_out_is_inside(setting: str, way: str, dtype: str) -> None:
    shape, attributes = SETTINGS[setting]
    dy = fractions(arriving(shape, **attributes), dtype, 4)
    dx = shared(dy, shape[2:], WAYS[way], dy.dtype.type(0), **attributes)
    assert inside(ball_of(dy, shape[2:], **attributes), dx).all()


def test_the_radius_is_a_few_units_in_the_last_place() -> None:
    """Five windows of five elements at the middle: (n + 2) u S, no more; the whole, divided at the end, is inside."""
    dy = np.abs(fractions((1, 1, 5), "float32", 3))
    ball = ball_of(dy, (9,), kernel_shape=(5,))
    radius = ball.radius[0, 0, 4]
    assert 7 <= radius / (2.0**-24 * ball.value[0, 0, 4]) <= 8.1  # one more for the result
    assert abs(dy.sum() / np.float32(5) - ball.value[0, 0, 4]) <= radius


def test_what_arrives_may_be_read_as_tf32_before_or_after_the_division() -> None:
    claim = Claim({**NATIVE, "float32": TF32})
    dy = fractions((1, 2, 8), "float32", 5)

    def narrow(a: Any) -> Any:
        fraction, exponent = np.frexp(a)
        return np.ldexp(np.rint(np.ldexp(fraction, 11)), exponent - 11).astype(np.float32)

    window: dict[str, Any] = {"kernel_shape": (3,)}
    ball = ball_of(dy, (10,), claim, **window)
    for share in (lambda d, count: narrow(d / np.float32(count)), lambda d, count: narrow(d) / np.float32(count)):
        dx = shared(dy, (10,), share, np.float32(0), **window)
        assert inside(ball, dx).all()
        assert not inside(ball_of(dy, (10,), **window), dx).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("count_include_pad", [0, 1])
@pytest.mark.parametrize(("extent", "window"), [w for w in WINDOWS if set(w[1]["dilations"]) == {1}], ids=str)
def test_torch(extent: tuple[int, ...], window: dict[str, Any], count_include_pad: int, dtype: str) -> None:
    given = {
        "stride": window["strides"], "padding": window["pads"][: len(extent)],
        "count_include_pad": bool(count_include_pad),
    }  # fmt: skip

    def pool(x: Any) -> Any:
        return POOLS[len(extent)](x, window["kernel_shape"], **given)

    x = fractions((2, 3, *extent), dtype, 5)
    dy, (dx,) = derivatives(pool, [x], lambda shape: fractions(shape, dtype, 6))
    assert inside(ball_of(dy, extent, count_include_pad=count_include_pad, **window), dx).all()


def test_elements_that_no_window_holds_get_0_exactly() -> None:
    ball = ball_of(np.array([[[6, 8]]], np.float32), (6,), kernel_shape=(2,), strides=(3,))
    np.testing.assert_array_equal(ball.value, [[[3, 3, 0, 4, 4, 0]]])
    np.testing.assert_array_equal(ball.radius > 0, [[[True, True, False, True, True, False]]])


def test_infinities_and_nan_reach_their_windows_alone() -> None:
    dy = np.array([[[np.inf, 1, np.nan, -np.inf]]], np.float32)
    ball = ball_of(dy, (5,), kernel_shape=(2,))
    np.testing.assert_array_equal(ball.value, [[[np.inf, np.inf, np.nan, np.nan, -np.inf]]])
    assert not ball.radius.any()


def test_a_sum_beyond_the_type_is_not_planned() -> None:
    """Where all counts are alike it may come before the division."""
    with pytest.raises(OverflowError):
        ball_of(np.full((1, 1, 2), 40000, np.float16), (3,), kernel_shape=(2,))
