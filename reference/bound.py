"""The radius of a sum of products under a claim; derived in docs/numerics.md."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Floats, lowest_bit
from reference.claim import Claim, Precision
from reference.formats import Format, is_float

UP = 1 + 2.0**-40  # rounds a radius upward: more than the error of the sums (of up to 2^12 terms) and products in it


def underflow(of: Format, *, flush_to_zero: bool) -> float:
    """Largest absolute error of one operation by underflow.

    Half the smallest subnormal number (the smallest float64 where that is less), or the smallest
    normal one where subnormals are flushed to zero.
    """
    return of.tiny if flush_to_zero else of.half_smallest


def refuse_cast(x: NDArray[Any], claim: Claim, *, multiplied: bool = False) -> None:
    """Raise OverflowError where a claim casts x to a format in which some element is no normal number.

    With ``multiplied`` also where it reads factors of products so.  Such a case must not be planned for the claim:
    u_in says nothing of numbers that overflow or underflow.
    """
    if not is_float(x.dtype) or not (claim.at(x.dtype).casts or (multiplied and claim.at(x.dtype).u_in)):
        return
    of, size = claim.range(x.dtype), np.abs(np.atleast_1d(x).astype(np.float64))
    least = of.tiny * (2.0**24 if claim.at(x.dtype).kept else 1)  # the second part of an operand is to be normal too
    beyond = np.isfinite(size) & ((size > of.largest) & claim.at(x.dtype).casts | ((size > 0) & (size < least)))
    if beyond.any():
        how = f"cast to {of.name}" if claim.at(x.dtype).casts else f"read as {claim.at(x.dtype).name}"
        raise OverflowError(f"{size[beyond][0]:.3g} is {how}, which has {least:.3g} to {of.largest:.6g}")


def inputs_survive(precision: Precision, *operands: Floats) -> bool:
    """Whether every operand keeps its value when read with the claim's input precision."""
    if not precision.u_in:
        return True
    limits = (2.0 ** (precision.input_bits + lowest_bit(a)) for a in operands)
    return all(bool((np.abs(a) < limit).all()) for a, limit in zip(operands, limits, strict=True))


def copy_radius(value: Floats, claim: Claim, dtype: np.dtype[Any]) -> Floats:
    """Radius of an input passed on: 0, or a rounding where the claim rounds inputs or flushes subnormals."""
    u_in = claim.at(dtype).u_in if claim.at(dtype).casts else 0.0
    radius = np.asarray(u_in * np.where(np.isfinite(value), np.abs(value), 0))
    if claim.flush_to_zero and is_float(dtype):
        tiny = underflow(claim.range(dtype), flush_to_zero=True)
        radius = np.where(np.abs(value) < tiny, tiny, radius)
    return radius


def held(x: NDArray[Any]) -> Floats:
    """``x`` in float64; raises OverflowError where that may lack an integer: such a case must not be planned."""
    if x.dtype.kind in "iu" and x.size and max(-int(x.min()), int(x.max())) > 2**53:
        raise OverflowError(f"integers up to 2^53 are exact here, {x.dtype} has {x.min()} to {x.max()}")
    return x.astype(np.float64)


def exact_below(grid: int, claim: Claim, dtype: np.dtype[Any], *, survive: bool) -> float:
    """The S below which a sum of multiples of 2^``grid`` must be exact; 0 where none must.

    S is the sum of the products' absolute values.  Where it counts fewer units of 2^``grid`` than the
    claim's narrowest significand holds, and the inputs ``survive``, every partial sum is exact.
    """
    is_due = survive and 2.0**grid > underflow(claim.range(dtype), flush_to_zero=claim.flush_to_zero)
    return 2.0 ** (claim.at(dtype).bits + grid) if is_due else 0.0


def refuse_overflow(size: Floats, factor: float, of: Format, *, finite: bool) -> None:
    """Raise OverflowError if (1 + ``factor``) S may exceed the format: such a case must not be planned.

    Where not all operands are ``finite`` the infinite sums are theirs.
    """
    largest = float(size.max(initial=0) if finite else size.max(initial=0, where=np.isfinite(size)))
    if not largest * (1 + factor) * UP <= of.largest:
        raise OverflowError(f"partial sums may reach {largest:.3g}, {of.name} ends at {of.largest:.9g}")


def sum_radius(
    value: Floats,
    size: Floats,
    terms: int,
    *,
    grid: int,
    claim: Claim,
    dtype: np.dtype[Any],
    exact: float,
    finite: bool,
) -> Floats:
    """Radius of m = ``terms`` products summed in any order, S = ``size`` the sum of their absolute values.

    With 1 + F = (1 + u_in)^2 (1 + m u_acc): E = F S + (1 + F) m eta + r_ref, radius = E + u_out (|y| + E) + eta;
    r_ref is 0 where S counts fewer than 2^53 units of 2^``grid``, of which every product is a multiple.
    The radius is 0 where S is below ``exact`` (Higham, section 3.1; Jeannerod & Rump 2013), and one rounding of the
    result where its accumulator alone is wide enough for that.
    Raises OverflowError where a partial sum might overflow; ``finite`` says that no operand is infinite or
    NaN.  Fast algorithms have another bound: `reference.fast`.
    """
    p = claim.at(dtype)
    widened = p.u_in * (2 + p.u_in)
    factor = widened + (1 + widened) * terms * p.u_acc
    refuse_overflow(size, factor, claim.range(dtype), finite=finite)
    own = np.where(size < 2.0 ** (53 + grid), 0.0, terms * 2.0**-53)
    eta = underflow(claim.range(dtype), flush_to_zero=claim.flush_to_zero)
    error = (factor + own) * size + (1 + factor) * terms * eta
    radius = (error + p.u_out * (np.abs(value) + error) + eta) * UP
    if exact and p.u_acc < p.u_out:  # no partial sum is rounded, only the result is, unless it has few bits
        summed = size < 2.0 ** (p.sum_bits + grid)
        fits = np.abs(value) < 2.0 ** (p.bits + grid)
        radius = np.where(summed, np.where(fits, 0.0, p.u_out * np.abs(value) * UP), radius)
    radius[(size < exact) | ~np.isfinite(value)] = 0  # NaN and infinities are met as they are
    return radius


def restored(p: Precision, stored: int) -> float:
    """By what ``stored`` results of nodes enlarge what passes them, where they have fewer bits than sums have."""
    return (1 + p.u_out) ** stored if p.u_out > p.u_acc else 1.0


def average_radius(
    value: Floats,
    size: Floats,
    count: NDArray[Any],
    terms: int,
    *,
    grid: int,
    claim: Claim,
    dtype: np.dtype[Any],
    finite: bool,
    stored: int = 0,
) -> Floats:
    """Radius of a sum of n = ``terms`` elements over ``count``, S = ``size`` the sum of their absolute values.

    Dividing the sum, multiplying it by a rounded 1/count and multiplying each element by it are all
    inside: 1 + F = (1 + u_in)^2 (1 + u_acc)^2 (1 + n u_acc), E = F S / count + ... (docs/numerics.md).
    Elements are multiples of 2^``grid``; some of the n may be zeros that are not counted.  On its way an element
    may be part of ``stored`` partial sums that are results of nodes, each rounded to the type: (1 + u_out) for each.
    Raises OverflowError where a partial sum might overflow; ``finite`` says that no element is infinite or NaN.
    """
    p = claim.at(dtype)
    widened = p.u_in * (2 + p.u_in)  # an element and, where there is one, the weight 1/count
    growth = widened + (1 + widened) * ((1 + p.u_acc) ** 2 * terms * p.u_acc + p.u_acc * (2 + p.u_acc))
    growth = (1 + growth) * restored(p, stored) - 1
    refuse_overflow(size, growth, claim.range(dtype), finite=finite)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean_size: Floats = size / count
        is_exact = np.ldexp(size, -grid) < 2.0**53
        own = 2.0**-53 * np.abs(value) + np.where(is_exact, 0.0, terms * 2.0**-53 * mean_size)
        eta = underflow(claim.range(dtype), flush_to_zero=claim.flush_to_zero)
        error = growth * mean_size + own + (1 + growth) * (terms + stored) * eta
        radius = (error + p.u_out * (np.abs(value) + error) + eta) * UP
    radius[~np.isfinite(value)] = 0  # NaN and infinities are met as they are
    return radius
