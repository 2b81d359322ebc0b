"""The grid that numbers sit on."""

from __future__ import annotations

import numpy as np
import pytest

from reference.ball import lowest_bit


@pytest.mark.parametrize(
    ("values", "exponent"),
    [([3.0, 8.0], 0), ([0.5], -1), ([0.75, 12], -2), ([2.0**-149], -149), ([0, np.inf, np.nan], 0), ([], 0),
     ([np.nan, 0.375], -3), ([-(1 + 2.0**-52)], -52)],
)  # fmt: skip
def test_lowest_bit(values: list[float], exponent: int) -> None:
    assert lowest_bit(np.array(values, np.float64)) == exponent
