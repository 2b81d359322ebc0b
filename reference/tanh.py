"""The hyperbolic tangent: ONNX ``Tanh``."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import Claim
from reference.elementary import tanh_of
from reference.near import Steps


def tanh(x: NDArray[Any], *, claim: Claim) -> tuple[Ball, ...]:
    """The hyperbolic tangent, NaN of NaN; x and y of any one shape; as in Tanh-1, 6 and 13, which agree."""
    steps = Steps(claim, x.dtype, multiplies=False)
    y = tanh_of(steps, steps.read(x))
    return (Ball(y.value, steps.stored(y)),)
