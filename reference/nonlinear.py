"""Layers of a network that end a chain of linear ones: intervals in, intervals out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from reference.affine import Context
from reference.ball import Ball, Expected, Floats, Members
from reference.elementary import ULPS as EXP_ULPS
from reference.ulps import ULPS
from reference.window import taps_inside, view, windows_along

UP = 1 + 2.0**-40  # more than the error of the few operations by which a radius follows from another


def around(value: Floats, low: Floats, high: Floats) -> Ball:
    """The ball about ``value`` that holds low..high."""
    radius = np.maximum(high - value, value - low)
    return Ball(value, np.where(radius > 0, radius * UP, 0.0))


def monotone(function: Callable[[Floats], Floats]) -> Callable[..., list[Expected]]:
    """A function that never falls and rounds nothing, element by element."""

    def rule(context: Context, x: Ball, **attributes: Any) -> list[Expected]:
        return [around(function(x.value), function(x.value - x.radius), function(x.value + x.radius))]

    return rule


def clip(context: Context, x: Ball, *, low: float, high: float) -> list[Expected]:
    """``Clip``."""
    return monotone(lambda v: np.clip(v, low, high))(context, x)


def leaky_relu(context: Context, x: Ball, *, alpha: float) -> list[Expected]:
    """``LeakyRelu`` with a positive slope, whose product is rounded once."""
    (found,) = monotone(lambda v: np.where(v < 0, alpha * v, v))(context, x)
    assert isinstance(found, Ball)
    u = context.precision.u_acc + context.precision.u_out
    return [Ball(found.value, np.where(x.value - x.radius < 0, rounded_up(found, 2 * u, context.eta), found.radius))]


def rounded_up(y: Ball, relative: float, absolute: float) -> Floats:
    """The radius after roundings that change a number by at most these."""
    return np.asarray((y.radius + relative * (np.abs(y.value) + y.radius) + absolute) * UP)


def max_pool(context: Context, x: Ball, *, outputs: int = 1, kernel_shape: Any, **window: Any) -> list[Expected]:
    """``MaxPool``, and which elements could be the largest: those whose interval reaches the largest lower end."""
    layout = windows_along(x.value.shape[2:], kernel_shape, **window)

    def flat(v: Floats, fill: float) -> Floats:
        windows = view(v, layout, fill)
        return windows.reshape(*windows.shape[: v.ndim], -1)

    if not taps_inside(layout, include_pad=False).all():
        raise ValueError("a window of padding alone has no maximum")
    low, high = flat(x.value - x.radius, -np.inf), flat(x.value + x.radius, -np.inf)
    y = around(flat(x.value, -np.inf).max(axis=-1), low.max(axis=-1), high.max(axis=-1))
    if outputs == 1:
        return [y]
    positions = np.arange(x.value.size).reshape(x.value.shape)
    windows = view(positions, layout, -1, np.int64)
    candidates = windows.reshape(high.shape)
    return [y, Members(candidates, (high >= low.max(axis=-1, keepdims=True)) & (candidates >= 0))]


def max_unpool(context: Context, x: Ball, at: Members, *, shape: Sequence[int]) -> list[Expected]:
    """``MaxUnpool``, windows that do not overlap: a place that only might be the one holds 0 or the value."""
    size = int(np.prod(shape))
    value, radius = np.zeros(size), np.zeros(size)
    is_sure = at.admissible.sum(axis=-1, keepdims=True) == 1
    low = np.where(is_sure, (x.value - x.radius)[..., None], np.minimum(0, x.value - x.radius)[..., None])
    high = np.where(is_sure, (x.value + x.radius)[..., None], np.maximum(0, x.value + x.radius)[..., None])
    places = at.candidates[at.admissible]
    if len(np.unique(places)) != len(places):
        raise ValueError("windows overlap: two values may land on one place")
    middle = np.where(is_sure, x.value[..., None], (low + high) / 2)
    spread = np.maximum(high - middle, middle - low)
    value[places] = np.broadcast_to(middle, at.admissible.shape)[at.admissible]
    radius[places] = np.broadcast_to(spread, at.admissible.shape)[at.admissible]
    return [Ball(value.reshape(shape), np.where(radius > 0, radius * UP, 0.0).reshape(shape))]


def lrn(
    context: Context, x: Ball, *, size: int, alpha: float = float(np.float32(1e-4)), beta: float = 0.75,
    bias: float = 1.0,
) -> list[Expected]:  # fmt: skip
    """``LRN``: ``x / (bias + alpha / size sum x^2) ^ beta`` over the ``size`` channels about each."""
    u, n = context.precision.u_acc, x.value.shape[1]
    reach = np.abs(x.value) + x.radius
    least = np.maximum(np.abs(x.value) - x.radius, 0)

    def base(squares: Floats, sign: int) -> Floats:
        """Bias + alpha / size times the sum, rounded against its favour."""
        total = np.zeros(squares.shape)
        for c in range(n):
            total[:, c] = squares[:, max(0, c - (size - 1) // 2) : min(n, c + size // 2 + 1)].sum(axis=1)
        share = alpha / size * total
        off = sign * ((size + 4) * u * (share + bias) + (size + 2) * context.eta)
        return np.asarray(bias + share + off)

    power = 1 + (2 * ULPS["pow"] + 2 + beta * abs(np.log(max(bias, 1.0)))) * u  # pow, beta's own rounding, product
    thin, thick = base(least**2, -1) ** -beta * power, base(reach**2, 1) ** -beta / power
    value = x.value * base(x.value**2, 0) ** -beta
    ends = [end * factor for end in (x.value - x.radius, x.value + x.radius) for factor in (thin, thick)]
    found = around(value, np.minimum.reduce(ends), np.maximum.reduce(ends))
    return [Ball(found.value, rounded_up(found, 2 * u + context.precision.u_out, 2 * context.eta))]


def softmax(context: Context, x: Ball, *, axis: int = -1) -> list[Expected]:
    """``Softmax``: ``1 / (1 + sum_j exp(x_j - x_i))`` rises with x_i and falls with every other one."""
    u, n = context.precision.u_acc, x.value.shape[axis]
    low, high = np.moveaxis(x.value - x.radius, axis, -1), np.moveaxis(x.value + x.radius, axis, -1)
    value = np.moveaxis(x.value, axis, -1)

    def share(own: Floats, others: Floats) -> Floats:
        with np.errstate(over="ignore"):  # to infinity: a share of 0
            terms = np.exp(others[..., None, :] - own[..., None])
        terms[..., range(n), range(n)] = 1.0
        return np.asarray(1 / terms.sum(axis=-1))

    distance = (high.max(axis=-1) - low.min(axis=-1))[..., None]
    relative = np.expm1(2 * (distance * u + 2 * EXP_ULPS["exp"] * u) + (n + 2) * u)  # both of numerator and sum
    found = around(share(value, value), share(low, high), share(high, low))
    grown = found.radius + (relative + context.precision.u_out) * (found.value + found.radius)
    radius = (grown + (n + 2) * context.eta) * UP
    return [Ball(np.moveaxis(found.value, -1, axis), np.moveaxis(radius, -1, axis))]


NONLINEAR: dict[str, Callable[..., list[Expected]]] = {
    "Relu": monotone(lambda v: np.maximum(v, 0.0)),
    "LeakyRelu": leaky_relu,
    "Clip": clip,
    "MaxPool": max_pool,
    "MaxUnpool": max_unpool,
    "LRN": lrn,
    "Softmax": softmax,
}
