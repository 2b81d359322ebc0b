"""A runtime in another interpreter, here or by ssh on another host: execnet carries adapter, models and arrays."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shlex
import shutil
import signal
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from conformance.repeat import death
from conformance.runtimes.parcel import sources_of
from conformance.runtimes.protocol import Run, Unavailable, Unsupported
from conformance.runtimes.wire import from_wire, to_wire
from reference.claim import Claim

OPENING = 110.0  # seconds until an interpreter has opened its runtime
OLDEST = (3, 9)
TELL = "import sys; print(*sys.version_info[:2])"
REMEDY = "give a Python 3.9 or later by PATH, or by ssh=HOST//python=PATH on a host that asks for no password"
BATCH_MODE = "-o BatchMode=yes -o ConnectTimeout=20"  # a worker cannot be asked for a password
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
NEEDS = {"onnxruntime": "numpy onnxruntime", "torch": "torch onnx ml_dtypes", "onnx-reference": "onnx ml_dtypes"}


class Elsewhere:
    """An adapter in another interpreter behind the same interface; ``claim`` is known here."""

    def __init__(self, name: str, where: str, module: str, parts: Sequence[str], claim: Claim):
        self.claim, self.where = claim, where
        self.remedy = f"install {NEEDS.get(name, 'onnx and what the backend needs')} for that interpreter"
        self.group, self.channel = gateway_to(where)
        self.prepared, self.dropped = 0, list[int]()
        try:
            self._version = self._opened(module, parts)
        except BaseException:
            self.close()
            raise

    def version(self) -> str:
        """The runtime's version there."""
        return self._version

    def close(self) -> None:
        """End the other interpreter."""
        self.group.terminate(timeout=1.0)
        carrier = self.channel.gateway._io  # execnet has no public name for it, and leaves its pipes open
        carrier.popen.wait()
        carrier.popen.stdin.close()
        carrier.popen.stdout.close()

    def _opened(self, module: str, parts: Sequence[str]) -> str:
        """Send the adapter; the version of what it opened.  Raises `Unavailable`."""
        sources, packages = sources_of(module)
        variables = {name: os.environ[name] for name in VARIABLES if name in os.environ}
        self.channel.send((sources, packages, module, list(parts), variables))
        try:
            kind, *said = self.channel.receive(timeout=OPENING)
        except EOFError as error:
            reason = f"the interpreter {self.where} ended while it opened the runtime: {death(self._status())}"
            raise Unavailable(reason, self.remedy) from error
        except self.channel.TimeoutError as error:
            raise Unavailable(f"the runtime in {self.where} does not open in {OPENING:g} s", self.remedy) from error
        if kind != "opened":
            _, text, reason, remedy = said
            is_missing = (kind == "unavailable" and "No module named" in reason) or said[0] == "ModuleNotFoundError"
            shown = " ".join((reason or f"{said[0]}: {text}").split())
            raise Unavailable(f"{self.where}: {shown}", self.remedy if is_missing else remedy or self.remedy)
        version, claims, byteorder = said
        if claims:
            raise Unavailable(f"the backend in {self.where} has a claim, which is not read there", "run it here")
        if byteorder != sys.byteorder:
            raise Unavailable(f"{self.where} is {byteorder}-endian", "use a machine with the byte order of this one")
        return str(version)

    def prepare(self, model: bytes) -> Run:
        """Have it loaded there; refusals come back as they are."""
        self.prepared += 1
        number = self.prepared
        self._ask("prepare", number, model, opset_of(model))

        def run(feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
            results, changed = self._ask("run", number, {name: to_wire(value) for name, value in feeds.items()})
            for name, wire in changed.items():
                np.copyto(feeds[name], from_wire(*wire))  # so that it shows here that a run wrote into its inputs
            return [from_wire(*wire) for wire in results]

        weakref.finalize(run, self.dropped.append, number)
        return run

    def _ask(self, *request: Any) -> Sequence[Any]:
        """What comes back for a request; raises what was raised there, by the same name."""
        try:
            while self.dropped:
                self.channel.send(("drop", self.dropped.pop()))
            self.channel.send(request)
            answer: Sequence[Any] = self.channel.receive()
        except (EOFError, OSError):
            self._lost()
        kind, said = answer[0], answer[1:]
        if kind == "done":
            return said
        name, text = said
        if kind == "unsupported":
            raise Unsupported(text)
        raise type(name, (Exception,), {})(text)

    def _lost(self) -> NoReturn:
        """End this worker as the other interpreter ended, so that the runner looks for the case that did it."""
        code = self._status()
        if multiprocessing.parent_process() is not None:
            if code is not None and code < 0:
                with contextlib.suppress(OSError, ValueError):  # SIGKILL has no handler to be set
                    signal.signal(-code, signal.SIG_DFL)
                os.kill(os.getpid(), -code)
            os._exit(code or 0)
        raise RuntimeError(f"the interpreter {self.where}: {death(code)}")

    def _status(self) -> int | None:
        """The other process's exit status, negative for a signal; ssh tells 255 for any signal."""
        process = self.channel.gateway._io.popen  # execnet has no public name for it
        try:
            return int(process.wait(timeout=10))
        except subprocess.TimeoutExpired:  # its output is closed, and yet it lives
            process.kill()
            return int(process.wait())


def gateway_to(where: str) -> tuple[Any, Any]:
    """A group with one execnet gateway, and a channel to `conformance.runtimes.far` there; raises `Unavailable`."""
    try:
        import execnet
    except ImportError as error:
        raise Unavailable("execnet is not installed here", "pip install 'convformance[elsewhere]'") from error
    from conformance.runtimes import far

    spec = execnet.XSpec(where if where.startswith("ssh=") else "popen")
    python = shlex.quote(spec.python or "python3")
    if spec.ssh:
        spec.ssh = f"{BATCH_MODE} {spec.ssh}"
        config = ["-F", spec.ssh_config] if spec.ssh_config else []
        probe(where, ["ssh", *config, *spec.ssh.split(), f"{python} -c '{TELL}'"])
        spec.python = python
    else:
        found = interpreter(where)
        probe(where, [found, "-E", "-S", "-c", TELL])
        spec.python = f"{shlex.quote(found)} -E"  # our PYTHONPATH is not for it
    group = execnet.Group()
    try:
        return group, group.makegateway(spec).remote_exec(far)
    except Exception as error:  # of several kinds
        group.terminate(timeout=1.0)
        raise Unavailable(f"execnet does not get through to {where}: {type(error).__name__} {error}", REMEDY) from error


def interpreter(where: str) -> str:
    """A local interpreter, by its path, a command's name, or its environment's folder; raises `Unavailable`."""
    inside = [os.path.join(where, *tail) for tail in (("bin", "python"), ("Scripts", "python.exe"))]
    found = next(filter(None, map(shutil.which, [where, *inside])), None)
    if found is None:
        raise Unavailable(f"there is no interpreter {where}", REMEDY)
    return os.path.abspath(found)


def probe(where: str, command: Sequence[str]) -> None:
    """Raise `Unavailable`, with what the shell or ssh says, unless a Python that is new enough answers."""
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"no Python answers at {where}: {' '.join(str(error).split())}", REMEDY) from error
    version = tuple(int(part) for part in done.stdout.split() if part.isdigit())
    if done.returncode or len(version) != 2:
        said = " ".join((done.stderr or done.stdout).decode(errors="replace").split())[-200:]
        raise Unavailable(f"no Python answers at {where}: {said or death(done.returncode)}", REMEDY)
    if version < OLDEST:
        raise Unavailable(f"{where} is Python {'.'.join(map(str, version))}", REMEDY)


def opset_of(model: bytes) -> int:
    """The model's opset for the default domain."""
    from onnx import ModelProto

    return next((o.version for o in ModelProto.FromString(model).opset_import if not o.domain), 0)
