"""Arithmetic under a claim in exact rational numbers: every operation rounded as badly as the claim allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import mpmath
import numpy as np

from reference.claim import Claim
from reference.formats import FORMATS, is_float

Real = Fraction
Pair = tuple[Fraction, Fraction]
DIGITS = 400  # bits of an elementary function's value, which stands for the exact one
ZERO, ONE = Fraction(0), Fraction(1)

# To which of two neighbours a number between them goes, 1 up, 0 down, by its sign and the part of the gap below it.
ROUNDINGS: dict[str, Callable[[bool, Fraction, Random], int]] = {
    "nearest, ties up": lambda negative, part, source: int(part >= Fraction(1, 2)),
    "nearest, ties down": lambda negative, part, source: int(part > Fraction(1, 2)),
    "up": lambda negative, part, source: 1,
    "down": lambda negative, part, source: 0,
    "towards zero": lambda negative, part, source: int(negative),
    "away from zero": lambda negative, part, source: int(not negative),
    "either": lambda negative, part, source: source.randrange(2),
    "the farther": lambda negative, part, source: int(part < Fraction(1, 2)),
}
ORDERS = ("forward", "reversed", "smallest first", "largest first", "pairwise", "tree", "greedy up", "greedy down")


@dataclass(frozen=True)
class Way:
    """How one evaluation goes: a rounding, an order of sums, products rounded or fused, subnormal numbers flushed."""

    rounding: str = "nearest, ties up"
    order: str = "forward"
    fused: bool = False
    flush: str = "never"  # or "always", or "either"
    block: int = 0  # products that are added at once, aligned and truncated

    @property
    def is_nearest(self) -> bool:
        """Whether it rounds to nearest; every other rounding has one bit more for the same unit roundoff."""
        return self.rounding.startswith("nearest")


def exponent(a: Fraction) -> int:
    """The e with 2^e <= a < 2^(e+1), a > 0."""
    e = a.numerator.bit_length() - a.denominator.bit_length()
    at_least = a.numerator >= a.denominator << e if e >= 0 else a.numerator << -e >= a.denominator
    return e if at_least else e - 1


def power(e: int) -> Fraction:
    """2^e."""
    return Fraction(1 << e) if e >= 0 else Fraction(1, 1 << -e)


def bits_of(u: float) -> int:
    """The p of a unit roundoff 2^-p."""
    return 1 - int(np.frexp(u)[1])


class Machine:
    """One evaluation under a claim on tensors of a type; ``choose`` draws what the claim leaves open."""

    def __init__(self, claim: Claim, dtype: Any, way: Way, source: Random):
        self.claim, self.dtype, self.way, self.source = claim, np.dtype(dtype), way, source
        self.precision = p = claim.at(self.dtype)
        self.range = FORMATS[p.cast or self.dtype.name]
        wide = p.u_acc < p.u_out or p.u_acc == 2.0**-23  # sums in a float32 accumulator, whatever the tensors are
        self.sums = FORMATS["float32"] if wide else self.range
        self.more = 0 if way.is_nearest else 1

    # ---- rounding

    def rounded(self, a: Fraction, u: float, emin: int) -> Fraction:
        """To a format of unit roundoff u and least normal number 2^emin, as the way says."""
        if not a:
            return a
        bits = bits_of(u) + (self.more or u == 2.0**-23)  # an accumulator of 24 bits, which truncates or does not
        quantum = power(max(exponent(abs(a)), emin) - bits + 1)
        low, part = divmod(a, quantum)
        found = (low + ROUNDINGS[self.way.rounding](a < 0, part / quantum, self.source)) * quantum if part else a
        return self.flushed(found, power(emin))

    def flushed(self, a: Fraction, least: Fraction) -> Fraction:
        """A subnormal number, or 0 under a claim that flushes."""
        if not self.claim.flush_to_zero or self.way.flush == "never" or abs(a) >= least:
            return a
        return ZERO if self.way.flush == "always" or self.source.randrange(2) else a

    def acc(self, a: Fraction) -> Fraction:
        """The result of an operation, as the accumulator holds it."""
        found = self.rounded(a, self.precision.u_acc, self.sums.emin)
        assert abs(found) <= self.range.largest, "the reference must refuse what may overflow"
        return found

    def store(self, a: Fraction) -> Fraction:
        """A result, as the output's type holds it."""
        return self.rounded(a, self.precision.u_out, self.range.emin)

    def read(self, a: Fraction) -> Fraction:
        """An operand of a product."""
        a = self.flushed(a, Fraction(self.range.tiny))
        return self.rounded(a, self.precision.u_in, self.range.emin) if self.precision.u_in else a

    def cast(self, a: Fraction) -> Fraction:
        """An element of a tensor that is no factor."""
        if self.precision.casts:
            return self.read(a)
        return self.flushed(a, Fraction(self.range.tiny)) if is_float(self.dtype) else a

    def constant(self, c: float, *, factor: bool = True) -> Fraction:
        """An attribute of type FLOAT, in the tensor's type or as it is."""
        a = Fraction(c)
        if self.source.randrange(2):
            a = self.rounded(a, 2.0 ** -FORMATS[self.dtype.name].bits, FORMATS[self.dtype.name].emin)
        return self.read(a) if factor else self.cast(a)

    # ---- operations

    def times(self, a: Fraction, b: Fraction) -> Fraction:
        """A product."""
        return self.acc(a * b)

    def plus(self, a: Fraction, b: Fraction) -> Fraction:
        """A sum."""
        return self.acc(a + b)

    def over(self, a: Fraction, b: Fraction) -> Fraction:
        """A quotient."""
        return self.acc(a / b)

    def sum(self, terms: Sequence[Fraction]) -> Fraction:
        """Numbers of the accumulator's format, added."""
        return self.dot([], terms)

    def dot(self, pairs: Sequence[Pair], more: Sequence[Fraction] = ()) -> Fraction:
        """Products of pairs and further terms, in the order of the way."""
        if self.way.block:
            return self.in_blocks([a * b for a, b in pairs] + list(more))
        if self.way.order in ("pairwise", "tree"):
            return self.in_a_tree([self.times(a, b) for a, b in pairs] + list(more))
        exact = [(a * b, self.way.fused) for a, b in pairs] + [(a, True) for a in more]
        terms = [(value if fused else self.acc(value)) for value, fused in exact]
        if self.way.order.startswith("greedy"):
            return self.greedily(terms, 1 if self.way.order.endswith("up") else -1)
        if self.way.order == "reversed":
            terms.reverse()
        elif self.way.order != "forward":
            terms.sort(key=abs, reverse=self.way.order == "largest first")
        total = ZERO
        for term in terms:
            total = self.acc(total + term)
        return total

    def in_a_tree(self, terms: list[Fraction]) -> Fraction:
        """Pairwise, or joined at random."""
        while len(terms) > 1:
            if self.way.order == "tree":
                a = terms.pop(self.source.randrange(len(terms)))
                b = terms.pop(self.source.randrange(len(terms)))
                terms.append(self.acc(a + b))
            else:
                odd = terms[len(terms) // 2 * 2 :]
                terms = [self.acc(a + b) for a, b in zip(terms[::2], terms[1::2], strict=False)] + odd
        return self.acc(terms[0]) if terms else ZERO

    def greedily(self, terms: list[Fraction], sign: int) -> Fraction:
        """Always the term whose addition errs most in one direction."""
        total = ZERO
        while terms:
            sums = [(self.acc(total + term), term) for term in terms]
            total, chosen = max(sums, key=lambda pair: sign * (pair[0] - total - pair[1]))
            terms.remove(chosen)
        return total

    def in_blocks(self, terms: list[Fraction]) -> Fraction:
        """Blocks and the accumulator truncated at the last place of the largest, added, truncated (tensor cores)."""
        bits, total = bits_of(self.precision.u_acc) + 1, ZERO
        for start in range(0, len(terms), self.way.block):
            addends = [total, *terms[start : start + self.way.block]]
            largest = max(map(abs, addends))
            if largest:
                last = power(max(exponent(largest), self.sums.emin) - bits + 1)
                total = sum((towards_zero(a, last) for a in addends), ZERO)
                total = (
                    towards_zero(total, power(max(exponent(abs(total)), self.sums.emin) - bits + 1)) if total else total
                )
        return total

    def elementary(self, name: str, a: Fraction, ulps: int) -> Fraction:
        """A function off by up to its ulps, in any direction; an ulp is that of the exact result."""
        return self.near(elementary(name, a), ulps)

    def near(self, exact: Fraction, ulps: int) -> Fraction:
        """A result off by up to so many units in the last place of the exact one."""
        if not exact:
            return exact
        u, emin = self.precision.u_acc, self.sums.emin
        ulp = power(max(exponent(abs(exact)), emin) - bits_of(u) + 1)
        return self.flushed(exact + ulps * ulp * self.share(), power(emin))

    def share(self) -> Fraction:
        """By how much of what it may a function errs."""
        ends = {"up": ONE, "down": -ONE, "towards zero": -ONE, "away from zero": ONE}
        return ends.get(self.way.rounding) or Fraction(
            self.source.choice((-8, -8, 8, 8, self.source.randrange(-8, 9))), 8
        )


def towards_zero(a: Fraction, quantum: Fraction) -> Fraction:
    """Truncated to a multiple."""
    return (abs(a) // quantum) * (quantum if a > 0 else -quantum)


def elementary(name: str, a: Fraction) -> Fraction:
    """exp, expm1, tanh and such of a rational number, to 2^-390 of the value."""
    with mpmath.workprec(DIGITS):
        return exactly(getattr(mpmath, name)(mpmath.mpf(a.numerator) / a.denominator))


def root(a: Fraction, p: Fraction) -> Fraction:
    """a^p for a >= 0, as exactly."""
    with mpmath.workprec(DIGITS):
        return exactly(mpmath.power(mpmath.mpf(a.numerator) / a.denominator, mpmath.mpf(p.numerator) / p.denominator))


def exactly(value: Any) -> Fraction:
    """The rational number that an mpf is."""
    sign, mantissa, e, _ = value._mpf_
    return Fraction(-int(mantissa) if sign else int(mantissa)) * power(int(e))
