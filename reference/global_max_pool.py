"""Global max pooling: ONNX ``GlobalMaxPool``, exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import Claim
from reference.max_pool import max_pool

NAN = "GlobalMaxPool: 'max pooling across the values in the same channel' does not say what the max with NaN is"


def global_max_pool(x: NDArray[Any], *, claim: Claim) -> tuple[Ball, ...]:
    """The largest element of each channel; x is (N, C, D...), y (N, C, 1...); as in GlobalMaxPool-1 and 22.

    "This is equivalent to MaxPool with kernel size equal to the spatial dimension of input tensor."
    """
    (found,) = max_pool(x, claim=claim, kernel_shape=x.shape[2:])
    assert isinstance(found, Ball)  # there are no Indices
    return (replace(found, sentence=NAN),)
