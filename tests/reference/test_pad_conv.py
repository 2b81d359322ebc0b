"""Pad and Conv against nested loops, and as one sum: in every order, fused and not, inside one radius."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import CAST_FLOAT16, Claim
from reference.conv import conv
from reference.pad_conv import pad_conv
from tests.reference.inside import inside

CLAIM = Claim()
W = np.array([[[3, -2, 5]]], np.float32)


def padded(x: NDArray[Any], begin: int, end: int, mode: str, constant: float) -> list[float]:
    """One row with elements added or removed, by loops over whole numbers."""
    row = [float(v) for v in x.ravel()]
    n, found = len(row), []
    for at in range(-begin, n + end):
        if 0 <= at < n:
            found.append(row[at])
        elif mode == "constant":
            found.append(constant)
        else:
            mirrored = abs(at) if at < n else 2 * n - 2 - at
            found.append(row[{"edge": min(max(at, 0), n - 1), "wrap": at % n, "reflect": mirrored}[mode]])
    return found


ROW = np.array([[[4, -1, 7, 2, -6]]], np.float32)
SIDES = [(0, 0), (1, 1), (2, 0), (0, 3), (-1, 0), (-1, 2), (3, 3)]
MODES = ("constant", "reflect", "edge", "wrap")
SETTINGS = [found for found in product(SIDES, MODES) if found != ((-1, 2), "wrap")]  # no text says what that is


@pytest.mark.parametrize(("sides", "mode"), SETTINGS)
def test_is_the_convolution_of_what_is_padded(sides: tuple[int, int], mode: str) -> None:
    """With pads of its own on top, which are zeros whatever the mode."""
    begin, end = sides
    (ball,) = pad_conv(
        ROW, np.array([0, 0, begin, 0, 0, end]), np.array(9, np.float32), w=W, b=np.array([100], np.float32),
        claim=CLAIM, pad={"mode": mode}, conv={"pads": (1, 0), "strides": (2,)},
    )  # fmt: skip
    kept = ROW[..., max(0, -begin) :]  # what is removed goes first, which these modes and amounts do not show
    row = [0.0, *padded(kept, max(begin, 0), end, mode, 9.0)]
    due = [sum(a * b for a, b in zip(row[i : i + 3], (3, -2, 5), strict=True)) + 100 for i in range(0, len(row) - 2, 2)]
    np.testing.assert_array_equal(ball.value[0, 0], due)
    assert not ball.radius.any()


def test_zeros_are_the_window_s_own_padding() -> None:
    x = np.random.default_rng(4).integers(-9, 10, (2, 3, 4, 5)).astype(np.float32)
    w = np.random.default_rng(5).integers(-9, 10, (4, 3, 3, 2)).astype(np.float32)
    (one,) = pad_conv(x, np.array([0, 0, 1, 2, 0, 0, 0, 3]), w=w, claim=CLAIM, pad={}, conv={"pads": (1, 0, 2, 1)})
    (other,) = conv(x, w, claim=CLAIM, pads=(2, 2, 2, 4))
    np.testing.assert_array_equal(one.value, other.value)


def test_named_axes_and_all_axes_are_the_same() -> None:
    x = np.random.default_rng(6).random((1, 2, 4, 5)).astype(np.float32)
    w = np.random.default_rng(7).random((2, 2, 2, 2)).astype(np.float32)
    (one,) = pad_conv(x, np.array([0, 0, 2, 0, 0, 0, 0, 1]), w=w, claim=CLAIM, pad={}, conv={})
    (other,) = pad_conv(x, np.array([0, 2, 1, 0]), None, np.array([-1, 2]), w=w, claim=CLAIM, pad={}, conv={})
    np.testing.assert_array_equal(one.value, other.value)
    np.testing.assert_array_equal(one.radius, other.radius)


def test_an_infinite_weight_that_meets_a_padded_zero_gives_nan_and_one_that_meets_padding_is_open() -> None:
    x, w = np.ones((1, 1, 3), np.float32), np.array([[[1, np.inf]]], np.float32)
    (ball,) = pad_conv(x, np.array([0, 0, 0, 0, 0, 1]), w=w, claim=CLAIM, pad={}, conv={})
    assert ball.undecided is None or not ball.undecided.any()
    np.testing.assert_array_equal(ball.value, [[[np.inf, np.inf, np.nan]]])
    (ball,) = pad_conv(x, np.array([0, 0, 0, 0, 0, 1]), w=w, claim=CLAIM, pad={}, conv={"pads": (0, 1)})
    assert ball.undecided is not None
    np.testing.assert_array_equal(ball.undecided, [[[False, False, False, True]]])


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("constant", [0.0, 0.7])
def test_one_radius_holds_fused_and_unfused(constant: float, dtype: str) -> None:
    """One term after the other in either order; fused, what is padded comes first, and zeros are no terms at all."""
    draw = np.random.default_rng(8)
    x = draw.standard_normal((1, 3, 6)).astype(dtype)
    w = draw.standard_normal((1, 3, 4)).astype(dtype)
    number = np.array(constant, dtype)
    (ball,) = pad_conv(x, np.array([0, 0, 2, 0, 0, 3]), number, w=w, claim=CLAIM, pad={}, conv={})
    rows = np.pad(x, [(0, 0), (0, 0), (2, 3)], constant_values=number)
    is_added = np.pad(np.zeros(x.shape, bool), [(0, 0), (0, 0), (2, 3)], constant_values=True)
    for order in ("unfused", "backwards", "fused"):
        y = np.zeros_like(ball.value, dtype)
        for i in range(y.shape[-1]):
            terms = [(rows[0, c, i + k], w[0, c, k], is_added[0, c, i + k]) for c in range(3) for k in range(4)]
            if order == "fused":
                terms.sort(key=lambda term: not term[2])
                terms = [term for term in terms if constant or not term[2]]
            total = number * 0
            for a, b, _ in reversed(terms) if order == "backwards" else terms:
                total = total + a * b
            y[0, 0, i] = total
        assert inside(ball, y).all(), order
        exact = [
            sum(Fraction(float(rows[0, c, i + k])) * Fraction(float(w[0, c, k])) for c in range(3) for k in range(4))
            for i in range(y.shape[-1])
        ]
        assert all(abs(float(e) - v) < 1e-12 for e, v in zip(exact, ball.value[0, 0], strict=True))


def test_a_cast_counts_once() -> None:
    """A constant is an operand of a product as x is: reading it twice rounds no more."""
    claim = Claim({"float32": CAST_FLOAT16})
    x = np.full((1, 1, 2), 1 + 2.0**-12, np.float32)
    number = np.array(1 + 2.0**-12, np.float32)
    (one,) = pad_conv(x, np.array([0, 0, 0, 0, 0, 1]), number, w=W, claim=claim, pad={}, conv={})
    (other,) = conv(np.full((1, 1, 3), 1 + 2.0**-12, np.float32), W, claim=claim)
    np.testing.assert_array_equal(one.radius, other.radius)
    assert inside(one, np.full((1, 1, 1), 6.0)).all()


def test_flush_to_zero_is_the_convolution_s() -> None:
    tiny = np.array(1e-39, np.float32)
    claim = Claim(flush_to_zero=True)
    (ball,) = pad_conv(
        np.full((1, 1, 2), tiny), np.array([0, 0, 0, 0, 0, 1]), tiny, w=W, claim=claim, pad={}, conv={}
    )  # fmt: skip
    assert inside(ball, np.zeros((1, 1, 1))).all()
