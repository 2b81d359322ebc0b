"""Clip element by element, its bounds in either order, and the elements its text leaves open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reference.claim import TF32, Claim
from reference.clip import clip
from tests.reference.inside import inside

CAST = Claim({"float32": replace(TF32, cast="TF32")})

BOUNDS = [(None, None), (-0.5, None), (None, 0.5), (-0.5, 0.5), (0.5, -0.5), (0.25, 0.25)]


@pytest.mark.parametrize(("low", "high"), BOUNDS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int32", "int64"])
@pytest.mark.parametrize("as_operands", [True, False])
def test_equals_a_loop(low: float | None, high: float | None, dtype: str, as_operands: bool) -> None:
    """The lower bound first, the upper one last and so the stronger; exactly, and integers too."""
    scale = {"int8": 100, "uint8": 100, "int32": 2**30, "int64": 2**52}.get(dtype, 1)
    shift = scale if dtype == "uint8" else 0
    x = (np.random.default_rng(1).uniform(-1, 1, (3, 17)) * scale + shift).astype(dtype)
    bounds = [None if b is None else np.array(b * scale + shift, dtype) for b in (low, high)]
    (ball,) = clip(x, *bounds if as_operands else (b if b is None else float(b) for b in bounds), claim=Claim())
    for a, value in zip(x.flat, ball.value.flat, strict=True):
        due = float(a)
        if bounds[0] is not None and due < bounds[0]:
            due = float(bounds[0])
        if bounds[1] is not None and due > bounds[1]:
            due = float(bounds[1])
        assert value == due
    assert not ball.radius.any()
    assert ball.undecided is None


def test_attributes_are_float32_in_every_type() -> None:
    low = float(np.float32(0.1))
    assert clip(np.zeros(1), low, claim=Claim())[0].value[0] == low


@pytest.mark.parametrize(
    ("x", "low", "high", "is_open", "due"),
    [
        (np.nan, -1.0, 1.0, True, None), (np.inf, None, None, True, None), (-np.inf, None, 1.0, True, None),
        (np.inf, None, 1.0, False, 1.0), (-np.inf, -1.0, None, False, -1.0), (-0.0, 0.0, 1.0, False, 0.0),
        (1e-45, 0.0, None, False, 1e-45),
    ],
)  # fmt: skip
def test_special_values(x: float, low: float | None, high: float | None, is_open: bool, due: float | None) -> None:
    """An infinity on the side of a bound that is given is decided."""
    (ball,) = clip(np.array([x], np.float32), low, high, claim=Claim())
    assert inside(ball, np.array([7.0])).all() == is_open
    assert due is None or inside(ball, np.array([due], np.float32)).all()


def test_rounded_numbers_are_inside_a_rounding_claim_alone() -> None:
    x, high = np.array([1 + 2.0**-13, 9], np.float32), 4 + 2.0**-11
    y = np.array([1.0, 4.0])
    assert not inside(clip(x, None, high, claim=Claim())[0], y).any()
    assert inside(clip(x, None, high, claim=CAST)[0], y).all()


def test_integers_beyond_float64_are_refused() -> None:
    """As elements and as bounds, on either side; 2^53 itself is held."""
    for extreme in (2**53 + 1, -(2**53) - 1):
        with pytest.raises(OverflowError, match=r"integers up to 2\^53 are exact here, int64"):
            clip(np.array([0, extreme]), claim=Claim())
        with pytest.raises(OverflowError):
            clip(np.array([0]), np.array(extreme), claim=Claim())
    assert clip(np.array([2**53, -(2**53)]), claim=Claim())[0].value.tolist() == [2.0**53, -(2.0**53)]
    assert clip(np.array([], np.int64), claim=Claim())[0].value.size == 0


def test_a_bound_that_the_type_lacks_is_rounded_to_it() -> None:
    """29.29687 is no number of float16: its nearest one, 29.296875, is admitted, the next one is not."""
    bound = float(np.float32(29.29686737060547))
    (ball,) = clip(np.array([40, 1], np.float16), None, bound, claim=Claim())
    assert inside(ball, np.array([29.296875, 1], np.float16)).all()
    assert not inside(ball, np.array([29.3125, 1.001], np.float16)).any()
    (ball,) = clip(np.array([40, 1], np.float32), None, bound, claim=Claim())
    assert not ball.radius.any()


def test_what_is_beyond_version_6_s_default_is_open() -> None:
    """Of float64 under an omitted bound; without that default infinities alone are."""
    x = np.array([1e300, -1e300, 2, np.inf])
    (ball,) = clip(x, None, 3.0, claim=Claim(), default=3.4028234663852886e38)
    assert ball.undecided is not None
    assert ball.undecided.tolist() == [False, True, False, False]
    (ball,) = clip(x, -3.0, None, claim=Claim())
    assert ball.undecided is not None
    assert ball.undecided.tolist() == [False, False, False, True]
