"""Which precision a runtime's results on wide integers show, whatever it claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conformance.judge import judge
from conformance.problem import Problem
from reference.claim import Claim, Precision
from reference.rounding import MODES, rounded


@dataclass(frozen=True)
class Rung:
    """Inputs rounded to ``bits``, how precisely the rest is then computed, and the ``output`` rounded to."""

    name: str
    bits: int
    rest: Precision
    output: int


# Accumulators of tensor cores may truncate: 2^-23.  Each rung differs from the others in the inputs it
# rounds or in the output; a sum of wide integers is exact, so that equality with the sum of the
# rounded ones tells them apart where a worst-case bound could not (docs/numerics.md).
LADDER = {
    "float32": (
        Rung("float32", 24, Precision("", 0, 2**-24, 2**-24), 24),
        Rung("TF32", 11, Precision("", 0, 2**-23, 2**-24), 24),
        Rung("bfloat16", 8, Precision("", 0, 2**-23, 2**-24), 24),
        Rung("float16", 11, Precision("", 0, 2**-23, 2**-11), 11),
        Rung("bfloat16", 8, Precision("", 0, 2**-23, 2**-8), 8),
    ),
    "float64": (
        Rung("float64", 53, Precision("", 0, 2**-53, 2**-53), 53),
        Rung("float32", 24, Precision("", 0, 2**-24, 2**-24), 24),
        Rung("TF32", 11, Precision("", 0, 2**-23, 2**-24), 24),
        Rung("bfloat16", 8, Precision("", 0, 2**-23, 2**-8), 8),
    ),
}


def fits(result: Any, bits: int) -> bool:
    """Whether every finite number of a result has a significand of ``bits`` bits; whole types always do."""
    if not isinstance(result, np.ndarray) or result.dtype.kind != "f":
        return True
    finite = result[np.isfinite(result)]
    return bool((rounded(finite, bits, "towards zero") == finite).all())


def measure(problem: Problem, claim: Claim, got: Sequence[Any]) -> str | None:
    """The first precision whose arithmetic explains the results; None where none does.

    Then the results are wrong for another reason than rounding.
    """
    for rung in LADDER[problem.spec.dtype]:
        if not all(fits(result, rung.output) for result in got):
            continue
        claimed = replace(claim, precision={problem.spec.dtype: rung.rest})
        for mode in MODES if rung is not LADDER[problem.spec.dtype][0] else list(MODES)[:1]:
            signal = problem.spec.signal
            read = np.asarray(rounded(problem.operands[signal], rung.bits, mode), problem.spec.dtype)
            if not judge(problem.spec.outputs(), problem.expected(claimed, **{signal: read}), got).message:
                return rung.name
    return None
