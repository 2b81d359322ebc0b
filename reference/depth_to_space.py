"""Sub-pixel rearrangement: ONNX ``DepthToSpace``, which copies every element."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.bound import copy_radius
from reference.claim import Claim


def depth_to_space(x: NDArray[Any], *, claim: Claim, blocksize: int, mode: str = "DCR") -> tuple[Ball, ...]:
    """``y[n, c, h b + i, w b + j]`` is channel ``(i b + j) C' + c`` (DCR) or ``c b^2 + i b + j`` (CRD) of x[n,:,h,w].

    x is (N, C' b^2, H, W), y (N, C', H b, W b), b the blocksize; as in DepthToSpace-11 and 13.
    """
    _, c, h, w = x.shape
    depth = c // blocksize**2
    channel, row, column = np.ogrid[:depth, : h * blocksize, : w * blocksize]
    within = row % blocksize * blocksize + column % blocksize
    source = within * depth + channel if mode == "DCR" else channel * blocksize**2 + within
    value = x.astype(np.float64)[:, source, row // blocksize, column // blocksize]
    return (Ball(value, copy_radius(value, claim, x.dtype)),)
