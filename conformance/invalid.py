"""Invalid graphs on the runtimes: each is prepared and run like its valid twin, and what came of it is recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import onnx

from conformance.checks import NAMES
from conformance.execute import Stop, staged, theirs, traits
from conformance.judge import formed
from conformance.repeat import alike, describe, keep
from conformance.results import Record
from conformance.runtimes.protocol import Runtime
from conformance.session import Plan, runtimes
from graphs.grid import Case
from graphs.invalid import FAMILY_OF
from graphs.invalid.broken import Broken, feeds_of, model_of

OUTCOMES = {"error": "refused", "unsupported": "declined"}  # how a stage ended -> what the runtime did


class InvalidPlan(Plan):
    """Invalid graphs instead of a grid."""

    def covered(self, block: str) -> str:
        """How many graphs there are."""
        return f"{sum(case.spec.block == block for case in self.cases)} invalid graphs"

    def records(
        self, name: str, left: Sequence[Case], *, workers: int, limit: float, unrepeated: list[str]
    ) -> Generator[Record]:
        """What became of each pair that is left, in the catalogue's order."""
        pairs = [case for case in left if isinstance(case, Broken)]
        tried: list[Case] = [*dict.fromkeys(pair.twin for pair in pairs), *pairs]
        records = self.run(
            NAMES.get(name, name), tried, workers=workers, limit=limit, unrepeated=unrepeated, attempt=try_graph
        )
        found = {record.case: record for record in records}
        for pair in pairs:
            yield concluded(pair, name, found[pair.id], found[pair.twin.id])


def plan(entries: Sequence[Broken], asked: Sequence[str]) -> Plan:
    """ONNX's checker, without inference and with it, and the runtimes asked for."""
    versions, unavailable = runtimes(asked)
    blocks = list(dict.fromkeys(entry.spec.block for entry in entries))
    versions = dict.fromkeys(NAMES, onnx.__version__) | versions
    return InvalidPlan("invalid", blocks, entries, versions, unavailable, is_filtered=True)


def try_graph(case: Case, name: str, runtime: Runtime) -> Record:
    """Prepare and run a broken graph or a twin, once; never raises.

    The outcome is "refused"; "declined"; "accepted" by a checker, which computes nothing; "ignored" where the results
    are the twin's, to the bit; or "computed".
    """
    record = Record(case=case.id, block=case.spec.block, runtime=name, verdict="pass", traits=facts(case))
    try:
        results = results_of(case, runtime)
        record.stage, record.message = "run", ", ".join(map(form, results))
        record.outcome = "accepted" if name in NAMES.values() else outcome(case, runtime, results)
        if isinstance(case, Broken) and runtime.claim.validates:
            record.verdict, record.message = "fail", f"an invalid graph is accepted: {record.message}"
    except Stop as stop:
        record.stage, record.message = stop.stage, stop.message
        record.outcome = OUTCOMES.get(stop.verdict, "")
        record.verdict = "pass" if record.outcome else stop.verdict
    except Exception as error:  # a bug of ours must cost one graph, not the run
        record.verdict, record.stage, record.message = "harness-error", "compare", describe(error)
    return record


def outcome(case: Case, runtime: Runtime, results: Sequence[Any]) -> str:
    """What results mean; raises `Stop` where those of a valid graph have another form than its spec says."""
    if isinstance(case, Broken):
        with contextlib.suppress(Stop):  # the twin has a record of its own
            return "ignored" if alike(results, results_of(case.twin, runtime)) else "computed"
    elif not formed(case.spec.outputs(), results):
        raise Stop("harness-error", "compare", f"its results are {', '.join(map(form, results)) or 'none'}")
    return "computed"


def results_of(case: Case, runtime: Runtime) -> list[Any]:
    """The results of a graph; raises `Stop`."""
    model = staged("build", lambda: model_of(case))
    feeds = staged("build", lambda: feeds_of(case, model))
    run = theirs("prepare", lambda: runtime.prepare(model.SerializeToString()))
    results: list[Any] = theirs("run", lambda: keep(run(feeds)))
    return results


def form(result: Any) -> str:
    """Type and shape of a result."""
    return f"{result.dtype} {list(result.shape)}" if isinstance(result, np.ndarray) else type(result).__name__


def facts(case: Case) -> dict[str, Any]:
    """The twin's traits, and of a broken graph its family and what breaks it."""
    known = traits(case)
    if isinstance(case, Broken):
        known |= {"invalid": FAMILY_OF[case.id], "rule": case.rule, "source": case.source, "change": case.change}
    return known


def concluded(entry: Broken, name: str, record: Record, twin: Record) -> Record:
    """The record of a pair: of the invalid graph, unless the twin goes wrong."""
    if twin.verdict != "pass" or twin.outcome in OUTCOMES.values():
        verdict = {"refused": "harness-error", "declined": "unsupported"}.get(twin.outcome, twin.verdict)
        message = f"the valid twin {twin.case}: {twin.message}"
        record = Record(case=entry.id, block=record.block, runtime=name, verdict=verdict, message=message)
        record.stage, record.outcome = twin.stage, "" if verdict != "unsupported" else twin.outcome
    record.runtime, record.traits = name, facts(entry)
    record.stage = "check" if name in NAMES else record.stage
    return record
