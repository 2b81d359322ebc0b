"""Functions beyond arithmetic, under a declared bound; derived in docs/numerics.md."""

from __future__ import annotations

import numpy as np

from reference.near import Near, Steps

# The largest error, in units in the last place of the exact result, that counts as correct, at every precision.
# exp, expm1: one more than the 3 ulp that OpenCL allows exp in float32 (The OpenCL C Specification, section 7.4).
ULPS = {"exp": 4}
OWN_EXP = 2.0**-50  # NumPy's own in float64, at most as many units


def exp_minus_1(steps: Steps, x: Near) -> Near:
    """``exp(x) - 1`` for x <= 0, as a difference or in one; its error is absolute near 0."""
    u = steps.precision.u_acc
    value = np.asarray(np.expm1(x.value))
    stretch = np.expm1(x.error)  # by which the error of the argument may multiply exp(x)
    relative = ULPS["exp"] * 2 * u + 2 * u
    error = np.exp(x.value) * stretch + relative * (1 + stretch) + OWN_EXP * np.abs(value) + 3 * steps.eta
    return Near(value, np.asarray(error))
