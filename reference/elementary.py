"""Functions beyond arithmetic, under a declared bound; derived in docs/numerics.md."""

from __future__ import annotations

import numpy as np

from reference.ball import Floats
from reference.near import Near, Steps

# The largest error, in units in the last place of the exact result, that counts as correct, at every precision.
# The OpenCL C 3.0 Specification, section 7.4, "Relative Error as ULPs": exp and expm1 4 ulp in the embedded profile
# (3 in the full one and in double precision), tanh 5 ulp in both profiles and in double precision.
ULPS = {"exp": 4, "tanh": 5}
OWN_EXP = 2.0**-50  # NumPy's own in float64, at most as many units; of its tanh, too


def exp_minus_1(steps: Steps, x: Near) -> Near:
    """``exp(x) - 1`` for x <= 0, as a difference or in one; its error is absolute near 0."""
    u = steps.precision.u_acc
    value = np.asarray(np.expm1(x.value))
    relative = ULPS["exp"] * 2 * u + 2 * u
    error = stretched(x) + relative + OWN_EXP * np.abs(value) + 3 * steps.eta
    return Near(value, np.asarray(error))


def stretched(x: Near) -> Floats:
    """By how much the error d of x may change exp(-|x|): ``exp(-|x|) (exp(d) - 1)``, which never overflows so."""
    return np.asarray(np.exp(x.error - np.abs(x.value)) * -np.expm1(-x.error))


def tanh_of(steps: Steps, x: Near) -> Near:
    """``tanh(x)``; the error of the argument counts by the slope, which is 4 exp(-2 |x|) at most, and 1."""
    value = np.asarray(np.tanh(x.value))
    with np.errstate(over="ignore"):
        slope = np.minimum(1.0, 4 * np.exp(-2 * (np.abs(x.value) - x.error)))
    moved = slope * x.error
    ulp = np.maximum(2 * steps.precision.u_acc * (np.abs(value) + moved), 2 * steps.eta)
    return Near(value, np.asarray(moved + ULPS["tanh"] * ulp + OWN_EXP * np.abs(value)))
