"""Tries cases on a Dask cluster: chunks of them as tasks, in each of which the local runner isolates every case."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import dask
from distributed import Client, KilledWorker, LocalCluster, as_completed

from conformance import __version__, deviations, fingerprint, runner
from conformance.execute import lost, try_case
from conformance.options import UserError
from conformance.results import Record
from conformance.runtimes import availability
from conformance.worker import Attempt
from graphs.grid import Case

CHUNK = 256  # cases a task: it starts a worker process, which costs as much as some hundred small cases
AHEAD = 3  # tasks for each Dask worker that the scheduler holds
PATIENCE = 30.0  # seconds to wait for a scheduler and its first worker
LOST = "the Dask scheduler cannot be reached any more: what the log has is kept, --resume goes on with it"
Expected = Mapping[str, str]
Found = tuple[list[Record], list[str]]  # records, and crashes that did not repeat


@contextlib.contextmanager
def connected(address: str, workers: int, expected: Expected) -> Iterator[Any]:
    """The executor on the cluster at an address, or on one of this machine; raises `UserError`."""
    for name in logging.root.manager.loggerDict:
        if name.startswith("distributed"):  # lost workers are expected, and a lost scheduler is told in one line
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as held:
        # Dask's own processes may have children only where they are not daemons; ours run the cases.
        held.enter_context(dask.config.set({"distributed.worker.daemon": False}))
        try:
            cluster = address or held.enter_context(
                LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0")
            )
            client = held.enter_context(Client(cluster, timeout=PATIENCE, set_as_default=False))
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError, RuntimeError) as error:
            at = address or "a local cluster"
            raise UserError(f"no Dask scheduler with a worker at {at}: {' '.join(str(error).split())}") from error
        refuse(client, expected)
        yield partial(run_on, client, expected)


def refuse(client: Client, expected: Expected) -> None:
    """Raise `UserError` where a worker that is there now would make other records."""
    try:
        found: dict[str, str] = client.run(differing, expected)
    except Exception as error:  # whatever a worker without this package, or with an older one, raises
        raise UserError(f"a Dask worker lacks convformance {__version__}: {' '.join(str(error).split())}") from error
    for place, said in sorted(found.items()):
        if said:
            raise UserError(f"the Dask worker at {place} {said}")


def differing(expected: Expected) -> str:
    """On a Dask worker: what keeps it from making the records that are due, or nothing."""
    if multiprocessing.current_process().daemon:
        return "may not start processes: set DASK_DISTRIBUTED__WORKER__DAEMON=False where it is started"
    here: dict[str, Any] = {"corpus": fingerprint.corpus(), "judge": fingerprint.judge(), **fingerprint.libraries()}
    here["processor"] = " ".join(w for w in expected["processor"].split() if w in deviations.features())
    here |= {name: availability(name) for name in expected if name not in here}
    for name, wanted in expected.items():
        if here[name] != wanted:
            return f"has {name} {str(here[name])[:80]}, this run has {wanted[:80]}: they must be alike"
    return ""


def run_on(
    client: Client,
    expected: Expected,
    name: str,
    cases: Sequence[Case],
    *,
    workers: int,
    limit: float,
    attempt: Attempt = try_case,
    unrepeated: list[str] | None = None,
) -> Iterator[Record]:
    """As `runner.run`; ``workers`` counts for a local cluster alone.

    A chunk whose Dask worker is lost is done by another one; one that several Dask workers were lost at is halved.
    The scheduler suspects every task of a lost worker; so the last word on a case is said while no other is tried.
    """
    at_once = AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    size = max(1, min(CHUNK, len(cases) * AHEAD // (2 * at_once)))
    todo = deque(cases[at : at + size] for at in range(0, len(cases), size))
    suspects: deque[Sequence[Case]] = deque()
    under: dict[Any, Sequence[Case]] = {}
    done = as_completed(loop=client.loop)
    try:
        while todo or under or suspects:
            is_alone = not (todo or under)
            waiting = suspects if is_alone else todo
            while waiting and len(under) < (1 if is_alone else at_once):
                task = client.submit(chunk, expected, name, waiting[0], limit, attempt, pure=False)
                under[task] = waiting.popleft()
                done.add(task)
            task = next(done)
            some = under.pop(task)
            try:
                records, said = task.result()
            except KilledWorker as error:
                records, said = [], []
                if len(some) > 1:
                    todo.extend((some[: len(some) // 2], some[len(some) // 2 :]))
                elif not is_alone:
                    suspects.append(some)
                else:
                    message = f"Dask workers are lost at this case: {' '.join(str(error).split())}"
                    records = [lost(some[0], name, "harness-error", message)]
            except Exception as error:  # the task's own, or that of a connection that is no more
                raise UserError(LOST if client.status != "running" else failed(error)) from error
            task.release()
            if unrepeated is not None:
                unrepeated += said
            yield from records
    finally:
        with contextlib.suppress(Exception):  # the scheduler may be gone
            client.cancel(list(under), force=True)


def failed(error: Exception) -> str:
    """What became of a task that should never fail."""
    return f"a task on a Dask worker failed: {' '.join(str(error).split())}; what the log has is kept"


def chunk(expected: Expected, name: str, cases: Sequence[Case], limit: float, attempt: Attempt) -> Found:
    """On a Dask worker: records of the cases, tried in a worker process of its own."""
    said = differing(expected)  # a worker that has come later
    if said:
        raise UserError(f"a Dask worker {said}")
    unrepeated: list[str] = []
    found = runner.run(name, cases, workers=1, limit=limit, attempt=attempt, unrepeated=unrepeated)
    return list(found), unrepeated
