"""How far grids resize, along which axes, of which region, and how elements are read, for any shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from graphs.resizing import by_scale, single


@cache
def scale_for(size: int, *, up: bool) -> float:
    """A float32 scale, no power of two where there is one, by which the size becomes a whole number in any arithmetic.

    It is the float32 of a quotient of lengths that was rounded up: or else the product's floor would be one less.
    """
    lengths = range(size + 1, 4 * size) if up else range(size - 1, 0, -1)
    scales = {length: single(Fraction(length, size)) for length in lengths}
    sure = [s for length, s in scales.items() if s >= Fraction(length, size) and by_scale(size, float(s)).is_sure]
    odd = [s for s in sure if s.numerator & (s.numerator - 1) or s.denominator & (s.denominator - 1)]
    return float((odd or sure or [Fraction(2 if up else 1)])[0])


class Target(NamedTuple):
    """How far grids resize: the operand that says it, and its entry for axis i of n elements; others keep theirs."""

    operand: str
    entry: Callable[[int, int], float]

    def entries(self, shape: Sequence[int], named: Sequence[int], chosen: Sequence[int]) -> tuple[float, ...]:
        """The operand's entries for the axes ``named``, of which ``chosen`` ones are resized."""
        kept = (1.0,) * len(shape) if self.operand == "scales" else shape
        return tuple(self.entry(axis, shape[axis]) if axis in chosen else kept[axis] for axis in named)


TARGETS: dict[str, Target] = {
    "longer": Target("sizes", lambda i, n: n + 2 + i),
    "double": Target("scales", lambda i, n: 2.0),
    "up": Target("scales", lambda i, n: scale_for(n, up=True)),
    "half": Target("scales", lambda i, n: 0.5 if n % 2 == 0 else 1.0),
    "up and down": Target("sizes", lambda i, n: 3 * n if i % 2 else 1),
    "down": Target("scales", lambda i, n: scale_for(n, up=False)),
    "between": Target("scales", lambda i, n: 1.375),  # by which no length up to 7 becomes a whole number
}
# Which axes of how many are named, given those that are resized; None: all of them, unnamed.
NAMED: dict[str | None, Callable[[int, Sequence[int]], tuple[int, ...] | None]] = {
    None: lambda rank, chosen: None,
    "those resized": lambda rank, chosen: tuple(chosen),
    "negative": lambda rank, chosen: tuple(axis - rank for axis in chosen),
    "reversed": lambda rank, chosen: tuple(reversed(range(rank))),
}


class Region(NamedTuple):
    """Start and end along each axis that is resized, the type they are given in, and what is put where x ends."""

    ends: tuple[float, float]
    dtype: str = "float32"
    extrapolation_value: float | None = None


REGIONS: dict[str | None, Region | None] = {
    None: None,
    "inside": Region((0.25, 0.75)),
    "past both ends": Region((-0.25, 1.25), extrapolation_value=10.0),
    "whole": Region((0.0, 1.0), "float16", 0.0),
    "backwards": Region((0.875, 0.125)),
    "of thirds": Region((1 / 3, 4 / 3), "float64", 1.625),
}
# Attributes that say how the elements near a coordinate are read; some have no effect on the mode that they go with.
SAMPLING: dict[str | None, dict[str, str | int | float]] = {
    None: {},
    "linear": {"mode": "linear"},
    "cubic": {"mode": "cubic"},
    "round_prefer_ceil": {"nearest_mode": "round_prefer_ceil"},
    "floor": {"nearest_mode": "floor", "antialias": 0, "exclude_outside": 0},
    "ceil": {"nearest_mode": "ceil", "cubic_coeff_a": -0.5},
    "nearest": {"mode": "nearest", "nearest_mode": "round_prefer_floor"},
    "cubic of -0.5": {"mode": "cubic", "cubic_coeff_a": -0.5, "antialias": 0, "exclude_outside": 0},
    "cubic inside": {"mode": "cubic", "cubic_coeff_a": -1.0, "exclude_outside": 1},
    "linear inside": {"mode": "linear", "exclude_outside": 1},
    "linear stretched": {"mode": "linear", "antialias": 1},
    "linear stretched inside": {"mode": "linear", "antialias": 1, "exclude_outside": 1},
    "cubic stretched inside": {"mode": "cubic", "antialias": 1, "exclude_outside": 1, "cubic_coeff_a": -0.5},
    "nearest stretched inside": {"mode": "nearest", "antialias": 1, "exclude_outside": 1},
}
