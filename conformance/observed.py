"""What a runtime makes of one case, seen in a worker process: the record, its results, and how torch got there."""

from __future__ import annotations

import contextlib
import pickle
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import onnx

from conformance import deviations, runner
from conformance.execute import try_case
from conformance.problem import Problem
from conformance.results import Record
from conformance.runtimes import plain
from conformance.runtimes.protocol import Runtime
from graphs.grid import Case

TRANSCRIBED = {"torch": "conformance.runtimes.torch_transcript"}  # runtimes without a model format of their own


@dataclass(frozen=True)
class Observation:
    """A record, the version it is of, the results of one run, and its calls as source where they were written down."""

    record: Record
    version: str
    onnx: str = onnx.__version__
    results: Sequence[Any] = ()
    code: Sequence[str] = field(default=())


def observe(case: Case, name: str, version: str, waivers: Sequence[deviations.Deviation], limit: float) -> Observation:
    """Run the case in a worker process, so that a crash costs nothing but its results."""
    with tempfile.TemporaryDirectory() as folder:
        (record,) = runner.run(name, [case], workers=1, limit=limit, attempt=partial(attempt, folder=Path(folder)))
        deviations.waive(waivers, record, version)
        results = Path(folder, "results")
        kept = pickle.loads(results.read_bytes()) if results.exists() else ()
        code = Path(folder, "code")
        lines = import_module(TRANSCRIBED[plain(name).partition(":")[0]]).read(code) if code.exists() else ()
        return Observation(record, version, results=kept, code=lines)


def attempt(case: Case, name: str, runtime: Runtime, *, folder: Path) -> Record:
    """In a worker: write down the calls as they are made, judge the case, and keep the results of one more run."""
    problem = Problem(case)
    if name.partition(":")[0] in TRANSCRIBED and plain(name) == name:  # calls are written down where they are made
        import_module(TRANSCRIBED[name.partition(":")[0]]).transcribe(
            runtime, problem.model, problem.feeds(), folder / "code"
        )
    record = try_case(case, name, runtime)
    with contextlib.suppress(BaseException):  # a runtime's refusal is in the record
        results = list(runtime.prepare(problem.model)(problem.feeds()))
        (folder / "results").write_bytes(pickle.dumps(results))
    return record
