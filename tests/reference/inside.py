"""Whether results lie in what the reference expects, told plainly and independently of conformance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Expected, Members


def inside(expected: Expected, actual: NDArray[Any]) -> NDArray[np.bool_]:
    """For each element whether it is admissible; NaN and infinities are met by themselves alone."""
    if isinstance(expected, Members):
        assert expected.candidates.shape[:-1] == actual.shape, f"{actual.shape}, not {expected.candidates.shape[:-1]}"
        met = (expected.admissible & (expected.candidates == actual[..., None])).any(axis=-1)
    else:
        assert expected.value.shape == actual.shape, f"{actual.shape}, not {expected.value.shape}"
        y = actual.astype(np.float64)
        with np.errstate(invalid="ignore"):
            is_near = np.isfinite(y) & np.isfinite(expected.value) & (np.abs(y - expected.value) <= expected.radius)
        met = is_near | (y == expected.value) | (np.isnan(y) & np.isnan(expected.value))
        for other in expected.others:
            met = met | inside(other, actual)
    return np.asarray(met if expected.undecided is None else met | expected.undecided)
