"""Resize against loops over exact fractions, and its errors against evaluations in float32 and float16."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import CAST_FLOAT16, FLOAT16, FLOAT32, Claim, Precision
from reference.coordinates import TRANSFORMATIONS, Line, coordinates
from reference.interpolation import Kernel, cubic, linear, weights
from reference.resize import resize
from tests.reference.inside import inside

HALF = Fraction(1, 2)
STEP = Fraction(1, 2**18)
NEAR = 2.0**-40  # of the reference's own float64 sums, whose terms are below 2^6
SIZES = [(1, 1), (1, 3), (2, 1), (2, 4), (3, 7), (4, 2), (4, 6), (5, 3), (5, 8), (6, 5), (7, 7), (8, 1), (8, 4)]
ROIS = [(0.0, 1.0), (0.25, 0.75), (-0.25, 1.25), (0.875, 0.125), (0.3, 0.9)]
PLAIN: dict[str, Any] = {"roi": (0.0, 1.0), "antialias": False, "exclude": False, "a": -0.75, "constant": 0.0}


def place(mode: str, i: int, size: int, length: int, start: Fraction, end: Fraction) -> Fraction | None:
    """The coordinate by the formulas of the text; None where they divide 0 by 0."""
    scale = Fraction(length, size)
    if mode == "half_pixel":
        return (i + HALF) / scale - HALF
    if mode == "half_pixel_symmetric":
        adjustment = Fraction(length) / (scale * size)
        return Fraction(size, 2) * (1 - adjustment) + (i + HALF) / scale - HALF
    if mode == "pytorch_half_pixel":
        return (i + HALF) / scale - HALF if length > 1 else Fraction(0)
    if mode == "align_corners":
        return Fraction(i * (size - 1), length - 1) if length > 1 else None
    if mode == "asymmetric":
        return i / scale
    if mode == "tf_half_pixel_for_nn":
        return (i + HALF) / scale
    assert mode == "tf_crop_and_resize"
    if length > 1:
        return start * (size - 1) + i * (end - start) * (size - 1) / Fraction(length - 1)
    return HALF * (start + end) * (size - 1)


def pick(x: Fraction, mode: str) -> int:
    """The whole number that nearest_mode says."""
    below = floor(x)
    if mode in ("floor", "ceil"):
        return below if mode == "floor" else -floor(-x)
    if x - below == HALF:
        return below + (mode == "round_prefer_ceil")
    return below + (x - below > HALF)


def filter_of(mode: str, a: Fraction) -> Callable[[Fraction], Fraction]:
    """The triangle, or equation (4) of Keys."""

    def keys(s: Fraction) -> Fraction:
        if s < 1:
            return (a + 2) * s**3 - (a + 3) * s**2 + 1
        return a * s**3 - 5 * a * s**2 + 8 * a * s - 4 * a if s < 2 else Fraction(0)

    return keys if mode == "cubic" else lambda s: max(1 - s, Fraction(0))


def line(
    values: Sequence[Fraction], x: Fraction, kernel: Callable[[Fraction], Fraction], factor: Fraction, exclude: bool
) -> Fraction | None:
    """The average around one coordinate; None where it takes what is outside."""
    reach = ceil(2 * factor) + 1
    taps = {j: kernel(abs(j - x) / factor) for j in range(floor(x) - reach, floor(x) + reach + 1)}
    outside = [weight for j, weight in taps.items() if weight and not 0 <= j < len(values)]
    if outside and not exclude:
        return None
    kept = {j: weight for j, weight in taps.items() if 0 <= j < len(values)}
    return sum((weight * values[j] for j, weight in kept.items()), Fraction(0)) / sum(kept.values())


def row(values: Sequence[Fraction], length: int, mode: str, **how: Any) -> list[Fraction | None]:
    """One axis, an element at a time; None where the text does not say."""
    size, (start, end) = len(values), how["roi"]
    found: list[Fraction | None] = []
    for i in range(length):
        x = place(how["transformation"], i, size, length, Fraction(start), Fraction(end))
        if x is None:
            found.append(None)
        elif how["transformation"] == "tf_crop_and_resize" and not 0 <= x <= size - 1:
            found.append(Fraction(how["constant"]))
        elif mode == "nearest":
            j = pick(x, how["nearest_mode"])
            found.append(values[j] if 0 <= j < size else None)
        else:
            factor = max(Fraction(1), Fraction(size, length)) if how["antialias"] else Fraction(1)
            found.append(line(values, x, filter_of(mode, Fraction(how["a"])), factor, how["exclude"]))
    return found


def settings() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every transformation with every mode, what lies outside excluded or not, stretched or not."""
    for transformation in TRANSFORMATIONS:
        rois = ROIS if transformation == "tf_crop_and_resize" else ROIS[:1]
        for roi in rois:
            how = {"transformation": transformation, "roi": roi, "constant": 7.0, "a": -0.75}
            for nearest_mode in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
                yield "nearest", how | {"nearest_mode": nearest_mode, "exclude": False, "antialias": False}
            for exclude, antialias in itertools.product((False, True), repeat=2):
                yield "linear", how | {"exclude": exclude, "antialias": antialias}
                yield "cubic", how | {"exclude": exclude, "antialias": antialias, "a": -0.5 if exclude else -0.75}


def call(x: NDArray[Any], mode: str, length: int, how: dict[str, Any], claim: Claim | None = None) -> Ball:
    """The reference on one axis."""
    (ball,) = resize(
        x, np.array(how["roi"]), None, np.array([length]), claim=claim or Claim(), mode=mode,
        coordinate_transformation_mode=how["transformation"], antialias=int(how["antialias"]),
        nearest_mode=how.get("nearest_mode", "floor"), exclude_outside=int(how["exclude"]), cubic_coeff_a=how["a"],
        extrapolation_value=how["constant"],
    )  # fmt: skip
    return ball


@pytest.mark.parametrize(("mode", "how"), list(settings()))
def test_equals_a_loop_on_one_axis(mode: str, how: dict[str, Any]) -> None:
    """Exact fractions, for every pair of lengths; where they are undecided the reference leaves the element open."""
    for size, length in SIZES:
        x = np.array([3, -5, 8, 1, -7, 2, 6, -4][:size], np.float64)
        ball = call(x, mode, length, how)
        for i, due in enumerate(row(list(map(Fraction, x)), length, mode, **how)):
            is_open = ball.undecided is not None and bool(ball.undecided[i])
            if due is None:
                assert is_open or how["transformation"] == "align_corners", (size, length, i)
            elif is_open:  # a step of rounding away the nearest element is outside
                x_original = place(how["transformation"], i, size, length, *map(Fraction, how["roi"]))
                assert x_original is not None
                reached = [pick(x_original + step, how["nearest_mode"]) for step in (-STEP, STEP)]
                assert min(reached) < 0 or max(reached) >= size, (size, length, i)
            else:
                among = [abs(float(due) - b.value[i]) <= NEAR for b in (ball, *ball.others)]
                assert any(among), (size, length, i, due, ball.value[i])


def test_two_axes_are_one_after_the_other() -> None:
    """And axes named in any order, counted from the back, are the same."""
    x = np.arange(30.0).reshape(5, 6) ** 2
    for mode in ("linear", "cubic", "nearest"):
        fields: dict[str, Any] = {"claim": Claim(), "mode": mode, "exclude_outside": 1}
        (both,) = resize(x, None, None, np.array([7, 4]), **fields)
        (swapped,) = resize(x, None, None, np.array([4, 7]), axes=[-1, 0], **fields)
        (first,) = resize(x, None, None, np.array([7]), axes=[0], **fields)
        (second,) = resize(first.value, None, None, np.array([4]), axes=[1], **fields)
        assert np.abs(both.value - swapped.value).max() <= NEAR * np.abs(both.value).max()
        assert np.abs(both.value - second.value).max() <= NEAR * np.abs(both.value).max()


@pytest.mark.parametrize(
    ("policy", "shape", "sizes", "due"),
    [
        ("stretch", (2, 4), (7, 8), (7, 8)),
        ("not_larger", (2, 4), (7, 8), (4, 8)),
        ("not_smaller", (2, 4), (7, 8), (7, 14)),
        ("not_larger", (4, 3), (2, 9), (2, 2)),  # 1.5 is rounded up
        ("not_smaller", (4, 5), (1, 1), (1, 1)),
    ],
)
def test_policies(policy: str, shape: tuple[int, ...], sizes: tuple[int, ...], due: tuple[int, ...]) -> None:
    (ball,) = resize(np.zeros(shape), None, None, np.array(sizes), claim=Claim(), keep_aspect_ratio_policy=policy)
    assert ball.value.shape == due


def test_scales_round_down_and_a_region_counts() -> None:
    x = np.zeros((5, 8))
    (ball,) = resize(x, None, np.array([1.3, 0.6], np.float32), claim=Claim())
    assert ball.value.shape == (6, 4)
    roi = np.array([0, 0.25, 1, 0.75], np.float32)
    crop = {"coordinate_transformation_mode": "tf_crop_and_resize"}
    (ball,) = resize(x, roi, np.array([1, 2], np.float32), claim=Claim(), **crop)  # type: ignore[arg-type]  # a str
    assert ball.value.shape == (5, 8)


def singles(mode: str, at: Line, i: int) -> Iterator[np.float32]:
    """A coordinate in float32, with each operation of its formula rounded, in several orders."""
    f = np.float32
    size, length, n = f(at.size), f(at.length), f(i)
    scale, half = f(float(at.scale)), f(0.5)
    ratios = (scale, length / size, f(1) / (size / length))
    more = half if "half" in mode else f(0)
    shift = half if mode.endswith("half_pixel") or mode == "half_pixel_symmetric" else f(0)
    if mode == "pytorch_half_pixel" and at.length == 1:
        yield f(0)
    elif mode == "align_corners":
        if at.length > 1:
            last, lengths = size - f(1), length - f(1)
            yield from (n * last / lengths, n * (last / lengths), n / (lengths / last) if at.size > 1 else f(0))
    elif mode == "tf_crop_and_resize":
        start, end, last = f(float(at.start)), f(float(at.end)), size - f(1)
        if at.length == 1:
            yield from (half * (start + end) * last, half * start * last + half * end * last)
        else:
            lengths = length - f(1)
            yield start * last + n * (end - start) * last / lengths
            yield start * last + n * ((end - start) * last / lengths)
            yield start * last + n * (end - start) * (last / lengths)
            yield f(np.float64(start * last) + np.float64(n) * np.float64((end - start) * last / lengths))  # fused
    else:
        for ratio in ratios:
            yield (n + more) / ratio - shift
            yield (n + more) * (f(1) / ratio) - shift
            if mode == "half_pixel_symmetric":
                offset = size / f(2) * (f(1) - length / (ratio * size))
                yield offset + (n + more) / ratio - shift
                yield offset + ((n + more) * (f(1) / ratio) - shift)
            yield f(np.float64(n + more) * np.float64(f(1) / ratio) - np.float64(shift))  # fused
        yield (n + more) * size / length - shift
        yield (f(2) * n + f(2) * more) * size / (f(2) * length) - shift


@pytest.mark.parametrize("mode", TRANSFORMATIONS)
def test_coordinates_in_float32_stay_within_their_error(mode: str) -> None:
    """In whatever order; and none rounds where no error is granted."""
    exact = inexact = 0
    for size, length in itertools.product(range(1, 20), repeat=2):
        for start, end in ROIS if mode == "tf_crop_and_resize" else ROIS[:1]:
            region = Fraction(float(np.float32(start))), Fraction(float(np.float32(end)))
            at = Line(size, length, Fraction(length, size), *region)
            for i, due in enumerate(coordinates(mode, at)):
                for found in singles(mode, at, i):
                    assert abs(Fraction(float(found)) - due.value) <= due.error, (size, length, i, start, found)
                exact, inexact = exact + (not due.error), inexact + bool(due.error)
    assert min(exact, inexact) > 100


def test_a_region_of_float64_may_be_read_as_float32() -> None:
    """1/3 is another number there."""
    for length in range(2, 9):
        exact = Line(7, length, Fraction(length, 7), Fraction(1 / 3), Fraction(0.9))
        read = Line(7, length, Fraction(length, 7), *(Fraction(float(np.float32(r))) for r in (1 / 3, 0.9)))
        for i, due in enumerate(coordinates("tf_crop_and_resize", exact)):
            assert all(abs(Fraction(float(v)) - due.value) <= due.error for v in singles("tf_crop_and_resize", read, i))


def filters_in(dtype: Any, a: float | None) -> Iterator[Callable[[Any], Any]]:
    """The kernel's formula with every operation rounded, in two orders."""
    c = [dtype(n) for n in range(9)]
    if a is None:
        yield lambda s: max(c[0], c[1] - s)
        return
    k = dtype(a)
    yield (
        lambda s: (
            ((k + c[2]) * s - (k + c[3])) * s * s + c[1]
            if s < 1
            else ((k * s - c[5] * k) * s + c[8] * k) * s - c[4] * k
        )
    )
    yield (
        lambda s: (
            (k + c[2]) * (s * s * s) - (k + c[3]) * (s * s) + c[1]
            if s < 1
            else k * (s * s * s) - c[5] * k * (s * s) + c[8] * k * s - c[4] * k
        )
    )


@pytest.mark.parametrize("a", [None, -0.75, -0.5, -1.0, 0.3])
@pytest.mark.parametrize(("stored", "precision"), [(np.float32, FLOAT32), (np.float16, FLOAT16)])
@pytest.mark.parametrize("exclude", [False, True])
def test_weights_in_float_stay_within_their_error(
    a: float | None, stored: Any, precision: Precision, exclude: bool
) -> None:
    """Worked out in float32, then perhaps stored in float16; those that are granted no error come out exactly."""
    dtype = np.float32
    kernel: Kernel = linear() if a is None else cubic(float(np.float32(a)))
    checked = 0
    for size, length in itertools.product((3, 5, 8), (2, 4, 7, 10, 16)):
        at = Line(size, length, Fraction(length, size))
        due = weights(kernel, at, coordinates("half_pixel", at), precision, antialias=False, exclude=exclude)
        for i, form in itertools.product(range(length), filters_in(dtype, a)):
            if due.open[i]:
                continue
            for x in singles("half_pixel", at, i):
                s = [abs(dtype(np.float32(j) - x)) for j in range(size)]
                got = np.array([form(t) if t < kernel.support else dtype(0) for t in s])
                got = (got / got.sum(dtype=dtype) if exclude else got).astype(stored)
                away = np.abs(got.astype(np.float64) - due.value[i])
                assert (away <= due.error[i]).all(), (size, length, i, got, due.value[i], due.error[i])
                checked += 1
    assert checked > 200


@pytest.mark.parametrize("a", [None, -0.5])
def test_stretched_weights_in_float_stay_within_their_error(a: float | None) -> None:
    """Divided by their sum, windows cut at the border."""
    kernel = linear() if a is None else cubic(a)
    f = np.float32
    for size, length in [(4, 3), (8, 3), (9, 4), (16, 4), (7, 1)]:
        at = Line(size, length, Fraction(length, size))
        due = weights(kernel, at, coordinates("half_pixel", at), FLOAT32, antialias=True, exclude=True)
        for i, form in itertools.product(range(length), filters_in(f, a)):
            for x in singles("half_pixel", at, i):
                for s in ([abs(f(j) - x) * (f(length) / f(size)) for j in range(size)],
                          [abs(f(j) - x) / (f(size) / f(length)) for j in range(size)]):  # fmt: skip
                    got = np.array([form(t) if t < kernel.support else f(0) for t in s])
                    got = got / got.sum(dtype=f)
                    assert (np.abs(got.astype(np.float64) - due.value[i]) <= due.error[i]).all()


def lerp(x: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Linear interpolation as ``a + t (b - a)``, from either end, the border repeated."""
    at = (np.arange(length, dtype=np.float32) + np.float32(0.5)) / np.float32(length / len(x)) - np.float32(0.5)
    at = at.clip(0, len(x) - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(x) - 1)
    t = at - low.astype(np.float32)
    return np.asarray(x[low] + t * (x[high] - x[low]), np.float32)


def test_interpolating_by_difference_is_inside() -> None:
    """Also where it cancels: 2^24 beside 1."""
    x = np.array([2.0**24, 1, -3, 2.0**20, 5, -(2.0**24), 7, 0.25], np.float32)
    for length in range(1, 30):
        for values in (x, x[::-1].copy(), np.cumsum(x, dtype=np.float32)):
            ball = call(values, "linear", length, PLAIN | {"transformation": "half_pixel", "exclude": True})
            assert inside(ball, lerp(values, length)).all(), length


@pytest.mark.parametrize(
    ("nearest_mode", "due"),
    [("round_prefer_floor", [0, 2]), ("round_prefer_ceil", [1, 3]), ("floor", [0, 2]), ("ceil", [1, 3])],
)
def test_ties_at_a_power_of_two_are_decided(nearest_mode: str, due: list[int]) -> None:
    """2 i + 0.5 is exact in any order."""
    ball = call(np.arange(4.0), "nearest", 2, PLAIN | {"transformation": "half_pixel", "nearest_mode": nearest_mode})
    np.testing.assert_array_equal(ball.value, due)
    assert ball.others == ()
    assert not ball.radius.any()


def test_where_rounding_may_step_over_both_elements_are_admissible() -> None:
    """At every third place i / (9 / 3) is a whole number, but i (1 / 3) in floats may be less."""
    ball = call(np.arange(3.0), "nearest", 9, PLAIN | {"transformation": "asymmetric", "nearest_mode": "floor"})
    (other,) = ball.others
    candidates = [sorted({a, b}) for a, b in zip(ball.value, other.value, strict=True)]
    assert candidates == [[0], [0], [0], [0, 1], [1], [1], [1, 2], [2], [2]]
    assert not inside(ball, np.full(9, 1.5)).any()  # the set, not its hull


def test_at_the_end_of_a_region_either_is_admissible() -> None:
    """1/3 + 2/3 of the axis may come out beyond its last element; 1.5 of it surely does."""
    how = PLAIN | {"transformation": "tf_crop_and_resize", "constant": 9.0}
    ball = call(np.array([1.0, 2, 4, 8]), "linear", 4, how | {"roi": (0.1, 1.0)})
    assert inside(ball, np.array([*ball.value[:3], 8.0])).all()
    assert inside(ball, np.array([*ball.value[:3], 9.0])).all()
    assert not inside(ball, np.array([*ball.value[:3], 8.5]))[3]
    beyond = call(np.array([1.0, 2, 4, 8]), "linear", 4, how | {"roi": (0.0, 1.5)})
    assert beyond.others == ()
    np.testing.assert_array_equal(beyond.value, [1.0, 3.0, 8.0, 9.0])  # at 0, 1.5, 3 and 4.5


def test_equality_is_due_at_powers_of_two_on_small_integers() -> None:
    """Linear and cubic weights of quarters, in two axes."""
    x = np.array([[3, -5, 8, 1, 7, -2], [2, 4, -6, 0, 5, 8], [1, 1, 7, -3, 2, 2], [0, 6, 4, -8, 3, 1]] * 2, np.float32)
    for mode in ("linear", "cubic"):
        (ball,) = resize(x, None, np.array([2, 2], np.float32), claim=Claim(), mode=mode)
        assert not ball.radius.any()
    (ball,) = resize(x, None, np.array([3, 2], np.float32), claim=Claim(), mode="linear")
    assert ball.radius.max() > 0


def test_what_lies_outside_is_open_unless_it_is_excluded() -> None:
    """Half-pixel coordinates start at -0.25."""
    x = np.arange(4.0)
    ball = call(x, "linear", 8, PLAIN | {"transformation": "half_pixel"})
    assert ball.undecided is not None
    np.testing.assert_array_equal(ball.undecided, [True, *[False] * 6, True])
    assert "outside" in ball.sentence
    ball = call(x, "linear", 8, PLAIN | {"transformation": "half_pixel", "exclude": True})
    assert ball.undecided is None
    assert abs(ball.value[0]) <= NEAR


def test_special_values() -> None:
    """NaN of a weight that is not 0 is NaN; an infinity, and whatever has weight 0, are open; copies are copies."""
    x = np.array([1.0, np.nan, 2, 3, 4, 5, np.inf, 6])
    ball = call(x, "linear", 8, PLAIN | {"transformation": "asymmetric"})
    assert ball.undecided is not None
    np.testing.assert_array_equal(ball.undecided, [True, False, True, False, False, True, True, True])
    assert np.isnan(ball.value[1])
    assert "weight 0" in ball.sentence
    ball = call(x, "nearest", 8, PLAIN | {"transformation": "asymmetric", "nearest_mode": "floor"})
    np.testing.assert_array_equal(ball.value, x)
    assert ball.undecided is None


def test_a_cast_rounds_copies_and_averages() -> None:
    x = np.array([1.0, 1 + 2.0**-12, 3, 1 / 3], np.float32)
    claim = Claim({"float32": CAST_FLOAT16})
    how = PLAIN | {"transformation": "half_pixel", "nearest_mode": "floor", "exclude": True}
    assert inside(call(x, "nearest", 2, how, claim), np.array([1.0, 3.0])).all()
    read = x.astype(np.float16)
    mean = ((read[0::2].astype(np.float32) + read[1::2]) / 2).astype(np.float16)
    assert inside(call(x, "linear", 2, how, claim), mean).all()
    assert not inside(call(x, "linear", 2, how), mean).all()
