"""Binary floating-point formats as IEEE 754-2019, section 3.3, describes them; NumPy's finfo does not know all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Format:
    """A significand of ``bits`` bits, the hidden one included, and exponents ``emin`` to ``emax`` of normal numbers."""

    name: str
    bits: int
    emin: int
    emax: int

    @cached_property
    def largest(self) -> float:
        """The largest finite number."""
        return (2 - 2.0 ** (1 - self.bits)) * 2.0**self.emax

    @cached_property
    def tiny(self) -> float:
        """The smallest normal number."""
        return 2.0**self.emin

    @cached_property
    def half_smallest(self) -> float:
        """Half the smallest subnormal number: the largest error of an operation that underflows.

        Of float64 the smallest one itself, as there is no half of it.
        """
        return max(2.0 ** (self.emin - self.bits), 5e-324)


# bfloat16: Intel, BFLOAT16 - Hardware Numerics Definition (2018), table 1; TF32, which no tensor has: NVIDIA A100
# Tensor Core GPU Architecture (2020), p. 26; the others: IEEE 754-2019, table 3.5.
FORMATS = {
    found.name: found
    for found in (
        Format("float16", 11, -14, 15),
        Format("TF32", 11, -126, 127),
        Format("bfloat16", 8, -126, 127),
        Format("float32", 24, -126, 127),
        Format("float64", 53, -1022, 1023),
    )
}


@cache  # numpy puts a dtype's name together anew at each call, which takes as long as a small kernel's arithmetic
def name_of(dtype: np.dtype[Any]) -> str:
    """``float32`` for any byte order."""
    return dtype.name


def is_float(dtype: np.dtype[Any]) -> bool:
    """Whether tensors of this type hold floating-point numbers."""
    return name_of(dtype) in FORMATS
