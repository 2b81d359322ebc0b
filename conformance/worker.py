"""In a worker process: opens the runtime, tries cases, and keeps every record in a file that outlives the worker."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from conformance.execute import lost
from conformance.guard import register
from conformance.results import Record
from conformance.runtimes import open_runtime
from conformance.runtimes.protocol import Runtime
from graphs.grid import Case

OPENING = 120.0  # seconds that a worker may take to open its runtime
Attempt = Callable[[Case, str, Runtime], Record]  # tries one case; sent to the workers by its name
_opened: dict[str, Runtime] = {}  # the runtime that this worker serves


def start_worker(name: str, folder: Path | None = None, variables: Mapping[str, str] | None = None) -> None:
    """Open the runtime before the clock of the first batch runs; send what it prints nowhere.

    A worker that a server forked has the server's environment; ``variables`` are those of now.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the run
    if folder is not None:
        register(folder)
        parent = multiprocessing.parent_process()
        if parent is not None and not parent.is_alive():  # and whoever looks for workers to end may have done so
            os._exit(1)
    if variables is not None:
        for gone in os.environ.keys() - variables.keys():
            del os.environ[gone]
        os.environ.update(variables)
    faulthandler.dump_traceback_later(OPENING, exit=True, file=nowhere)  # works even while the GIL is held
    with contextlib.suppress(Exception):  # then the first batch tries again, and says why
        _opened[name] = open_runtime(name)
    faulthandler.cancel_dump_traceback_later()


def run_batch(name: str, cases: Sequence[Case], attempt: Attempt) -> list[Record]:
    """Try the cases one after the other."""
    try:
        runtime = _opened.get(name) or open_runtime(name)
    except Exception as error:
        return [lost(case, name, "error", f"the runtime does not open in a worker process: {error}") for case in cases]
    return [attempt(case, name, runtime) for case in cases]


def keep_batch(name: str, cases: Sequence[Case], attempt: Attempt, path: Path) -> None:
    """The same, into a file: this process's id, then each record at once; the case at work is that after the last."""
    with path.open("wb") as file:
        keep(file, os.getpid())
        for case in cases:
            keep(file, run_batch(name, [case], attempt)[0])


def keep(file: BinaryIO, said: Any) -> None:
    """Hand it to the system, so that it is there whatever ends this process."""
    file.write(pickle.dumps(said))
    file.flush()


def kept(path: Path) -> tuple[int, list[Record]]:
    """The worker's process id, 0 before it has begun, and the records; a torn one at the end is none."""
    found: list[Any] = []
    with contextlib.suppress(Exception), path.open("rb") as file:  # a torn pickle raises whatever it likes
        while True:
            found.append(pickle.load(file))
    return (found[0], found[1:]) if found else (0, [])
