"""The randomised rectifier: with slopes that were drawn, or with their mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import Claim
from reference.leaky_relu import NAN, sloped
from reference.near import Steps


def randomized_relu(
    x: NDArray[Any], slope: NDArray[Any] | None = None, *, claim: Claim, training: bool, lower: float, upper: float
) -> tuple[Ball, ...]:
    """``y = slope x`` where x < 0, else x; x, slope and y of one shape (Xu, Wang, Chen & Li 2015, section 2).

    In training the slopes are those given, which must lie in lower..upper; in evaluation all are the
    float32 (lower + upper) / 2.
    """
    steps = Steps(claim, x.dtype)
    if not training:
        return (sloped(x, steps.constant(float(np.float32((lower + upper) / 2))), claim, NAN),)
    if slope is None or slope.shape != x.shape or not ((slope >= lower) & (slope <= upper)).all():
        raise ValueError(f"a slope for each element is due, in {lower}..{upper}")
    return (sloped(x, steps.read(slope), claim, NAN),)
