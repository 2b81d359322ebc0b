"""The reverse of the sub-pixel rearrangement: ONNX ``SpaceToDepth``, which copies every element."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import copy_radius
from reference.claim import Claim


def space_to_depth(x: NDArray[Any], *, claim: Claim, blocksize: int) -> tuple[Ball, ...]:
    """``y[n, (i b + j) C + c, h, w] = x[n, c, h b + i, w b + j]``: what DepthToSpace in its mode DCR turns back.

    x is (N, C, H b, W b), y (N, C b^2, H, W), b the blocksize; as in SpaceToDepth-1 and 13 under the
    text of DepthToSpace-11 and 13.
    """
    _, c, h, w = x.shape
    depth, row, column = np.ogrid[: c * blocksize**2, : h // blocksize, : w // blocksize]
    i, j = np.divmod(depth // c, blocksize)
    value = x.astype(np.float64)[:, depth % c, row * blocksize + i, column * blocksize + j]
    return (Ball(value, copy_radius(value, claim, x.dtype)),)
