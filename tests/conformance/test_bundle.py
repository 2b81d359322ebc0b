"""A bundle says what the report says, wherever it is run, and needs NumPy and the runtime alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from conformance import bundle, recheck
from conformance.cli import main
from conformance.execute import try_case
from conformance.observed import Observation
from conformance.problem import Problem
from conformance.respec import case_of, from_plain, to_plain
from graphs.blocks import BLOCKS
from graphs.grid import NAMED, Case, cases
from tests.fakes.fake import Fake
from tests.fakes.faults import FAULTS

NUMPY = ("numpy", "numpy.libs")
# What the runtimes themselves import.
NEEDED = {
    "onnxruntime": ("onnxruntime", "flatbuffers"),
    "torch": (
        "torch", "torchgen", "functorch", "typing_extensions.py", "sympy", "mpmath", "networkx", "jinja2", "markupsafe",
        "filelock", "fsspec", "nvidia",
    ),
    "onnx-reference": ("onnx", "ml_dtypes", "google", "typing_extensions.py"),
}  # fmt: skip


def written(case: Case, runtime: Fake, folder: Path) -> tuple[str, recheck.Bundle]:
    """The report's message, and the bundle of the case on a fake runtime."""
    problem = Problem(case)
    record = try_case(case, "onnxruntime:cpu", runtime)
    try:
        results = tuple(runtime.prepare(problem.model)(problem.feeds()))
    except Exception:
        results = ()
    seen = Observation(record, runtime.version(), results=results)
    return record.message, recheck.Bundle(bundle.write(folder, problem, seen, runtime.claim, 20.0))


def again(made: recheck.Bundle, folder: Path, runtime: Fake) -> tuple[int, str]:
    """Status and message of the bundle on a fake runtime."""

    def prepare() -> recheck.Run:
        run = runtime.prepare((folder / "model.onnx").read_bytes())

        def taken(feeds: Mapping[str, Any]) -> Any:
            return run({n: v.array() if isinstance(v, recheck.Bits) else v for n, v in feeds.items()})

        return taken

    return recheck.inside(made, prepare)


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if not fault.ends_process][::12])
def test_a_bundle_has_the_report_s_words_and_sees_the_repair(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    block = fault.blocks[0]
    for case in cases(block, "quick"):
        if try_case(case, name, fault.runtime()).verdict == fault.verdict:
            break
    else:
        pytest.skip("found by tier standard")
    message, made = written(case, fault.runtime(), tmp_path / "made")
    assert again(made, tmp_path / "made", fault.runtime()) == (1, message)
    repaired = Fake(claim=fault.claim)
    assert again(made, tmp_path / "made", repaired)[0] == 0


@pytest.mark.parametrize(
    "block", [pytest.param(name, marks=[pytest.mark.long] * bool(number % 4)) for number, name in enumerate(BLOCKS)]
)
def test_a_correct_runtime_has_status_0(block: str, tmp_path: Path) -> None:
    of_types = {case.spec.dtype: case for case in cases(block, "quick") if not case.spec.hands_on}
    for dtype, case in of_types.items():
        message, made = written(case, Fake(), tmp_path / dtype)
        status, said = again(made, tmp_path / dtype, Fake())
        assert status == 0, (case.id, message, said)


@pytest.mark.parametrize("block", BLOCKS)
def test_specs_survive_as_plain_data(block: str) -> None:
    for case in cases(block, "quick")[::17]:
        plain = json.loads(json.dumps(to_plain(case.spec)))
        assert repr(from_plain(plain)) == repr(case.spec)  # a NaN is not equal to itself
        assert case_of({"spec": plain, "data": case.data, "name": case.name}).id == case.id


def test_arrays_are_read_without_ml_dtypes(tmp_path: Path) -> None:
    """In an interpreter without site-packages but NumPy's, bits and their table give the numbers."""
    case = next(c for c in cases("quantize_linear", "quick") if "float8_e4m3fn" in c.spec.outputs()["y"][0])
    _, made = written(case, Fake(), tmp_path / "made")
    name = case.spec.outputs()["y"][0]
    every = np.arange(256, dtype=np.uint8)
    import ml_dtypes

    due = every.view(getattr(ml_dtypes, name)).astype(np.float32)
    np.testing.assert_array_equal(made.numbers(name, every), due)


def bare(folder: Path, packages: tuple[str, ...]) -> Path:
    """A folder with links to these packages and nothing else."""
    folder.mkdir()
    numpy = find_spec("numpy")
    assert numpy is not None
    assert numpy.origin is not None
    site = Path(numpy.origin).parent.parent
    for name in packages:
        if (site / name).exists():
            (folder / name).symlink_to(site / name)
    return folder


def ran(script: Path, site: Path | None, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The script, with the packages of ``site`` alone where it is given."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    options = ["-S", "-P"] if site else []
    if site:
        environment["PYTHONPATH"] = f"{script.parent}{os.pathsep}{site}"
    command = [sys.executable, *options, str(script)]
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


CASES = [
    ("onnxruntime", "average-pool-same-dilation"),
    pytest.param("torch", "lecture-relu", marks=pytest.mark.long),
    pytest.param("onnx-reference", "lecture-relu", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("runtime", "case"), CASES)
def test_the_script_needs_numpy_and_the_runtime_alone(runtime: str, case: str, tmp_path: Path) -> None:
    pytest.importorskip("onnx" if runtime == "onnx-reference" else runtime)
    assert case in NAMED
    folder = tmp_path / "made"
    result = CliRunner().invoke(main, ["repro", case, "--runtime", runtime, "--out", str(folder)])
    assert result.exit_code == 0, result.output
    manifest = bundle.manifest_of(folder)
    assert manifest is not None
    site = bare(tmp_path / "site", NUMPY + NEEDED[runtime])
    assert not {"conformance", "graphs", "reference"} & set(os.listdir(site))
    outcome = ran(folder / "repro.py", site, tmp_path)
    said = outcome.stdout.strip()
    if manifest["verdict"] in ("fail", "error", "waived"):
        assert (outcome.returncode, said) == (1, manifest["message"]), outcome.stderr
    else:
        assert (outcome.returncode, said.partition(":")[0]) == (0, "nothing is wrong"), outcome.stderr
    assert manifest["message"] in (folder / "ISSUE.md").read_text()


@pytest.mark.parametrize("fake", ["Abort", pytest.param("Leave", marks=pytest.mark.long)])
def test_a_crash_is_told_as_in_the_report(fake: str, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    case = next(c.id for c in cases("conv", "quick") if getattr(c.spec, "strides", None) == (2, 2))
    words = ["repro", case, "--runtime", f"backend:tests.fakes.backends.{fake}", "--out", str(folder)]
    assert CliRunner().invoke(main, words).exit_code == 0
    manifest = bundle.manifest_of(folder)
    assert manifest is not None
    assert manifest["verdict"] == "crash"
    outcome = ran(folder / "repro.py", None, Path.cwd())
    assert (outcome.returncode, outcome.stdout.strip()) == (1, manifest["message"]), outcome.stderr


def test_a_runtime_that_is_not_there_is_status_2(tmp_path: Path) -> None:
    _, made = written(cases("relu", "quick")[0], Fake(), tmp_path / "made")
    outcome = ran(tmp_path / "made" / "repro.py", bare(tmp_path / "site", NUMPY), tmp_path)
    assert outcome.returncode == 2
    assert outcome.stdout.startswith("cannot run: ModuleNotFoundError: No module named 'onnxruntime'")
    assert made.manifest["verdict"] == "pass"


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    words = ["repro", "lecture-relu", "--runtime", "onnx-reference", "--out", str(tmp_path)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "holds no bundle" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_bundle_takes_the_place_of_one_and_nothing_is_left_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = cases("relu", "quick")
    written(first, Fake(), tmp_path / "made")
    written(second, Fake(), tmp_path / "made")
    assert (bundle.manifest_of(tmp_path / "made") or {})["case"] == second.id

    def full(*arguments: Any, **words: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="No space"):
        written(first, Fake(), tmp_path / "made")
    assert (bundle.manifest_of(tmp_path / "made") or {})["case"] == second.id
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
