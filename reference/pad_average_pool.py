"""Padding in front of average pooling, bounded as one sum: what is padded is summed and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from reference.average_pool import average_pool as mean
from reference.ball import Ball
from reference.claim import Claim
from reference.pad import pad as padding


def pad_average_pool(
    x: NDArray[Any],
    pads: NDArray[Any],
    constant_value: NDArray[Any] | None = None,
    axes: NDArray[Any] | None = None,
    *,
    claim: Claim,
    pad: Mapping[str, Any],
    average_pool: Mapping[str, Any],
) -> tuple[Ball, ...]:
    """AveragePool of Pad of x; ``pad`` and ``average_pool`` hold their attributes."""
    (padded,) = padding(x, pads, constant_value, axes, claim=claim, **pad)
    return mean(padded.value.astype(x.dtype), claim=claim, **average_pool)
