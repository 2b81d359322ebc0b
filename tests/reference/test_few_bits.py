"""The theorems behind the radii in formats of few bits, where m u passes 1 and every number can be tried."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

import numpy as np
import pytest

from reference.claim import Claim, Precision
from reference.rounding import MODES, rounded
from tests.reference.soundness.machine import ORDERS, ROUNDINGS, Machine, Way

NEAREST = [name for name in ROUNDINGS if name.startswith("nearest")]
OTHERS = [name for name in ROUNDINGS if name not in NEAREST]


def worst(bits: int, roundings: list[str], most: float, trials: int, block: int = 0) -> Fraction:
    """The largest error of sums of products over m u S, at lengths up to m u = ``most``; u = 2^-bits."""
    source, found = Random(f"{bits} {roundings}"), Fraction(0)
    claim = Claim({"float32": Precision("few bits", 0, 2.0**-bits, 2.0**-bits)})
    for _ in range(trials):
        n = source.randrange(1, max(2, int(most * 2**bits)) + 1)
        way = Way(source.choice(roundings), source.choice(ORDERS), fused=bool(source.randrange(2)), block=block)
        machine, grown = Machine(claim, "float32", way, source), source.randrange(3)
        drawn = [Fraction(source.randrange(2**bits, 2 ** (bits + 1))) for _ in range(2 * n)]
        terms = [a * 2 ** source.randrange(1 + 3 * grown) * source.choice((1, 1, 1, -1)) for a in drawn]
        pairs = [(machine.acc(a), machine.acc(b)) for a, b in zip(terms[:n], terms[n:], strict=True)]
        exact, size = sum(a * b for a, b in pairs), sum(abs(a * b) for a, b in pairs)
        found = max(found, abs(machine.dot(pairs) - exact) / (Fraction(n, 2**bits) * size))
    return found


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_to_nearest_no_length_is_too_long(bits: int) -> None:
    """Section 3: m u S, any tree, with and without FMA, m u up to 3."""
    assert Fraction(1, 5) < worst(bits, NEAREST, 3, 60) <= 1


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_truncated_no_length_is_too_long(bits: int) -> None:
    """The unit roundoff is that of one bit less."""
    assert Fraction(1, 5) < worst(bits, ["towards zero"], 3, 60) <= 1


@pytest.mark.parametrize("block", [1, 2, 4, 8])
def test_aligned_blocks(block: int) -> None:
    """Tensor cores: truncated at the last place of the largest of a block, and again."""
    assert 0 < worst(3, ["towards zero"], 3, 40, block) <= 1


def test_any_direction_up_to_an_eighth() -> None:
    """Up, down, away, by chance, to the farther neighbour: m u S where m u is at most 1/8."""
    assert Fraction(1, 5) < worst(7, OTHERS, 1 / 8, 150) <= 1


def test_rounded_up_a_long_sum_leaves() -> None:
    """So that a claim of rounding up must not be longer: 1 and many small terms, of which each costs a unit."""
    claim = Claim({"float32": Precision("few bits", 0, 2.0**-3, 2.0**-3)})
    machine = Machine(claim, "float32", Way("up"), Random(0))
    terms = [Fraction(1)] + [Fraction(1, 2**20)] * 63
    size = sum(terms)
    assert machine.sum(terms) - size > Fraction(64, 8) * size


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bits", [8, 9, 10, 11])
def test_odd_integers_err_by_odd_ones(bits: int, mode: str) -> None:
    """Section 10: so that an odd number of them never adds up to the right sum."""
    odd = np.arange(2**11 + 1, 2**13, 2, dtype=np.float64)
    assert (np.abs(rounded(odd, bits, mode) - odd) % 2 == 1).all()


@pytest.mark.parametrize("mode", MODES)
def test_elements_that_are_read_alike_are_near(mode: str) -> None:
    """Section 8: within 2 u_in of the largest, every pair of 6-bit numbers read in 3 bits."""
    u_in = 2.0**-2 if mode == "towards zero" else 2.0**-3
    numbers = np.arange(32, 128, dtype=np.float64)
    for sign in (1.0, -1.0):
        for a, b in product(sign * numbers, repeat=2):
            if a <= b and rounded(np.array([a]), 3, mode) == rounded(np.array([b]), 3, mode):
                assert b - a <= 2 * u_in * abs(b)
