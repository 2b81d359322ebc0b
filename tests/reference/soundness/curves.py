"""Operators that bend: products, sums and elementary functions one by one, in the forms that count as correct."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np

from reference.elementary import ULPS
from reference.ulps import ULPS as POW_ULPS
from tests.reference.loops import Ints, shape_of, windows
from tests.reference.soundness.draws import Array, boxed
from tests.reference.soundness.machine import ONE, ZERO, Machine, root
from tests.reference.soundness.selecting import passed

HALF = Fraction(1, 2)
Curve = Callable[..., Fraction]  # of a machine, x and constants


def each(curve: Curve) -> Callable[..., list[Array]]:
    """A function of every element."""

    def rule(machine: Machine, x: Array, **constants: Any) -> list[Array]:
        return [boxed([curve(machine, v, **constants) for v in x.flat], x.shape)]

    return rule


def sloped(machine: Machine, x: Fraction, slope: Fraction) -> Fraction:
    """A product below 0, a copy elsewhere."""
    return machine.store(machine.times(machine.read(x), slope)) if x < 0 else machine.cast(x)


def leaky_relu(machine: Machine, x: Fraction, *, alpha: float) -> Fraction:
    """A constant slope."""
    return sloped(machine, x, machine.constant(alpha))


def with_slopes(machine: Machine, x: Array, slope: Array, **_: Any) -> list[Array]:
    """A slope for each element."""
    pairs = zip(x.flat, np.broadcast_to(slope, x.shape).flat, strict=True)
    return [boxed([sloped(machine, v, machine.read(s)) for v, s in pairs], x.shape)]


def leaky_relu_gradient(machine: Machine, x: Array, dy: Array, *, alpha: float) -> list[Array]:
    """What arrives, or alpha times that."""
    slope = machine.constant(alpha)
    pairs = zip(passed(machine, x).flat, dy.flat, strict=True)
    return [
        boxed(
            [machine.cast(b) if a > 0 else machine.store(machine.times(machine.read(b), slope)) for a, b in pairs],
            x.shape,
        )
    ]


def grown(machine: Machine, x: Fraction) -> Fraction:
    """exp(x)."""
    return machine.elementary("exp", x, ULPS["exp"])


def bent(machine: Machine, x: Fraction, alpha: Fraction) -> Fraction:
    """``alpha (exp(x) - 1)`` in three forms."""
    form = machine.source.randrange(3)
    if form == 2:
        return machine.plus(machine.times(grown(machine, x), alpha), -alpha)
    less = machine.elementary("expm1", x, ULPS["exp"]) if form else machine.plus(grown(machine, x), -ONE)
    return machine.times(less, alpha)


def elu(machine: Machine, x: Fraction, *, alpha: float) -> Fraction:
    """Bent below 0, a copy elsewhere."""
    return machine.store(bent(machine, machine.read(x), machine.constant(alpha))) if x < 0 else machine.cast(x)


def selu(machine: Machine, x: Fraction, *, alpha: float, gamma: float) -> Fraction:
    """Gamma times that, or both constants as one."""
    a, g, v = machine.constant(alpha), machine.constant(gamma), machine.read(x)
    if x > 0:
        return machine.store(machine.times(v, g))
    if machine.source.randrange(2):
        return machine.store(bent(machine, v, machine.times(a, g)))
    return machine.store(machine.times(bent(machine, v, a), g))


def tanh(machine: Machine, x: Fraction) -> Fraction:
    """The hyperbolic tangent, within its ulps."""
    return machine.store(machine.elementary("tanh", machine.cast(x), ULPS["tanh"]))


def sigmoid(machine: Machine, x: Fraction) -> Fraction:
    """Any of the declared forms."""
    v, form = machine.cast(x), machine.source.randrange(5)
    if form > 2:
        t = machine.elementary("tanh", v / 2, ULPS["tanh"])
        halves = machine.times(machine.plus(ONE, t), HALF), machine.plus(machine.times(t, HALF), HALF)
        return machine.store(halves[form - 3])
    return machine.store(machine.plus(ONE, -quotient(machine, -v)) if form == 2 else quotient(machine, v, form))


def quotient(machine: Machine, x: Fraction, form: int = 0) -> Fraction:
    """1 / (1 + exp(-x)), or exp(x) / (1 + exp(x))."""
    e = grown(machine, x if form else -x)
    if e > machine.sums.largest / 2:  # an infinity
        return ONE if form else ZERO
    total = machine.rounded(ONE + e, machine.precision.u_acc, machine.sums.emin)  # may leave the tensors' range
    return machine.over(e if form else ONE, total)


def straight(machine: Machine, x: Fraction, alpha: Fraction, beta: Fraction) -> Fraction:
    """max(0, min(1, alpha x + beta)), with or without FMA."""
    line = machine.acc(alpha * x + beta) if machine.way.fused else machine.plus(machine.times(x, alpha), beta)
    return max(ZERO, min(ONE, line))


def hard_sigmoid(machine: Machine, x: Fraction, *, alpha: float, beta: float) -> Fraction:
    """Three straight pieces."""
    return machine.store(straight(machine, machine.read(x), machine.constant(alpha), machine.constant(beta)))


def hard_swish(machine: Machine, x: Fraction) -> Fraction:
    """The product of x with that, or in sixths."""
    v, form = machine.read(x), machine.source.randrange(5)
    if form < 2:
        sixth = machine.constant(1 / 6) if form else machine.constant(float(np.float32(1 / 6)))
        return machine.store(machine.times(v, straight(machine, v, sixth, HALF)))
    six = Fraction(6)
    held = max(ZERO, min(six, machine.plus(v, Fraction(3))))
    if form == 2:
        return machine.store(machine.over(machine.times(v, held), six))
    sixth = machine.read(machine.over(ONE, six))
    if form == 3:
        return machine.store(machine.times(machine.times(v, held), sixth))
    return machine.store(machine.times(v, machine.times(held, sixth)))


# ---- norms


def norm(machine: Machine, values: Sequence[Fraction], p: float) -> Fraction:
    """The root of the sum of powers, the exponent rounded."""
    read = [abs(machine.read(v)) for v in values]
    if p == 1:
        return machine.store(machine.sum([abs(machine.cast(v)) for v in values]))
    total = machine.sum([raised(machine, v, Fraction(p)) for v in read])
    return machine.store(raised(machine, total, machine.acc(1 / Fraction(p))))


def raised(machine: Machine, a: Fraction, p: Fraction) -> Fraction:
    """pow, within its ulps."""
    if not a:
        return a
    return max(machine.near(root(a, p), POW_ULPS["pow"]), ZERO)


def lp_pool(machine: Machine, x: Array, *, kernel_shape: Ints, p: float, **window: Any) -> list[Array]:
    """The norm of each window."""
    layout = list(windows(x.shape[2:], kernel_shape, **window))
    found = np.empty((*x.shape[:2], *shape_of([position for position, _ in layout])), object)
    for n, c, (position, taps) in product(range(len(x)), range(x.shape[1]), layout):
        found[(n, c, *position)] = norm(machine, [x[(n, c, *tap.point)] for tap in taps if tap.is_inside], p)
    return [found]


def global_lp_pool(machine: Machine, x: Array, *, p: float) -> list[Array]:
    """The norm of each channel."""
    flat = x.reshape(prod(x.shape[:2]), -1)
    return [boxed([norm(machine, list(row), p) for row in flat], (*x.shape[:2], *[1] * (x.ndim - 2)))]
