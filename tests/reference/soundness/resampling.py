"""Resize by its formulas: coordinates and weights in float32, averages in the tensors' arithmetic."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import numpy as np

from reference.claim import Claim
from tests.reference.soundness.draws import Array, Case, Draw, boxed
from tests.reference.soundness.machine import ONE, ZERO, Machine
from tests.reference.soundness.selecting import passed

HALF = Fraction(1, 2)


def drawn(draw: Draw) -> Case:
    """One or two axes, smaller or larger."""
    x, sizes = (draw(4), [draw.of(3, 7, 8)]) if draw.of(False, True) else (draw(3, 4), [draw.of(2, 5), draw.of(6, 8)])
    attributes = {
        "mode": draw.of("nearest", "linear", "linear", "cubic"),
        "coordinate_transformation_mode": draw.of("half_pixel", "asymmetric", "align_corners"),
        "exclude_outside": draw.of(0, 1),
    }  # fmt: skip
    return Case({"x": x}, {**attributes, "sizes": np.array(sizes)})


def resize(
    machine: Machine, x: Array, *, sizes: Array, mode: str, coordinate_transformation_mode: str, exclude_outside: int
) -> list[Array]:
    """One axis after the other, each a result or the last alone."""
    single = Machine(Claim(), "float32", machine.way, machine.source)
    y, keeps = passed(machine, x), machine.source.randrange(2)
    for axis, length in enumerate(map(int, sizes)):
        size = x.shape[axis]
        lines = np.moveaxis(y, axis, -1)
        found = np.empty((*lines.shape[:-1], length), object)
        for i in range(length):
            at = coordinate(single, coordinate_transformation_mode, i, size, length)
            if mode == "nearest":
                found[..., i] = lines[..., min(max(ceil(single.plus(at, -HALF)), 0), size - 1)]
                continue
            weights = weights_at(single, at, size, cubic=mode == "cubic", exclude=bool(exclude_outside))
            for place in np.ndindex(*lines.shape[:-1]):
                found[(*place, i)] = averaged(machine, list(lines[place]), weights, by_difference=mode == "linear")
        if mode != "nearest" and keeps:
            found = boxed([machine.store(v) for v in found.flat], found.shape)
        y = np.moveaxis(found, -1, axis)
    return [y if mode == "nearest" else boxed([machine.store(v) for v in y.flat], y.shape)]


def coordinate(single: Machine, mode: str, i: int, size: int, length: int) -> Fraction:
    """In float32, the scale a quotient or as a reciprocal."""
    at = Fraction(i)
    if mode == "align_corners":
        ratio = single.over(Fraction(size - 1), Fraction(length - 1))
        return single.times(at, ratio)
    shift = HALF if mode == "half_pixel" else ZERO
    scale = single.over(Fraction(length), Fraction(size))
    if single.source.randrange(2):
        product = single.over(at + shift, scale)
    else:
        product = single.times(at + shift, single.over(ONE, scale))
    return single.plus(product, -shift)


def weights_at(single: Machine, at: Fraction, size: int, *, cubic: bool, exclude: bool) -> dict[int, Fraction]:
    """The filter at the distance of each element, by Horner's rule or as a sum of powers; outside the border counts."""
    support = 2 if cubic else 1
    found: dict[int, Fraction] = {}
    by_powers = single.source.randrange(2)
    for place in range(floor(at) - support + 1, floor(at) + support + 1):
        s = abs(single.plus(Fraction(place), -at))
        if exclude and not 0 <= place < size:
            continue
        inside = min(max(place, 0), size - 1)
        weight = keys(single, s, bool(by_powers)) if cubic else max(ZERO, single.plus(ONE, -s))
        found[inside] = found.get(inside, ZERO) + weight
    if exclude:
        total = single.sum(list(found.values()))
        found = {place: single.over(weight, total) for place, weight in found.items()}
    return found


def keys(single: Machine, s: Fraction, by_powers: bool) -> Fraction:
    """Equation (4) of Keys with a = -3/4."""
    a = Fraction(-3, 4)
    terms = [ONE, ZERO, -(a + 3), a + 2] if s < 1 else [-4 * a, 8 * a, -5 * a, a] if s < 2 else [ZERO] * 4
    if not by_powers:
        total = terms[3]
        for term in terms[2::-1]:
            total = single.plus(single.times(total, s), term)
        return total
    square = single.times(s, s)
    powers = [ONE, s, square, single.times(square, s)]
    return single.sum([single.times(c, p) for c, p in zip(terms, powers, strict=True)])


def averaged(
    machine: Machine, values: list[Fraction], weights: dict[int, Fraction], *, by_difference: bool
) -> Fraction:
    """A sum of products, or the first and a part of the difference."""
    held = {place: machine.acc(weight) for place, weight in weights.items()}
    if by_difference and len(held) == 2 and machine.source.randrange(2):
        (a, _), (b, z) = sorted(held.items())
        return machine.plus(values[a], machine.times(z, machine.plus(values[b], -values[a])))
    return machine.dot([(machine.read(values[place]), machine.read(weight)) for place, weight in held.items()])
