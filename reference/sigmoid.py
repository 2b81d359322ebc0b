"""The logistic function: ONNX ``Sigmoid``; derived in docs/numerics.md."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats
from reference.claim import Claim
from reference.elementary import OWN_EXP, ULPS, stretched
from reference.near import Near, Steps


def sigmoid(x: NDArray[Any], *, claim: Claim) -> tuple[Ball, ...]:
    """``y = 1 / (1 + exp(-x))``, NaN of NaN; x and y of any one shape; as in Sigmoid-1, 6 and 13, which agree."""
    steps = Steps(claim, x.dtype, multiplies=False)
    y = logistic(steps, steps.read(x))
    return (Ball(y.value, steps.stored(y)),)


def logistic(steps: Steps, x: Near) -> Near:
    """s(x), its error the largest of the declared ways to it: the quotient, 1 - s(-x), and (1 + tanh(x / 2)) / 2."""
    u = steps.precision.u_acc
    small = np.exp(-np.abs(x.value))
    above, below = 1 / (1 + small), small / (1 + small)  # s(|x|) and 1 - s(|x|), neither with a difference
    y, rest = np.where(x.value > 0, above, below), np.where(x.value > 0, below, above)
    y, rest = (np.where(np.isnan(x.value), np.nan, a) for a in (y, rest))
    k, t = 2 * ULPS["exp"] * u, 2 * ULPS["tanh"] * u
    quotient = quotient_error(y, rest, k, u)
    mirrored = quotient_error(rest, y, k, u)
    one_minus = mirrored + u * (y + mirrored)
    by_tanh = t / 2 * (1 + u) * np.abs(y - rest) + u * y
    worst = np.maximum(np.maximum(quotient, one_minus), by_tanh)
    moved = above * stretched(x)  # by the error of the argument: min(y, rest) is exp(-|x|) times the larger one
    underflows = (2 * ULPS["exp"] + 4) * steps.eta
    own = y * (rest * OWN_EXP + 3 * 2.0**-53)
    return Near(y, np.asarray(worst + moved * (1 + k + t) + own + underflows))


def quotient_error(y: Floats, rest: Floats, k: float, u: float) -> Floats:
    """Of y = 1 / (1 + e) or e / (1 + e), where e is known within k and two roundings follow; ``rest`` is 1 - y."""
    return np.asarray(y * (rest * k / (1 - k) * (1 + u) ** 2 + u * (2 + u)))
