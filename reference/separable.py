"""Weighted sums along one axis after the other, with the bound of any order of evaluation; see docs/numerics.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats, Mask, lowest_bit, peak
from reference.bound import UP, exact_below, inputs_survive, refuse_overflow, underflow
from reference.claim import Claim
from reference.interpolation import Weights

Matrices = Mapping[int, Floats]
NOT_FINITE = (
    "Resize: 'a weighted average of neighborhood (a.k.a. sampling locations) in the input tensor' (whether one of "
    "weight 0 takes part, and in which order an infinity does, is not said)"
)


def along(x: Floats, matrices: Matrices) -> Floats:
    """Each axis multiplied by its matrix (elements of the result, elements of x)."""
    for axis, matrix in matrices.items():
        x = np.moveaxis(np.tensordot(matrix, x, (1, axis)), 0, axis)
    return x


@dataclass(frozen=True)
class Separable:
    """``weights`` of each axis; the sums of linear interpolation may be evaluated as ``a + t (b - a)``."""

    weights: Mapping[int, Weights]
    is_linear: bool

    @property
    def mixing(self) -> dict[int, Weights]:
        """The axes that are not left as they are."""
        return {axis: w for axis, w in self.weights.items() if not is_identity(w)}

    def ball(self, x: NDArray[Any], claim: Claim, sentence: str) -> Ball:
        """The weighted averages; ``sentence`` leaves open what depends on elements outside."""
        finite = np.where(np.isfinite(x), x, 0).astype(np.float64)
        value = along(finite, {axis: w.value for axis, w in self.mixing.items()})
        radius = np.zeros(value.shape) if x.dtype.kind in "iu" else self.radius(value, finite, claim, x.dtype)
        is_open = np.zeros(value.shape, bool)
        for axis, w in self.weights.items():
            is_open |= w.open.reshape([-1 if i == axis else 1 for i in range(x.ndim)])
        is_outside = bool(is_open.any())
        if not np.isfinite(x).all():
            touched = along((~np.isfinite(x)).astype(float), {axis: w.near for axis, w in self.weights.items()}) > 0
            nan = along(np.isnan(x).astype(float), {axis: surely(w) for axis, w in self.weights.items()}) > 0
            value[nan] = np.nan
            radius[touched] = 0.0
            is_open |= touched & ~nan
        return Ball(value, radius, is_open if is_open.any() else None, sentence if is_outside else NOT_FINITE)

    def radius(self, value: Floats, x: Floats, claim: Claim, dtype: np.dtype[Any]) -> Floats:
        """The errors of weights, products and sums, any order, axis after axis or all at once."""
        p, mixing, size = claim.at(dtype), self.mixing, np.abs(x)
        lerp = 3 * p.u_acc if self.is_linear else 0.0
        wrong = {axis: w.error + lerp * w.near for axis, w in mixing.items()}
        weight = {axis: np.abs(w.value) for axis, w in mixing.items()}
        moved = np.zeros(value.shape)
        for axis in mixing:  # the axes before it as they should be, those behind it as they may be
            parts = {a: weight[a] if a < axis else wrong[a] if a == axis else weight[a] + wrong[a] for a in mixing}
            moved += along(size, parts)
        reached = along(size, {axis: w.near for axis, w in mixing.items()})
        terms, depth = prod(w.taps for w in mixing.values()), len(mixing)
        widened = (1 + p.u_in) ** (2 * depth) - 1  # each axis reads what the one before it made, and its weights
        roundings = (1 + p.u_acc) ** (terms + 2 * depth) * (1 + p.u_out) ** depth - 1
        growth = widened + (1 + widened) * roundings
        refuse_overflow(reached, 1.0, claim.range(dtype), finite=True)
        of = claim.range(dtype)
        eta = max(
            underflow(of, flush_to_zero=claim.flush_to_zero), p.u_in * of.tiny
        )  # read, subnormal, by the next axis
        total = along(size, weight) + moved
        error = moved + (growth + (terms + depth) * 2.0**-53) * total + (1 + growth) * 2 * (terms + depth) * eta
        if claim.flush_to_zero:
            error += eta * (terms + reached)  # weights and elements read as 0
        radius = (error + p.u_out * (np.abs(value) + error) + eta) * UP
        radius[self.is_exact(x, reached, claim, dtype)] = 0.0
        return radius

    def is_exact(self, x: Floats, reached: Floats, claim: Claim, dtype: np.dtype[Any]) -> Mask:
        """Where no evaluation rounds: weights without error, and sums that count few enough units."""
        mixing = self.mixing
        exact = np.ones(reached.shape, bool)
        kept = []
        for axis, w in mixing.items():
            exact &= w.exact.reshape([-1 if i == axis else 1 for i in range(x.ndim)])
            kept.append(w.value[w.exact])
        grid = lowest_bit(x) + sum(map(lowest_bit, kept))
        survive = inputs_survive(claim.at(dtype), x, *kept)
        largest = prod(max(1.0, peak(values)) for values in kept)
        return np.asarray(exact & (largest * reached < exact_below(grid, claim, dtype, survive=survive)))


def is_identity(w: Weights) -> bool:
    """Whether every element is copied, by weights that are beyond doubt."""
    rows, columns = w.value.shape
    return rows == columns and bool(w.exact.all()) and bool((w.value == np.eye(rows)).all())


def surely(w: Weights) -> Floats:
    """Where a weight is not 0 in any evaluation."""
    return np.asarray(np.abs(w.value) > w.error, float)
