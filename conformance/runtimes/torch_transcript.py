"""The torch calls of one run, written down as source; a line ahead, so that a crash shows its call."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch.overrides import TorchFunctionMode, resolve_name

from conformance.repeat import describe
from conformance.runtimes.torch import Torch, to_numpy

MOST = 512  # elements of a constant that may stand in the source
SWITCHES = (torch._C._set_grad_enabled,)  # of the run as a whole
RETURN, CANNOT, ABOUT, DONE = "return", "cannot", "?", "="


class CannotTranscribe(Exception):
    """An argument that has no short source."""


class Transcript(TorchFunctionMode):  # type: ignore[misc]  # torch's types are not read
    """Writes every call that makes or changes a tensor to a stream."""

    def __init__(self, named: Mapping[str, torch.Tensor], stream: TextIO):
        super().__init__()
        self.names = {id(tensor): name for name, tensor in named.items()}
        self.alive: list[Any] = list(named.values())  # an id is another tensor's once its own is gone
        self.stream = stream

    def write(self, kind: str, line: str) -> None:
        """One line, at once."""
        self.stream.write(f"{kind} {line}\n")
        self.stream.flush()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if resolve_name(func) is None or func in SWITCHES:
            return func(*args, **(kwargs or {}))
        words = [*map(self.source, args), *(f"{k}={self.source(v)}" for k, v in (kwargs or {}).items())]
        call = f"{resolve_name(func)}({', '.join(words)})"
        self.write(ABOUT, call)
        result = func(*args, **(kwargs or {}))
        found = list(result) if isinstance(result, tuple | list) else [result]
        tensors = [r for r in found if isinstance(r, torch.Tensor)]
        if tensors and all(id(t) in self.names for t in tensors):
            self.write(DONE, call)  # in place
        elif tensors and len(tensors) == len(found):
            for tensor in tensors:
                self.names[id(tensor)] = f"t{len(self.names)}"
                self.alive.append(tensor)
            targets = ", ".join(self.names[id(t)] for t in tensors)
            self.write(DONE, f"{targets}{',' if isinstance(result, tuple | list) and len(found) == 1 else ''} = {call}")
        elif result is None:
            self.write(DONE, call)
        return result

    def source(self, value: Any) -> str:
        """An argument's source."""
        if isinstance(value, torch.Tensor):
            return self.names.get(id(value)) or constant(value)
        if isinstance(value, tuple | list):
            inner = ", ".join(map(self.source, value))
            return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
        if isinstance(value, np.generic):
            return self.source(value.item())
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        if isinstance(value, torch.device):
            return f'torch.device("{value}")'
        if value is None or isinstance(value, (bool, int, float, str, slice, type(...))):
            return repr(value)
        if isinstance(value, torch.dtype | torch.memory_format | torch.layout):
            return str(value)
        raise CannotTranscribe(f"an argument is a {type(value).__name__}")


def constant(tensor: torch.Tensor) -> str:
    """A tensor that no call made, by its elements."""
    if tensor.numel() > MOST:
        raise CannotTranscribe(f"a constant has {tensor.numel()} elements")
    listed = re.sub(r"\b(inf|nan)\b", r'float("\1")', repr(tensor.tolist()))
    return f'torch.tensor({listed}, dtype={tensor.dtype}, device="{tensor.device}")'


def transcribe(runtime: Torch, model: bytes, feeds: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write the calls of a run on these inputs; what is no transcript of it says so on its last line."""
    try:
        graph = runtime.bound(model)
        given = {name: runtime.tensor(value) for name, value in feeds.items()}
    except Exception:
        return  # nothing is called: the record has the reason
    named = {identifier(name): tensor for name, tensor in {**graph.held, **given}.items()}
    with path.open("w", encoding="utf-8") as stream:
        transcript = Transcript(named, stream)
        try:
            with transcript:
                found = runtime.compute(graph, given)
            names = [transcript.names.get(id(value)) or constant(value) for value in found.values()]
            transcript.write(DONE, f"{RETURN} [{', '.join(names)}]")
        except CannotTranscribe as error:
            transcript.write(CANNOT, str(error))
        except Exception as error:
            if not read(path) or not same_error(runtime, read(path), named, error):
                transcript.write(CANNOT, "the error is not one of torch's calls")
        else:
            if not same_results(runtime, read(path), named, list(found.values())):
                transcript.write(CANNOT, "the calls give other results")


def identifier(name: str) -> str:
    """A value's name as one of Python's."""
    return "v_" + re.sub(r"\W", "_", name)


def read(path: Path) -> Sequence[str]:
    """The calls; the last one is one that was never done where there is no return.  Nothing for no transcript."""
    lines = [line.split(" ", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    if not lines or lines[-1][0] == CANNOT:
        return ()
    found = [line for kind, line in lines if kind == DONE]
    return [*found, lines[-1][1]] if lines[-1][0] == ABOUT else used(found)


def used(lines: Sequence[str]) -> Sequence[str]:
    """The lines without those that make what no later line reads."""
    found: list[str] = []
    read_later: set[str] = set()
    for line in reversed(lines):
        targets, is_assignment, call = line.partition(" = ") if re.match(r"t\d+,? ?[^(]*= ", line) else ("", "", line)
        made = set(re.findall(r"\bt\d+\b", targets))
        if not is_assignment or made & read_later:
            found.insert(0, line)
            read_later |= set(re.findall(r"\bt\d+\b", call))
    return found


def executed(runtime: Torch, lines: Sequence[str], named: Mapping[str, torch.Tensor]) -> Any:
    """What the source gives."""
    body = "\n".join(f"    {line}" for line in [*lines])
    space: dict[str, Any] = {"torch": torch}
    exec(f"def run({', '.join(named)}):\n{body}\n", space)
    is_cast = runtime.cast is not None
    with torch.no_grad(), torch.autocast(runtime.device, getattr(torch, runtime.cast or "bfloat16"), enabled=is_cast):
        return space["run"](**named)


def same_results(
    runtime: Torch, lines: Sequence[str], named: Mapping[str, torch.Tensor], found: Sequence[torch.Tensor]
) -> bool:
    """Whether the source gives the results of the run, to the bit."""
    try:
        again = executed(runtime, lines, named)
    except Exception:
        return False
    pairs = [(to_numpy(a), to_numpy(b)) for a, b in zip(found, again, strict=True)]
    return all(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in pairs)


def same_error(runtime: Torch, lines: Sequence[str], named: Mapping[str, torch.Tensor], error: Exception) -> bool:
    """Whether the source raises the same."""
    try:
        executed(runtime, lines, named)
    except Exception as again:
        return describe(again) == describe(error)
    return False
