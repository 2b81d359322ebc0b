"""Where a resized axis reads the original one: exact coordinates, and how far float32 arithmetic may be from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np

U = Fraction(1, 2**24)  # unit roundoff of float32, the type of scales: no text names another one for coordinates
HALF = Fraction(1, 2)


class Line(NamedTuple):
    """One axis: how many elements it has and gets, its scale, and its region of interest."""

    size: int
    length: int
    scale: Fraction
    start: Fraction = Fraction(0)
    end: Fraction = Fraction(1)


class Coordinate(NamedTuple):
    """An exact coordinate; a float32 evaluation of its formula is at most ``error`` from it."""

    value: Fraction
    error: Fraction


class Terms(NamedTuple):
    """``offset + product - shift``: the parts of a coordinate, and what an evaluation meets on the way to them."""

    product: Fraction
    steps: tuple[Fraction, ...]
    offset: Fraction = Fraction(0)
    shift: Fraction = Fraction(0)
    more: Fraction = Fraction(0)  # in units of U: the region as read, and what cancels in an offset

    @property
    def coordinate(self) -> Coordinate:
        """The sum, and the error that docs/numerics.md derives; none where every step is a float32."""
        value = self.offset + self.product - self.shift
        if all(map(is_single, (*self.steps, self.offset, self.product, self.product - self.shift, value))):
            return Coordinate(value, Fraction(0))
        is_sum = bool(self.offset or self.shift)
        sums = 2 * (abs(self.offset) + abs(self.product) + self.shift) if is_sum else Fraction(0)
        return Coordinate(value, U * (5 * abs(self.product) + 4 * abs(self.offset) + sums + self.more))


def is_single(value: Fraction) -> bool:
    """Whether a float32 has this value."""
    return Fraction(float(np.float32(float(value)))) == value


def scaled(line: Line, i: int, more: Fraction, shift: Fraction = Fraction(0), offset: Fraction = Fraction(0)) -> Terms:
    """``offset + (i + more) / scale - shift``."""
    product = (i + more) / line.scale
    ratios = (line.scale, 1 / line.scale) if product else ()
    return Terms(product, (*ratios, i + more), offset, shift)


def symmetric(line: Line, i: int) -> Terms:
    """half_pixel around the centre of the length before it was rounded."""
    adjustment = line.length / (line.scale * line.size)
    centre = Fraction(line.size, 2)
    return scaled(line, i, HALF, HALF, centre * (1 - adjustment))._replace(more=4 * centre * adjustment)


def corners(line: Line, i: int) -> Terms:
    """``i (size - 1) / (length - 1)``; 0 where the length is 1."""
    if line.length == 1 or not i or line.size == 1:
        return Terms(Fraction(0), ())
    ratio = Fraction(line.size - 1, line.length - 1)
    return Terms(i * ratio, (ratio, 1 / ratio, Fraction(i * (line.size - 1))))


def cropped(line: Line, i: int) -> Terms:
    """``start (size - 1) + i (end - start) (size - 1) / (length - 1)``, or the centre of the region."""
    last, span = line.size - 1, line.end - line.start
    read = abs(line.start) + abs(line.end)
    if line.length == 1:
        both = line.start + line.end
        product = HALF * both * last
        return Terms(product, (line.start, line.end, both, HALF * both, both * last), more=HALF * read * last)
    offset = line.start * last
    ratio = Fraction(last, line.length - 1)
    product = i * span * ratio
    if not product:
        return Terms(product, (line.start,), offset)
    steps = (line.start, line.end, span, i * span, span * last, i * span * last, span * ratio, ratio, 1 / ratio)
    return Terms(product, (*steps, i * ratio), offset, more=i * read * ratio)


# coordinate_transformation_mode -> the terms of the i-th coordinate; pytorch_half_pixel is 0 where the length is 1
TRANSFORMATIONS: dict[str, Callable[[Line, int], Terms]] = {
    "half_pixel": lambda line, i: scaled(line, i, HALF, HALF),
    "half_pixel_symmetric": symmetric,
    "pytorch_half_pixel": lambda line, i: scaled(line, i, HALF, HALF) if line.length > 1 else Terms(Fraction(0), ()),
    "align_corners": corners,
    "asymmetric": lambda line, i: scaled(line, i, Fraction(0)),
    "tf_half_pixel_for_nn": lambda line, i: scaled(line, i, HALF),
    "tf_crop_and_resize": cropped,
}


@lru_cache(maxsize=256)  # a setting meets its data sets one after the other
def coordinates(mode: str, line: Line) -> tuple[Coordinate, ...]:
    """One for each element of the resized axis; as in Resize-11 to 19."""
    return tuple(TRANSFORMATIONS[mode](line, i).coordinate for i in range(line.length))


def ends(at: Coordinate, low: Fraction, high: Fraction) -> Iterator[Fraction]:
    """The least and the greatest coordinate that an evaluation may have, held inside ``low`` to ``high``."""
    for reached in (at.value - at.error, at.value + at.error):
        yield min(max(reached, low), high)
