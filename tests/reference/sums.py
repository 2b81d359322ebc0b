"""Sums as a runtime may compute them, rounded at every step in the elements' own type, and data to sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes  # noqa: F401  # makes bfloat16 a name that NumPy knows
import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import Claim
from reference.conv import conv
from tests.reference.inside import inside

Array = NDArray[Any]
CLAIM = Claim()
ROWS = 40


def forward(terms: Array) -> Array:
    """Each row summed from left to right, rounded to the elements' type at every step."""
    total = terms[:, 0]
    for k in range(1, terms.shape[1]):
        total = total + terms[:, k]
    return total


def pairwise(terms: Array) -> Array:
    """A balanced tree."""
    while terms.shape[1] > 1:
        odd = terms[:, -1:] if terms.shape[1] % 2 else terms[:, :0]
        terms = np.concatenate([terms[:, :-1:2] + terms[:, 1::2], odd], axis=1)
    return terms[:, 0]


def lanes(terms: Array) -> Array:
    """Eight running sums, added at the end, as SIMD code does."""
    return forward(np.stack([forward(terms[:, k::8]) for k in range(min(8, terms.shape[1]))], axis=1))


def shuffled(terms: Array) -> Array:
    """A drawn order."""
    return forward(terms[:, np.random.default_rng(3).permutation(terms.shape[1])])


def by_size(terms: Array) -> Array:
    """Largest first, the worst order for like signs."""
    return forward(np.take_along_axis(terms, np.argsort(-np.abs(terms), axis=1), axis=1))


ORDERS: dict[str, Callable[[Array], Array]] = {
    "forward": forward,
    "reversed": lambda terms: forward(terms[:, ::-1]),
    "pairwise": pairwise,
    "lanes": lanes,
    "shuffled": shuffled,
    "by size": by_size,
}


def fused(x: Array, w: Array) -> Array:
    """Products not rounded before they are added (FMA); exact in float64, the widest type it is used for is float32."""
    total = np.zeros(len(x), x.dtype)
    for k in range(x.shape[1]):
        total = (x[:, k].astype(np.float64) * w[k] + total).astype(x.dtype)
    return total


def grid(shape: tuple[int, ...], seed: int) -> Array:
    return np.random.default_rng(seed).integers(-(2**19) + 1, 2**19, shape) * 2.0**-19


def positive(shape: tuple[int, ...], seed: int) -> Array:
    return np.abs(grid(shape, seed)) + 2.0**-9


def wide_magnitudes(shape: tuple[int, ...], seed: int) -> Array:
    return np.ldexp(grid(shape, seed), np.random.default_rng(seed + 1).integers(-4, 5, shape))


def cancelling(shape: tuple[int, ...], seed: int) -> Array:
    """Each element followed by nearly its negative."""
    values = grid(shape, seed)
    values[..., 1::2] = -values[..., 0 : values.shape[-1] - 1 : 2] * (1 + 2.0**-10)
    return values


DATA = {f.__name__: f for f in (grid, positive, wide_magnitudes, cancelling)}


def operands(data: str, dtype: str, length: int) -> tuple[Array, Array, Array]:
    """Rows of x, one filter, one bias: y[r] = x[r] . w + b."""
    make = DATA[data]
    w = positive((length,), 9) if data == "cancelling" else make((length,), 9)
    return make((ROWS, length), 7).astype(dtype), w.astype(dtype), np.array([0.625], dtype)


def ball_of(x: Array, w: Array, b: Array, claim: Claim = CLAIM) -> Ball:
    return conv(x[:, None, :], w[None, None, :], b, claim=claim)[0]


def assert_inside(expected: Ball, y: Array, what: str) -> None:
    """All rows inside, or by how much the worst leaves."""
    y = y.reshape(expected.value.shape)
    share = np.max(np.abs(y - expected.value) / np.where(expected.radius > 0, expected.radius, 1))
    assert inside(expected, y).all(), f"{what}: {share:.3f} of the radius"


def rounded(a: Array, bits: int) -> Array:
    """To ``bits`` significand bits, ties to even."""
    fraction, exponent = np.frexp(a.astype(np.float64))
    return np.asarray(np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits))
