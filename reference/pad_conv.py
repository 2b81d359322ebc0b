"""Padding in front of a convolution, bounded as one sum over all terms, because runtimes fuse the two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import Claim
from reference.conv import conv as convolution
from reference.pad import pad as padding


def pad_conv(
    x: NDArray[Any],
    pads: NDArray[Any],
    constant_value: NDArray[Any] | None = None,
    axes: NDArray[Any] | None = None,
    *,
    w: NDArray[Any],
    b: NDArray[Any] | None = None,
    claim: Claim,
    pad: Mapping[str, Any],
    conv: Mapping[str, Any],
) -> tuple[Ball, ...]:
    """Conv of Pad of x, in that order; operands and attributes are theirs, ``pad`` and ``conv`` hold the attributes.

    What is padded is an element like any other: an infinite weight that meets a padded 0 gives NaN.
    """
    (padded,) = padding(x, pads, constant_value, axes, claim=claim, **pad)
    return convolution(padded.value.astype(x.dtype), w, b, claim=claim, **conv)
