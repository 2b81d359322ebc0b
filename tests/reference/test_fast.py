"""The bound of fast algorithms against exact arithmetic: every operation rounded in few bits, by adversaries too."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import FAST, FLOAT32, Claim, Precision
from reference.conv import conv
from reference.fourier import FFT, stage
from reference.winograd import WINOGRAD, Winograd, at, matrices
from tests.reference.inside import inside

Array = NDArray[Any]
BITS = 9
Round = Callable[[Array], Array]


def to_bits(how: Callable[[Array], Array]) -> Round:
    """Numbers of 9 bits; float64 holds every sum and product of two exactly, so that this is their one rounding."""

    def rounding(a: Array) -> Array:
        fraction, exponent = np.frexp(np.asarray(a, np.float64))
        return np.asarray(np.ldexp(how(np.ldexp(fraction, BITS)), exponent - BITS))

    return rounding


def by_chance(a: Array) -> Array:
    """Up or down, whatever is nearer."""
    return np.where(np.random.default_rng(a.size).integers(0, 2, a.shape) == 1, np.floor(a), np.ceil(a))


def outward(a: Array) -> Array:
    """Away from zero."""
    return np.copysign(np.ceil(np.abs(a)), a)


NEAREST, DIRECTED = 2.0**-BITS, 2.0 ** (1 - BITS)
ROUNDINGS: dict[str, tuple[Callable[[Array], Array], float]] = {
    "nearest": (np.rint, NEAREST),
    "up": (np.ceil, DIRECTED),
    "down": (np.floor, DIRECTED),
    "towards zero": (np.trunc, DIRECTED),
    "away from zero": (outward, DIRECTED),
    "by chance": (by_chance, DIRECTED),
}
SAMPLE = ("nearest", "by chance")  # the nightly run has the others as well
MARKED = [pytest.param(mode, marks=[] if mode in SAMPLE else pytest.mark.long) for mode in ROUNDINGS]


def along(matrix: list[list[Fraction]], a: Array, axis: int, r: Round, *, is_fused: bool) -> Array:
    """A matrix of rounded constants times every column along an axis, each product and sum rounded, or both at once."""
    moved, rows = np.moveaxis(a, axis, 0), []
    for row in matrix:
        total = np.zeros(moved.shape[1:])
        for c, part in zip(row, moved, strict=True):
            if c:
                term = float(r(np.array(float(c)))) * part
                total = r(total + (term if is_fused else r(term)))
        rows.append(total)
    return np.moveaxis(np.stack(rows), 0, axis)


def tiled(f: Winograd, x: Array, w: Array, b: Array, shift: int, r: Round, *, is_fused: bool) -> Array:
    """Winograd's way for x (C, D...) and w (C, 3...), its tiles beginning ``shift`` places before the first result."""
    a, g, inputs = matrices(f)
    rank, t, counts = x.ndim - 1, f.m + f.r - 1, [n - 2 for n in x.shape[1:]]
    for axis in range(1, 1 + rank):
        w = along(g, w, axis, r, is_fused=is_fused)
    y = np.zeros(counts)
    wide = np.pad(x, [(0, 0), *[(t, 2 * t)] * rank])
    for corner in product(*(range(-shift, n, f.m) for n in counts)):
        part = wide[(slice(None), *(slice(t + k, 2 * t + k) for k in corner))]
        for axis in range(1, 1 + rank):
            part = along(inputs, part, axis, r, is_fused=is_fused)
        total = np.zeros(part.shape[1:])
        for left, right in zip(part, w, strict=True):
            total = r(total + (left * right if is_fused else r(left * right)))
        for axis in range(rank):
            total = along(a, total, axis, r, is_fused=is_fused)
        for place in np.ndindex(total.shape):
            to = tuple(k + j for k, j in zip(corner, place, strict=True))
            if all(0 <= k < n for k, n in zip(to, counts, strict=True)):
                y[to] = r(total[place] + b[0])
    return y


def drawn(rank: int, seed: int) -> tuple[Array, Array, Array]:
    """Small numbers; what is far from a window in its tile is large, so that it shows what a tile reaches."""
    rng = np.random.default_rng(seed)
    x = rng.integers(-127, 128, (2, *[9 - rank] * rank)).astype(float)
    x *= np.where(rng.integers(0, 6, x.shape) == 0, 16, 1)
    return x, rng.integers(-63, 64, (2, *[3] * rank)).astype(float), np.array([1.0])


def ball_of(f: Any, x: Array, w: Array, b: Array, u: float) -> Ball:
    claim = Claim({"float64": Precision("few bits", 0, u, u)}, fast={"float64": (f,)})
    return conv(x[None], w[None], b, claim=claim)[0]


@pytest.mark.parametrize("mode", MARKED)
@pytest.mark.parametrize("f", WINOGRAD, ids=lambda f: f"F({f.m}, {f.r}) at {float(f.points[3:4][0]) if f.m > 2 else 0}")
def test_every_rounding_at_every_place_of_a_tile_is_inside(f: Winograd, mode: str) -> None:
    how, u = ROUNDINGS[mode]
    shares = []
    for rank, shift, is_fused in product((1, 2), range(f.m), (False, True)):
        if rank == 2 and (is_fused or shift not in (0, f.m - 1)):
            continue
        x, w, b = drawn(rank, 10 * shift + rank)
        expected = ball_of(f, x, w, b, u)
        y = tiled(f, x, w, b, shift, to_bits(how), is_fused=is_fused)[None, None]
        assert inside(expected, y).all(), (rank, shift, is_fused)
        shares.append(float((np.abs(y - expected.value) / expected.radius).max()))
    assert max(shares) > 0.005  # roundings were made, and the bound is not out of all proportion to them


@pytest.mark.parametrize("f", WINOGRAD)
def test_the_matrices_are_right(f: Winograd) -> None:
    """Of every product of an input and a weight each result has what the definition says, exactly."""
    a, g, b = matrices(f)
    for j, k, tap in product(range(f.m), range(f.m + 2), range(3)):
        assert sum(a[j][i] * g[i][tap] * b[i][k] for i in range(f.m + 2)) == (k == j + tap)


def test_what_is_known_of_the_algorithms_follows_from_their_points() -> None:
    assert [f.reach for f in WINOGRAD] == [1, 3, 3, 5]
    assert [f.roundings for f in WINOGRAD] == [11, 15, 15, 19]
    assert [round(f.growth, 1) for f in WINOGRAD] == [4, 29.3, 29.3, 39.6]
    assert WINOGRAD[0].growth == 4  # the first weight: 2 |x| by 1, at the point 0, and 2 |x| by 1/2, at 1 and at -1
    with pytest.raises(ValueError, match="needs 4 points"):
        matrices(Winograd(3, 3, at(0, 1, -1)))


def test_terms_count_at_every_place_of_a_tile() -> None:
    """A large number outside a window makes the result's radius large, as far as the tile may reach, and no further."""
    x, w = np.full((1, 1, 32), 2.0**-10, np.float32), np.ones((1, 1, 3), np.float32)
    x[0, 0, 16] = 1024
    for f in WINOGRAD:
        (ball,) = conv(x, w, claim=Claim(fast={"float32": (f,)}))
        large = np.flatnonzero(ball.radius[0, 0] > 1e-6)
        assert (large.min(), large.max()) == (14 - f.reach + 1, 16 + f.reach - 1)


def test_special_values_are_open_where_a_tile_may_reach() -> None:
    x, w = np.ones((2, 1, 32), np.float32), np.ones((2, 1, 3), np.float32)
    x[1, 0, 16] = np.nan
    for f in WINOGRAD:
        (ball,) = conv(x, w, claim=Claim(fast={"float32": (f,)}))
        assert ball.undecided is not None
        assert np.flatnonzero(ball.undecided[1, 0]).tolist() == list(range(14 - f.reach, 17 + f.reach))
        assert not ball.undecided[0].any()
    (ball,) = conv(x, w, claim=Claim(fast=FAST))
    assert ball.undecided is not None
    assert ball.undecided[1].all()
    assert not ball.undecided[0].any()


@pytest.mark.parametrize("window", [{"strides": [2]}, {"dilations": [2]}])
def test_strides_and_dilations_leave_sums_as_written(window: dict[str, Any]) -> None:
    x, w = np.full((1, 1, 32), 0.1, np.float32), np.full((1, 1, 3), 0.1, np.float32)
    due, found = (conv(x, w, claim=claim, **window)[0] for claim in (Claim(), Claim(fast=FAST)))
    np.testing.assert_array_equal(due.radius, found.radius)


def test_one_tap_is_no_transform() -> None:
    x, w = np.ones((1, 4, 8), np.float32), np.ones((2, 4, 1), np.float32)
    assert not conv(x, w, claim=Claim(fast=FAST))[0].radius.any()
    w = np.ones((2, 4, 5), np.float32)
    assert conv(x, w, claim=Claim(fast=FAST))[0].radius.all()
    assert not conv(x, w, claim=Claim(fast={"float32": WINOGRAD}))[0].radius.any()


@pytest.mark.parametrize("mode", MARKED)
@pytest.mark.parametrize("p", FFT.radices)
def test_a_stage_of_a_transform_is_inside_its_bound(p: int, mode: str) -> None:
    """Twiddle factors, constants, products and sums in 9 bits, one after the other, relative to the 2-norm."""
    how, u = ROUNDINGS[mode]
    r, rng = to_bits(how), np.random.default_rng(p)
    k = np.arange(p)
    twiddles, constants = np.exp(-1j * k / 7), np.exp(-2j * np.pi * np.outer(k, k) / p).round(15)
    worst = 0.0
    for _ in range(20):
        z = rng.integers(-15, 16, p) + 1j * rng.integers(-15, 16, p)
        due = constants @ (twiddles * z)
        turned = [times(complex(c), part, r) for c, part in zip(twiddles, z, strict=True)]
        found = []
        for row in constants:
            real = imaginary = 0.0
            for c, part in zip(row, turned, strict=True):
                term = times(complex(c), part, r)
                real, imaginary = float(r(np.array(real + term.real))), float(r(np.array(imaginary + term.imag)))
            found.append(complex(real, imaginary))
        worst = max(worst, float(np.linalg.norm(found - due) / np.linalg.norm(due)))
    assert worst < stage(p, u)
    assert worst > stage(p, u) / 200


def times(c: complex, z: complex, r: Round) -> complex:
    """A product of two complex numbers, the first of which is rounded too."""
    a, b = (float(r(np.array(part))) for part in (c.real, c.imag))
    parts = [float(r(np.array(v))) for v in (a * z.real, b * z.imag, a * z.imag, b * z.real)]
    return complex(float(r(np.array(parts[0] - parts[1]))), float(r(np.array(parts[2] + parts[3]))))


@pytest.mark.parametrize("exponent", [-1000, 900])
def test_large_numbers_in_another_group_take_nothing_from_the_bound(exponent: int) -> None:
    """Their squares in one scale with these would be infinite, or these squares 0."""
    x, w = np.random.default_rng(1).normal(size=(1, 2, 9)), np.ones((2, 1, 3))
    x[:, 1] *= 2.0**exponent
    claim = Claim(fast={"float64": (FFT,)})
    (both,), alone = conv(x, w, group=2, claim=claim), [conv(x[:, [c]], w[[c]], claim=claim)[0] for c in range(2)]
    assert alone[0].radius.min() > 1e-15
    for c in range(2):
        assert (both.radius[:, [c]] >= alone[c].radius).all()


def test_overflow_of_an_intermediate_number_is_refused() -> None:
    x, w = np.full((1, 1, 8), 1e36, np.float32), np.ones((1, 1, 3), np.float32)
    assert np.isfinite(conv(x, w, claim=Claim())[0].radius).all()
    with pytest.raises(OverflowError, match="partial sums may reach"):
        conv(x, w, claim=Claim(fast={"float32": WINOGRAD[3:]}))


@pytest.mark.parametrize("algorithm", [*WINOGRAD, FFT])
def test_flushing_and_input_rounding_widen_the_ball(algorithm: Any) -> None:
    x, w = np.full((1, 1, 8), 0.1, np.float32), np.full((1, 1, 3), 0.1, np.float32)
    plain = conv(x, w, claim=Claim(fast={"float32": (algorithm,)}))[0].radius
    flushed = conv(x, w, claim=Claim(fast={"float32": (algorithm,)}, flush_to_zero=True))[0].radius
    rough = Claim({"float32": Precision("", 2**-11, FLOAT32.u_acc, FLOAT32.u_out)}, fast={"float32": (algorithm,)})
    assert (flushed >= plain).all()
    assert (conv(x, w, claim=rough)[0].radius > plain).all()
