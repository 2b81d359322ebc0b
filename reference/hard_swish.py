"""x times the logistic function in three straight pieces: ONNX ``HardSwish``; derived in docs/numerics.md."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats
from reference.bound import held
from reference.claim import Claim
from reference.hard_sigmoid import bent
from reference.near import Near, Steps, refuse_overflow

ALPHA = 1 / 6  # as the text says; ONNX's own function body has the float32 next to it
LEAST = -1.5  # where the curve turns


def hard_swish(x: NDArray[Any], *, claim: Claim) -> tuple[Ball, ...]:
    """``y = x max(0, min(1, x / 6 + 0.5))``; x and y of any one shape; as in HardSwish-14 and 22, which agree.

    A NaN, and minus infinity times 0, give NaN.
    """
    steps = Steps(claim, x.dtype)
    read, alpha = steps.read(x), steps.constant(ALPHA)
    alpha = Near(alpha.value, np.maximum(alpha.error, abs(float(np.float32(ALPHA)) - ALPHA)))
    written = steps.times(read, bent(steps, read, alpha, steps.constant(0.5)))
    error = np.maximum(written.error, in_sixths(steps, read, written.value))
    with np.errstate(over="ignore"):
        above = held(x) > 0
        six = Near(np.where(above, 6 * read.value, 0.0), np.where(above, 6 * read.error, 0.0))
        refuse_overflow(six, x, claim.range(x.dtype))
    return (Ball(written.value, steps.stored(Near(written.value, error))),)


def curve(x: Floats) -> Floats:
    """``x max(0, min(1, x / 6 + 0.5))``."""
    return np.asarray(x * np.clip(x / 6 + 0.5, 0.0, 1.0))


def change(x: Near) -> Floats:
    """By how much the error of x may change the curve: at either end, or where it turns in between."""
    with np.errstate(invalid="ignore"):
        here = curve(x.value)
        ends = [np.abs(curve(x.value + sign * x.error) - here) for sign in (-1, 1)]
        turn = np.where(np.abs(x.value - LEAST) < x.error, np.abs(curve(np.array(LEAST)) - here), 0.0)
        most = np.maximum(np.maximum(*ends), turn)
    return np.asarray(np.where(x.error == 0, 0.0, most))


def in_sixths(steps: Steps, x: Near, y: Floats) -> Floats:
    """Error of ``x max(0, min(6, x + 3)) / 6``: four roundings, the sixth's own, to the tensor's type, among them."""
    u = steps.precision.u_acc
    relative = (1 + u) ** 3 * (1 + max(u, steps.precision.u_out)) * (1 + steps.u_in) - 1 + 2.0**-51  # its own, too
    moved = change(x)
    error = moved + relative * (np.abs(y) + moved) + 3 * steps.eta
    return np.asarray(np.where((y == 0) & (moved == 0), 0.0, error))
