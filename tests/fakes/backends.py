"""`onnx.backend.base.Backend`s for worker processes: right, but for what each does when a stride is 2 on every axis."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import onnx

from conformance.runtimes.protocol import Run
from tests.fakes.fake import Fake

__version__ = "3.2.1"


def is_victim(strides: Sequence[int] | None) -> bool:
    """Whether a node with these strides sets the fault off."""
    return set(strides or ()) == {2}


class Prepared:
    """A model and its runs."""

    def __init__(self, run: Run, names: list[str], fault: Callable[[], None]):
        self.run_model, self.names, self.fault = run, names, fault

    def run(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """One run, after the fault."""
        self.fault()
        return self.run_model(dict(zip(self.names, inputs, strict=True)))


class Correct:
    """No fault."""

    @staticmethod
    def fault() -> None:
        """What happens at each run of a victim."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """ONNX's backend interface."""
        graph = model.graph
        held = {t.name for t in graph.initializer}
        names = [v.name for v in graph.input if v.name not in held]
        strides = next((a.ints for a in graph.node[0].attribute if a.name == "strides"), None)
        fault = cls.fault if is_victim(strides) else Correct.fault
        return Prepared(Fake().prepare(model.SerializeToString()), names, fault)


class Abort(Correct):
    """SIGABRT, as a failed assertion in C++."""

    fault = staticmethod(os.abort)


class AbortOnce(Correct):
    """SIGABRT, the first time alone: a race, or memory that another process had taken."""

    @staticmethod
    def fault() -> None:
        """The file that ABORT_ONCE names says whether it has happened."""
        with contextlib.suppress(FileExistsError):
            os.close(os.open(os.environ["ABORT_ONCE"], os.O_CREAT | os.O_EXCL))
            os.abort()


class Slow(Correct):
    """Right, and takes its time over every model: one is done within a limit that a batch of them is not."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """SLOW seconds each."""
        time.sleep(float(os.environ["SLOW"]))
        return super().prepare(model, device, **options)


class Leave(Correct):
    """Ends the process with status 3."""

    @staticmethod
    def fault() -> None:
        """Not an exception: nothing is cleaned up."""
        os._exit(3)


class LeaveQuietly(Correct):
    """Ends the process with status 0."""

    @staticmethod
    def fault() -> None:
        """As if all were well."""
        os._exit(0)


class Segfault(Correct):
    """Reads through a null pointer."""

    @staticmethod
    def fault() -> None:
        """SIGSEGV."""
        ctypes.string_at(0)


class Hang(Correct):
    """Never comes back."""

    @staticmethod
    def fault() -> None:
        """Longer than any limit."""
        time.sleep(3600)


class HangHard(Correct):
    """Never comes back, and holds the interpreter's lock: no other thread of the process runs."""

    @staticmethod
    def fault() -> None:
        """As native code that hangs."""
        ctypes.PyDLL(None).sleep(3600)


class Prints(Correct):
    """Prints without end, through Python and past it."""

    @staticmethod
    def fault() -> None:
        """To both streams."""
        while True:
            for stream in (sys.stdout, sys.stderr):
                print("x" * 10_000, file=stream)
                os.write(stream.fileno(), b"y" * 10_000)


class Killed(Correct):
    """Ends as by the kernel, out of memory."""

    @staticmethod
    def fault() -> None:
        """SIGKILL."""
        os.kill(os.getpid(), signal.SIGKILL)


class Hoards(Correct):
    """Takes memory without end."""

    @staticmethod
    def fault() -> None:
        """And writes into it."""
        held = []
        while True:
            held.append(b"x" * (1 << 24))


class Parent(Correct):
    """Starts a process of its own, writes its id into the file that CHILD names, and hangs."""

    @staticmethod
    def fault() -> None:
        """Neither ever ends."""
        child = subprocess.Popen(["sleep", "3600"])
        Path(os.environ["CHILD"]).write_text(f"{os.getpid()} {child.pid}", encoding="utf-8")
        ctypes.PyDLL(None).sleep(3600)


class Quit(Correct):
    """Raises SystemExit, which is no Exception."""

    @staticmethod
    def fault() -> None:
        """Status 0: as if all were well."""
        sys.exit(0)


class PanicException(BaseException):
    """What Rust's panics become in Python (PyO3): not an Exception."""


class Panic(Correct):
    """Panics."""

    @staticmethod
    def fault() -> None:
        """As a runtime written in Rust does."""
        raise PanicException("index out of bounds")


class Chatty(Correct):
    """Prints more than a pipe holds, through Python and past it."""

    @staticmethod
    def fault() -> None:
        """To both streams."""
        for stream in (sys.stdout, sys.stderr):
            print("x" * 200_000, file=stream)
            os.write(stream.fileno(), b"y" * 200_000)


class Declines(Correct):
    """Supports nothing."""

    @classmethod
    def is_compatible(cls, model: onnx.ModelProto, **options: Any) -> bool:
        """ONNX's way to decline."""
        return False


class Hazardous(Correct):
    """Of every twenty extents one crashes, one hangs and one exits."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """By the last extent of X."""
        made = super().prepare(model, device, **options)
        extent = model.graph.input[0].type.tensor_type.shape.dim[-1].dim_value
        ways = {3: (Abort, Segfault), 7: (Hang, HangHard), 11: (Leave, LeaveQuietly)}.get(extent % 20)
        if ways:
            made.fault = ways[extent // 20 % 2].fault
        return made
