"""The other end of a runtime elsewhere: sent by execnet as source, it opens an adapter and runs models for us.

Python 3.9 and later; the standard library alone, until the adapter is opened.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

# A process of its own, for a thread may not get to run beside native code that hangs.  It holds the pipe by which we
# are spoken to, never reads from it, and ends us when the other end is gone, even killed.
WATCH = """
import os, select, sys
line = select.poll()
line.register(0, getattr(select, "POLLRDHUP", 0))
line.poll()
parent = int(sys.argv[1])
if os.getppid() == parent:
    os.kill(parent, 9)
"""


class Carried(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the modules whose sources were sent, before any of that name that may be installed here."""

    def __init__(self, sources: Mapping[str, str], packages: Iterable[str]):
        self.sources, self.packages = sources, {*packages}

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """Those that were sent."""
        return importlib.util.spec_from_loader(fullname, self) if fullname in self.sources else None

    def get_source(self, fullname: str) -> str:
        """What was sent."""
        return self.sources[fullname]

    def is_package(self, fullname: str) -> bool:
        """Whether modules lie below it."""
        return fullname in self.packages


def guard(stdin: int) -> None:
    """Have this process end when the other end of its standard input does."""
    if hasattr(select, "poll"):
        command = [sys.executable, "-E", "-S", "-c", WATCH, str(os.getpid())]
        quiet = subprocess.DEVNULL
        subprocess.Popen(command, stdin=stdin, stdout=quiet, stderr=quiet, start_new_session=True)


def silence() -> None:
    """Send what the runtime prints nowhere; execnet has its own copies of the pipes."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)


def told(error: BaseException) -> tuple[str, str, str]:
    """An error as it travels: its kind, the name of its type and its text."""
    kinds = {"Unsupported": "unsupported", "Unavailable": "unavailable"}
    name = type(error).__name__
    text = str(error).encode("utf-8", "replace").decode()
    return kinds.get(name, "error") if type(error).__module__.startswith("conformance.") else "error", name, text


def opened(module: str, parts: Iterable[str], variables: Mapping[str, str]) -> Any:
    """The adapter, once the variables that number threads are set."""
    for name, value in variables.items():
        os.environ.setdefault(name, value)
    return importlib.import_module(module).open_runtime(*parts)


def operands(wires: Mapping[str, Any], *, takes_bits: bool) -> dict[str, Any]:
    """The arrays of a run; raises `Unsupported` where a type is missing that the adapter cannot do without."""
    from conformance.runtimes.protocol import Unsupported
    from conformance.runtimes.wire import Bits, from_wire

    found = {name: from_wire(*wire) for name, wire in wires.items()}
    for value in found.values():
        if isinstance(value, Bits) and not takes_bits:
            raise Unsupported(f"ml_dtypes with {value.name} is not installed there")
    return found


def serve(channel: Any) -> None:
    """Open the adapter, tell how that went, then prepare and run until the channel is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the run
    guard(channel.gateway._io.infile.fileno())  # execnet has no public name for it
    silence()
    sources, packages, module, parts, variables = channel.receive()
    sys.meta_path.insert(0, Carried(sources, packages))
    try:
        runtime = opened(module, parts, variables)
        claims = hasattr(getattr(runtime, "backend", None), "claim")
        reply: Any = ("opened", runtime.version(), claims, sys.byteorder)
    except BaseException as error:
        channel.send((*told(error), getattr(error, "reason", ""), getattr(error, "remedy", "")))
        return
    channel.send(reply)
    takes_opset = "opset" in inspect.signature(runtime.prepare).parameters
    takes_bits = getattr(runtime, "takes_bits", False)
    prepared: dict[int, Any] = {}
    for request in channel:
        try:
            if request[0] == "prepare":
                _, number, model, opset = request
                prepared[number] = runtime.prepare(model, opset) if takes_opset else runtime.prepare(model)
                reply = ("done",)
            elif request[0] == "drop":
                prepared.pop(request[1], None)
                continue
            else:
                reply = run(prepared[request[1]], request[2], takes_bits=takes_bits)
        except BaseException as error:
            reply = told(error)
        channel.send(reply)


def run(ready: Any, wires: Mapping[str, Any], *, takes_bits: bool) -> Any:
    """The results of one run, and those inputs that it wrote into as they are now."""
    from conformance.runtimes.wire import to_wire

    feeds = operands(wires, takes_bits=takes_bits)
    results = [to_wire(value) for value in ready(feeds)]
    after = {name: to_wire(value) for name, value in feeds.items()}
    return "done", results, {name: wire for name, wire in after.items() if wire[3] != wires[name][3]}


if __name__ == "__channelexec__":
    serve(channel)  # type: ignore[name-defined]  # noqa: F821  # execnet's name in what it runs
