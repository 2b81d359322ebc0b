"""Ways to sum and average that are all correct: other orders, other intermediate types, reciprocals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reference.rounding import rounded
from tests.fakes.executor import Arithmetic, Tensor


def in_order(order: Callable[[int], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """A matrix product whose terms are permuted before the library adds them as it likes."""

    def dot(left: Tensor, right: Tensor) -> Tensor:
        p = order(left.shape[-1])
        return np.asarray(np.ascontiguousarray(left[..., p]) @ np.ascontiguousarray(right[..., p, :]))

    return dot


def one_by_one(order: Callable[[int], Tensor], *, fused: bool = False) -> Callable[[Tensor, Tensor], Tensor]:
    """One term after the other into one accumulator of the tensors' type; ``fused`` rounds once a term."""

    def dot(left: Tensor, right: Tensor) -> Tensor:
        dtype = left.dtype
        wide = (
            {"float16": np.float64, "bfloat16": np.float64, "float32": np.float64, "float64": np.longdouble}[dtype.name]
            if fused
            else dtype
        )
        total = np.zeros((*left.shape[:-1], right.shape[-1]), dtype)
        for k in order(left.shape[-1]):
            term = left[..., :, k, None].astype(wide) * right[..., None, k, :].astype(wide)
            total = (total.astype(wide) + term).astype(dtype)
        return total

    return dot


def wider(left: Tensor, right: Tensor) -> Tensor:
    """The whole product in float64; the caller rounds it."""
    return np.asarray(left.astype(np.float64) @ right.astype(np.float64))


def blocked(left: Tensor, right: Tensor) -> Tensor:
    """Partial sums of eight terms, as split-K kernels make them."""
    cuts = range(0, left.shape[-1], 8)
    parts = [left[..., at : at + 8] @ right[..., at : at + 8, :] for at in cuts]
    return np.asarray(np.sum(parts, axis=0, dtype=left.dtype))


def by_size(sign: int) -> Callable[[Tensor, Tensor], Tensor]:
    """Each result's own terms one after the other, from the smallest (1) or the largest (-1) on."""

    def dot(left: Tensor, right: Tensor) -> Tensor:
        terms = left[..., :, :, None] * right[..., None, :, :]
        order = np.argsort(sign * np.abs(terms), axis=-2, kind="stable")
        terms = np.take_along_axis(terms, order, -2)
        total = np.zeros(terms.shape[:-2] + terms.shape[-1:], terms.dtype)
        for k in range(terms.shape[-2]):
            total = total + terms[..., k, :]
        return total

    return dot


def pairwise(left: Tensor, right: Tensor) -> Tensor:
    """Terms side by side added, then those sums, as a balanced tree."""
    terms = left[..., :, :, None] * right[..., None, :, :]
    while terms.shape[-2] > 1:
        odd = terms[..., -1:, :] if terms.shape[-2] % 2 else terms[..., :0, :]
        terms = np.concatenate([terms[..., :-1:2, :] + terms[..., 1::2, :], odd], axis=-2)
    return np.asarray(terms[..., 0, :])


def halves(a: Tensor) -> tuple[Tensor, Tensor]:
    """A float32 tensor as a sum of two of 11 bits, as near as they come."""
    high = np.asarray(rounded(a, 11, "nearest, ties to even"), np.float32)
    rest = np.where(np.isfinite(a), a - high, np.float32(0))
    return high, np.asarray(rounded(rest, 11, "nearest, ties to even"), np.float32)


def three_products(left: Tensor, right: Tensor) -> Tensor:
    """Float32 as three products of operands of 11 bits, small ones first, as tensor cores are made to do it.

    An infinity has no small part: the others' products are left out there, inf * 0 would be NaN.
    """
    if left.dtype != np.float32:
        return np.asarray(left @ right)
    (high, low), (tall, short) = halves(left), halves(right)
    most = high @ tall
    return np.where(np.isfinite(most), (low @ tall + high @ short) + most, most)


def straight(n: int) -> Tensor:
    """First to last."""
    return np.arange(n)


def backwards(n: int) -> Tensor:
    """Last to first."""
    return np.arange(n)[::-1]


def shuffled(n: int) -> Tensor:
    """Any order."""
    return np.random.default_rng(n).permutation(n)


def divide(values: Tensor, count: Tensor) -> Tensor:
    """The sum over the number of elements."""
    return np.asarray(values.sum(axis=-1) / count.astype(values.dtype))


def divide_backwards(values: Tensor, count: Tensor) -> Tensor:
    """The same, added one by one from the last."""
    total = np.zeros(values.shape[:-1], values.dtype)
    for k in range(values.shape[-1])[::-1]:
        total = total + values[..., k]
    return np.asarray(total / count.astype(values.dtype))


def reciprocal(values: Tensor, count: Tensor) -> Tensor:
    """The sum times a rounded 1/n."""
    return np.asarray(values.sum(axis=-1) * (values.dtype.type(1) / count.astype(values.dtype)))


def scale_first(values: Tensor, count: Tensor) -> Tensor:
    """Each element times a rounded 1/n, then the sum."""
    return np.asarray((values * (values.dtype.type(1) / count.astype(values.dtype))[..., None]).sum(axis=-1))


def divide_wider(values: Tensor, count: Tensor) -> Tensor:
    """Sum and quotient in float64; the caller rounds it."""
    return np.asarray(values.astype(np.float64).sum(axis=-1) / count)


PLAIN = Arithmetic(in_order(straight), divide)
CORRECT = {
    "as it comes": PLAIN,
    "reversed": Arithmetic(in_order(backwards), divide_backwards),
    "shuffled": Arithmetic(in_order(shuffled), reciprocal),
    "one by one": Arithmetic(one_by_one(straight), scale_first),
    "one by one, shuffled": Arithmetic(one_by_one(shuffled), divide),
    "fused multiply-add": Arithmetic(one_by_one(straight, fused=True), divide),
    "blocks of eight": Arithmetic(blocked, divide),
    "float64 inside": Arithmetic(wider, divide_wider),
    "ascending": Arithmetic(by_size(1), divide),
    "descending": Arithmetic(by_size(-1), divide),
    "pairwise": Arithmetic(pairwise, divide),
}
