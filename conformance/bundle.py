"""A case on one runtime as a folder that does without this package: model, data, script, a text for an issue."""

from __future__ import annotations

import json
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from conformance import __version__
from conformance.issue_text import issue
from conformance.observed import Observation
from conformance.problem import Problem
from conformance.respec import to_plain
from conformance.scripts import script_of
from graphs.spec import Silence
from graphs.windowed import Spatial
from reference.ball import Ball, Expected
from reference.claim import Claim

MARK = {"bundle": "convformance", "format": 1}
CARRIED = {  # files of ours that go into every bundle's folder check/, and what they are called there
    "conformance/recheck.py": "__init__.py", "conformance/judge.py": "judge.py", "conformance/repeat.py": "repeat.py",
    "conformance/runtimes/onnxruntime_bits.py": "onnxruntime_bits.py", "reference/ball.py": "ball.py",
}  # fmt: skip
IMPORTS = re.compile(r"^from (?:reference|conformance(?:\.runtimes)?)\.(\w+) import", re.MULTILINE)


class NotOurs(OSError):
    """A folder that is there already, and that no bundle may take the place of."""

    def __init__(self, folder: Path):
        super().__init__(17, "is there already and holds no bundle of ours; name another folder", str(folder))


class CannotBundle(ValueError):
    """A case that says nothing which a bundle could hold."""


def write(folder: Path, problem: Problem, seen: Observation, claim: Claim, limit: float) -> Path:
    """Write the folder, all of it or nothing; one of ours that is there is replaced.

    Raises `NotOurs` where something else is there, `CannotBundle` where the reference has no answer.
    """
    refuse_foreign(folder)
    expected = expected_of(problem, seen, claim)
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made.chmod(0o755)
        fill(made, problem, seen, expected, claim, limit)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            folder.rename(old / "replaced")
            made.rename(folder)
            shutil.rmtree(old)
        else:
            made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def refuse_foreign(folder: Path) -> None:
    """Raise `NotOurs` unless there is nothing, an empty folder, or a bundle."""
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir() or (any(folder.iterdir()) and manifest_of(folder) is None):
        raise NotOurs(folder)


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """A bundle's manifest; None where the folder is no bundle of ours."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_ours = isinstance(found, dict) and {**found, **MARK} == found
    return found if is_ours else None


def fill(
    folder: Path, problem: Problem, seen: Observation, expected: tuple[Expected, ...], claim: Claim, limit: float
) -> None:
    """Every file of a bundle."""
    (folder / "model.onnx").write_bytes(problem.model)
    manifest = manifest_for(problem, seen, claim, limit)
    data, outputs = arrays_of(problem, expected, seen)
    manifest["outputs"] = outputs
    np.savez_compressed(folder / "data.npz", **data)  # type: ignore[arg-type]  # a name may be any
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    (folder / "check").mkdir()
    root = Path(__file__).resolve().parent.parent
    for source, name in CARRIED.items():
        text = (root / source).read_text(encoding="utf-8")
        (folder / "check" / name).write_text(IMPORTS.sub(r"from check.\1 import", text), encoding="utf-8")
    script = script_of(problem, seen, outputs)
    (folder / "repro.py").write_text(script, encoding="utf-8")
    (folder / "ISSUE.md").write_text(issue(problem, seen, expected, manifest, script), encoding="utf-8")


def manifest_for(problem: Problem, seen: Observation, claim: Claim, limit: float) -> dict[str, Any]:
    """What the arrays do not say."""
    record, silence = seen.record, problem.spec.silent
    return {
        **MARK, "tool": __version__, "case": problem.case.id, "block": record.block, "data": problem.case.data,
        "name": problem.case.name, "spec": to_plain(problem.spec), "runtime": record.runtime,
        "verdict": record.verdict, "stage": record.stage, "message": record.message,
        "deterministic": claim.deterministic, "limit": limit * problem.spec.patience,
        "silent": silence.sentence if silence else "",
        "inputs": {name: value.dtype.name for name, value in problem.feeds().items()},
        "held": {name: value.dtype.name for name, value in held(problem).items()},
        "versions": {
            record.runtime: seen.version, "python": platform.python_version(), "numpy": np.__version__,
            "onnx": seen.onnx, "system": platform.platform(), "machine": platform.machine(),
        },
    }  # fmt: skip


def expected_of(problem: Problem, seen: Observation, claim: Claim) -> tuple[Expected, ...]:
    """The reference's answer; of layers that are judged by those before them, by these as they came."""
    declared = problem.spec.outputs()
    results = seen.results if problem.spec.hands_on and len(seen.results) == len(declared) else ()
    fits = all(r.shape == shape for r, (_, shape) in zip(results, declared.values(), strict=False))
    came = dict(zip(declared, results, strict=True)) if results and fits else {}
    try:
        return problem.expected(claim, **came)
    except Exception as error:
        raise CannotBundle(f"the reference has no answer for {problem.case.id}: {error}") from error


def arrays_of(
    problem: Problem, expected: tuple[Expected, ...], seen: Observation
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Every array of data.npz, and what the manifest says of each output."""
    data: dict[str, NDArray[Any]] = {}
    for kind, tensors in (("inputs", problem.feeds()), ("before", problem.decoy()), ("held", held(problem))):
        data |= {f"{kind}/{name}": bits(value) for name, value in tensors.items()}
    outputs: dict[str, Any] = {}
    is_past = False  # behind the first wrong result of a model whose results are judged from those before
    for (name, (dtype, shape)), want in zip(problem.spec.outputs().items(), expected, strict=True):
        kind = "ball" if isinstance(want, Ball) else "members"
        kind = "not judged" if is_past else "open" if is_open(problem.spec.silent, name) else kind
        fixed = 2 if isinstance(problem.spec, Spatial) else 0
        outputs[name] = {"dtype": dtype, "shape": shape, "kind": kind, "fixed": fixed, "others": 0}
        if kind in ("ball", "members"):
            data |= {f"expected/{name}/{part}": value for part, value in parts_of(want)}
            outputs[name]["others"] = len(want.others) if isinstance(want, Ball) else 0
        is_past |= problem.spec.hands_on and re.match(rf"{name}\b", seen.record.message) is not None
    types = {value.dtype.name for value in [*problem.feeds().values(), *held(problem).values()]}
    types |= {said["dtype"] for said in outputs.values()}
    return data | {f"types/{name}": table(name) for name in types if is_lacking(name) and name != "bfloat16"}, outputs


def held(problem: Problem) -> dict[str, NDArray[Any]]:
    """The tensors that the model holds."""
    fed = problem.feeds()
    return {name: value for name, value in {**problem.operands, **problem.spec.held}.items() if name not in fed}


def is_open(silence: Silence | None, name: str) -> bool:
    """Whether the text leaves a result open."""
    return silence is not None and (not silence.outputs or name in silence.outputs)


def parts_of(want: Expected) -> Iterator[tuple[str, NDArray[Any]]]:
    """The arrays of a ball or a set, by name."""
    if isinstance(want, Ball):
        yield from (("value", want.value), ("radius", want.radius))
        for number, other in enumerate(want.others):
            yield from ((f"others/{number}/value", other.value), (f"others/{number}/radius", other.radius))
    else:
        yield from (("candidates", want.candidates), ("admissible", want.admissible))
    if want.undecided is not None:
        yield "undecided", want.undecided


def is_lacking(dtype: str) -> bool:
    """Whether NumPy alone lacks the type."""
    return hasattr(ml_dtypes, dtype)


def bits(value: NDArray[Any]) -> NDArray[Any]:
    """An array as NumPy alone can read it: of a type that it lacks, the bits."""
    if not is_lacking(value.dtype.name):
        return value
    return np.ascontiguousarray(value).view(f"u{value.itemsize}").reshape(value.shape)


def table(dtype: str) -> NDArray[np.float32]:
    """The number that each pattern of bits of a type stands for."""
    of = np.dtype(getattr(ml_dtypes, dtype))
    digits = re.search(r"\d+", dtype)
    patterns = np.arange(2 ** int(digits[0] if digits else 8), dtype=np.uint8)
    return np.asarray(patterns.view(of).astype(np.float32))
