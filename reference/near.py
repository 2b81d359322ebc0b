"""Numbers known within an error, and what one operation under a claim adds to it; derived in docs/numerics.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats, Mask
from reference.bound import UP, underflow
from reference.claim import Claim
from reference.formats import FORMATS, Format

OWN = 2.0**-52  # the reference's own rounding of one operation, twice over


@dataclass(frozen=True)
class Near:
    """An evaluation's number lies within ``error`` of the exact one, which lies within OWN of ``value``."""

    value: Floats
    error: Floats


class Steps:
    """Operations of an evaluation that keeps ``claim`` on tensors of ``dtype``."""

    def __init__(self, claim: Claim, dtype: np.dtype[Any], *, multiplies: bool = True):
        self.precision, self.dtype, self.range = claim.at(dtype), dtype, claim.range(dtype)
        self.u_in = self.precision.u_in if multiplies or self.precision.casts else 0.0
        self.eta = underflow(self.range, flush_to_zero=claim.flush_to_zero)
        self.unread = self.eta if claim.flush_to_zero else 0.0

    def read(self, x: NDArray[Any]) -> Near:
        """An operand: rounded where the claim rounds inputs, 0 where it flushes subnormals."""
        value = x.astype(np.float64)
        finite = np.where(np.isfinite(value), np.abs(value), 0.0)
        return Near(value, self.u_in * finite + self.unread)

    def constant(self, c: float) -> Near:
        """A number of the node's own: also rounded to the tensor's type where that lacks it.

        Raises OverflowError where it is beyond that type.
        """
        if abs(c) > self.range.largest:
            raise OverflowError(f"{c} is no {self.range.name}")
        is_held = float(self.dtype.type(c)) == c
        if self.precision.casts:  # the format that it is cast to may lack it too, or has it as a subnormal number
            bits = FORMATS[self.precision.cast].bits
            is_held = is_held and significant(np.array([c]))[0] <= bits and (c == 0 or abs(c) >= self.range.tiny)
        rounding = 0.0 if is_held else self.precision.u_out * abs(c) + self.eta
        return Near(np.asarray(c), np.asarray(self.u_in * abs(c) + rounding + self.unread * (c != 0)))

    def rounded(self, value: Floats, error: Floats) -> Near:
        """The result of one operation, stored in the accumulator's format."""
        reach = np.abs(value) + error
        return Near(value, error + self.precision.u_acc * reach + OWN * np.abs(value) + self.eta)

    def times(self, a: Near, b: Near) -> Near:
        """A product: with no error where nothing was rounded before and the exact product fits the claim's format."""
        with np.errstate(invalid="ignore", over="ignore", under="ignore"):
            value = np.asarray(a.value * b.value)
            error = np.abs(a.value) * b.error + np.abs(b.value) * a.error + a.error * b.error
            found = self.rounded(value, error)
            return Near(value, np.where((error == 0) & self.fits(a, b, value), 0.0, found.error))

    def plus(self, a: Near, b: Near) -> Near:
        """A sum: with no error where nothing was rounded before and the exact sum fits the claim's format."""
        with np.errstate(invalid="ignore", over="ignore"):
            value = np.asarray(a.value + b.value)
            back = value - a.value
            left = (a.value - (value - back)) + (b.value - back)  # what float64 rounded off [H, section 4.3]
            found = self.rounded(value, a.error + b.error)
            is_exact = (a.error + b.error == 0) & (left == 0) & self.holds(value)
            return Near(value, np.where(is_exact, 0.0, found.error))

    def fits(self, a: Near, b: Near, value: Floats) -> Mask:
        """Whether a product of two numbers is a number of the claim's narrowest format."""
        digits = significant(a.value) + significant(b.value)
        return np.asarray((value == 0) | ((digits <= 53) & self.holds(value)))

    def holds(self, value: Floats) -> Mask:
        """Whether a number is 0 or a normal number of the claim's narrowest format."""
        bits = self.precision.bits
        fraction, _ = np.frexp(value)
        held = np.ldexp(fraction, bits) == np.rint(np.ldexp(fraction, bits))
        is_normal = np.abs(value) >= self.range.tiny
        return np.asarray((value == 0) | (held & is_normal))

    def stored(self, y: Near) -> Floats:
        """Radius of a result: the error so far, and one rounding to the output's format where that differs.

        Raises ArithmeticError where that is not finite: no such bound was derived.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            own = self.precision.u_out * (np.abs(y.value) + y.error) + self.eta
            radius = np.where(y.error == 0, 0.0, (y.error + own) * UP)
        if not np.isfinite(radius[np.isfinite(y.value)]).all():
            raise ArithmeticError("a bound is not finite")
        return np.where(np.isfinite(y.value), radius, 0.0)


def significant(a: Floats) -> Floats:
    """Significand bits that each number needs; 0 for 0, infinities and NaN."""
    fraction, _ = np.frexp(np.where(np.isfinite(a), a, 0.0))
    digits = np.ldexp(fraction, 53).astype(np.int64)
    lowest = np.frexp((digits & -digits).astype(np.float64))[1]
    return np.where(digits == 0, 0.0, 54.0 - lowest)


def refuse_overflow(y: Near, x: NDArray[Any], of: Format) -> None:
    """Raise OverflowError where a finite element's result may exceed the format: such a case must not be planned."""
    with np.errstate(invalid="ignore", over="ignore"):
        reach = np.abs(y.value) + y.error
    if (np.isfinite(x) & (reach > of.largest)).any():
        raise OverflowError(f"results may exceed {of.name}, which ends at {of.largest:.9g}")


def undecided_at_nan(x: NDArray[Any], value: Floats, radius: Floats, sentence: str) -> Ball:
    """A ball whose elements are open where x is NaN."""
    is_nan = np.asarray(np.isnan(x))
    return Ball(np.asarray(value), np.asarray(radius), is_nan if is_nan.any() else None, sentence)
