"""ConvInteger against nested loops of Python's own integers, and the sums it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import TF32, Claim
from reference.conv_integer import conv_integer
from tests.reference.test_conv import SETTINGS, naive

CLAIM = Claim()
ENDS = {"uint8": (0, 255), "int8": (-128, 127)}


def drawn(shape: tuple[int, ...], dtype: str, seed: int) -> NDArray[Any]:
    """Bytes over their whole range."""
    low, high = ENDS[dtype]
    return np.random.default_rng(seed).integers(low, high + 1, shape).astype(dtype)


def whole(a: NDArray[Any], zero_point: NDArray[Any] | None) -> NDArray[Any]:
    """Python's own integers, counted one by one from the zero point of their filter."""
    found = np.empty(a.shape, object)
    for place, value in np.ndenumerate(a):
        zero = 0 if zero_point is None else int(zero_point[place[0]] if zero_point.ndim else zero_point)
        found[place] = int(value) - zero
    return found


@pytest.mark.parametrize("types", [("uint8", "int8"), ("int8", "uint8"), ("uint8", "uint8"), ("int8", "int8")])
@pytest.mark.parametrize("zeros", ["none", "least", "most", "inner", "each", "w alone"])
@pytest.mark.parametrize("name", SETTINGS)
def test_equals_loops(name: str, zeros: str, types: tuple[str, str]) -> None:
    """Equality is due, and padding is what stands for 0: it adds nothing."""
    x_shape, w_shape, attributes = SETTINGS[name]
    x, w = drawn(x_shape, types[0], 1), drawn(w_shape, types[1], 2)
    of = {"least": 0, "most": 1}
    x_zero = np.array(ENDS[types[0]][of.get(zeros, 0)] + 3 * (zeros not in of), types[0])
    w_zero = np.array(ENDS[types[1]][of.get(zeros, 1)] - 5 * (zeros not in of), types[1])
    given: tuple[NDArray[Any] | None, NDArray[Any] | None] = {
        "none": (None, None), "each": (x_zero, drawn(w_shape[:1], types[1], 3)), "w alone": (None, w_zero),
    }.get(zeros, (x_zero, w_zero))  # fmt: skip
    (ball,) = conv_integer(x, w, *given, claim=CLAIM, **attributes)
    due = naive(
        whole(x, given[0] if given[0] is None else given[0].reshape(())), whole(w, given[1]), None, **attributes
    )
    assert ball.value.shape == due.shape
    np.testing.assert_array_equal(ball.value, due.astype(np.float64))
    assert not ball.radius.any()
    assert (ball.undecided, ball.others) == (None, ())


def test_a_claim_of_rounded_products_excuses_nothing() -> None:
    x, w = drawn((1, 3, 5), "uint8", 1), drawn((2, 3, 3), "int8", 2)
    (ball,) = conv_integer(x, w, claim=Claim({**CLAIM.precision, "float32": TF32}))
    assert not ball.radius.any()


@pytest.mark.parametrize(("terms", "fits"), [(33025, True), (33026, False)])
def test_sums_that_leave_32_bits_are_refused(terms: int, fits: bool) -> None:
    """255 * 255 * 33025 = 2147450625 < 2^31 <= 255 * 255 * 33026, in whichever sign."""
    assert (255 * 255 * terms < 2**31) == fits
    x, w = np.full((1, terms, 1), 255, np.uint8), np.zeros((1, terms, 1), np.uint8)
    zero = np.array(255, np.uint8)
    if fits:
        (ball,) = conv_integer(x, w, None, zero, claim=CLAIM)
        assert ball.value.item() == -255 * 255 * terms
    else:
        with pytest.raises(OverflowError, match="int32 ends at 2147483647"):
            conv_integer(x, w, None, zero, claim=CLAIM)


def test_terms_that_cancel_are_refused_all_the_same() -> None:
    """A partial sum may overflow on the way."""
    x = np.full((1, 40000, 1), 255, np.uint8)
    w = np.full((1, 40000, 1), 255, np.uint8)
    w[:, ::2] = 0
    zero = np.array(128, np.uint8)
    (ball,) = conv_integer(x, w, None, zero, claim=CLAIM)
    assert ball.value.item() == 255 * (127 - 128) * 20000
    with pytest.raises(OverflowError):
        conv_integer(np.tile(x, (1, 2, 1)), np.tile(w, (1, 2, 1)), None, zero, claim=CLAIM)
