"""Runs a bundle's model and says in a report's words what is wrong; NumPy alone, for bundles carry it.

Exit status 0: nothing is wrong.  1: something is.  2: it cannot be run here, or is declined.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from conformance.judge import form, judge
from conformance.repeat import concluded, death, describe, run_thrice
from reference.ball import Ball, Expected, Members

HERE = "--here"  # run in this process, for a debugger
SAID = 40  # exit statuses of the process that runs the model, from here on: no crash has one of them by chance
OPENING = 60.0  # seconds that a runtime may take to be imported
DECLINED = ("NotImplemented", "NotImplementedError", "RuntimeImplementationError")  # what runtimes raise by these names
Run = Callable[[Mapping[str, Any]], Sequence[Any]]


@dataclass(frozen=True)
class Bits:
    """A tensor of a type that NumPy lacks: the bits of each element in an unsigned integer; plain without a name."""

    name: str
    bits: Any

    def array(self) -> Any:
        """The same as `ml_dtypes` has it, for runtimes that take such arrays."""
        import ml_dtypes

        return self.bits.view(getattr(ml_dtypes, self.name))


class Bundle:
    """A folder read back."""

    def __init__(self, folder: Path):
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        with np.load(folder / "data.npz", allow_pickle=False) as data:
            self.data: dict[str, Any] = dict(data)
        self.outputs: dict[str, dict[str, Any]] = self.manifest["outputs"]
        self.types: list[str] = []  # of the results that came last

    def feeds(self, kind: str) -> dict[str, Any]:
        """The arrays of ``inputs``, or of ``before``."""
        return {name: self.data[f"{kind}/{name}"] for name in self.manifest["inputs"]}

    def numbers(self, name: str, bits: Any) -> Any:
        """The float32 numbers that bits of a type stand for."""
        if name == "bfloat16":
            return (bits.astype("u4") << 16).view("f4")
        table = self.data[f"types/{name}"]
        return table[bits & (len(table) - 1)]

    def has(self, name: str) -> bool:
        """Whether NumPy lacks a type that occurs."""
        return name == "bfloat16" or f"types/{name}" in self.data

    def plain(self, result: Any) -> tuple[str, Any]:
        """A result's type and its numbers."""
        if isinstance(result, np.ndarray) and self.has(result.dtype.name):
            result = Bits(result.dtype.name, result.view(f"u{result.itemsize}"))
        if isinstance(result, Bits):
            return (result.name, self.numbers(result.name, result.bits)) if result.name else self.plain(result.bits)
        return (result.dtype.name if isinstance(result, np.ndarray) else ""), result

    def wrapped(self, run: Run) -> Run:
        """The run with arrays of NumPy's own types for arguments and results."""

        def plainly(feeds: Mapping[str, Any]) -> list[Any]:
            types = self.manifest["inputs"]
            given = {n: Bits(types[n], value) if self.has(types[n]) else value for n, value in feeds.items()}
            results = run(given)
            if not isinstance(results, tuple | list):
                raise TypeError(f"run() returned {type(results).__name__}, should be a tuple of arrays")
            found = [self.plain(result) for result in results]
            self.types = [name for name, _ in found]
            return [numbers for _, numbers in found]

        return plainly

    def wrong_form(self, name: str, of: str, got: Any) -> str:
        """What is wrong with a result's kind, type or shape; where the text leaves it open some extents may differ."""
        said = self.outputs[name]
        shape = tuple(said["shape"])
        if said["kind"] == "open" and isinstance(got, np.ndarray) and got.ndim == len(shape):
            fixed = said["fixed"]
            shape = got.shape if got.shape[:fixed] == shape[:fixed] else shape
        if isinstance(got, np.ndarray) and (self.has(of) or self.has(said["dtype"])):
            if of != said["dtype"]:
                return f"{name} is {of}, should be {said['dtype']}"
            return form(name, got.dtype.name, shape, got)
        return form(name, "float64" if self.has(said["dtype"]) else said["dtype"], shape, got)

    def expected(self, name: str) -> Expected:
        """What the reference allows."""
        data, said, at = self.data, self.outputs[name], f"expected/{name}"
        undecided = data.get(f"{at}/undecided")
        if said["kind"] == "members":
            return Members(data[f"{at}/candidates"], data[f"{at}/admissible"], undecided)
        others = (Ball(data[f"{at}/others/{i}/value"], data[f"{at}/others/{i}/radius"]) for i in range(said["others"]))
        return Ball(data[f"{at}/value"], data[f"{at}/radius"], undecided, "", tuple(others))

    def wrong_value(self, name: str, got: Any) -> str:
        """The element furthest outside, of a result of the right form."""
        if self.outputs[name]["kind"] in ("open", "not judged"):
            return ""
        return judge({name: (got.dtype.name, got.shape)}, [self.expected(name)], [got]).message

    def message(self, got: Sequence[Any], types: Sequence[str]) -> str:
        """What is wrong with the results of one run, or nothing."""
        if len(got) != len(self.outputs):
            return judge(dict.fromkeys(self.outputs, ("", ())), (), got).message
        forms = [self.wrong_form(name, of, r) for name, of, r in zip(self.outputs, types, got, strict=True)]
        if any(forms) and not self.manifest["silent"]:
            return next(filter(None, forms))
        values = (wrong or self.wrong_value(name, r) for name, wrong, r in zip(self.outputs, forms, got, strict=True))
        return next(filter(None, values), "")


def held(script: str) -> dict[str, Any]:
    """The model's own tensors, for a runtime that reads no model."""
    bundle = Bundle(Path(script).resolve().parent)
    types = bundle.manifest["held"]
    kept = {name: bundle.data[f"held/{name}"] for name in types}
    return {name: Bits(of, kept[name]) if bundle.has(of) else kept[name] for name, of in types.items()}


def main(prepare: Callable[[], Run], script: str) -> None:
    """Run in a process of its own, print what is wrong, and leave with the exit status."""
    bundle = Bundle(Path(script).resolve().parent)
    if HERE in sys.argv:
        status, said = inside(bundle, prepare)
        print(said, flush=True)  # noqa: T201  # a script prints
        os._exit(SAID + status) if "--child" in sys.argv else sys.exit(status)
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, *sys.orig_argv[1:], HERE, "--child"]
    limit = bundle.manifest["limit"]
    try:
        code = subprocess.run(command, env={**threads, **os.environ}, timeout=limit + OPENING, check=False).returncode
    except subprocess.TimeoutExpired:
        print(f"no result after {limit:g} s")  # noqa: T201
        sys.exit(1)
    if code - SAID in (0, 1, 2):
        sys.exit(code - SAID)
    print(death(code))  # noqa: T201
    sys.exit(1)


def inside(bundle: Bundle, prepare: Callable[[], Run]) -> tuple[int, str]:
    """The exit status, and what is to be said."""
    try:
        ready = bundle.wrapped(prepare())
    except ImportError as error:
        return 2, f"cannot run: {describe(error)}"
    except BaseException as error:  # some runtimes raise SystemExit, or a panic that is no Exception
        return refused(bundle, error)
    kinds: list[list[str]] = []

    def run(feeds: Mapping[str, Any]) -> Sequence[Any]:
        results = ready(feeds)
        kinds.append(bundle.types)
        return results

    try:
        repeats = bundle.manifest["deterministic"]
        runs = run_thrice(run, bundle.feeds("before"), bundle.feeds("inputs"), repeats=repeats)
    except BaseException as error:
        return refused(bundle, error)
    if runs.overwritten:
        return 1, f"input {runs.overwritten} was overwritten by the run"
    said = concluded(bundle.outputs, bundle.message(runs.results, kinds[1]), runs)
    return (1, said) if said else (0, "nothing is wrong: every result is what it should be")


def refused(bundle: Bundle, error: BaseException) -> tuple[int, str]:
    """A runtime that declines cannot be asked; any other refusal of a valid model is wrong."""
    silent = bundle.manifest["silent"]
    if silent:
        return 0, f"nothing is wrong: refused ({describe(error)}), and the text leaves open what is due: {silent}"
    is_declined = type(error).__name__ in DECLINED or bundle.manifest["verdict"] == "unsupported"
    return (2, f"declined: {describe(error)}") if is_declined else (1, describe(error))
