"""The rectifier with slopes that come as a tensor: ONNX ``PRelu``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import held
from reference.claim import Claim
from reference.leaky_relu import sloped
from reference.near import Near, Steps

NAN = "PRelu: 'f(x) = slope * x for x < 0, f(x) = x for x >= 0' says nothing of NaN, which is neither"


def p_relu(x: NDArray[Any], slope: NDArray[Any], *, claim: Claim) -> tuple[Ball, ...]:
    """``y = slope x`` where x < 0, else x; slope broadcasts to x as in PRelu-7, 9 and 16.

    A list of one slope a channel, which those refuse and PRelu-1 and 6 allow, goes along the second axis.
    Raises OverflowError where a product may be beyond x's type.
    """
    if x.dtype.kind in "iu":
        return (whole(x, slope),)
    along = (-1,) + (1,) * (x.ndim - 2) if slope.size > 1 else ()
    read = Steps(claim, x.dtype).read(slope if broadcasts(slope.shape, x.shape) else slope.reshape(along))
    spread = Near(np.broadcast_to(read.value, x.shape), np.broadcast_to(read.error, x.shape))
    return (sloped(x, spread, claim, NAN),)


def whole(x: NDArray[Any], slope: NDArray[Any]) -> Ball:
    """The same in integers, exactly; OverflowError where a product is beyond x's type, or beyond 2^53."""
    product = np.where(held(x) < 0, held(slope) * held(x), 0)
    info = np.iinfo(x.dtype)
    beyond = (np.abs(product) >= 2.0**53) | (product < float(info.min)) | (product > float(info.max))
    if beyond.any():
        raise OverflowError(f"a product is {product[beyond][0]:.17g}, must be of {x.dtype} and below 2^53")
    value = np.where(held(x) < 0, product, held(x))
    return Ball(value, np.zeros(value.shape))


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether an array of ``shape`` broadcasts to the shape ``to``."""
    return len(shape) <= len(to) and all(a in (1, b) for a, b in zip(shape[::-1], to[::-1], strict=False))
