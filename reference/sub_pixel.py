"""Sub-pixel convolution: the balls of a convolution, rearranged as its elements are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import Claim
from reference.conv import conv as convolution
from reference.depth_to_space import depth_to_space as rearrangement


def sub_pixel(
    x: NDArray[Any],
    w: NDArray[Any],
    b: NDArray[Any] | None = None,
    *,
    claim: Claim,
    conv: Mapping[str, Any],
    depth_to_space: Mapping[str, Any],
) -> tuple[Ball, ...]:
    """DepthToSpace of Conv of x: filter (i s + j) C + c (DCR) makes the pixels (h s + i, w s + j) of channel c.

    x is (N, C', H, W), y (N, C, H' s, W' s), s the blocksize (Shi et al., CVPR 2016); ``conv`` and
    ``depth_to_space`` hold the attributes.
    """
    (ball,) = convolution(x, w, b, claim=claim, **conv)

    def placed(a: NDArray[Any]) -> NDArray[Any]:  # of float64, whatever x is
        return rearrangement(a.astype(np.float64), claim=Claim(), **depth_to_space)[0].value

    undecided = None if ball.undecided is None else placed(ball.undecided) > 0
    return (Ball(placed(ball.value), placed(ball.radius), undecided, ball.sentence),)
