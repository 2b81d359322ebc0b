"""What a runtime says it delivers: unit roundoffs for each element type, and a few flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import frexp
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference.formats import FORMATS, Format, name_of
from reference.fourier import FFT, Fourier
from reference.winograd import WINOGRAD, Winograd

Algorithm = Winograd | Fourier


@dataclass(frozen=True)
class Precision:
    """Unit roundoffs of the inputs as read, of the accumulator and of the output as stored.

    Sources: Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., ch. 2 and 3; for TF32 and the
    float16 formats Blanchard, Higham, Lopez, Mary & Pranesh, SIAM J. Sci. Comput. 42 (2020), C124.
    """

    name: str
    u_in: float
    u_acc: float
    u_out: float
    cast: str = ""  # the narrower format that whole tensors are cast to; u_in without it is of operands of products
    nearest: bool = False  # every rounding is to nearest, ties to even, of inputs as they are: statistics are due

    @property
    def bits(self) -> int:
        """Significand bits that every intermediate and the result surely have."""
        return 1 - frexp(max(self.u_acc, self.u_out))[1]

    @property
    def sum_bits(self) -> int:
        """Significand bits that every intermediate surely has."""
        return 1 - frexp(self.u_acc)[1]

    @property
    def casts(self) -> bool:
        """Whether whole tensors are read at u_in."""
        return bool(self.cast)

    @property
    def input_bits(self) -> int:
        """Significand bits of an input that surely survive; 53 where inputs are read as they are."""
        return 1 - frexp(self.u_in)[1] if self.u_in else 53


FLOAT64 = Precision("float64", 0, 2**-53, 2**-53, nearest=True)
FLOAT32 = Precision("float32", 0, 2**-24, 2**-24, nearest=True)
TF32 = Precision("TF32", 2**-11, 2**-23, 2**-24)
FLOAT16_FLOAT32 = Precision("float16/float32 accumulator", 0, 2**-23, 2**-11)
FLOAT16 = Precision("float16", 0, 2**-11, 2**-11, nearest=True)
BFLOAT16_FLOAT32 = Precision("bfloat16/float32 accumulator", 0, 2**-23, 2**-8)
BFLOAT16 = Precision("bfloat16", 0, 2**-8, 2**-8, nearest=True)
CAST_FLOAT32 = Precision("float32", 2**-24, 2**-24, 2**-24, "float32")  # float64 tensors computed in float32
CAST_FLOAT16 = Precision("float16/float32 accumulator", 2**-11, 2**-23, 2**-11, "float16")  # wider tensors cast down
CAST_BFLOAT16 = Precision("bfloat16/float32 accumulator", 2**-8, 2**-23, 2**-8, "bfloat16")
CAST_FLOAT16_THROUGHOUT = Precision("float16", 2**-11, 2**-11, 2**-11, "float16")
CAST_BFLOAT16_THROUGHOUT = Precision("bfloat16", 2**-8, 2**-8, 2**-8, "bfloat16")
EXACT = Precision("exact", 0, 0, 0)  # integers

INTEGERS = ("int2", "uint2", "int4", "uint4", "int8", "uint8", "int16", "uint16", "int32", "int64")
NATIVE = {"float64": FLOAT64, "float32": FLOAT32, "float16": FLOAT16, "bfloat16": BFLOAT16}
NATIVE |= dict.fromkeys(INTEGERS, EXACT)


class NoBound(OverflowError):
    """A case for which a claim has no bound: it must not be planned on a runtime that makes the claim."""


# Those of half the bits are summed as written: F(6, 3)'s bound for them is beyond their results.
FAST: Mapping[str, tuple[Algorithm, ...]] = dict.fromkeys(("float32", "float64"), (*WINOGRAD, FFT))


@dataclass(frozen=True)
class Claim:
    """A runtime's promises.

    ``fast`` names, for each element type, the algorithms that may take the place of sums of the products as written,
    where they apply (`reference.fast`); a claim without any is ``direct``.
    """

    precision: Mapping[str, Precision] = field(default_factory=lambda: NATIVE)
    fast: Mapping[str, tuple[Algorithm, ...]] = field(default_factory=dict)
    deterministic: bool = False
    validates: bool = False
    flush_to_zero: bool = False

    @property
    def direct(self) -> bool:
        """Whether all sums are those of the products as written, in any order, with or without FMA."""
        return not any(self.fast.values())

    def directly(self) -> Claim:
        """The same without fast algorithms."""
        return replace(self, fast={})

    def algorithms(self, dtype: DTypeLike) -> tuple[Algorithm, ...]:
        """The fast algorithms that convolutions of tensors of ``dtype`` may take."""
        return self.fast.get(name_of(np.dtype(dtype)), ())

    def at(self, dtype: DTypeLike) -> Precision:
        """The precision promised for tensors of ``dtype``."""
        return self.precision[name_of(np.dtype(dtype))]

    def range(self, dtype: np.dtype[Any]) -> Format:
        """The format whose range numbers have, in tensors of a floating-point type and between them.

        Its least number is as coarse as the claim's roundings are: an accumulator that truncates loses up to a
        whole one, where rounding to nearest loses half.
        """
        p, of = self.at(dtype), FORMATS[self.at(dtype).cast or name_of(dtype)]
        return of if p.bits >= of.bits else replace(of, bits=p.bits)
