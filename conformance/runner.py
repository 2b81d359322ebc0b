"""Runs cases in worker processes; a crash or a hang costs the case that was at work, and no other."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pebble import ProcessExpired, ProcessPool

from conformance.execute import lost, try_case
from conformance.guard import end, end_all, guarded, is_gone, resident
from conformance.repeat import death
from conformance.results import Record
from conformance.worker import Attempt, keep_batch, kept, run_batch, start_worker
from graphs.grid import Case

__all__ = ["BATCH", "POOLS", "run", "run_batch", "start_worker", "verdict_of"]

BATCH = 16  # cases a task: large enough to make a task's own cost small
AHEAD = 4  # batches for each worker that the pool holds
POOLS = 3  # that may break one after the other without a result
LOOK = 0.1  # seconds between two looks at the workers
MEMORY = 8 << 30  # bytes that a worker and what it starts may hold; known on Linux alone
FORKED = sys.platform == "linux"  # a server that has our modules forks workers in a hundredth of the time


@dataclass
class Batch:
    """Cases to be run together; ``crash`` is how a worker ended that was at its only case, which is tried again."""

    cases: Sequence[Case]
    crash: str = ""


class Outcome(NamedTuple):
    """The records of a batch's first cases; verdict and message for the next, "" where nothing befell it."""

    records: list[Record]
    verdict: str = ""
    message: str = ""


@dataclass
class Task:
    """A batch under way, and what was seen of it last."""

    batch: Batch
    path: Path
    size: int = 0
    since: float = 0.0  # when the case at work was first seen
    pid: int = 0
    gone: int = 0  # looks that found no such process
    at: int = -1  # the case for which we ended the worker
    why: tuple[str, str] = ("", "")


def run(
    name: str,
    cases: Sequence[Case],
    *,
    workers: int,
    limit: float,
    attempt: Attempt = try_case,
    unrepeated: list[str] | None = None,
    most: int = BATCH,
) -> Iterator[Record]:
    """Every case's record, in the order they are done; ``limit`` is seconds a case, more for the largest.

    ``attempt`` is what is done with each, ``most`` of them in one batch.  A case that crashes is tried
    once more, alone; a crash that this does not repeat is described in ``unrepeated``.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    size = max(1, min(most, len(cases) // (2 * workers)))
    todo = deque(Batch(cases[at : at + size]) for at in range(0, len(cases), size))
    told = unrepeated if unrepeated is not None else []
    broken: list[str] = []  # pools in a row that broke before any batch was done
    with guarded() as folder:
        while todo and len(broken) < POOLS:
            near = todo[0].cases[0].id
            with contextlib.closing(serve(name, todo, folder, workers, limit, attempt)) as served:
                for batch, outcome in served:
                    told += broken
                    broken.clear()
                    yield from settle(name, batch, outcome, todo, told)
            broken.append(unlike(name, "a worker process ended while none was known to be at work", near))
            if not todo:
                broken.clear()
    for batch in todo:
        for case in batch.cases:
            yield lost(case, name, "crash", "no worker process outlives the opening of the runtime")


def settle(name: str, batch: Batch, outcome: Outcome, todo: deque[Batch], told: list[str]) -> Iterator[Record]:
    """The records of a batch; what is left of it is put into ``todo``, a crash that did not repeat into ``told``."""
    records, verdict, message = outcome
    left = batch.cases[len(records) :]
    if batch.crash and records:
        told.append(unlike(name, batch.crash, batch.cases[0].id))
    if verdict and not left:
        told.append(unlike(name, message, batch.cases[-1].id))
    yield from records
    if not left:
        return
    if not verdict:
        todo.append(Batch(left, batch.crash))
        return
    if verdict == "crash" and not batch.crash:
        todo.appendleft(Batch(left[:1], message))
    else:
        yield lost(left[0], name, verdict, message)
    if left[1:]:
        todo.append(Batch(left[1:]))


def unlike(name: str, message: str, near: str) -> str:
    """A crash that is no case's own."""
    return f"{name}: {message}, near {near}, and not when repeated"


def serve(
    name: str, todo: deque[Batch], folder: Path, workers: int, limit: float, attempt: Attempt
) -> Generator[tuple[Batch, Outcome]]:
    """Each batch of ``todo``, which may grow meanwhile, and its outcome, from one pool of workers.

    It ends early where the pool breaks: where a worker ends and none is known to be at work.  The
    batches under way are then in ``todo`` again.
    """
    pool = pool_of(name, min(workers, len(todo)), folder)
    under: dict[Future[Any], Task] = {}
    looked = 0.0
    try:
        while todo or under:
            with interrupts_held():  # the pool's threads start with the first task
                # Not all at once: a pool that breaks never says what became of tasks that it had not looked at.
                while todo and len(under) < AHEAD * workers and pool.active:
                    with contextlib.suppress(RuntimeError):  # it has just broken
                        path = folder / f"batch-{time.monotonic_ns()}-{len(under)}"
                        sent = pool.schedule(keep_batch, args=[name, todo[0].cases, attempt, path])
                        under[sent] = Task(todo.popleft(), path)
            done, _ = wait(under, timeout=LOOK, return_when=FIRST_COMPLETED)
            if time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                done |= {future for future, task in under.items() if look(task, folder, limit)}
            for future in done:
                if not (future.done() and isinstance(future.exception(), BrokenProcessPool)):
                    task = under.pop(future)
                    yield task.batch, outcome_of(future, task, folder)
            if not pool.active:
                todo.extendleft(batch for task in reversed(under.values()) for batch in put_back(task))
                return
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates all but this
        if under:  # interrupted: those that hang would take their time
            end_all(folder)
        pool.join()
        end_all(folder)  # what they have started


def pool_of(name: str, workers: int, folder: Path | None = None) -> ProcessPool:
    """Worker processes that have opened the runtime."""
    context: Any = multiprocessing.get_context("forkserver" if FORKED else "spawn")
    if FORKED:
        context.set_forkserver_preload(["__main__", "conformance.runner"])
    arguments = [name, folder, dict(os.environ)]
    return ProcessPool(workers, initializer=start_worker, initargs=arguments, context=context)


def look(task: Task, folder: Path, limit: float) -> bool:
    """End a worker that is too long at a case or holds too much memory; whether one is gone that nobody reported.

    The pool takes exit status 0 for a worker that was told to end.
    """
    now = time.monotonic()
    size = task.path.stat().st_size if task.path.exists() else 0
    if size != task.size:
        task.size, task.since = size, now
    if not size:
        return False
    task.pid = task.pid or kept(task.path)[0]
    if not task.pid or task.at >= 0:
        return False
    if resident(task.pid) > MEMORY:
        task.why = "crash", f"{death(-int(signal.SIGKILL))}: more than {MEMORY / 2**30:g} GiB"
    elif now - task.since > limit:
        at = min(len(kept(task.path)[1]), len(task.batch.cases) - 1)
        most = limit * task.batch.cases[at].spec.patience
        if now - task.since > most:
            task.why = "timeout", f"no result after {most:g} s"
    if task.why[0]:
        task.at = len(kept(task.path)[1])
        end(folder, task.pid)
        return False
    task.gone += is_gone(task.pid)
    return task.gone > 2  # a report may be under way


def outcome_of(future: Future[Any], task: Task, folder: Path) -> Outcome:
    """A batch's records, and what befell the case at work where its worker ended."""
    pid, records = kept(task.path)
    if not future.done():
        future.cancel()
        verdict, message = "crash", death(0)
    else:
        found = verdict_of(future, 0)
        verdict, message = found if isinstance(found, tuple) else ("", "")
    if task.at >= 0:  # ended by us; where it was at another case by then, that one is innocent
        verdict, message = task.why if task.at == len(records) else ("", "")
    elif not verdict and len(records) < len(task.batch.cases):
        verdict, message = "harness-error", "the worker process kept no record"
    if pid and (verdict or task.at >= 0) and verdict != "harness-error":
        end(folder, pid)  # what it has started
    task.path.unlink(missing_ok=True)
    return Outcome(records, verdict, message)


def put_back(task: Task) -> list[Batch]:
    """A batch under way when the pool broke; a case whose worker is gone is to be tried alone."""
    pid, records = kept(task.path)
    cases, at = task.batch.cases, len(records)
    if not (pid and is_gone(pid) and at < len(cases)) or task.batch.crash:
        return [task.batch]
    return [Batch([cases[at]], death(None)), *(Batch(part) for part in (cases[:at], cases[at + 1 :]) if part)]


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while threads and processes start that would inherit it; theirs stays blocked."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def verdict_of(future: Future[Any], limit: float) -> Any:
    """What a task returned, or the verdict and message for whichever case ended its worker."""
    try:
        return future.result()
    except TimeoutError:
        return "timeout", f"no result after {limit:g} s"
    except ProcessExpired as error:
        return "crash", death(error.exitcode)
    except Exception as error:  # the pool's own trouble, such as a full disk where records are kept
        return "harness-error", " ".join(f"{type(error).__name__}: {error}".split())
