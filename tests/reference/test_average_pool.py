"""AveragePool against nested loops in exact fractions, with padding counted and not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.average_pool import EMPTY, average_pool
from reference.claim import Claim
from tests.reference.inside import inside
from tests.reference.loops import Ints, shape_of, windows

CLAIM = Claim()
# name -> (shape of x, attributes)
SETTINGS: dict[str, tuple[Ints, dict[str, Any]]] = {
    "1d": ((2, 3, 7), {"kernel_shape": (3,)}),
    "1d kernel 1": ((1, 2, 4), {"kernel_shape": (1,)}),
    "1d stride": ((1, 2, 9), {"kernel_shape": (2,), "strides": (2,)}),
    "1d stride above kernel": ((1, 1, 9), {"kernel_shape": (2,), "strides": (4,)}),
    "1d begin pad": ((1, 1, 5), {"kernel_shape": (3,), "pads": (2, 0)}),
    "1d end pad": ((1, 1, 5), {"kernel_shape": (3,), "pads": (0, 2)}),
    "1d dilation": ((1, 2, 9), {"kernel_shape": (3,), "dilations": (3,)}),
    "1d dilation, pads": ((1, 1, 6), {"kernel_shape": (3,), "dilations": (2,), "pads": (2, 1)}),
    "1d ceil, hanging": ((1, 2, 6), {"kernel_shape": (3,), "strides": (2,), "ceil_mode": 1}),
    "1d ceil, fits": ((1, 1, 7), {"kernel_shape": (3,), "strides": (2,), "ceil_mode": 1}),
    "1d ceil, ignored window": ((1, 1, 3), {"kernel_shape": (3,), "strides": (3,), "pads": (1, 1), "ceil_mode": 1}),
    "2d": ((2, 2, 5, 4), {"kernel_shape": (3, 2)}),
    "2d strides differ": ((1, 2, 7, 6), {"kernel_shape": (3, 2), "strides": (2, 1)}),
    "2d four pads": ((1, 2, 4, 5), {"kernel_shape": (4, 3), "pads": (1, 0, 3, 2)}),
    "2d dilations differ": ((1, 1, 7, 6), {"kernel_shape": (2, 3), "dilations": (3, 2)}),
    "2d ceil on one axis": ((1, 2, 6, 5), {"kernel_shape": (3, 3), "strides": (2, 2), "ceil_mode": 1}),
    "2d ceil, pads, dilations": (
        (1, 1, 8, 9),
        {"kernel_shape": (3, 2), "strides": (3, 2), "pads": (1, 0, 2, 1), "dilations": (2, 3), "ceil_mode": 1},
    ),
    "2d VALID": ((1, 1, 7, 6), {"kernel_shape": (3, 2), "strides": (2, 2), "auto_pad": "VALID"}),
    "2d SAME_UPPER": ((1, 1, 5, 6), {"kernel_shape": (2, 4), "auto_pad": "SAME_UPPER"}),
    "2d SAME_LOWER": ((1, 1, 5, 6), {"kernel_shape": (2, 4), "auto_pad": "SAME_LOWER"}),
    "2d SAME_LOWER, stride": ((1, 1, 7, 8), {"kernel_shape": (3, 3), "strides": (2, 3), "auto_pad": "SAME_LOWER"}),
    "3d": ((1, 2, 3, 4, 5), {"kernel_shape": (2, 3, 2)}),
    "3d all at once": (
        (2, 1, 5, 4, 6),
        {"kernel_shape": (2, 2, 3), "strides": (2, 1, 3), "pads": (1, 0, 2, 0, 1, 1), "ceil_mode": 1},
    ),
}  # fmt: skip
# in each of these some windows hold padding alone
WITH_EMPTY: dict[str, tuple[Ints, dict[str, Any]]] = {
    "1d begin": ((1, 2, 5), {"kernel_shape": (2,), "pads": (3, 0)}),
    "1d end": ((1, 1, 5), {"kernel_shape": (2,), "strides": (2,), "pads": (0, 3)}),
    "1d astride the input": ((1, 1, 2), {"kernel_shape": (2,), "dilations": (3,), "pads": (1, 1)}),
    "2d": ((1, 2, 3, 4), {"kernel_shape": (2, 3), "pads": (2, 1, 0, 3)}),
}


def naive(x: NDArray[Any], kernel_shape: Ints, count_include_pad: int = 0, **attributes: Any) -> NDArray[Any]:
    """Exact means, None of nothing.  Pixels past the padding, which only ceil_mode reads, are never counted."""
    layout = dict(windows(x.shape[2:], kernel_shape, **attributes))
    y = np.empty((*x.shape[:2], *shape_of(list(layout))), dtype=object)
    for n, c in np.ndindex(*x.shape[:2]):
        for position, taps in layout.items():
            total = sum(Fraction(float(x[(n, c, *tap.point)])) for tap in taps if tap.is_inside)
            count = sum(tap.is_counted if count_include_pad else tap.is_inside for tap in taps)
            y[(n, c, *position)] = total / count if count else None
    return y


def assert_close(value: NDArray[Any], exact: NDArray[Any], radius: NDArray[Any]) -> None:
    """Each value within its radius of the exact result, told in fractions."""
    assert value.shape == exact.shape
    for v, due, r in zip(value.flat, exact.flat, radius.flat, strict=True):
        assert abs(Fraction(float(v)) - due) <= Fraction(float(r)), f"{v} is not within {r} of {float(due)}"


@pytest.mark.parametrize("count_include_pad", [None, 0, 1])
@pytest.mark.parametrize("name", SETTINGS)
def test_equals_loops(name: str, count_include_pad: int | None) -> None:
    """Within one rounding in float64: the sums are of integers, only the division rounds."""
    shape, attributes = SETTINGS[name]
    given = attributes | ({} if count_include_pad is None else {"count_include_pad": count_include_pad})
    x = np.random.default_rng(7).integers(-99, 100, shape).astype(np.float32)
    (ball,) = average_pool(x, claim=CLAIM, **given)
    exact = naive(x, **given)
    assert_close(ball.value, exact, 2.0**-53 * np.abs(ball.value))
    assert ball.undecided is None
    one_off = ball.value.copy()
    one_off.flat[-1] += 1e-5 * np.abs(x).max()
    assert not inside(ball, one_off).flat[-1], "an error of 1e-5 of the largest input must leave the ball"


@pytest.mark.parametrize("count_include_pad", [0, 1])
@pytest.mark.parametrize("name", WITH_EMPTY)
def test_a_window_of_padding_alone_is_undecided_unless_it_counts(name: str, count_include_pad: int) -> None:
    """And every other element of that result is judged; a padding that counts makes a mean of zeros."""
    shape, attributes = WITH_EMPTY[name]
    x = np.random.default_rng(10).integers(1, 100, shape).astype(np.float32)
    (ball,) = average_pool(x, claim=CLAIM, count_include_pad=count_include_pad, **attributes)
    exact = naive(x, count_include_pad=count_include_pad, **attributes)
    empty = np.array([due is None for due in exact.flat]).reshape(exact.shape)
    assert empty.any() == (not count_include_pad)
    assert_close(ball.value[~empty], exact[~empty], ball.radius[~empty])
    if count_include_pad:
        assert ball.undecided is None
    else:
        np.testing.assert_array_equal(ball.undecided, empty)
        assert ball.sentence == EMPTY
        np.testing.assert_array_equal(inside(ball, np.full(exact.shape, -1.0)), empty)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("count_include_pad", [0, 1])
@pytest.mark.parametrize("name", ["1d dilation, pads", "2d four pads", "2d SAME_UPPER", "3d all at once"])
def test_ball_holds_the_exact_mean(name: str, count_include_pad: int, dtype: str) -> None:
    """Full significands and wide exponents: the reference rounds too, and the radius covers that."""
    shape, attributes = SETTINGS[name]
    source = np.random.default_rng(8)
    x = np.ldexp(source.standard_normal(shape), source.integers(-6, 6, shape)).astype(dtype)
    (ball,) = average_pool(x, claim=CLAIM, count_include_pad=count_include_pad, **attributes)
    assert_close(ball.value, naive(x, count_include_pad=count_include_pad, **attributes), ball.radius)
    assert (ball.radius[ball.value != 0] > 0).all()


def test_counting_padding_changes_edges_alone() -> None:
    """The two readings must be told apart: each is outside the other's ball exactly where padding is read."""
    x = np.random.default_rng(9).integers(1, 9, (1, 1, 5, 5)).astype(np.float32)
    attributes: dict[str, Any] = {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1)}
    (without,) = average_pool(x, claim=CLAIM, count_include_pad=0, **attributes)
    (including,) = average_pool(x, claim=CLAIM, count_include_pad=1, **attributes)
    for position, taps in windows((5, 5), (3, 3), pads=(1, 1, 1, 1)):
        is_interior = all(tap.is_inside for tap in taps)
        assert inside(without, including.value)[(0, 0, *position)] == is_interior


@pytest.mark.parametrize(
    ("x", "due"),
    [
        ([np.nan, 1.0], np.nan),
        ([np.inf, 1.0], np.inf),
        ([np.inf, -np.inf], np.nan),
        ([-0.0, -0.0], 0.0),
    ],
)
def test_special_values(x: list[float], due: float) -> None:
    """Arithmetic defines them: swallowing a NaN is a fault."""
    (ball,) = average_pool(np.array([[x]], np.float32), claim=CLAIM, kernel_shape=(2,))
    np.testing.assert_array_equal(ball.value, [[[due]]])
    assert ball.undecided is None
    assert inside(ball, np.full((1, 1, 1), due)).all()
    assert not inside(ball, np.full((1, 1, 1), 1.0)).any()


def test_special_values_stay_in_their_windows() -> None:
    x = np.ones((1, 1, 6), np.float32)
    x[0, 0, 4] = np.nan
    (ball,) = average_pool(x, claim=CLAIM, kernel_shape=(2,), pads=(1, 1))
    np.testing.assert_array_equal(ball.value, [[[1, 1, 1, 1, np.nan, np.nan, 1]]])
