"""Conv against nested loops, exact fractions, and the special values its arithmetic defines."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import Claim
from reference.conv import conv
from tests.reference.inside import inside
from tests.reference.loops import Ints, Tap, shape_of, windows

CLAIM = Claim()
# name -> (shape of x, shape of w, attributes)
SETTINGS: dict[str, tuple[Ints, Ints, dict[str, Any]]] = {
    "1d": ((2, 3, 7), (2, 3, 3), {}),
    "1d 1x1": ((1, 4, 5), (3, 4, 1), {}),
    "1d even kernel": ((1, 2, 6), (1, 2, 4), {"pads": (2, 1)}),
    "1d stride": ((1, 2, 9), (2, 2, 3), {"strides": (2,)}),
    "1d stride above kernel": ((1, 2, 9), (2, 2, 2), {"strides": (4,)}),
    "1d end pad only": ((1, 1, 5), (1, 1, 3), {"pads": (0, 2)}),
    "1d begin pad only": ((1, 1, 5), (1, 1, 3), {"pads": (2, 0)}),
    "1d pads past the kernel": ((1, 2, 4), (1, 2, 3), {"pads": (5, 4)}),
    "1d pads past the dilated kernel": ((1, 1, 4), (1, 1, 2), {"pads": (6, 7), "dilations": (3,), "strides": (2,)}),
    "1d dilation": ((1, 2, 9), (2, 2, 3), {"dilations": (3,), "pads": (2, 3)}),
    "1d dilation, only padding read": ((1, 1, 2), (1, 1, 2), {"dilations": (4,), "pads": (3, 3)}),
    "1d window equals input": ((2, 2, 4), (3, 2, 4), {}),
    "1d stride skips the last pixels": ((1, 1, 8), (1, 1, 3), {"strides": (3,)}),
    "2d": ((2, 3, 5, 4), (4, 3, 3, 2), {}),
    "2d rectangular kernel, non-square image": ((1, 2, 8, 5), (2, 2, 2, 4), {}),
    "2d strides differ": ((1, 2, 7, 6), (3, 2, 3, 2), {"strides": (2, 1)}),
    "2d strides the other way": ((1, 2, 7, 6), (3, 2, 3, 2), {"strides": (1, 3)}),
    "2d size kept": ((1, 1, 5, 6), (1, 1, 3, 3), {"pads": (1, 1, 1, 1)}),
    "2d four pads": ((1, 2, 4, 5), (2, 2, 3, 2), {"pads": (1, 0, 3, 2)}),
    "2d four pads, strides": ((1, 2, 6, 5), (2, 2, 3, 2), {"pads": (0, 3, 2, 1), "strides": (3, 2)}),
    "2d dilations differ": ((1, 2, 7, 6), (2, 2, 3, 2), {"dilations": (2, 3)}),
    "2d all at once": (
        (2, 2, 9, 8), (4, 1, 3, 2), {"dilations": (2, 3), "strides": (2, 3), "pads": (1, 4, 0, 2), "group": 2},
    ),
    "2d VALID": ((1, 2, 7, 6), (2, 2, 3, 2), {"auto_pad": "VALID", "strides": (2, 2)}),
    "2d NOTSET": ((1, 2, 7, 6), (2, 2, 3, 2), {"auto_pad": "NOTSET", "pads": (1, 0, 0, 1)}),
    "2d SAME_UPPER, odd padding": ((1, 1, 5, 6), (1, 1, 2, 4), {"auto_pad": "SAME_UPPER"}),
    "2d SAME_LOWER, odd padding": ((1, 1, 5, 6), (1, 1, 2, 4), {"auto_pad": "SAME_LOWER"}),
    "2d SAME_UPPER, stride": ((1, 2, 7, 8), (2, 2, 3, 3), {"auto_pad": "SAME_UPPER", "strides": (2, 3)}),
    "2d SAME_LOWER, stride": ((1, 2, 7, 8), (2, 2, 3, 3), {"auto_pad": "SAME_LOWER", "strides": (2, 3)}),
    "2d SAME_UPPER, dilation": ((1, 1, 7, 8), (1, 1, 2, 3), {"auto_pad": "SAME_UPPER", "dilations": (3, 2)}),
    "2d SAME_LOWER, dilation": ((1, 1, 7, 8), (1, 1, 2, 3), {"auto_pad": "SAME_LOWER", "dilations": (3, 2)}),
    "2d SAME_UPPER, stride above kernel": ((1, 1, 7, 9), (1, 1, 1, 2), {"auto_pad": "SAME_UPPER", "strides": (3, 4)}),
    "2d groups": ((1, 4, 4, 4), (6, 2, 2, 2), {"group": 2}),
    "2d depthwise": ((2, 3, 4, 4), (3, 1, 3, 3), {"group": 3, "pads": (1, 1, 1, 1)}),
    "2d depthwise multiplier": ((1, 3, 4, 4), (6, 1, 2, 3), {"group": 3}),
    "2d kernel_shape given": ((1, 2, 4, 4), (1, 2, 3, 2), {"kernel_shape": (3, 2)}),
    "3d": ((1, 2, 3, 4, 5), (2, 2, 2, 3, 2), {}),
    "3d all at once": (
        (1, 2, 4, 5, 3), (2, 1, 2, 2, 3),
        {"strides": (2, 1, 2), "pads": (1, 0, 2, 0, 1, 1), "dilations": (1, 3, 1), "group": 2},
    ),
    "3d SAME_LOWER": ((1, 1, 3, 4, 5), (1, 1, 2, 3, 4), {"auto_pad": "SAME_LOWER", "strides": (1, 2, 3)}),
}  # fmt: skip


def naive(x: NDArray[Any], w: NDArray[Any], b: NDArray[Any] | None, group: int = 1, **attributes: Any) -> NDArray[Any]:
    """The sum as the operator states it, in the arithmetic of the elements."""
    attributes.pop("kernel_shape", None)
    layout = dict(windows(x.shape[2:], w.shape[2:], **attributes))
    y = np.empty((len(x), len(w), *shape_of(list(layout))), dtype=object)
    for n in range(len(x)):
        for m in range(len(w)):
            first = m // (len(w) // group) * w.shape[1]
            for position, taps in layout.items():
                total = 0 if b is None else b[m]
                for c in range(w.shape[1]):
                    for tap in taps:
                        if tap.is_inside:
                            total += x[(n, first + c, *tap.point)] * w[(m, c, *tap.place)]
                y[(n, m, *position)] = total
    return y


def drawn(shape: Ints, seed: int, reach: int = 9) -> NDArray[Any]:
    """Small integers, as Python's own."""
    return np.random.default_rng(seed).integers(-reach, reach + 1, shape).astype(object)


@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("name", SETTINGS)
def test_equals_loops(name: str, has_bias: bool) -> None:
    """On integers the value is exact and so is every sum: nothing but equality is admissible."""
    x_shape, w_shape, attributes = SETTINGS[name]
    x, w, b = drawn(x_shape, 1), drawn(w_shape, 2), drawn(w_shape[:1], 3) if has_bias else None
    operands = (a.astype(np.float32) for a in (x, w, b) if a is not None)
    (ball,) = conv(*operands, claim=CLAIM, **attributes)
    due = naive(x, w, b, **attributes)
    assert ball.value.shape == due.shape
    np.testing.assert_array_equal(ball.value, due.astype(np.float64))
    assert not ball.radius.any()
    assert ball.undecided is None


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["1d dilation", "2d all at once", "2d groups", "3d"])
def test_ball_holds_the_exact_sum(name: str, dtype: str) -> None:
    """Full significands: the reference rounds too, and the radius covers that."""
    x_shape, w_shape, attributes = SETTINGS[name]
    source = np.random.default_rng(4)
    x, w, b = (source.standard_normal(s).astype(dtype) for s in (x_shape, w_shape, w_shape[:1]))
    (ball,) = conv(x, w, b, claim=CLAIM, **attributes)
    exact = naive(*(np.vectorize(lambda v: Fraction(float(v)), otypes=[object])(a) for a in (x, w, b)), **attributes)
    for value, radius, due in zip(ball.value.flat, ball.radius.flat, exact.flat, strict=True):
        assert abs(Fraction(value) - due) <= Fraction(radius)
        if dtype != "float64":
            # 24 bits twice and a few carries fit 53 where exponents are alike; float16's 11 always do
            assert radius > 0
        if dtype == "float16":
            assert Fraction(value) == due


def touched(taps: list[Tap], x: NDArray[Any], n: int, wanted: Any) -> bool:
    """Whether a window's taps read an element of channel 0 that satisfies ``wanted``."""
    return any(tap.is_inside and wanted(x[(n, 0, *tap.point)]) for tap in taps)


def test_nan_in_a_window_is_due_in_the_result() -> None:
    x = np.ones((1, 1, 5, 5), np.float32)
    x[0, 0, 1, 3] = np.nan
    (ball,) = conv(x, np.ones((1, 1, 3, 2), np.float32), claim=CLAIM, pads=(1, 1, 1, 1))
    for position, taps in windows((5, 5), (3, 2), pads=(1, 1, 1, 1)):
        is_nan = touched(taps, x, 0, np.isnan)
        assert np.isnan(ball.value[(0, 0, *position)]) == is_nan
    assert ball.undecided is None
    swallowed = np.nan_to_num(ball.value)
    assert (~inside(ball, swallowed) == np.isnan(ball.value)).all()


def test_nan_under_a_zero_weight_is_due_too() -> None:
    """0 * NaN is NaN: the sum has the term."""
    (ball,) = conv(np.full((1, 1, 3), np.nan, np.float32), np.zeros((1, 1, 1), np.float32), claim=CLAIM)
    assert np.isnan(ball.value).all()
    assert not inside(ball, np.zeros((1, 1, 3))).any()


@pytest.mark.parametrize(
    ("x", "w", "due"),
    [
        ([np.inf, 1], [1, 1], np.inf),
        ([np.inf, 1], [-1, 1], -np.inf),
        ([np.inf, np.inf], [1, -1], np.nan),
        ([np.inf, 1], [0, 1], np.nan),
        ([-0.0, 0.0], [1, 1], 0.0),
        ([-0.0, -0.0], [1, 1], 0.0),
    ],
)
def test_special_sums(x: list[float], w: list[float], due: float) -> None:
    (ball,) = conv(np.array([[x]], np.float32), np.array([[w]], np.float32), claim=CLAIM)
    np.testing.assert_array_equal(ball.value, [[[due]]])
    assert inside(ball, np.full((1, 1, 1), due)).all()
    assert not inside(ball, np.full((1, 1, 1), 1.0)).any()


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_non_finite_weight_is_undecided_where_it_meets_padding_alone(bad: float) -> None:
    """0 times it or nothing at all; elsewhere arithmetic decides."""
    x, w = np.ones((1, 1, 4, 3), np.float32), np.ones((2, 1, 3, 2), np.float32)
    w[1, 0, 2, 1] = bad
    (ball,) = conv(x, w, claim=CLAIM, pads=(1, 1, 1, 1))
    assert ball.undecided is not None
    assert "padding" in ball.sentence
    for position, taps in windows((4, 3), (3, 2), pads=(1, 1, 1, 1)):
        meets = any(tap.place == (2, 1) and not tap.is_inside for tap in taps)
        assert ball.undecided[(0, 1, *position)] == meets
        assert not ball.undecided[(0, 0, *position)], "a filter of finite weights is decided"
        if not meets:
            np.testing.assert_array_equal(ball.value[(0, 1, *position)], bad)
