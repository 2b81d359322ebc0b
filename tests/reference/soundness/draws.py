"""Numbers on which evaluations differ: full significands, small integers, sums that cancel, numbers that underflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

import ml_dtypes  # noqa: F401  # makes bfloat16 a name that NumPy knows
import numpy as np
from numpy.typing import NDArray

from reference.formats import FORMATS

Array = NDArray[Any]
KINDS = ("full", "whole", "cancelling", "above powers", "small", "far")


class Case(NamedTuple):
    """Operands by name, the kernel's attributes, and those of the evaluation where they differ."""

    operands: Mapping[str, Array]
    attributes: Mapping[str, Any]
    plain: Mapping[str, Any] | None = None


class Draw:
    """Numbers of one type and kind, one tensor after the other."""

    def __init__(self, source: Random, dtype: str, kind: str):
        self.source, self.dtype, self.kind = source, dtype, kind

    def __call__(self, *shape: int) -> Array:
        """A tensor."""
        return numbers(self.source, shape, self.dtype, self.kind)

    def of(self, *ways: Any) -> Any:
        """One of several settings."""
        return self.source.choice(ways)


def numbers(source: Random, shape: Sequence[int], dtype: str, kind: str) -> Array:
    """Numbers of a type; ``small`` ones are about the square root of the least normal number, and a few below it."""
    of, count = FORMATS[dtype], int(np.prod(shape))
    found: list[float] = []
    for k in range(count):
        fraction = source.randrange(2 ** (of.bits - 1), 2**of.bits) * 2.0 ** (1 - of.bits)
        if kind == "whole":
            value = float(source.randrange(-4, 5))
        elif kind == "above powers":  # 1 and few units in the last place: a rounding is worth most there
            value = (1 + source.randrange(4) * 2.0 ** (1 - of.bits)) * 2.0 ** source.randrange(-2, 2)
        elif kind == "small":
            value = fraction * 2.0 ** source.choice(
                (of.emin // 2 - 2, of.emin // 2, of.emin + 1, of.emin - of.bits // 2)
            )
        else:
            value = (
                source.choice((-1, 1))
                * fraction
                * 2.0 ** (source.randrange(7) if kind == "far" else source.randrange(-3, 2))
            )
        if kind == "cancelling" and k % 2:
            value = -found[-1] * (1 + source.randrange(-2, 3) * 2.0 ** (2 - of.bits))
        found.append(value)
    return np.array(found).astype(dtype).reshape(tuple(shape))


def exact(a: Array) -> Array:
    """The same numbers as fractions; padding and places are to be filled in by who reads them."""
    flat = [Fraction(float(v)) for v in np.asarray(a).reshape(-1)]
    return boxed(flat, np.shape(a))


def boxed(values: Sequence[Any], shape: Sequence[int]) -> Array:
    """Objects as an array of a shape."""
    found = np.empty(len(values), object)
    found[:] = values
    return found.reshape(tuple(shape))
