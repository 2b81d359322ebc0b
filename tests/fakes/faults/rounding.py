"""Sums that are truncated, or rounded in one direction, and operands without their lowest bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.fakes.arithmetic import PLAIN
from tests.fakes.executor import Arithmetic, Call, Tensor
from tests.fakes.fake import Before
from tests.fakes.faults.changes import of_filters, rounded
from tests.fakes.faults.fault import TAIL, Fault
from tests.fakes.faults.narrow import FASI

BIASED = (
    r"^y is biased (towards 0, as truncation errs|away from 0|upward|downward): the errors of \d+ independent sums of "
    r"\d+ products add up to \S+ times the root of the sum of their squares, at most \S+ under rounding to nearest "
    r"\(false alarm below 1e-10\)" + TAIL
)
DIRECTED = "fesetround(FE_DOWNWARD), which one library switches on for the whole process"
TENSOR_CORES = "Fasi et al. 2021, section 4: products of float32 inputs keep 10 bits after the point, and what exceeds them is dropped"

Rounding = Callable[[Tensor], Tensor]


def towards_zero(a: Tensor) -> Tensor:
    """Float64 cut to the 24 bits of float32."""
    return (a.view(np.int64) & ~np.int64((1 << 29) - 1)).view(np.float64)


def downward(a: Tensor) -> Tensor:
    """The same towards minus infinity."""
    kept = towards_zero(a)
    below = np.nextafter(kept.astype(np.float32), np.float32(-np.inf)).astype(np.float64)
    return np.where(kept > a, below, kept)


def without_last_bit(number: int) -> Before:
    """An operand of float32 keeps 23 bits."""

    def before(call: Call) -> None:
        if call.operands[number].dtype == np.float32:
            call.operands[number] = rounded(call.operands[number], 23)

    return before


def one_by_one(cut: Rounding) -> Callable[[Tensor, Tensor], Tensor]:
    """Float32 products and sums, each rounded so; other types as they should be."""

    def dot(left: Tensor, right: Tensor) -> Tensor:
        if left.dtype != np.float32:
            return np.asarray(PLAIN.dot(left, right))
        a, b = left.astype(np.float64), right.astype(np.float64)
        total = np.zeros((*left.shape[:-1], right.shape[-1]))
        for k in range(left.shape[-1]):
            total = cut(total + cut(a[..., :, k, None] * b[..., None, k, :]))
        return np.asarray(total.astype(np.float32))

    return dot


def in_pairs(left: Tensor, right: Tensor) -> Tensor:
    """Float32 products truncated, and their sums, by neighbours."""
    if left.dtype != np.float32:
        return np.asarray(PLAIN.dot(left, right))
    a, b = left.astype(np.float64), right.astype(np.float64)
    parts = [towards_zero(a[..., :, k, None] * b[..., None, k, :]) for k in range(left.shape[-1])]
    while len(parts) > 1:
        added = [towards_zero(one + other) for one, other in zip(parts[::2], parts[1::2], strict=False)]
        parts = added + parts[len(added) * 2 :]
    return np.asarray(parts[0].astype(np.float32))


FAULTS = {
    "sums of float32 truncated": Fault(
        ("conv",), how=Arithmetic(one_by_one(towards_zero), PLAIN.mean), message=BIASED, source=FASI
    ),
    "sums of float32 truncated in pairs": Fault(
        ("conv",), how=Arithmetic(in_pairs, PLAIN.mean), message=BIASED, source=FASI
    ),
    "sums of float32 rounded down": Fault(
        ("conv",), how=Arithmetic(one_by_one(downward), PLAIN.mean), message=BIASED, source=DIRECTED
    ),
    "lowest bit of inputs dropped": Fault(("conv",), of_filters(without_last_bit(0)), source=TENSOR_CORES),
    "lowest bit of weights dropped": Fault(("conv",), of_filters(without_last_bit(1)), source=TENSOR_CORES),
}
