"""Convolutions of bytes once more, in steps of which each can be exchanged."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from tests.fakes.executor import Arithmetic, Call, Tensor, gather

Scale = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]  # sum, x_scale, w_scale, y_scale -> real number
SINGLE = np.float32


def by_filter(a: Tensor, rank: int) -> Tensor:
    """One number for all filters, or one for each along the second axis of Y."""
    return a.reshape(-1, *[1] * rank) if a.size > 1 else a.reshape(())


def counted(a: Tensor, zero: Tensor | None) -> Tensor:
    """From the zero point, in 64 bits."""
    wide = a.astype(np.int64)
    return wide if zero is None else np.asarray(wide - by_filter(zero.astype(np.int64), a.ndim - 1))


def accumulated(call: Call, x: Tensor, w: Tensor, x_zero: Tensor | None, how: Arithmetic) -> Tensor:
    """Sums of products of what is counted from zero points, in float64, where whole numbers stay whole."""
    group, depth = call.attributes.get("group", 1), prod(w.shape[1:])
    inner = Call(call.op, [x], call.attributes, 1)
    fill = -int(x_zero) if x_zero is not None and "raw padding" in call.steps else 0
    values = gather(inner, w.shape[2:], fill).values.astype(np.float64)
    windows = values.shape[2:-1]
    rows = np.moveaxis(values.reshape(len(x), group, x.shape[1] // group, -1, values.shape[-1]), 2, 3)
    left = rows.reshape(len(x), group, -1, depth)
    right = w.astype(np.float64).reshape(group, len(w) // group, depth).swapaxes(1, 2)
    y = call.steps.get("dot", how.dot)(left, right)
    return np.asarray(np.moveaxis(y, 3, 2).reshape(len(x), len(w), *windows))


def conv_integer(call: Call, how: Arithmetic) -> list[Tensor]:
    """``ConvInteger``."""
    x, w, x_zero, w_zero = (*call.operands, None, None)[:4]
    total = accumulated(call, counted(x, x_zero), counted(w, w_zero), x_zero, how)
    return [call.steps.get("total", np.asarray)(total).astype(np.int32)]


def one_factor(total: Tensor, x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    """In float32, by a factor of all scales."""
    return np.asarray(total.astype(SINGLE) * (x * w / y))


def stored(real: Tensor, zero: Tensor) -> Tensor:
    """Rounded, ties to even, then counted from the zero point, then held within the type."""
    ends = np.iinfo(zero.dtype)
    return np.asarray((np.rint(real) + SINGLE(zero)).clip(ends.min, ends.max).astype(zero.dtype))


def qlinear_conv(call: Call, how: Arithmetic) -> list[Tensor]:
    """``QLinearConv``."""
    x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, *bias = call.operands
    total = accumulated(call, counted(x, x_zero), counted(w, w_zero), x_zero, how)
    added = by_filter(bias[0].astype(np.float64), x.ndim - 2) if bias else np.zeros(())
    total = call.steps.get("total", np.asarray)(total if "bias late" in call.steps else total + added)
    real = call.steps.get("scale", one_factor)(total, x_scale, by_filter(w_scale, x.ndim - 2), y_scale)
    return [call.steps.get("store", stored)(real + added if "bias late" in call.steps else real, y_zero)]


OPERATORS = {"ConvInteger": conv_integer, "QLinearConv": qlinear_conv}

# Every one of them rounds to float32 at most five times, or to float64.
WAYS: dict[str, Scale] = {
    "one factor": one_factor,
    "the weights' scale over y_scale first": lambda t, x, w, y: np.asarray(t.astype(SINGLE) * (x * (w / y))),
    "one after the other": lambda t, x, w, y: np.asarray(t.astype(SINGLE) * x * w / y),
    "dequantised, then by the reciprocal": lambda t, x, w, y: np.asarray(
        t.astype(SINGLE) * (x * w) * (SINGLE(1) / y)
    ),
    "over the step": lambda t, x, w, y: np.asarray(t.astype(SINGLE) / (y / (x * w))),
    "in float64": lambda t, x, w, y: np.asarray(t * (np.float64(x) * np.float64(w) / np.float64(y))),
}  # fmt: skip
