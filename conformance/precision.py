"""Which precision a runtime's results on wide integers show, whatever it claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conformance.judge import judge
from conformance.problem import Problem
from reference.ball import Expected
from reference.claim import Claim, Precision
from reference.formats import is_float
from reference.rounding import MODES, rounded


@dataclass(frozen=True)
class Rung:
    """Inputs rounded to ``bits``, how precisely the rest is then computed, and the ``output`` rounded to."""

    name: str
    bits: int
    rest: Precision
    output: int


TELLING = 3  # terms of a sum that an accumulator of few bits rounds on the way; two are rounded once in any
WIDE_SUMS = 2**-23  # float32 accumulators of tensor cores may truncate
# Each rung differs from the others in the inputs it rounds, in the accumulator or in the output; a sum of wide
# integers is exact in float32, so that equality with the sum of the rounded ones tells them apart where a
# worst-case bound could not (docs/numerics.md).
HALF = (
    Rung("float16 (float32 accumulator)", 11, Precision("", 0, WIDE_SUMS, 2**-11), 11),
    Rung("float16 (throughout)", 11, Precision("", 0, 2**-11, 2**-11), 11),
)
BRAIN = (
    Rung("bfloat16 (float32 accumulator)", 8, Precision("", 0, WIDE_SUMS, 2**-8), 8),
    Rung("bfloat16 (throughout)", 8, Precision("", 0, 2**-8, 2**-8), 8),
)
# The same of wider tensors, whose constants are cast too.
CAST_HALF = tuple(replace(rung, rest=replace(rung.rest, cast="float16")) for rung in HALF)
CAST_BRAIN = tuple(replace(rung, rest=replace(rung.rest, cast="bfloat16")) for rung in BRAIN)
LADDER = {
    "float16": (*HALF, *CAST_BRAIN),
    "bfloat16": BRAIN,
    "float32": (
        Rung("float32", 24, Precision("", 0, 2**-24, 2**-24), 24),
        Rung("TF32", 11, Precision("", 0, WIDE_SUMS, 2**-24), 24),
        Rung("bfloat16 inputs", 8, Precision("", 0, WIDE_SUMS, 2**-24), 24),
        *CAST_HALF,
        *CAST_BRAIN,
    ),
    "float64": (
        Rung("float64", 53, Precision("", 0, 2**-53, 2**-53), 53),
        Rung("float32", 24, Precision("", 0, 2**-24, 2**-24), 24),
        Rung("TF32", 11, Precision("", 0, WIDE_SUMS, 2**-24), 24),
        *CAST_BRAIN,
    ),
}


def fits(result: Any, bits: int) -> bool:
    """Whether every finite number of a result has a significand of ``bits`` bits; whole types always do."""
    if not isinstance(result, np.ndarray) or not is_float(result.dtype):
        return True
    found = result.astype(np.float64)
    finite = found[np.isfinite(found)]
    return bool((rounded(finite, bits, "towards zero") == finite).all())


def measure(problem: Problem, claim: Claim, got: Sequence[Any]) -> str | None:
    """The first precision whose arithmetic explains the results; None where none does.

    Then the results are wrong for another reason than rounding.
    """
    dtype = problem.spec.dtype
    for number, rung in enumerate(LADDER[dtype]):
        if not all(fits(result, rung.output) for result in got):
            continue
        for mode in MODES if number else list(MODES)[:1]:
            expected = explained(problem, claim, rung, mode)
            if expected and not judge(problem.spec.outputs(), expected, got).message:
                return rung.name if problem.spec.terms >= TELLING else rung.name.partition(" (")[0]
    return None


def explained(problem: Problem, claim: Claim, rung: Rung, mode: str) -> tuple[Expected, ...]:
    """What a rung's arithmetic may give; nothing where its numbers would overflow."""
    signal, dtype = problem.spec.signal, problem.spec.dtype
    with np.errstate(over="ignore"):
        read = np.asarray(rounded(problem.operands[signal], rung.bits, mode), dtype)
    try:
        return problem.expected(replace(claim, precision={**claim.precision, dtype: rung.rest}), **{signal: read})
    except OverflowError:
        return ()
