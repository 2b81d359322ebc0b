"""What quantised operators share: parameters along an axis or by blocks, and the formats of codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats, Mask
from reference.claim import Claim
from reference.formats import FORMATS

# TensorProto.DataType, in attributes such as output_dtype and precision.
ELEMENT_TYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 10: "float16", 11: "float64",
    16: "bfloat16", 17: "float8_e4m3fn", 18: "float8_e4m3fnuz", 19: "float8_e5m2", 20: "float8_e5m2fnuz",
    21: "uint4", 22: "int4", 23: "float4_e2m1fn", 25: "uint2", 26: "int2", 27: "float6_e2m3fn", 28: "float6_e3m2fn",
}  # fmt: skip


def integer_ends(dtype: str) -> tuple[int, int] | None:
    """The least and the largest number of an integer type, ``uint4`` and the like too; None for another type."""
    kind, _, bits = dtype.partition("int")
    if kind not in ("", "u") or not bits.isdigit():
        return None
    return (0, 2 ** int(bits) - 1) if kind else (-(2 ** (int(bits) - 1)), 2 ** (int(bits) - 1) - 1)


@dataclass(frozen=True)
class Minifloat:
    """A format of few bits: significand bits, the hidden one included, least normal exponent, largest number.

    ``infinite`` and ``beyond`` are what Cast-19's tables make of an infinity, with saturation and without; ``beyond``
    serves for a number beyond the largest as well.
    """

    bits: int
    least: int
    largest: float
    infinite: float
    beyond: float

    def rounded(self, v: Floats) -> Floats:
        """To the nearest number of the format, ties to even, as if it had no largest."""
        _, exponent = np.frexp(np.where(np.isfinite(v), v, 0.0))
        quantum = np.ldexp(1.0, np.maximum(exponent - 1, self.least) - self.bits + 1)
        return np.asarray(np.rint(v / quantum) * quantum)

    def stored(self, v: Floats, *, saturate: bool) -> Floats:
        """Rounded, and what lies beyond the largest number as the tables say."""
        near = self.rounded(v)
        over = np.abs(near) > self.largest
        infinite, beyond = (self.infinite, self.largest) if saturate else (self.beyond, self.beyond)
        edge = np.where(np.isinf(v), infinite, beyond)
        return np.asarray(np.where(over, np.copysign(edge, near), near))


MINIFLOATS = {
    "float8_e4m3fn": Minifloat(4, -6, 448.0, 448.0, np.nan),
    "float8_e4m3fnuz": Minifloat(4, -7, 240.0, np.nan, np.nan),
    "float8_e5m2": Minifloat(3, -14, 57344.0, 57344.0, np.inf),
    "float8_e5m2fnuz": Minifloat(3, -15, 57344.0, np.nan, np.nan),
    # These have neither an infinity nor a NaN: `saturate` "has no effect", and they end at their largest number.
    "float6_e2m3fn": Minifloat(4, 0, 7.5, 7.5, 7.5),
    "float6_e3m2fn": Minifloat(3, -2, 28.0, 28.0, 28.0),
    "float4_e2m1fn": Minifloat(2, 0, 6.0, 6.0, 6.0),
}


def along(parameter: NDArray[Any], shape: tuple[int, ...], axis: int, block_size: int) -> Floats:
    """A scale or zero point for every element of a tensor of ``shape``.

    One number for all; a list along ``axis``; or, in blocks, each entry for ``block_size`` elements along it.
    """
    value = parameter.astype(np.float64)
    if value.size == 1:
        return np.broadcast_to(value.reshape(()), shape)
    if block_size:
        repeated = value.repeat(block_size, axis=axis)
        return np.asarray(np.take(repeated, np.arange(shape[axis]), axis=axis))
    spread = [1] * len(shape)
    spread[axis] = value.size
    return np.broadcast_to(value.reshape(spread), shape)


def is_power_of_two(a: Floats) -> Mask:
    """Whether a quotient by each number is exact."""
    return np.asarray(np.abs(np.frexp(a)[0]) == 0.5)


def refuse_narrow(claim: Claim) -> None:
    """Raise OverflowError where a claim casts float32 to a format whose range sums times scales may leave."""
    of = claim.range(np.dtype(np.float32))
    if of.emax < FORMATS["float32"].emax:
        raise OverflowError(f"sums and scales of codes may leave {of.name}")


def codes_within(low: Floats, high: Floats, code: Callable[[Floats], Floats], *, whole: bool) -> Ball:
    """Every code that a number between two others may get, by a rounding that keeps their order.

    ``code`` gives a number's, in ``whole`` numbers or in those of a minifloat, of which two at most are in question.
    All are balls of radius 0, since codes are met exactly.
    """
    first, last, middle = code(low), code(high), code((low + high) / 2)
    exact = np.zeros(first.shape)
    apart = int((last - first).max(initial=0)) if whole and np.isfinite(first).all() else 0
    found = [first, last, *(np.minimum(first + step, last) for step in range(1, apart))]
    others = tuple(Ball(one, exact) for one in found if not np.array_equal(one, middle, equal_nan=True))
    return Ball(middle, exact, others=others)
