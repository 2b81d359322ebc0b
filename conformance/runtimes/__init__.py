"""The runtimes by name; each is imported only when asked for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from conformance.runtimes.protocol import Runtime, Unavailable


class Unknown(ValueError):
    """A name the user gave that is not one of those known."""

    def __init__(self, kind: str, given: str, known: Iterable[str]):
        names = sorted(known)
        close = difflib.get_close_matches(given, names, 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        super().__init__(f"unknown {kind} {given!r}{hint}, must be one of {', '.join(names)}")


@dataclass(frozen=True)
class Entry:
    """Where an adapter lives and what may follow its name: ``name:device:flag``."""

    module: str
    devices: tuple[str, ...] = ("cpu",)
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # flag -> devices that have it
    summary: str = ""


RUNTIMES = {
    "onnxruntime": Entry(
        "conformance.runtimes.onnxruntime",
        ("cpu", "cuda"),
        {"noopt": ("cpu", "cuda"), "tf32": ("cuda",), "fast": ("cpu", "cuda")},
        "ONNX Runtime, one thread a session",
    ),
    "torch": Entry(
        "conformance.runtimes.torch",
        ("cpu", "cuda"),
        {"tf32": ("cuda",), "fast": ("cpu", "cuda"), "float16": ("cpu", "cuda"), "bfloat16": ("cpu", "cuda")},
        "the same graph through torch.nn.functional; float16, bfloat16: float32 graphs under torch.autocast",
    ),
    "onnx-reference": Entry("conformance.runtimes.onnx_reference", summary="onnx.reference.ReferenceEvaluator"),
    "backend": Entry(
        "conformance.runtimes.backend", devices=(), summary="backend:dotted.name, any onnx.backend.base.Backend"
    ),
}
SSH_KEYS = ("ssh", "python", "ssh_config")  # of execnet's, that a name may have
DEFAULT = ("onnxruntime:cpu", "torch:cpu", "onnxruntime:cuda", "torch:cuda")


def plain(name: str) -> str:
    """A runtime's name without the interpreter that it is in: what it is, wherever it runs."""
    return name.partition("@")[0]


def canonical(name: str) -> str:
    """The full name of a runtime: ``torch`` is ``torch:cpu``, also in ``torch@PYTHON``.  Raises `Unknown`."""
    runtime, at, where = name.partition("@")
    if not at:
        return canonical_here(name)
    keys = [key.partition("=")[0] for key in where.split("//")] if where.startswith("ssh=") else []
    strange = [key for key in keys if key not in SSH_KEYS or keys.count(key) > 1]
    if not where or strange or where.startswith("ssh=//") or where == "ssh=":
        raise Unknown(f"place of runtime {name}:", where, ["PATH/TO/PYTHON", "ssh=HOST//python=PATH/THERE"])
    return f"{canonical_here(runtime)}@{where}"


def canonical_here(name: str) -> str:
    """The full name of a runtime in this interpreter.  Raises `Unknown`."""
    base, _, rest = name.partition(":")
    entry = RUNTIMES.get(base)
    if entry is None:
        raise Unknown("runtime", name, RUNTIMES)
    if base == "backend":
        if not rest:
            raise Unknown("runtime", name, ["backend:DOTTED.NAME"])
        return name
    parts = rest.split(":") if rest else []
    device = parts.pop(0) if parts and parts[0] in entry.devices else entry.devices[0]
    allowed = [flag for flag, devices in entry.flags.items() if device in devices]
    for flag in parts:
        if flag not in allowed:
            raise Unknown(f"part of runtime {name}:", flag, (*entry.devices, *allowed))
    shown = [base, device] if len(entry.devices) > 1 else [base]
    return ":".join([*shown, *sorted(set(parts))])


def open_runtime(name: str) -> Runtime:
    """The adapter of a runtime by its canonical name.  Raises `Unavailable`, `Unknown`."""
    here, at, where = canonical(name).partition("@")
    base, _, rest = here.partition(":")
    parts = [rest] if base == "backend" else rest.split(":") if rest else []
    if at:
        from conformance.runtimes.claims import CLAIMS
        from conformance.runtimes.elsewhere import Elsewhere

        return Elsewhere(base, where, RUNTIMES[base].module, parts, CLAIMS[base](*parts))
    module = import_module(RUNTIMES[base].module)
    runtime: Runtime = module.open_runtime(*parts)
    return runtime


def availability(name: str) -> Unavailable | str:
    """The runtime's version, or why it is unavailable."""
    try:
        runtime = open_runtime(name)
        version = runtime.version()
        getattr(runtime, "close", lambda: None)()  # one that is elsewhere keeps an interpreter at work
        return version
    except Unavailable as error:
        return error
    except Exception as error:  # an installation that is there and broken
        return Unavailable(f"{type(error).__name__}: {' '.join(str(error).split())}", "its installation is broken")
