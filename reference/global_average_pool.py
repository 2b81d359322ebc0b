"""Global average pooling with its bound: ONNX ``GlobalAveragePool``."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from reference.average_pool import average_pool
from reference.ball import Ball
from reference.claim import Claim


def global_average_pool(x: NDArray[Any], *, claim: Claim) -> tuple[Ball, ...]:
    """The mean of each channel; x is (N, C, D...), y (N, C, 1...); as in GlobalAveragePool-1 and 22.

    "This is equivalent to AveragePool with kernel size equal to the spatial dimension of input tensor": its bound
    for windows of as many elements.  Raises OverflowError if a partial sum might overflow x's type.
    """
    return average_pool(x, claim=claim, kernel_shape=x.shape[2:])
