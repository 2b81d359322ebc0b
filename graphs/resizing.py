"""Lengths of resized axes by the operator's formulas, in exact fractions, and where floats may miss them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import floor
from typing import NamedTuple

import numpy as np

U = Fraction(1, 2**24)  # the unit roundoff of float32, in which scales are given
HALF = Fraction(1, 2)


class Along(NamedTuple):
    """One axis: ``size`` elements become ``length``; ``scale`` is what was given or follows from the policy.

    ``is_sure`` says that every float evaluation of the length's formula gives ``length``, ``is_cropped`` that
    there would be another length without the region of interest.
    """

    size: int
    length: int
    scale: Fraction
    is_sure: bool = True
    is_cropped: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether the length is not the product of size and scale, but rounded."""
        return self.scale * self.size != self.length

    @property
    def has_one_scale(self) -> bool:
        """Whether the scale is length_resized / length_original, or that quotient as a float32."""
        ratio = Fraction(self.length, self.size)
        return self.scale in (ratio, single(ratio))


def single(value: Fraction) -> Fraction:
    """The nearest float32."""
    return Fraction(float(np.float32(float(value))))


@cache
def by_scale(size: int, scale: float, span: Fraction = Fraction(1)) -> Along:
    """``floor(size * span * scale)``, where span is the part of the axis that a region of interest takes.

    One product of two floats is rounded once, several are rounded in any order.
    """
    given = Fraction(scale)
    product = size * span * given
    if span == 1:
        return Along(size, floor(product), given, floor(single(product)) == floor(product))
    steps = (span, size * span, span * given, size * given, product)
    reach = 0 if all(single(step) == step for step in steps) else 4 * U
    is_sure = floor(product * (1 - reach)) == floor(product * (1 + reach))
    return Along(size, floor(product), given, is_sure, floor(size * given) != floor(product))


def by_size(size: int, wanted: int) -> Along:
    """The length asked for."""
    return Along(size, wanted, Fraction(wanted, size))


def by_policy(sizes: Sequence[int], wanted: Sequence[int], *, larger: bool) -> tuple[Along, ...]:
    """One scale for all axes, the least of theirs or the ``larger`` one; lengths rounded, halfway cases up."""
    ratios = [Fraction(w, s) for w, s in zip(wanted, sizes, strict=True)]
    scale = max(ratios) if larger else min(ratios)
    reach = 0 if single(scale) == scale else 4 * U

    def along(size: int) -> Along:
        product = scale * size
        ends = {floor(product * (1 + sign * reach) + HALF) for sign in (-1, 0, 1)}
        return Along(size, floor(product + HALF), scale, len(ends) == 1)

    return tuple(map(along, sizes))
