"""Tries cases in one worker process that lives on; a crash or a hang costs one case and a new worker."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from conformance import deviations, runner
from conformance.execute import try_case
from conformance.results import Record
from graphs.grid import Case

Waivers = Sequence[deviations.Deviation]


class Trial:
    """A runtime in a worker process; known deviations are waived."""

    def __init__(self, name: str, version: str, waivers: Waivers, limit: float):
        self.name, self.version, self.waivers, self.limit = name, version, waivers, limit
        self.pool, self.tried = runner.pool_of(name, 1), 0

    def records(self, cases: Sequence[Case]) -> list[Record]:
        """Each case's record; where the batch ends its worker, the runner says which case did, and how."""
        limit = self.limit * max((case.spec.patience for case in cases), default=1)
        found = self.attempted(cases, limit)
        if found is None:
            said = {record.case: record for record in runner.run(self.name, cases, workers=1, limit=self.limit)}
            found = [said[case.id] for case in cases]
        self.tried += len(found)
        for record in found:
            deviations.waive(self.waivers, record, self.version)
        return found

    def attempted(self, cases: Sequence[Case], limit: float) -> list[Record] | None:
        """The records, or None where the worker ended; a pool that breaks, as one does now and then, is made anew."""
        for _ in range(runner.POOLS):
            try:
                task = self.pool.schedule(runner.run_batch, args=[self.name, cases, try_case], timeout=limit)
            except RuntimeError:  # it has broken
                is_broken = True
            else:
                wait([task])
                is_broken = isinstance(task.exception(), BrokenProcessPool)
            if not is_broken:
                found = runner.verdict_of(task, limit)
                return None if isinstance(found, tuple) else list(found)
            self.close()
            self.pool = runner.pool_of(self.name, 1)
        return None

    def close(self) -> None:
        """End the worker."""
        self.pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates all but this
        self.pool.join()


@contextmanager
def trial(name: str, version: str, waivers: Waivers, limit: float) -> Iterator[Trial]:
    """The worker, until the block is left."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    made = Trial(name, version, waivers, limit)
    try:
        yield made
    finally:
        made.close()
