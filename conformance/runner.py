"""Runs cases in worker processes; a crash or a hang is narrowed down to the case that did it."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from pebble import ProcessExpired, ProcessPool

from conformance.execute import lost, try_case
from conformance.repeat import death
from conformance.results import Record
from conformance.runtimes import open_runtime
from conformance.runtimes.protocol import Runtime
from graphs.grid import Case

BATCH = 16  # cases a task: large enough to make a task's own cost small, small enough to search by halves
OPENING = 120.0  # seconds that a worker may take to open its runtime
AHEAD = 4  # batches for each worker that the pool holds
POOLS = 3  # that may break one after the other without a result
Attempt = Callable[[Case, str, Runtime], Record]  # tries one case; sent to the workers by its name
_opened: dict[str, Runtime] = {}  # in a worker: the runtime it serves


def start_worker(name: str) -> None:
    """Open the runtime before the clock of the first batch runs; send what it prints nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the run
    faulthandler.dump_traceback_later(OPENING, exit=True, file=nowhere)  # works even while the GIL is held
    with contextlib.suppress(Exception):  # then the first batch tries again, and says why
        _opened[name] = open_runtime(name)
    faulthandler.cancel_dump_traceback_later()


def run_batch(name: str, cases: Sequence[Case], attempt: Attempt) -> list[Record]:
    """In a worker: try the cases one after the other."""
    try:
        runtime = _opened.get(name) or open_runtime(name)
    except Exception as error:
        return [lost(case, name, "error", f"the runtime does not open in a worker process: {error}") for case in cases]
    return [attempt(case, name, runtime) for case in cases]


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


@dataclass
class Crash:
    """A batch that took its worker down: how, where about, how many of its cases are open, whether one did it again."""

    message: str
    near: Case
    open: int
    is_repeated: bool = False


@dataclass
class Batch:
    """Cases to be run together; halves remember the crash that split them, until one of them shows it again."""

    cases: Sequence[Case]
    crash: Crash | None = None

    def limit(self, seconds: float) -> float:
        """The time limit: ``seconds``, or longer for the largest models."""
        return seconds * max(case.spec.patience for case in self.cases)

    def halves(self, crash: Crash | None) -> Iterator[Batch]:
        """The two halves, to find the case at fault."""
        middle = len(self.cases) // 2
        for cases in (self.cases[:middle], self.cases[middle:]):
            yield Batch(cases, crash)


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

    ``attempt`` is what is done with each, ``most`` of them in one batch.  A crash that no case of its batch shows
    again is described in ``unrepeated``.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    size = max(1, min(most, len(cases) // (2 * workers)))
    todo = deque(Batch(cases[at : at + size]) for at in range(0, len(cases), size))
    told = unrepeated if unrepeated is not None else []
    barren = 0  # pools in a row that broke before any batch was done
    while todo and barren < POOLS:
        barren += 1
        with contextlib.closing(serve(name, todo, workers, limit, attempt)) as served:
            for batch, outcome in served:
                barren = 0
                if isinstance(outcome, tuple) and len(batch.cases) > 1:
                    crash = batch.crash  # a batch that takes longer than one case may is no fault
                    if crash is None and outcome[0] == "crash":
                        crash = Crash(outcome[1], batch.cases[0], len(batch.cases))
                    todo.extend(batch.halves(crash))
                else:
                    yield from settle(name, batch, outcome, told)
    for batch in todo:
        yield from settle(name, batch, ("crash", "no worker process outlives the opening of the runtime"), told)


def serve(
    name: str, todo: deque[Batch], workers: int, limit: float, attempt: Attempt
) -> Generator[tuple[Batch, list[Record] | tuple[str, str]]]:
    """Each batch of ``todo``, which may grow meanwhile, and its outcome, from one pool of workers.

    It ends early where the pool breaks: where a worker ends and none is known to be at work.  The
    batches under way are then in ``todo`` again.
    """
    pool = ProcessPool(
        min(workers, len(todo)),
        initializer=start_worker,
        initargs=[name],
        context=multiprocessing.get_context("spawn"),
    )
    waiting: dict[Future[list[Record]], Batch] = {}
    try:
        while todo or waiting:
            with interrupts_held():  # the pool's threads start with the first task
                # Not all at once: a pool that breaks never says what became of tasks that it had not looked at.
                while todo and len(waiting) < AHEAD * workers and pool.active:
                    with contextlib.suppress(RuntimeError):  # it has just broken
                        task = pool.schedule(
                            run_batch, args=[name, todo[0].cases, attempt], timeout=todo[0].limit(limit)
                        )
                        waiting[task] = todo.popleft()
            done, _ = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
            for future in done:
                if not isinstance(future.exception(), BrokenProcessPool):
                    batch = waiting.pop(future)
                    yield batch, verdict_of(future, batch.limit(limit))
            if not pool.active:
                todo.extendleft(reversed(marked(list(waiting.values()))))
                return
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates all but this
        pool.join()


def marked(batches: list[Batch]) -> list[Batch]:
    """Batches under way when a pool broke, which one crash has split from now on."""
    fresh = [batch for batch in batches if batch.crash is None]
    if fresh:
        number = sum(len(batch.cases) for batch in fresh)
        crash = Crash("a worker process ended while none was known to be at work", fresh[0].cases[0], number)
        for batch in fresh:
            batch.crash = crash
    return batches


def settle(name: str, batch: Batch, outcome: list[Record] | tuple[str, str], unrepeated: list[str]) -> Iterator[Record]:
    """The records of a batch that need not be split; note a crash that none of its cases has repeated."""
    if batch.crash is not None:
        batch.crash.is_repeated |= isinstance(outcome, tuple)
        batch.crash.open -= len(batch.cases)
        if not batch.crash.open and not batch.crash.is_repeated:
            unrepeated.append(f"{name}: {batch.crash.message}, near {batch.crash.near.id}, and not when repeated")
    if isinstance(outcome, tuple):
        yield from (lost(case, name, *outcome) for case in batch.cases)
    else:
        yield from outcome


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
