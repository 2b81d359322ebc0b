"""Global Lp pooling with its bound: ONNX ``GlobalLpPool``."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import Claim
from reference.lp_pool import lp_pool


def global_lp_pool(x: NDArray[Any], *, claim: Claim, p: float = 2) -> tuple[Ball, ...]:
    """The Lp norm of each channel; x is (N, C, D...), y (N, C, 1...); as in GlobalLpPool-1, 2 and 22.

    "This is equivalent to LpPool with kernel size equal to the spatial dimension of input tensor": its bound for
    windows of as many elements.  Raises OverflowError if a partial sum might overflow x's type.
    """
    return lp_pool(x, claim=claim, kernel_shape=x.shape[2:], p=p)
