"""Resampling to another size with its bound: ONNX ``Resize``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Mask
from reference.bound import UP, copy_radius
from reference.claim import Claim
from reference.coordinates import HALF, Coordinate, Line, U, coordinates, ends, is_single
from reference.interpolation import cubic, linear, weights
from reference.near import Steps
from reference.separable import Separable

OUTSIDE = "Resize, exclude_outside: 'the weight of sampling locations outside the tensor' (what lies there otherwise?)"
NOWHERE = "Resize, nearest_mode: 'how to get \"nearest\" pixel in input tensor from x_original' (past the last one?)"
WHOLE = {
    "round_prefer_floor": lambda x: ceil(x - HALF),
    "round_prefer_ceil": lambda x: floor(x + HALF),
    "floor": floor,
    "ceil": ceil,
}
Lines = Mapping[int, Line]


def resize(
    x: NDArray[Any],
    roi: NDArray[Any] | None = None,
    scales: NDArray[Any] | None = None,
    sizes: NDArray[Any] | None = None,
    *,
    claim: Claim,
    mode: str = "nearest",
    coordinate_transformation_mode: str = "half_pixel",
    nearest_mode: str = "round_prefer_floor",
    axes: Sequence[int] | None = None,
    antialias: int = 0,
    keep_aspect_ratio_policy: str = "stretch",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
) -> tuple[Ball, ...]:
    """Every element of y is read from x at a coordinate along each axis; as in versions 11 to 19.

    x and y have one rank; ``roi``, ``scales`` and ``sizes`` have entries for ``axes`` (all), an empty one is left out.
    Where a float32 evaluation of a coordinate may step over the middle between two elements, or over the
    end of the region that is not extrapolated, either result is admissible.
    """
    is_crop = coordinate_transformation_mode == "tf_crop_and_resize"
    named = [axis % x.ndim for axis in (range(x.ndim) if axes is None else axes)]
    lines = lines_of(x.shape, named, roi if is_crop else None, scales, sizes, keep_aspect_ratio_policy)
    at = {axis: coordinates(coordinate_transformation_mode, line) for axis, line in lines.items()}
    if mode == "nearest":
        found = nearest(x, lines, at, WHOLE[nearest_mode], claim, is_crop=is_crop)
    else:
        kernel = linear() if mode == "linear" else cubic(cubic_coeff_a)
        p = claim.at(x.dtype)
        found = Separable(
            {
                axis: weights(kernel, line, at[axis], p, antialias=bool(antialias), exclude=bool(exclude_outside))
                for axis, line in lines.items()
            },
            is_linear=mode == "linear",
        ).ball(x, claim, OUTSIDE)
    return (extrapolated(found, lines, at, extrapolation_value, claim, x.dtype) if is_crop else found,)


def lines_of(
    shape: Sequence[int], named: Sequence[int], roi: Any, scales: Any, sizes: Any, policy: str
) -> dict[int, Line]:
    """Each axis that is named: lengths by the formulas of the text, in exact arithmetic."""
    extent = [shape[axis] for axis in named]
    starts, stops = [Fraction(0)] * len(named), [Fraction(1)] * len(named)
    if roi is not None and len(roi):
        starts, stops = ([Fraction(float(r)) for r in half] for half in np.split(roi, 2))
    if scales is not None and len(scales):
        found = [Fraction(float(scale)) for scale in scales]
        spans = [stop - start for start, stop in zip(starts, stops, strict=True)]
        lengths = [floor(n * span * scale) for n, span, scale in zip(extent, spans, found, strict=True)]
    else:
        lengths = [int(n) for n in sizes]
        found = [Fraction(length, n) for length, n in zip(lengths, extent, strict=True)]
        if policy != "stretch":
            found = [(min if policy == "not_larger" else max)(found)] * len(found)
            lengths = [floor(scale * n + HALF) for scale, n in zip(found, extent, strict=True)]
    return dict(zip(named, map(Line, extent, lengths, found, starts, stops), strict=True))


def nearest(x: NDArray[Any], lines: Lines, at: Mapping[int, Any], whole: Any, claim: Claim, *, is_crop: bool) -> Ball:
    """One element for each: along each axis the one that ``whole`` chooses, or two where rounding decides."""
    choices: list[list[NDArray[np.int64]]] = [[np.arange(n)] for n in x.shape]
    is_open = np.zeros((1,) * x.ndim, bool)
    for axis, line in lines.items():
        pairs = np.array([chosen(c, line, whole, is_crop=is_crop) for c in at[axis]])
        is_out = np.asarray(((pairs < 0) | (pairs >= line.size)).any(axis=1))
        is_open = is_open | across(is_out, axis, x.ndim)
        low, high = pairs.clip(0, line.size - 1).T
        choices[axis] = [low] if (low == high).all() else [low, high]
    found = [x[np.ix_(*places)].astype(np.float64) for places in product(*choices)]
    balls = [Ball(value, copy_radius(value, claim, x.dtype)) for value in found]
    undecided = np.broadcast_to(is_open, balls[0].value.shape) if is_open.any() else None
    return Ball(balls[0].value, balls[0].radius, undecided, NOWHERE, tuple(balls[1:]))


def chosen(c: Coordinate, line: Line, whole: Any, *, is_crop: bool) -> tuple[int, int]:
    """The least and the greatest element that a coordinate may be rounded to."""
    if not c.error and not (is_single(c.value - HALF) and is_single(c.value + HALF)):
        c = Coordinate(c.value, U * (abs(c.value) + HALF))  # a half added or taken off is rounded
    reach = (Fraction(0), Fraction(line.size - 1)) if is_crop else (c.value - c.error, c.value + c.error)
    low, high = ends(c, *reach)
    return whole(low), whole(high)


def across(mask: Mask, axis: int, rank: int) -> Mask:
    """A mask of one axis, so that it broadcasts over a tensor."""
    return mask.reshape([-1 if i == axis else 1 for i in range(rank)])


def extrapolated(
    inside: Ball, lines: Lines, at: Mapping[int, Any], constant: float, claim: Claim, dtype: np.dtype[Any]
) -> Ball:
    """The constant wherever a coordinate is outside; where that is a matter of rounding, it or the other."""
    rank = inside.value.ndim
    surely, maybe = np.zeros((1,) * rank, bool), np.zeros((1,) * rank, bool)
    for axis, line in lines.items():
        beyond = [max(-c.value, c.value - line.size + 1) for c in at[axis]]  # by how much it is outside
        errors = [c.error for c in at[axis]]
        surely = surely | across(np.array([b > e for b, e in zip(beyond, errors, strict=True)]), axis, rank)
        maybe = maybe | across(np.array([b > -e for b, e in zip(beyond, errors, strict=True)]), axis, rank)
    if not maybe.any():
        return inside
    error = 0.0 if dtype.kind in "iu" else float(Steps(claim, dtype, multiplies=False).constant(constant).error) * UP

    def instead(ball: Ball, where: Mask) -> Ball:
        return Ball(np.where(where, constant, ball.value), np.where(where, error, ball.radius))

    found = [instead(ball, surely) for ball in (inside, *inside.others)]
    if (maybe & ~surely).any():
        found.append(instead(inside, maybe))
    undecided = None if inside.undecided is None else inside.undecided & ~surely
    return Ball(found[0].value, found[0].radius, undecided, inside.sentence, tuple(found[1:]))
