"""Data sets of floating-point numbers by their magnitude: on a grid, near an end of the type, over all of it."""

from __future__ import annotations

from math import ceil, log2

import numpy as np

from graphs.draw import Draw, Tensor
from graphs.geometry import Ints
from graphs.numbers import EXPONENTS, SIGNIFICAND
from graphs.spec import Spec

FACTOR = 4  # weights, slopes and other factors lie between 2^-4 and 2^4


def is_factor(spec: Spec, name: str) -> bool:
    """Whether an operand multiplies the signal, or chooses from it, rather than being added to it."""
    return name not in (spec.signal, "b")


def room(spec: Spec, *, factor: int = 0) -> int:
    """The largest exponent at which every sum of numbers times 2^``factor`` stays finite.

    With one place for a bias, one for the decoy, which is -2x, and four where an operator has factors of its own, such
    as the 6 of a hard swish, or eight where it has cubics; of a norm it is the sum of the powers that must.
    """
    own = 2 if spec.terms > 1 else 8 if spec.coordinates else 4
    most = EXPONENTS[spec.dtype][1] - factor - own - ceil(log2(spec.terms))
    return int(most // power(spec))


def power(spec: Spec) -> float:
    """The p of a norm, to which elements are raised before they are added; 1 of any other block."""
    found: float | None = getattr(spec, "p", 1)
    return 2 if found is None else found


def random(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Numbers in (-1, 1) on a grid of 2^-19 (float16: 2^-10, bfloat16: 2^-7): float64 sums of products are exact."""
    bits = min(19, SIGNIFICAND[spec.dtype] - 1)
    reach = (1 << bits) - 1
    return np.ldexp(draw.integers(-reach, reach, shape).astype(np.float64), -bits)


def special(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Random data with one NaN, both infinities and two -0 strewn in, and one infinite weight in the last filter."""
    values = random(spec, name, shape, draw)
    flat = values.reshape(-1)
    if name in ("x", spec.signal):
        places = np.argsort(draw.integers(0, 1 << 31, (flat.size,)), kind="stable")
        strewn = (np.nan, np.inf, -np.inf, -0.0, -0.0)
        flat[places[: len(strewn)]] = strewn[: flat.size]
    elif name == "w" and shape[0] > 1:
        flat[-1] = np.inf
    return values


def ends_of_draw(spec: Spec, name: str) -> tuple[int, int]:
    """The least and the largest exponent of `spread`.

    Products and powers stay normal numbers, or as small as one subnormal number; float64's sums stay where
    the reference's own products do not underflow.
    """
    if is_factor(spec, name):
        return -FACTOR, FACTOR - 1
    least = (EXPONENTS[spec.dtype][0] - SIGNIFICAND[spec.dtype] + 1) // power(spec)
    sums = spec.dtype == "float64" and spec.terms > 1
    return int(max(least, -900 // power(spec)) if sums else least), room(spec, factor=FACTOR if spec.terms > 1 else 0)


def spread(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Magnitudes over the type's exponents, subnormal ones too; every other one from 2^-4 to 2^10, where curves bend.

    Both signs.  A way through a narrower range, integers, or a comparison of bits shows.
    """
    (least, _), bits = EXPONENTS[spec.dtype], SIGNIFICAND[spec.dtype]
    low, high = ends_of_draw(spec, name)
    anywhere = draw.integers(low, high, shape)
    exponent = np.where(draw.integers(0, 1, shape) == 0, anywhere, draw.integers(-4, min(9, high), shape))
    digits = (draw.integers(1 << 25, (1 << 26) - 1, shape) << 27) + draw.integers(0, (1 << 27) - 1, shape)
    lost = 53 - bits + (least - exponent).clip(0)  # what the type, and a subnormal number, has no room for
    whole = (digits >> lost) * (draw.integers(0, 1, shape) * 2 - 1)
    return np.asarray(np.ldexp(whole.astype(np.float64), exponent.clip(least) - bits + 1))


def large(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Numbers of four bits as large as sums allow, of both signs, and factors of 1 and -1: every sum is exact.

    A way through a narrower range, a square or a sum that overflows before it is scaled, shows.
    """
    sign = draw.integers(0, 1, shape) * 2 - 1
    if is_factor(spec, name):
        return sign
    return np.asarray(np.ldexp((draw.integers(8, 15, shape) * sign).astype(np.float64), room(spec) - 4))


def subnormal(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Subnormal numbers of both signs under small whole factors: sums are exact, and flushing to 0 shows.

    In a long sum the numbers are so small that it stays below the precision of the type.
    """
    (least, _), bits = EXPONENTS[spec.dtype], SIGNIFICAND[spec.dtype]
    if is_factor(spec, name):
        return draw.integers(-4, 4, shape)
    grown = FACTOR if any(is_factor(spec, other) for other in spec.inputs()) else 1
    reach = max(1, (1 << (bits - 1)) // (grown * spec.terms) - 1)
    some = draw.integers(1, min(reach, 1 << 30), shape)
    few = draw.integers(1, min(reach, 16), shape)
    units = np.where(draw.integers(0, 1, shape) == 0, some, few) * (draw.integers(0, 1, shape) * 2 - 1)
    return np.asarray(np.ldexp(units.astype(np.float64), least - bits + 1))


def bends(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Where a curve bends or steps: at the number itself, at both of its neighbours in the type, and a little away.

    What is not the operand that bends is a small integer.
    """
    if name != "x":
        return draw.integers(1, 4, shape)
    places = np.array([float(b) for b in spec.bends])
    at = places[draw.integers(0, len(places) - 1, shape)].astype(spec.dtype)
    how = draw.integers(-2, 2, shape)
    beside = np.nextafter(at, np.copysign(np.inf, how).astype(spec.dtype))
    away = np.asarray(at + np.copysign(0.25, how).astype(spec.dtype))
    return np.asarray(np.where(how == 0, at, np.where(np.abs(how) == 1, beside, away)))
