"""Ends worker processes and all that they started: one by one, or together when the process that runs them is gone."""

from __future__ import annotations

import contextlib
import glob
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "worker-"  # of the files by which workers register, before their process id
# A process of its own, for ours may be killed.  It waits for the end of the pipe that we hold, and cleans up.
WATCH = """
import os, sys
sys.stdin.buffer.read()
folder = sys.argv[1]
for name in os.listdir(folder):
    if name.startswith("worker-"):
        try:
            getattr(os, "killpg", os.kill)(int(name[7:]), 9)
        except OSError:
            pass
for name in os.listdir(folder):
    os.remove(os.path.join(folder, name))
os.rmdir(folder)
"""


@contextlib.contextmanager
def guarded() -> Iterator[Path]:
    """A folder for what workers leave; however this process ends, those registered there end, and it is removed."""
    folder = tempfile.mkdtemp(prefix="convformance-")
    watch = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", WATCH, folder],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield Path(folder)
    finally:
        if watch.stdin:
            watch.stdin.close()
        watch.wait()


def register(folder: Path) -> None:
    """In a worker: a process group of its own, which is to end with the run."""
    if hasattr(os, "setsid"):
        os.setsid()
    (folder / f"{PREFIX}{os.getpid()}").touch()


def end(folder: Path, pid: int) -> None:
    """End a worker, alive or not, and the processes of its group."""
    with contextlib.suppress(OSError):  # there is none any more
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)
    (folder / f"{PREFIX}{pid}").unlink(missing_ok=True)


def end_all(folder: Path) -> None:
    """End every worker that has registered."""
    for path in folder.glob(f"{PREFIX}*"):
        end(folder, int(path.name.removeprefix(PREFIX)))


def is_gone(pid: int) -> bool:
    """Whether there is no such process; never known on Windows, where signal 0 is Ctrl-C."""
    if os.name == "nt":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def resident(pid: int) -> int:
    """Bytes in memory of a process and those that it started; 0 where there is no /proc to tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = [c for task in glob.glob(f"/proc/{pid}/task/*/children") for c in Path(task).read_text().split()]
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(resident(int(child)) for child in children)
