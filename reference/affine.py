"""Errors carried through a chain of linear layers, whichever of them a runtime fuses; derived in docs/numerics.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import expm1, log1p
from typing import Any

import numpy as np

from reference.ball import Ball, Floats, lowest_bit
from reference.bound import exact_below, inputs_survive, refuse_overflow, underflow
from reference.claim import Claim, Precision
from reference.formats import Format


@dataclass(frozen=True)
class Context:
    """What the whole graph is computed in."""

    claim: Claim
    dtype: np.dtype[Any]

    @property
    def precision(self) -> Precision:
        """The claim's precision at the tensors' type."""
        return self.claim.at(self.dtype)

    @property
    def range(self) -> Format:
        """The format whose range numbers have."""
        return self.claim.range(self.dtype)

    @property
    def eta(self) -> float:
        """Error of one operation by underflow."""
        return underflow(self.range, flush_to_zero=False)


@dataclass(frozen=True)
class Affine:
    """An affine function of balls, not yet at an end of its chain.

    ``value`` is its value at their centres, ``size`` the sum of the absolute values of all its terms there,
    ``carried`` what the balls' radii can change it by.  Any evaluation is within ``carried + F (size +
    carried) + (1 + F) floor``, where log(1 + F) = ``growth``.  Every term is a multiple of 2^``grid``, if
    that is known; ``own`` counts the reference's own roundings.  ``touched`` is the sum of what the last sums
    read, without weights: by how much a product rounds whose weight is off by 1.
    """

    value: Floats
    size: Floats
    carried: Floats
    floor: Floats
    touched: Floats
    growth: float = 0.0
    grid: int | None = None
    own: int = 0


@dataclass(frozen=True)
class Layer:
    """One linear layer: ``y = apply(x) + offset``.

    ``absolute`` is ``apply`` with the absolute values of its weights, ``reach`` the sum of those of the
    offset's terms, ``taps`` is ``apply`` with weights of 1, of absolute values.  A sum has at most ``terms`` terms; a
    weight may be rounded ``roundings`` times in the accumulator's format before it is used, and ``stored`` times as
    a tensor is, as a batch normalisation's folded into a convolution's is.  Where it ``sums_first`` the sum may be
    formed before its weight is applied; ``is_elementwise`` where there is one term of x, whose weight may go
    into those before.  ``constants`` are read as operands; weights and offset are multiples of 2^``grid`` and
    2^``offset_grid``, if known.  ``fast`` is the error of fast algorithms where no element of x is larger than that.
    """

    apply: Callable[[Floats], Floats]
    absolute: Callable[[Floats], Floats]
    taps: Callable[[Floats], Floats]
    terms: int
    offset: Floats | float = 0.0
    reach: Floats | float = 0.0
    constants: Sequence[Floats] = ()
    roundings: int = 0
    stored: int = 0
    is_product: bool = True
    sums_first: bool = False
    is_elementwise: bool = False
    grid: int | None = None
    offset_grid: int = 0
    fast: Callable[[Context, Floats], Floats] | None = None

    def reached(self, size: Floats) -> Floats:
        """The sum of the absolute values of all terms, of those of x and of the offset."""
        return np.asarray(self.absolute(size) + self.reach)


EACH = ("value", "size", "carried", "floor", "touched")  # what an Affine has for every element


def opened(ball: Ball) -> Affine:
    """A tensor as the first of a chain."""
    grid = None if ball.radius.any() else lowest_bit(ball.value)
    nothing = np.zeros(ball.value.shape)
    return Affine(ball.value, np.abs(ball.value), ball.radius, nothing, nothing, grid=grid)


def through(a: Affine, layer: Layer, context: Context) -> Affine:
    """The chain and one layer more."""
    taps = layer.taps(a.size + a.carried + a.floor)
    if layer.sums_first:
        refuse_overflow(taps * up(a), expm1(a.growth), context.range, finite=True)
    fast = quick(a, layer, context)
    found = Affine(
        layer.apply(a.value) + layer.offset,
        layer.reached(a.size),
        layer.absolute(a.carried),
        lost(a, layer, taps, context) + fast,
        a.touched + taps if layer.is_elementwise else taps,
        a.growth + grown(layer, context.precision),
        None if np.any(fast) else grid_behind(a, layer, context.precision),
        a.own + layer.terms + layer.roundings + layer.stored + 2,
    )
    refuse(found, context)
    return found


def quick(a: Affine, layer: Layer, context: Context) -> Floats | float:
    """What fast algorithms of the claim may change a layer's result by, of an x as any evaluation may have it."""
    if layer.fast is None or context.claim.direct:
        return 0.0
    return layer.fast(context, (a.size + a.carried + a.floor) * (1 + expm1(a.growth)) * up(a))


def grown(layer: Layer, p: Precision) -> float:
    """Log of the factor by which a layer's roundings may enlarge a result, relative to its size."""
    read = 2 * log1p(p.u_in) if layer.is_product else log1p(p.u_in) if p.casts else 0.0
    weights = layer.roundings * log1p(p.u_acc) + layer.stored * log1p(max(p.u_acc, p.u_out))
    return read + weights + log1p(layer.terms * p.u_acc) + log1p(p.u_out)


def lost(a: Affine, layer: Layer, taps: Floats, context: Context) -> Floats:
    """What underflow may have changed, in products, and in weights prepared or folded into those before."""
    floor = layer.absolute(a.floor)
    p = context.precision
    if p.u_in and not p.casts:  # a subnormal number that was computed, as it is read
        floor = floor + p.u_in * context.range.tiny * layer.absolute(np.ones(a.floor.shape))
    if layer.is_elementwise and layer.is_product:  # folded, a small weight makes no earlier product's loss smaller
        floor = np.maximum(floor, a.floor) + context.eta * (a.touched + layer.stored * taps)
    return np.asarray(floor + (layer.terms + layer.roundings + layer.stored + 1) * context.eta)


def grid_behind(a: Affine, layer: Layer, p: Precision) -> int | None:
    """The grid of a layer's terms; none where x, a constant or what is folded may be rounded when it is read."""
    if a.grid is None or layer.grid is None:
        return None
    grid = min(a.grid + layer.grid, layer.offset_grid)
    if p.u_in and (layer.is_product or p.casts):
        survives = inputs_survive(p, *layer.constants) and (a.size < 2.0 ** (p.input_bits + a.grid)).all()
        if not survives:
            return None
    if p.u_in and layer.is_elementwise and not (layer.reached(a.size) < 2.0 ** (p.input_bits + grid)).all():
        return None
    return grid


def refuse(a: Affine, context: Context) -> None:
    """Raise OverflowError where a partial sum might overflow the type: such a case must not be planned."""
    refuse_overflow((a.size + a.carried) * up(a), expm1(a.growth), context.range, finite=True)


def up(a: Affine) -> float:
    """Rounds what the reference computed in float64 upward."""
    return 1 + (a.own + 16) * 2.0**-52


def added(parts: Sequence[Affine], context: Context) -> Affine:
    """The sum of several chains, in any order."""
    p = context.precision
    most = worst(parts, {name: sum(getattr(a, name) for a in parts) for name in EACH})
    growth = most.growth + log1p((len(parts) - 1) * p.u_acc) + log1p(p.u_out)
    found = replace(most, growth=growth, own=most.own + len(parts))
    refuse(found, context)
    return found


def worst(parts: Sequence[Affine], each: Mapping[str, Any]) -> Affine:
    """One tensor of several, with these elements: what holds for the worst of them holds for all."""
    grids = [a.grid for a in parts if a.grid is not None]
    return Affine(
        **each,
        growth=max(a.growth for a in parts),
        grid=min(grids) if len(grids) == len(parts) else None,
        own=max(a.own for a in parts),
    )


def moved(a: Affine, move: Callable[[Floats], Floats]) -> Affine:
    """Elements in other places: copied, joined or left out."""
    there: dict[str, Any] = {name: move(getattr(a, name)) for name in EACH}
    return replace(a, **there)


def negated(a: Affine) -> Affine:
    """The other sign, which rounds nothing."""
    return replace(a, value=-a.value)


def joined(parts: Sequence[Affine], axis: int) -> Affine:
    """Several tensors as one."""
    return worst(parts, {name: np.concatenate([getattr(a, name) for a in parts], axis) for name in EACH})


def committed(a: Affine, context: Context) -> Ball:
    """The ball at the end of the chain."""
    claim, dtype = context.claim, context.dtype
    growth, own = expm1(a.growth), np.asarray(a.own * 2.0**-53)
    if a.grid is not None:
        own = np.where(a.size < 2.0 ** (53 + a.grid), 0.0, own)
    error = a.carried + (growth + own) * (a.size + a.carried) + (1 + growth) * a.floor
    exact = 0.0 if a.grid is None else exact_below(a.grid, claim, dtype, survive=True)
    return Ball(a.value, np.where((a.carried == 0) & (a.size < exact), 0.0, error * up(a)))
