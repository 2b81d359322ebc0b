"""Reads a folder of anyone's models in processes of their own: what one of them does to its reader costs it alone."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from conformance.repeat import death, describe
from graphs.foreign import Reading, files, read_file

LIMIT = 60.0  # seconds for one model
MEMORY = 8 << 30  # bytes of addresses: a model of the largest size that is read takes less


def start_reader() -> None:
    """Silence what native code prints on a bad model, and limit its memory where the system can."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows; a limit below this one
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def read_folder(folder: Path, limit: float = LIMIT) -> Iterator[tuple[str, Reading]]:
    """The nodes of each model at any depth, with its name; a model that cannot be read has a reading with the reason.

    ``limit`` is in seconds for each.
    """
    found = files(folder)
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(min(len(found), os.cpu_count() or 1), initializer=start_reader, context=context)
    try:
        tasks = [pool.schedule(read_file, args=[file], timeout=limit) for file in found]
        for file, task in zip(found, tasks, strict=True):
            name = file.relative_to(folder).as_posix()
            yield from ((name, reading) for reading in outcome(task, limit))
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates all but this
        pool.join()


def outcome(task: Future[list[Reading]], limit: float) -> list[Reading]:
    """What a reader found, or what befell it."""
    try:
        return task.result()
    except TimeoutError:
        return [Reading("", None, f"not read within {limit:g} s")]
    except ProcessExpired as error:
        return [Reading("", None, f"cannot be read: {death(error.exitcode)}")]
    except MemoryError:
        return [Reading("", None, f"cannot be read within {MEMORY >> 30} GiB of memory")]
    except Exception as error:  # whatever a file may hold
        return [Reading("", None, f"cannot be read: {describe(error):.200}")]
