"""One operation's error, against exact fractions in formats of few bits."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from reference.claim import Claim, Precision
from reference.near import Near, Steps, significant
from reference.rounding import MODES, rounded

BITS = 4
NARROW = Claim({"float32": Precision("narrow", 0, 2.0**-BITS, 2.0**-BITS)})


@pytest.mark.parametrize("mode", ["nearest, ties to even", "nearest, ties away"])
def test_a_product_of_narrow_numbers_rounded_once(mode: str) -> None:
    """Every pair of 4-bit numbers over two binades: inside, and exactly met where the product is a 4-bit number."""
    assert mode in MODES
    numbers = np.arange(8, 32)[np.arange(8, 32) % np.where(np.arange(8, 32) >= 16, 2, 1) == 0].astype(np.float64)
    a, b = (g.ravel() for g in np.meshgrid(numbers, -numbers))
    steps = Steps(NARROW, np.dtype("float32"))
    product = steps.times(steps.read(a), steps.read(b))
    got = rounded(a * b, BITS, mode)
    assert (np.abs(got - a * b) <= product.error).all()
    assert ((got == a * b) == (product.error == 0)).all()


@pytest.mark.parametrize("mode", ["nearest, ties to even", "nearest, ties away"])
def test_a_sum_of_narrow_numbers_rounded_once(mode: str) -> None:
    """Every pair of 4-bit numbers of four binades and both signs: inside, and exactly met where the sum has 4 bits."""
    digits = np.arange(8, 16, dtype=np.float64)
    numbers = np.concatenate([digits * 2.0**k for k in range(4)])
    a, b = (g.ravel() for g in np.meshgrid(numbers, np.concatenate([numbers, -numbers])))
    steps = Steps(NARROW, np.dtype("float32"))
    total = steps.plus(steps.read(a), steps.read(b))
    got = rounded(a + b, BITS, mode)
    assert (np.abs(got - (a + b)) <= total.error).all()
    assert ((got == a + b) == (total.error == 0)).all()


def test_a_sum_that_float64_rounds_is_never_exact() -> None:
    steps = Steps(Claim(), np.dtype("float64"))
    total = steps.plus(steps.read(np.array([1.0, 1.0, np.inf])), steps.read(np.array([2.0**-60, 2.0**-50, 1.0])))
    assert (total.error[:2] == 0).tolist() == [False, True]
    assert total.value[2] == np.inf


def test_errors_of_operands_are_carried() -> None:
    """The corners of both operands' errors, in exact arithmetic."""
    steps = Steps(Claim(), np.dtype("float32"))
    a, b = Near(np.array([3.0, -5.0]), np.array([0.1, 0.2])), Near(np.array([7.0, 0.5]), np.array([0.3, 0.01]))
    error = steps.times(a, b).error
    assert (steps.plus(a, b).error >= a.error + b.error).all()
    for i in range(2):
        exact = Fraction(a.value[i]) * Fraction(b.value[i])
        for s in (-1, 1):
            for t in (-1, 1):
                corner = (Fraction(a.value[i]) + s * Fraction(a.error[i])) * (
                    Fraction(b.value[i]) + t * Fraction(b.error[i])
                )
                assert abs(corner - exact) <= Fraction(error[i])


def test_significant_bits() -> None:
    numbers = np.array([0, 1, -2, 3, 0.75, 1 + 2.0**-52, np.inf, np.nan, 5e-324])
    assert significant(numbers).tolist() == [0, 1, 1, 2, 2, 53, 0, 0, 1]
