"""Which precision a runtime's results show, whatever it claims: by exact sums, and by the errors of many sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.judge import Judgement, formed, judge
from conformance.problem import Problem
from conformance.statistics import beyond, examine
from reference.ball import Ball, Expected
from reference.claim import NATIVE, Claim, Precision
from reference.formats import is_float
from reference.rounding import MODES, rounded


@dataclass(frozen=True)
class Rung:
    """Inputs rounded to ``bits``, how precisely the rest is then computed, and the ``output`` rounded to."""

    name: str
    bits: int
    rest: Precision
    output: int


# Data sets on which equality is due, and the operand that is rounded there, where it is not the signal.
ROUNDED = {"wide": "", "single": "", "impulse": "w"}
NORM_WISE = ("float64", "float32", "TF32", "bfloat16 inputs")  # what a fast algorithm's results can be nearest to
INPUTS = (53, 24, 11, 8)  # bits of formats that inputs are read in
NARROWEST = 8  # bits, of bfloat16
EXACT_ON_WIDE = ("float32", "float64")
MANY = 16  # different numbers, besides 0, that agree with a format's sums by chance no more
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
# Inputs of fewer bits than any of these formats has, such as float8's 4 or 3.
WORSE = tuple(Rung(f"{bits} bits", bits, Precision("", 0, 2**-24, 2**-24), 24) for bits in range(7, 1, -1))
LADDER = {
    "float16": (*HALF, *CAST_BRAIN),
    "bfloat16": BRAIN,
    "float32": (  # below 2^24 sums are exact in 24 bits, also where they would be truncated
        Rung("float32", 24, Precision("", 0, 2**-24, 2**-24), 24),
        *(Rung(f"{bits} bits", bits, Precision("", 0, WIDE_SUMS, 2**-24), 24) for bits in range(23, 11, -1)),
        Rung("TF32", 11, Precision("", 0, 2**-24, 2**-24), 24),
        Rung("bfloat16 inputs", 8, Precision("", 0, 2**-24, 2**-24), 24),
        *WORSE,  # equality, before balls so wide that some of these lie inside
        *CAST_HALF,
        *CAST_BRAIN,
    ),
    "float64": (
        Rung("float64", 53, Precision("", 0, 2**-53, 2**-53), 53),
        Rung("float32", 24, Precision("", 0, 2**-24, 2**-24), 24),
        Rung("TF32", 11, Precision("", 0, WIDE_SUMS, 2**-24), 24),
        *WORSE,
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


def different(got: Sequence[Any]) -> int:
    """How many different numbers besides 0 some results hold: 0 and a number repeated tell no format twice."""
    found = [np.unique(np.abs(g.astype(np.float64))) for g in got if isinstance(g, np.ndarray) and is_float(g.dtype)]
    return sum(int((np.isfinite(numbers) & (numbers != 0)).sum()) for numbers in found)


def is_narrower(rung: Rung, got: Sequence[Any]) -> bool:
    """Whether sums of a narrow accumulator have too few bits for this one: sixteen by chance one time in 2^48."""
    return (
        rung.rest.u_acc > WIDE_SUMS
        and rung.output > NARROWEST
        and different(got) >= MANY
        and all(fits(result, NARROWEST) for result in got)
    )


def measured(
    problem: Problem, claim: Claim, judgement: Judgement, expected: Sequence[Expected], got: Sequence[Any]
) -> str | None:
    """The precision that the results show; None where the data set tells none, or nothing explains them."""
    dtype, data = problem.spec.dtype, problem.case.data
    if dtype not in LADDER or not formed(problem.spec.outputs(), got):
        return None
    is_native = not claim.algorithms(dtype) and claim.at(dtype) == NATIVE[dtype] and dtype in EXACT_ON_WIDE
    if data in ROUNDED:
        # A sum of wide integers is exact in float32 and float64, so that what passed there was computed in them.
        return dtype if is_native and not judgement.message else measure(problem, claim, got)
    if data == "signed":  # float32's own spread was due
        return dtype if is_native and not judgement.message else by_spread(problem, claim, got)
    if data == "mirrored" and (judgement.fraction or 0) <= 1:
        found = examine(problem, claim, expected, got)
        if any(finding.is_beyond for finding in found):
            return f"{dtype} (truncated sums)" if found[0].value < -found[0].limit else f"{dtype} (biased sums)"
    return None


def by_spread(problem: Problem, claim: Claim, got: Sequence[Any]) -> str | None:
    """The first precision which leaves no more than its own errors of what the results differ from its sums."""
    dtype = problem.spec.dtype
    for number, rung in enumerate(LADDER[dtype]) if not claim.algorithms(dtype) else ():
        is_format = rung.bits in INPUTS and rung.rest.u_acc <= WIDE_SUMS
        if is_format and all(fits(result, rung.output) for result in got):
            told = Claim({dtype: replace(rung.rest, nearest=True, cast="")})
            for mode in MODES if number else list(MODES)[:1]:
                read = {name: narrowed(problem, name, rung, mode) for name in ("x", "w")}
                if not beyond(problem, told, problem.expected(told, **read), got):
                    return rung.name
    return None


def norm_wise(problem: Problem, claim: Claim, got: Sequence[Any]) -> str | None:
    """Of a fast algorithm, whose sums round where those as written do not: the precision to whose sums it is nearest.

    By root mean squares, and at least twice as near as to those of any other; None where it is not.
    """
    found: dict[str, float] = {}
    for rung in LADDER[problem.spec.dtype]:
        for mode in MODES if rung.name in NORM_WISE else ():
            for ball in explained(problem, claim, rung, mode)[:1]:
                if isinstance(ball, Ball):
                    error = float(np.sqrt(np.mean((got[0].astype(np.float64) - ball.value) ** 2)))
                    found[rung.name] = min(found.get(rung.name, np.inf), error)
    near = sorted(found, key=lambda name: found[name])
    if len(near) < 2 or not found[near[0]] <= found[near[1]] / 2:
        return None
    return f"{near[0]} (norm-wise)"


def measure(problem: Problem, claim: Claim, got: Sequence[Any]) -> str | None:
    """The first precision whose arithmetic explains the results; None where none does.

    Then the results are wrong for another reason than rounding.
    """
    dtype, is_fast = problem.spec.dtype, bool(claim.algorithms(problem.spec.dtype))
    claim = claim.directly()
    is_telling = problem.spec.terms >= TELLING and problem.case.data == "wide"
    for number, rung in enumerate(LADDER[dtype]):
        if problem.case.data == "wide" and 11 < rung.bits < 24:  # 13 bits show no format between
            continue
        if not all(fits(result, rung.output) for result in got) or is_narrower(rung, got):
            continue
        if rung in WORSE and different(got) < MANY:
            continue
        for mode in MODES if number else list(MODES)[:1]:
            expected = explained(problem, claim, rung, mode)
            if expected and not judge(problem.spec.outputs(), expected, got).message:
                return rung.name if is_telling else rung.name.partition(" (")[0]
    return norm_wise(problem, claim, got) if is_fast else None


def narrowed(problem: Problem, name: str, rung: Rung, mode: str) -> NDArray[Any]:
    """An operand as a rung reads it."""
    with np.errstate(over="ignore"):
        return np.asarray(rounded(problem.operands[name], rung.bits, mode), problem.spec.dtype)


def explained(problem: Problem, claim: Claim, rung: Rung, mode: str) -> tuple[Expected, ...]:
    """What a rung's arithmetic may give; nothing where its numbers would overflow."""
    dtype, name = problem.spec.dtype, ROUNDED[problem.case.data] or problem.spec.signal
    read = {name: narrowed(problem, name, rung, mode)}
    try:
        return problem.expected(replace(claim, precision={**claim.precision, dtype: rung.rest}), **read)
    except OverflowError:
        return ()
