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
STEEPEST = 1.5  # of the curve, where x is 3


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
        refuse_overflow(Near(np.where(held(x) > 0, 6 * read.value, 0.0), np.zeros(x.shape)), x, claim.range(x.dtype))
    return (Ball(written.value, steps.stored(Near(written.value, error))),)


def in_sixths(steps: Steps, x: Near, y: Floats) -> Floats:
    """Error of ``x max(0, min(6, x + 3)) / 6``: four roundings, the sixth's own among them."""
    u = steps.precision.u_acc
    relative = (1 + u) ** 4 * (1 + steps.u_in) - 1 + 2.0**-51  # and the reference's own
    moved = STEEPEST * x.error
    error = moved + relative * (np.abs(y) + moved) + 3 * steps.eta
    return np.asarray(np.where((y == 0) & (moved == 0), 0.0, error))
