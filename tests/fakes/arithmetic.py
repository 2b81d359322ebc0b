"""Ways to sum and average that are all correct: other orders, other intermediate types, reciprocals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

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
}
