"""Padding in front of max pooling, exactly: what is padded takes part in the maximum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from reference.ball import Expected
from reference.claim import Claim
from reference.max_pool import max_pool as maximum
from reference.pad import pad as padding


def pad_max_pool(
    x: NDArray[Any],
    pads: NDArray[Any],
    constant_value: NDArray[Any] | None = None,
    axes: NDArray[Any] | None = None,
    *,
    claim: Claim,
    outputs: int = 1,
    pad: Mapping[str, Any],
    max_pool: Mapping[str, Any],
) -> tuple[Expected, ...]:
    """MaxPool of Pad of x; ``pad`` and ``max_pool`` hold their attributes, Indices count in the padded tensor."""
    (padded,) = padding(x, pads, constant_value, axes, claim=claim, **pad)
    return maximum(padded.value.astype(x.dtype), claim=claim, outputs=outputs, **max_pool)
