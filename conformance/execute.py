"""One case on one runtime: build, prepare, run three times, compare; whatever happens becomes a record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from conformance.judge import Judgement, excess, form, formed, furthest, judge
from conformance.precision import LADDER, measure
from conformance.problem import Problem
from conformance.repeat import Arrays, Runs, concluded, describe, run_thrice
from conformance.results import Record
from conformance.runtimes.protocol import Runtime, Unsupported
from conformance.statistics import beyond
from graphs.grid import Case
from graphs.spec import Silence, Spec
from graphs.windowed import Spatial
from reference.ball import Ball, Expected
from reference.claim import NATIVE, Claim, NoBound

UNSURE = "unspecified"
EXACT_ON_WIDE = ("float32", "float64")


class Stop(Exception):
    """A case that ends before its results can be compared."""

    def __init__(self, verdict: str, stage: str, message: str):
        super().__init__(message)
        self.verdict, self.stage, self.message = verdict, stage, message


def try_case(case: Case, name: str, runtime: Runtime, *, detail: bool = False) -> Record:
    """Run and judge a case; never raises.  With ``detail`` the record names the worst element in any case."""
    record = Record(case=case.id, block=case.spec.block, runtime=name, verdict="pass", traits=traits(case))
    start = time.perf_counter()
    try:
        problem = Problem(case)
        model = staged("build", lambda: problem.model)
        expected = None if case.spec.hands_on else staged("reference", lambda: reference(problem, runtime.claim))
        ready = time.perf_counter()
        runs, prepared = run(problem, model, runtime)
        done = time.perf_counter()
        record.seconds = {"ours": ready - start, "prepare": prepared - ready, "run": done - prepared}
        if expected is None:
            is_formed = formed(case.spec.outputs(), runs.results)
            came = dict(zip(case.spec.outputs(), runs.results, strict=True)) if is_formed else {}
            expected = staged("reference", lambda: reference(problem, runtime.claim, **came))
        judgement = judge(case.spec.outputs(), expected, runs.results)
        if not judgement.message:  # each result is inside; all of them together may not be
            unlikely = beyond(problem, runtime.claim, expected, runs.results)
            judgement = replace(judgement, message=unlikely)
        conclude(record, problem, judgement, runtime.claim, runs.results)
        wrong = concluded(case.spec.outputs(), record.message if record.verdict == "fail" else "", runs)
        if wrong:
            record.verdict, record.message = "fail", wrong
        record.seconds["ours"] += time.perf_counter() - done
        if detail:
            record.worst = worst_element(problem, expected, runs.results)
    except Stop as stop:
        record.verdict, record.stage, record.message = stop.verdict, stop.stage, stop.message
        if case.spec.silent and stop.verdict == "error":
            record.verdict, record.outcome = UNSURE, f"refused at {stop.stage}: {stop.message}"
            record.message = case.spec.silent.sentence
    except Exception as error:  # a bug of ours must cost one case, not the run
        record.verdict, record.stage, record.message = "harness-error", "compare", describe(error)
    return record


def worst_element(problem: Problem, expected: Sequence[Expected], results: Arrays) -> str:
    """The element of any result that comes closest to leaving its ball, or is furthest outside."""
    if not formed(problem.spec.outputs(), results):
        return "none, the result has another form"
    found: list[tuple[float, str, Ball, Any]] = []
    for name, want, have in zip(problem.spec.outputs(), expected, results, strict=True):
        if isinstance(want, Ball):
            decided = np.ones(have.shape, bool) if want.undecided is None else ~want.undecided
            found.append((float(excess(want, have)[1].max(where=decided, initial=0)), name, want, have))
    _, name, want, have = max(found, key=lambda of: of[0])
    return furthest(name, want, have, None if want.undecided is None else ~want.undecided)


def traits(case: Case) -> dict[str, Any]:
    """The spec's facts and the data set, for predicates and tables."""
    return {**facts(case.spec), "data": case.data}


@lru_cache(maxsize=64)  # a spec meets its data sets one after the other
def facts(spec: Spec) -> dict[str, Any]:
    """What `Spec.traits` says."""
    return spec.traits()


def staged(stage: str, work: Any) -> Any:
    """Do a part that is ours; its failure is a harness error at that stage, unless it says how the case ends."""
    try:
        return work()
    except Stop:
        raise
    except Exception as error:
        raise Stop("harness-error", stage, describe(error)) from error


def reference(problem: Problem, claim: Claim, **came: Any) -> tuple[Expected, ...]:
    """What must come out; a claim by which numbers may leave their format, or that has no bound, declines the case."""
    try:
        return problem.expected(claim, **came)
    except OverflowError as error:
        is_narrow = any(precision.u_in for precision in claim.precision.values())
        if is_narrow or not claim.direct or isinstance(error, NoBound):
            raise Stop("unsupported", "plan", f"outside the claim: {error}") from error
        raise


def theirs(stage: str, work: Any) -> Any:
    """Do a part that is the runtime's."""
    try:
        return work()
    except Unsupported as error:
        raise Stop("unsupported", stage, " ".join(str(error).split())) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # some runtimes raise SystemExit, or a panic that is no Exception
        raise Stop("error", stage, describe(error)) from error


def run(problem: Problem, model: bytes, runtime: Runtime) -> tuple[Runs, float]:
    """Prepare a model and run it three times; also when it was prepared."""
    ready = theirs("prepare", lambda: runtime.prepare(model))
    prepared = time.perf_counter()
    decoy, feeds, repeats = problem.decoy(), problem.feeds(), runtime.claim.deterministic
    runs: Runs = theirs("run", lambda: run_thrice(ready, decoy, feeds, repeats=repeats))
    if runs.overwritten:
        raise Stop("fail", "compare", f"input {runs.overwritten} was overwritten by the run")
    return runs, prepared


def conclude(record: Record, problem: Problem, judgement: Judgement, claim: Claim, got: Arrays) -> None:
    """Turn a judgement into the record's verdict, message, fraction and measured precision."""
    record.stage = "compare"
    record.fraction = judgement.fraction
    silence = problem.spec.silent
    if silence is not None:
        wrong = decided_part(problem, silence, claim, got)
        record.verdict, record.message = ("fail", wrong) if wrong else (UNSURE, silence.sentence)
        record.outcome = "" if wrong else judgement.message or "as later versions of the text say"
    elif judgement.message:
        record.verdict, record.message = "fail", judgement.message
    elif judgement.undecided:
        record.verdict, record.message, record.outcome = UNSURE, judgement.sentence, judgement.outcome
    if problem.case.data == "wide" and silence is None and problem.spec.dtype in LADDER:
        dtype = problem.spec.dtype
        # A sum of wide integers is exact in float32 and float64, so that what passed there was computed in them.
        is_native = claim.at(dtype) == NATIVE[dtype] and dtype in EXACT_ON_WIDE and not judgement.message
        is_exact = is_native and not claim.algorithms(dtype)  # fast ones round wide integers too: only equality tells
        record.precision = dtype if is_exact else measure(problem, claim.directly(), got)


def decided_part(problem: Problem, silence: Silence, claim: Claim, got: Arrays) -> str:
    """What is wrong although the sentence leaves something open: number, kind, dtype, rank, or another output."""
    declared = problem.spec.outputs()
    if len(got) != len(declared):
        return judge(declared, (), got).message
    for number, ((name, (dtype, shape)), have) in enumerate(zip(declared.items(), got, strict=True)):
        if silence.outputs and name not in silence.outputs:
            want = problem.expected(claim)[number]  # rare: most silences leave every output open
            wrong = judge({name: (dtype, shape)}, [want], [have]).message
        else:  # the rank is always decided, under a window the sizes of batch and channels are too
            fixed = 2 if isinstance(problem.spec, Spatial) else 0
            sized = isinstance(have, np.ndarray) and have.ndim == len(shape) and have.shape[:fixed] == shape[:fixed]
            wrong = form(name, dtype, have.shape if sized else shape, have)
        if wrong:
            return wrong
    return ""


def lost(case: Case, name: str, verdict: str, message: str) -> Record:
    """The record of a case that took its worker process down."""
    return Record(
        case=case.id, block=case.spec.block, runtime=name, verdict=verdict, stage="run", message=message,
        traits=traits(case),
    )  # fmt: skip
