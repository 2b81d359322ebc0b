"""MedianPool against Python's own median in exact fractions, and against SciPy's filter."""

from __future__ import annotations

from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np
import pytest
import scipy.ndimage
from numpy.typing import NDArray

from reference.average_pool import average_pool
from reference.ball import Ball
from reference.claim import CAST_FLOAT16, NATIVE, TF32, Claim
from reference.max_pool import max_pool
from reference.median_pool import NAN, median_pool
from reference.min_pool import min_pool
from tests.reference.inside import inside
from tests.reference.loops import Ints, shape_of, windows

CLAIM = Claim()
# name -> (shape of x, attributes)
SETTINGS: dict[str, tuple[Ints, dict[str, Any]]] = {
    "1d, odd": ((2, 3, 7), {"kernel_shape": (3,)}),
    "1d, even": ((2, 3, 7), {"kernel_shape": (4,)}),
    "1d, one": ((1, 2, 4), {"kernel_shape": (1,), "strides": (3,)}),
    "1d, begin pad": ((1, 2, 5), {"kernel_shape": (3,), "pads": (2, 0)}),
    "1d, end pad": ((1, 2, 5), {"kernel_shape": (2,), "pads": (0, 2), "strides": (2,)}),
    "1d, padding alone": ((1, 1, 3), {"kernel_shape": (2,), "pads": (3, 4)}),
    "1d, dilation": ((1, 2, 9), {"kernel_shape": (3,), "dilations": (3,), "pads": (1, 2)}),
    "1d, reflect": ((1, 2, 5), {"kernel_shape": (3,), "pads": (4, 3), "mode": "reflect"}),
    "1d, edge": ((1, 2, 5), {"kernel_shape": (4,), "pads": (1, 6), "mode": "edge"}),
    "2d, odd": ((2, 2, 5, 6), {"kernel_shape": (3, 3)}),
    "2d, even": ((1, 2, 5, 6), {"kernel_shape": (3, 2), "strides": (2, 1)}),
    "2d, stride above kernel": ((1, 2, 7, 6), {"kernel_shape": (2, 1), "strides": (3, 2)}),
    "2d, four pads": ((1, 2, 4, 5), {"kernel_shape": (4, 3), "pads": (1, 0, 3, 2), "mode": "constant"}),
    "2d, reflect": ((1, 2, 4, 5), {"kernel_shape": (3, 5), "pads": (1, 4, 3, 2), "mode": "reflect"}),
    "2d, edge, dilations": (
        (1, 2, 4, 5), {"kernel_shape": (2, 3), "pads": (1, 4, 3, 2), "dilations": (3, 2), "mode": "edge"},
    ),
    "3d": ((1, 2, 3, 4, 5), {"kernel_shape": (2, 3, 2), "strides": (1, 2, 3)}),
    "3d, reflect": (
        (1, 1, 3, 4, 3), {"kernel_shape": (3, 3, 3), "pads": (1, 0, 2, 0, 1, 1), "mode": "reflect"},
    ),
}  # fmt: skip


def ball_of(x: NDArray[Any], claim: Claim = CLAIM, **attributes: Any) -> Ball:
    """The one result."""
    (ball,) = median_pool(x, claim=claim, **attributes)
    return ball


def seen(at: int, size: int, mode: str) -> int | None:
    """The element that a place outside the image shows, or None for a 0."""
    if 0 <= at < size:
        return at
    if mode == "edge":
        return 0 if at < 0 else size - 1
    while mode == "reflect" and not 0 <= at < size:
        at = -at if at < 0 else 2 * (size - 1) - at
    return at if mode == "reflect" else None


def naive(x: NDArray[Any], mode: str = "constant", **attributes: Any) -> NDArray[Any]:
    """Exact medians, element by element."""
    layout = dict(windows(x.shape[2:], **attributes))
    y = np.empty((*x.shape[:2], *shape_of(list(layout))), dtype=object)
    for n, c in np.ndindex(*x.shape[:2]):
        for position, taps in layout.items():
            points = [[seen(at, m, mode) for at, m in zip(tap.point, x.shape[2:], strict=True)] for tap in taps]
            y[(n, c, *position)] = median(Fraction(0) if None in p else Fraction(float(x[(n, c, *p)])) for p in points)
    return y


@pytest.mark.parametrize("name", SETTINGS)
def test_equals_python_s_median(name: str) -> None:
    """Of integers no median rounds: equality is due."""
    shape, attributes = SETTINGS[name]
    x = np.random.default_rng(5).integers(-99, 99, shape).astype(np.float32)
    ball, due = ball_of(x, **attributes), naive(x, **attributes)
    np.testing.assert_array_equal(ball.value, due.astype(np.float64))
    assert not ball.radius.any()
    assert ball.undecided is None


MODES = {"edge": "nearest", "reflect": "mirror", "constant": "constant"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("extent", "kernel"), [((9,), (5,)), ((6, 7), (3, 3)), ((5, 8), (1, 5)), ((5, 6), (3, 1)), ((4, 5, 6), (3, 1, 5))]
)
def test_stride_1_is_scipy_s_median_filter(extent: Ints, kernel: Ints, mode: str) -> None:
    """Of odd windows that are centred, under its names for the same extensions of the image."""
    x = np.random.default_rng(7).standard_normal((2, 2, *extent))
    half = tuple(k // 2 for k in kernel)
    ball = ball_of(x, kernel_shape=kernel, pads=half * 2, mode=mode)
    for n, c in np.ndindex(2, 2):
        due = scipy.ndimage.median_filter(x[n, c], size=kernel, mode=MODES[mode], cval=0.0)
        np.testing.assert_array_equal(ball.value[n, c], due)
    assert not ball.radius.any()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["1d, even", "2d, even", "2d, four pads", "3d"])
def test_ball_of_an_even_window_holds_the_exact_mean(name: str, dtype: str) -> None:
    """Full significands and wide exponents: the reference rounds too, and the radius covers that."""
    shape, attributes = SETTINGS[name]
    source = np.random.default_rng(8)
    x = np.ldexp(source.standard_normal(shape), source.integers(-6, 6, shape)).astype(dtype)
    ball, due = ball_of(x, **attributes), naive(x, **attributes)
    for value, exact, radius in zip(ball.value.flat, due.flat, ball.radius.flat, strict=True):
        assert abs(Fraction(float(value)) - exact) <= Fraction(float(radius))
    assert (ball.radius[ball.value != 0] > 0).mean() > 0.5  # equality is due where a sum happens to fit


def test_a_mean_may_be_halved_first_or_last() -> None:
    """One rounding of the sum, or none of the halves: both inside; the next number but one is outside."""
    source = np.random.default_rng(9)
    x = np.ldexp(source.standard_normal((1, 1, 400)), source.integers(-9, 9, (1, 1, 400))).astype(np.float32)
    ball = ball_of(x, kernel_shape=(2,))
    a, b = x[..., :-1], x[..., 1:]
    half = np.float32(0.5)
    for mean in ((a + b) * half, a * half + b * half, (a + b) / np.float32(2)):
        assert inside(ball, mean).all()
    assert not np.array_equal(ball.value, ((a + b) * half).astype(np.float64)), "nothing was rounded"
    far = ball.value + np.copysign(4 * 2.0**-24 * (np.abs(a) + np.abs(b)), ball.value)
    assert not inside(ball, far).any()


def test_a_window_of_two_has_the_mean_of_average_pooling() -> None:
    x = np.random.default_rng(3).standard_normal((2, 3, 6, 7)).astype(np.float32)
    (mean,) = average_pool(x, claim=CLAIM, kernel_shape=(1, 2), strides=(2, 2))
    np.testing.assert_array_equal(ball_of(x, kernel_shape=(1, 2), strides=(2, 2)).value, mean.value)


@pytest.mark.parametrize("kernel", [(3, 3), (2, 3), (1, 1)])
def test_the_median_lies_between_minimum_and_maximum_and_turns_with_the_sign(kernel: Ints) -> None:
    x = np.random.default_rng(4).standard_normal((2, 3, 6, 7)).astype(np.float32)
    (least,), (most,) = min_pool(x, claim=CLAIM, kernel_shape=kernel), max_pool(x, claim=CLAIM, kernel_shape=kernel)
    assert isinstance(most, Ball)
    ball = ball_of(x, kernel_shape=kernel)
    assert ((least.value <= ball.value) & (ball.value <= most.value)).all()
    np.testing.assert_array_equal(ball_of(-x, kernel_shape=kernel).value, -ball.value)


@pytest.mark.parametrize(
    ("x", "due"),
    [
        ([np.inf, 1.0, 2.0], 2.0),
        ([np.inf, -np.inf, 2.0], 2.0),
        ([np.inf, np.inf, 2.0], np.inf),
        ([np.inf, 1.0], np.inf),
        ([-np.inf, 1.0], -np.inf),
        ([np.inf, -np.inf], np.nan),
        ([np.inf, np.inf, 1.0, -np.inf], np.inf),
        ([np.inf, 3.0, 1.0, -np.inf], 2.0),
        ([-0.0, -0.0, 5.0], 0.0),
    ],
)
def test_infinities_are_ordered_and_added(x: list[float], due: float) -> None:
    ball = ball_of(np.array([[x]], np.float32), kernel_shape=(len(x),))
    np.testing.assert_array_equal(ball.value, [[[due]]])
    assert ball.undecided is None
    assert inside(ball, np.full((1, 1, 1), due)).all()
    assert not inside(ball, np.full((1, 1, 1), 1.0)).any()


@pytest.mark.parametrize("kernel", [2, 3])
def test_a_window_with_nan_is_open_and_others_are_not(kernel: int) -> None:
    x = np.array([[[1, 2, 3, np.nan, 5, 6, 7]]], np.float32)
    ball = ball_of(x, kernel_shape=(kernel,))
    assert ball.undecided is not None
    assert ball.sentence == NAN
    np.testing.assert_array_equal(ball.undecided, [[[start <= 3 < start + kernel for start in range(8 - kernel)]]])
    apart = [naive(part, kernel_shape=(kernel,)).ravel() for part in (x[..., :3], x[..., 4:])]
    np.testing.assert_array_equal(ball.value[~ball.undecided], np.concatenate(apart).astype(np.float64))


def test_a_reflected_nan_is_a_nan_of_the_window() -> None:
    x = np.array([[[1, np.nan, 3, 4, 5]]], np.float32)
    ball = ball_of(x, kernel_shape=(2,), strides=(2,), pads=(1, 0), mode="reflect")
    np.testing.assert_array_equal(ball.undecided, [[[True, True, False]]])


def test_what_may_overflow_is_refused() -> None:
    """The sum of the middle two, although their mean would not; an odd window adds nothing."""
    x = np.array([[[60000, 60000, 60000]]], np.float16)
    with pytest.raises(OverflowError, match=r"partial sums may reach 1\.2e\+05, float16 ends at 65504"):
        ball_of(x, kernel_shape=(2,))
    np.testing.assert_array_equal(ball_of(x, kernel_shape=(3,)).value, [[[60000]]])
    huge = np.full((1, 1, 2), 1.5e308)
    with pytest.raises(OverflowError):
        ball_of(huge, kernel_shape=(2,))
    infinite = np.array([[[np.inf, 3, 60000, 60000]]], np.float16)
    with pytest.raises(OverflowError):
        ball_of(infinite, kernel_shape=(2,))
    np.testing.assert_array_equal(ball_of(infinite[..., :2], kernel_shape=(2,)).value, [[[np.inf]]])


def test_a_cast_rounds_and_tf32_selects_exactly() -> None:
    """TF32 rounds the factors of products, of which an odd window has none."""
    x = np.array([[[3.0, 5.0, 9.0]]], np.float32)
    cast, tf32 = Claim({"float32": CAST_FLOAT16}), Claim({**NATIVE, "float32": TF32})
    assert ball_of(x, cast, kernel_shape=(3,)).radius == 5 * 2.0**-11
    assert ball_of(x, tf32, kernel_shape=(3,)).radius == 0
    wide = x + np.float32(2.0**-20)
    assert ball_of(wide, cast, kernel_shape=(2,)).radius.min() > 4 * 2.0**-11
    narrow = wide.astype(np.float16)
    means = (narrow[..., :-1] + narrow[..., 1:]) / 2
    assert inside(ball_of(wide, cast, kernel_shape=(2,)), means).all()


def test_flushed_subnormals_are_inside() -> None:
    """Elements, their sum or the result may become 0."""
    x = np.array([[[1e-40, 3e-40, 5e-39]]], np.float32)
    assert inside(ball_of(x, Claim(flush_to_zero=True), kernel_shape=(2,)), np.zeros((1, 1, 2), np.float32)).all()
    assert not inside(ball_of(x, kernel_shape=(2,)), np.zeros((1, 1, 2), np.float32)).any()
