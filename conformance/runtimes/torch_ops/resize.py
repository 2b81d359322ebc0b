"""Resampling in torch."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import torch
import torch.nn.functional as F

from conformance.runtimes.protocol import Unsupported

LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
# coordinate_transformation_mode -> align_corners
CORNERS = {"half_pixel": False, "half_pixel_symmetric": False, "pytorch_half_pixel": False, "align_corners": True}
HALVES = ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel")
# (coordinate_transformation_mode, nearest_mode) -> torch's mode, which finds the same element: nearest is
# floor(i / scale), nearest-exact floor((i + 0.5) / scale), and to round x - 0.5 half up is to take the floor of x.
# Half-pixel coordinates are the same from the other end, where rounding half down is rounding half up.
NEAREST = {
    ("asymmetric", "floor"): "nearest",
    ("tf_half_pixel_for_nn", "floor"): "nearest-exact",
    **{(name, "round_prefer_ceil"): "nearest-exact" for name in HALVES},
    **{(name, "round_prefer_floor"): "turned nearest-exact" for name in HALVES},
}


def resize(
    x: torch.Tensor,
    roi: torch.Tensor | None = None,
    scales: torch.Tensor | None = None,
    sizes: torch.Tensor | None = None,
    *,
    outputs: int,
    mode: bytes = b"nearest",
    coordinate_transformation_mode: bytes = b"half_pixel",
    nearest_mode: bytes = b"round_prefer_floor",
    axes: Sequence[int] | None = None,
    antialias: int = 0,
    keep_aspect_ratio_policy: bytes = b"stretch",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
) -> tuple[Any, ...]:
    """``Resize`` where interpolate is the same; an axis that keeps its length is then read as it is."""
    named = [axis % x.ndim for axis in (range(x.ndim) if axes is None else axes)]
    lengths = lengths_of(x, named, scales, sizes, keep_aspect_ratio_policy)
    moved = {axis: length for axis, length in lengths.items() if length != x.shape[axis]}
    transformation = coordinate_transformation_mode.decode()
    if transformation == "pytorch_half_pixel" and 1 in moved.values():
        raise declined(f"{transformation} to a length of 1")
    shrinks = any(length < x.shape[axis] for axis, length in moved.items())
    if mode == b"nearest":
        options = nearest(transformation, nearest_mode.decode())
    elif transformation not in CORNERS:
        raise declined(f"{transformation} with {mode.decode()}")
    elif exclude_outside or (antialias and shrinks):
        if shrinks and not antialias:
            raise declined("exclude_outside without antialias")
        options = stretched(mode, transformation, cubic_coeff_a, excludes=bool(exclude_outside))
    else:
        options = {"mode": "linear", "align_corners": CORNERS[transformation]}
        if mode == b"cubic" and cubic_coeff_a != -0.75:
            raise declined(f"cubic_coeff_a of {cubic_coeff_a}")
        if mode == b"cubic":
            options["mode"] = "bicubic"
    return (interpolated(x, moved, options),)


def declined(what: str) -> Unsupported:
    """The reason."""
    return Unsupported(f"torch.nn.functional.interpolate has no {what}")


def nearest(transformation: str, rounding: str) -> dict[str, Any]:
    """Options of interpolate for one element each."""
    if (transformation, rounding) not in NEAREST:
        raise declined(f"{rounding} of {transformation}")
    return {"mode": NEAREST[transformation, rounding]}


def stretched(mode: bytes, transformation: str, a: float, *, excludes: bool) -> dict[str, Any]:
    """Options for filters whose weights are divided by the sum of those inside; torch's cubic one has -0.5.

    They are stretched along axes that shrink, and along others they are not.
    """
    if transformation == "align_corners" or not excludes or (mode == b"cubic" and a != -0.5):
        raise declined("antialias or exclude_outside but both together, of half_pixel, cubic_coeff_a -0.5")
    return {"mode": "bicubic" if mode == b"cubic" else "bilinear", "align_corners": False, "antialias": True}


def interpolated(x: torch.Tensor, moved: dict[int, int], options: dict[str, Any]) -> torch.Tensor:
    """The axes that are resized come last, all others make one axis of channels."""
    if not moved:
        return x.clone()
    count = len(moved)
    if count > 3 or (count > 2 and options["mode"].startswith("bi")):
        raise declined(f"{options['mode']} of {count} axes")
    if options["mode"] == "linear":
        options["mode"] = LINEAR[count]
    last = list(range(x.ndim - count, x.ndim))
    turned = x.movedim(list(moved), last)
    sizes, lengths = list(turned.shape[x.ndim - count :]), list(moved.values())
    more = [1] * (count == 1 and options["mode"].startswith("bi"))  # bicubic and antialias take two axes
    is_turned = options["mode"].startswith("turned ")
    options["mode"] = options["mode"].removeprefix("turned ")
    turned = turned.flip(last) if is_turned else turned
    found = F.interpolate(turned.reshape(1, -1, *more, *sizes), [*more, *lengths], **options)
    found = found.flip(list(range(-count, 0))) if is_turned else found
    return found.reshape(*turned.shape[: x.ndim - count], *lengths).movedim(last, list(moved))


def lengths_of(x: torch.Tensor, named: Sequence[int], scales: Any, sizes: Any, policy: bytes) -> dict[int, int]:
    """The length of each axis; declines scales that lengths alone do not say."""
    if len(set(named)) < len(named):
        raise Unsupported("an axis is repeated, whose behaviour is undefined")
    sized = [x.shape[axis] for axis in named]
    if sizes is not None:
        return dict(zip(named, by_policy(sized, sizes.tolist(), policy.decode()), strict=True))
    if scales is None:
        raise Unsupported("Resize-10 says nothing of coordinates")
    lengths = {}
    for axis, size, scale in zip(named, sized, scales.tolist(), strict=True):
        lengths[axis] = int(size * scale)
        if torch.tensor(lengths[axis] / size, dtype=torch.float32).item() != scale:
            raise declined(f"scale of {scale} for {size} elements with sizes alone")
    return lengths


def by_policy(sized: Sequence[int], wanted: Sequence[int], policy: str) -> Sequence[int]:
    """Sizes asked for; under a policy of one scale those that it gives, where none of them is rounded."""
    if policy == "stretch":
        return wanted
    scale = {"not_larger": min, "not_smaller": max}[policy](map(Fraction, wanted, sized))
    if any((scale * size).denominator > 1 for size in sized):
        raise declined(f"scale of {scale} for {sized} elements with sizes alone")
    return [int(scale * size) for size in sized]


TABLE = {"Resize": resize}
