"""Runs cases in worker processes; a crash or a hang is narrowed down to the case that did it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

from pebble import ProcessExpired, ProcessPool

from conformance.execute import lost, try_case
from conformance.results import Record
from conformance.runtimes import open_runtime
from conformance.runtimes.protocol import Runtime
from graphs.grid import Case

BATCH = 16  # cases a task: large enough to make a task's own cost small, small enough to search by halves
_opened: dict[str, Runtime] = {}  # in a worker: the runtime it serves


def start_worker(name: str) -> None:
    """Open the runtime before the clock of the first batch runs; send what it prints nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the run
    with contextlib.suppress(Exception):  # then the first batch tries again, and says why
        _opened[name] = open_runtime(name)


def run_batch(name: str, cases: Sequence[Case]) -> list[Record]:
    """In a worker: try the cases one after the other."""
    try:
        runtime = _opened.get(name) or open_runtime(name)
    except Exception as error:
        return [lost(case, name, "error", f"the runtime does not open in a worker process: {error}") for case in cases]
    return [try_case(case, name, runtime) for case in cases]


def run(name: str, cases: Sequence[Case], *, workers: int, limit: float) -> Iterator[Record]:
    """Every case's record, in the order they are done; ``limit`` is seconds a case."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(workers, initializer=start_worker, initargs=[name], context=context)
    size = max(1, min(BATCH, len(cases) // (2 * workers) or 1))
    try:
        waiting: dict[Future[list[Record]], Sequence[Case]] = {}

        def submit(batch: Sequence[Case]) -> None:
            waiting[pool.schedule(run_batch, args=[name, batch], timeout=limit)] = batch

        for at in range(0, len(cases), size):
            submit(cases[at : at + size])
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                batch = waiting.pop(future)
                outcome = verdict_of(future, limit)
                if isinstance(outcome, list):
                    yield from outcome
                elif len(batch) == 1 or not pool.active:
                    yield from (lost(case, name, *outcome) for case in batch)
                else:
                    submit(batch[: len(batch) // 2])
                    submit(batch[len(batch) // 2 :])
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates all but this
        pool.join()


def verdict_of(future: Future[list[Record]], limit: float) -> list[Record] | tuple[str, str]:
    """A batch's records, or the verdict and message for whichever case ended its worker."""
    try:
        return future.result()
    except TimeoutError:
        return "timeout", f"no result after {limit:g} s"
    except ProcessExpired as error:
        return "crash", death(error.exitcode)
    except Exception as error:  # the pool's own trouble, such as a result that cannot be sent
        return "harness-error", " ".join(f"{type(error).__name__}: {error}".split())


def death(code: int | None) -> str:
    """How a worker ended: a signal's name or an exit status."""
    if code is None:
        return "the worker process vanished"
    if code >= 0:
        return f"the process ended with exit status {code}"
    try:
        return f"the process ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"the process ended by signal {-code}"
