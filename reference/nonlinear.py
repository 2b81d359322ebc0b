"""Layers of a network that end a chain of linear ones: intervals in, intervals out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from reference.affine import Context
from reference.ball import Ball, Expected, Floats, Members
from reference.bound import refuse_cast, refuse_overflow
from reference.elementary import ULPS as EXP_ULPS
from reference.ulps import ULPS
from reference.window import taps_inside, view, windows_along

UP = 1 + 2.0**-40  # more than the error of the few operations by which a radius follows from another
OWN = 2.0**-52  # the reference's own rounding of one operation, of a value and of an end of its interval


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
    """``Clip`` by bounds of the tensor's type, which a claim that casts may round."""
    refuse_cast(np.array([low, high], context.dtype), context.claim)
    low, high = (float(context.dtype.type(bound)) for bound in (low, high))
    off = context.precision.u_in if context.precision.casts else 0.0
    ends = (
        np.clip(x.value + sign * x.radius, low + sign * off * abs(low), high + sign * off * abs(high))
        for sign in (-1, 1)
    )
    return [around(np.clip(x.value, low, high), *ends)]


def leaky_relu(context: Context, x: Ball, *, alpha: float) -> list[Expected]:
    """``LeakyRelu`` with a positive slope, which the type may lack, and a product that is rounded once."""
    (found,) = monotone(lambda v: np.where(v < 0, alpha * v, v))(context, x)
    assert isinstance(found, Ball)
    p = context.precision
    relative = np.expm1(2 * np.log1p(p.u_in) + np.log1p(p.u_acc) + 2 * np.log1p(p.u_out)) + OWN
    lost = (2 + float((np.abs(x.value) + x.radius).max(initial=0))) * context.eta  # of the product and of the slope
    return [Ball(found.value, np.where(x.value - x.radius < 0, rounded_up(found, relative, lost), found.radius))]


def thresholded_relu(context: Context, x: Ball, *, alpha: float = 1.0) -> list[Expected]:
    """``ThresholdedRelu``, a step: where the interval holds alpha the result is 0 or what lies above alpha."""
    low, high, p = x.value - x.radius, x.value + x.radius, context.precision
    is_held = float(context.dtype.type(alpha)) == alpha
    off = abs(alpha) * p.u_in * p.casts + (0.0 if is_held else p.u_out * abs(alpha) + context.eta)
    is_open = (low <= alpha + off) & (high > alpha - off)
    ends = np.where(is_open, np.minimum(0, np.maximum(low, alpha - off)), np.where(low > alpha, low, 0))
    tops = np.where(is_open, np.maximum(0, high), np.where(low > alpha, high, 0))
    return [around(np.where(x.value > alpha, x.value, 0.0), ends, tops)]


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


def attribute(c: float, context: Context) -> float:
    """By how much an attribute may be off, relative: read as an operand, and rounded where the type lacks it."""
    p, is_held = context.precision, float(context.dtype.type(c)) == c
    return p.u_in + (0.0 if is_held else p.u_out * (1 + p.u_in))


def across(v: Floats, size: int) -> Floats:
    """Sums over the ``size`` channels about each."""
    n, found = v.shape[1], np.zeros(v.shape)
    for c in range(n):
        found[:, c] = v[:, max(0, c - (size - 1) // 2) : min(n, c + size // 2 + 1)].sum(axis=1)
    return found


def lrn(
    context: Context, x: Ball, *, size: int, alpha: float = float(np.float32(1e-4)), beta: float = 0.75,
    bias: float = 1.0,
) -> list[Expected]:  # fmt: skip
    """``LRN``: ``x / (bias + alpha / size sum x^2) ^ beta`` over the ``size`` channels about each."""
    p, u = context.precision, context.precision.u_acc + OWN
    read = np.log1p(p.u_in)
    reach, least = np.abs(x.value) + x.radius, np.maximum(np.abs(x.value) - x.radius, 0)
    refuse_overflow(across(reach**2, size), np.expm1(2 * read) + (size + 1) * u, context.range, finite=True)

    def base(v: Floats, sign: int) -> Floats:
        """Bias + alpha / size times the sum, rounded against its favour."""
        total = across(v**2, size)
        share = alpha / size * total
        off = np.expm1(2 * read + attribute(alpha, context) + (size + 2) * u) * share + attribute(bias, context) * bias
        off = off + (size + 2 + 2 * total) * context.eta
        return np.asarray(bias + share + sign * (off + u * (bias + share + off)))

    low, high = base(least, -1), base(reach, 1)
    if not (low > 0).all():
        raise NotImplementedError("LRN needs a bias well above 0")
    exponent = beta * attribute(beta, context) * np.maximum(np.abs(np.log(low)), np.abs(np.log(high)))
    # pow, and the reciprocal or the product; what falls short by that much divides
    power = np.exp(exponent) / ((1 - 2 * ULPS["pow"] * u) * (1 - u) ** 2)
    thin, thick = low**-beta * power, high**-beta / power
    ends = [end * factor for end in (x.value - x.radius, x.value + x.radius) for factor in (thin, thick)]
    value = x.value * base(x.value, 0) ** -beta
    found = around(value, np.minimum.reduce(ends), np.maximum.reduce(ends))
    return [Ball(found.value, rounded_up(found, 2 * u + np.expm1(2 * read) + p.u_out, 2 * context.eta))]


def softmax(context: Context, x: Ball, *, axis: int = -1) -> list[Expected]:
    """``Softmax``: ``1 / (1 + sum_j exp(x_j - x_i))`` rises with x_i and falls with every other one."""
    u, n = context.precision.u_acc + OWN, x.value.shape[axis]
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
    small = 2 * EXP_ULPS["exp"] * context.eta  # an exp that is subnormal, in the numerator or in the sum
    absolute = (1 + relative) * small * (1 + n * (found.value + found.radius)) + 2 * context.eta
    most = (1 + u) ** 2 * (1 + context.precision.u_out)  # no term exceeds a sum that it is part of
    radius = np.fmin((grown + absolute) * UP, np.maximum(found.value, most - found.value) * UP)
    return [Ball(np.moveaxis(found.value, -1, axis), np.moveaxis(radius, -1, axis))]


NONLINEAR: dict[str, Callable[..., list[Expected]]] = {
    "Relu": monotone(lambda v: np.maximum(v, 0.0)),
    "LeakyRelu": leaky_relu,
    "Clip": clip,
    "ThresholdedRelu": thresholded_relu,
    "MaxPool": max_pool,
    "MaxUnpool": max_unpool,
    "LRN": lrn,
    "Softmax": softmax,
}
