"""Runtimes in other interpreters: the same results, refusals and deaths as here, and no process is left behind."""

from __future__ import annotations

import ast
import importlib.util
import os
import pickle
import signal
import stat
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.deviations import load
from conformance.execute import try_case
from conformance.problem import Problem
from conformance.results import Record
from conformance.runner import run
from conformance.runtimes import RUNTIMES, Unknown, availability, canonical, open_runtime, plain
from conformance.runtimes.claims import CLAIMS
from conformance.runtimes.parcel import sources_of
from conformance.runtimes.protocol import Unavailable, Unsupported
from conformance.runtimes.wire import from_wire, to_wire
from graphs.blocks.clip import Clip
from graphs.blocks.conv import Conv
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.relu import Relu
from graphs.grid import Case, cases

HERE = sys.executable
FAKES = "backend:tests.fakes.backends"
VICTIM = Case(Conv(batch=1, channels=1, extent=(9,), kernel_shape=(2,), strides=(2,)), "small")  # of the fakes
SPARED = Case(Conv(batch=1, channels=1, extent=(9,), kernel_shape=(2,)), "small")


def test_names() -> None:
    assert canonical("onnxruntime:noopt@/x/python") == "onnxruntime:cpu:noopt@/x/python"
    assert canonical("onnxruntime@ssh=me@host//python=/x/python") == "onnxruntime:cpu@ssh=me@host//python=/x/python"
    assert canonical("backend:my.own@venv") == "backend:my.own@venv"
    assert plain("torch:cpu:fast@ssh=me@host") == "torch:cpu:fast"


@pytest.mark.parametrize(
    "name", ["onnxruntime@", "onnxruntime@ssh=", "torch@ssh=h//pyton=x", "torch@ssh=a//ssh=b", "ort@/x/python", "@x"]
)
def test_names_of_no_place(name: str) -> None:
    with pytest.raises(Unknown, match="must be one of"):
        canonical(name)


def test_a_deviation_speaks_of_a_runtime_wherever_it_is() -> None:
    for deviation in load():
        for name in ("onnxruntime:cpu", "onnxruntime:cpu:noopt", "torch:cpu", "onnx-reference"):
            assert deviation.speaks_of(f"{name}@/x/python") == deviation.speaks_of(name)


@pytest.mark.parametrize("name", ["onnxruntime:cpu", "onnxruntime:cuda:fast", "torch:cpu:bfloat16", "torch:cuda:tf32"])
def test_a_claim_is_known_without_the_runtime(name: str) -> None:
    """And is the one that the adapter itself makes, where it can be opened."""
    base, device, *flags = name.split(":")
    claim = CLAIMS[base](device, *flags)
    assert claim.deterministic == (device == "cpu")
    assert bool(claim.fast) == ("fast" in flags)
    if isinstance(availability(name), str):
        assert open_runtime(name).claim == claim


@pytest.mark.parametrize("dtype", ["float16", "float64", "int8", "bool", "bfloat16", "int4", "uint4", "float8_e4m3fn"])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_arrays_travel_to_the_bit(dtype: str, shape: tuple[int, ...]) -> None:
    given = (np.arange(int(np.prod(shape))) - 2).reshape(shape).astype(np.dtype(dtype))
    found = from_wire(*to_wire(given))
    assert (found.dtype, found.shape, found.tobytes()) == (given.dtype, shape, given.tobytes())
    assert found.flags.writeable
    sent = pickle.loads(pickle.dumps(given))  # as cases come to a worker: NumPy's types do not look built in then
    assert from_wire(*to_wire(sent)).dtype == given.dtype
    assert to_wire(sent) == to_wire(given)
    assert from_wire(*to_wire(given.T)).tobytes() == given.T.tobytes()


@pytest.mark.parametrize("value", [None, 3, [1.0], "text", np.array(["a", "b"]), np.array([None])])
def test_what_is_no_tensor_is_told_by_its_type(value: Any) -> None:
    found = from_wire(*to_wire(value))
    assert type(found).__name__ == type(value).__name__
    assert getattr(found, "dtype", None) == getattr(value, "dtype", None)


def told(record: Record) -> dict[str, Any]:
    """What a record says, but for the runtime's name and the time."""
    return {k: v for k, v in vars(record).items() if k not in ("runtime", "seconds")}


@pytest.mark.parametrize("name", ["onnx-reference", "torch:cpu", "onnxruntime:cpu"])
def test_every_record_is_as_it_is_here(name: str) -> None:
    """Passes, refusals at either stage, and failures, of every type; by our own interpreter under another name."""
    if not isinstance(availability(name), str):
        pytest.skip(f"{name} is not here")
    tried = [case for block in ("conv", "quantize_linear", "max_pool") for case in cases(block, "quick")[::41]]
    here, there = open_runtime(name), open_runtime(f"{name}@{HERE}")
    assert there.version() == here.version()
    found = [told(try_case(case, name, there)) for case in tried]
    assert found == [told(try_case(case, name, here)) for case in tried]
    assert len({record["verdict"] for record in found}) > 2
    there.close()  # type: ignore[attr-defined]  # of those elsewhere


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has NumPy and ONNX Runtime, and no other package."""
    pytest.importorskip("onnxruntime", exc_type=ImportError)
    folder = tmp_path_factory.mktemp("elsewhere") / "bare"
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name in ("numpy", "onnxruntime"):
        found = importlib.util.find_spec(name)
        assert found is not None
        package = Path(str(found.origin)).parent
        for path in (package, package.with_name(f"{name}.libs")):
            if path.exists():
                (site / path.name).symlink_to(path)
    return folder


def test_only_numpy_and_the_runtime_are_needed(bare: Path) -> None:
    """Neither ONNX nor ml_dtypes, also for types that NumPy lacks and for opsets too old or too new."""
    missing = subprocess.run(
        [bare / "bin" / "python", "-c", "import onnx"], stderr=subprocess.PIPE, text=True, check=False
    )
    assert "No module named 'onnx'" in missing.stderr
    name = f"onnxruntime:cpu@{bare}"
    tried = [
        Case(Clip(shape=(3, 5), dtype="bfloat16", opset=13), "random"),
        Case(Conv(batch=1, channels=1, extent=(4,), kernel_shape=(2,), opset=1), "small"),
        Case(Relu(shape=(2,), dtype="bfloat16", opset=13), "random"),
        *[case for case in cases("dequantize_linear", "quick") if case.spec.dtype in ("int4", "float8_e5m2")][::9],
    ]
    here, there = open_runtime("onnxruntime:cpu"), open_runtime(name)
    found = [told(try_case(case, name, there)) for case in tried]
    assert found == [told(try_case(case, name, here)) for case in tried]
    assert {record["verdict"] for record in found} >= {"pass", "unsupported"}
    there.close()  # type: ignore[attr-defined]  # of those elsewhere


def test_a_runtime_that_is_not_there(bare: Path) -> None:
    found = availability(f"torch:cpu@{bare}")
    assert isinstance(found, Unavailable)
    assert "No module named" in found.reason
    assert "torch" in found.remedy


def executable(path: Path, text: str) -> Path:
    """A script of a shell."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


NO_PLACES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda folder: None, "there is no interpreter"),
    "not executable": (lambda folder: (folder / "it").write_text("x"), "there is no interpreter"),
    "no Python": (lambda folder: executable(folder / "it", "cat"), "no Python answers"),
    "too old": (lambda folder: executable(folder / "it", "echo 3 8"), "is Python 3.8; give a Python 3.9 or later"),
}


@pytest.mark.parametrize("what", NO_PLACES)
def test_no_interpreter(what: str, tmp_path: Path) -> None:
    make, message = NO_PLACES[what]
    make(tmp_path)
    found = availability(f"onnx-reference@{tmp_path / 'it'}")
    assert isinstance(found, Unavailable)
    assert message in str(found)
    assert "\n" not in str(found)


def test_a_place_that_is_not_there_ends_before_the_first_case(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "conformance", "run", "--runtime", "onnxruntime@/no/python", "--block", "relu"]
    done = subprocess.run([*command, "--out", str(tmp_path / "o")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no interpreter /no/python; give a Python" in done.stderr
    assert not (tmp_path / "o").exists()


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ssh that runs the command here, as a server does: by a shell; it writes down what it was given."""
    said = tmp_path / "given"
    text = f'echo "$*" > {said}; for last; do :; done; case "$*" in *nowhere*) echo "no route" >&2; exit 255;; esac'
    executable(tmp_path / "ssh", f'{text}; exec sh -c "$last"')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return said


def test_another_host(ssh: Path) -> None:
    name = f"onnx-reference@ssh=me@host//python={HERE}"
    runtime = open_runtime(name)
    case = cases("conv", "quick")[0]
    assert told(try_case(case, name, runtime)) == told(try_case(case, name, open_runtime("onnx-reference")))
    runtime.close()  # type: ignore[attr-defined]  # of those elsewhere
    assert "-o BatchMode=yes" in ssh.read_text(encoding="utf-8")
    assert f" me@host {HERE} -c" in ssh.read_text(encoding="utf-8")


@pytest.mark.usefixtures("ssh")
@pytest.mark.parametrize(("place", "said"), [("nowhere", "no route"), ("host//python=/no/python", "not found")])
def test_no_host(place: str, said: str) -> None:
    found = availability(f"onnx-reference@ssh={place}")
    assert isinstance(found, Unavailable)
    assert said in found.reason
    assert "password" in found.remedy


def test_inputs_that_are_overwritten_and_much_that_is_printed() -> None:
    name = f"backend:tests.fakes.elsewhere.Overwriting@{HERE}"
    runtime = open_runtime(name)
    record = try_case(Case(Relu(shape=(2, 3)), "small"), name, runtime)
    assert (record.verdict, record.message) == ("fail", "input x was overwritten by the run")
    runtime.close()  # type: ignore[attr-defined]  # of those elsewhere


def test_refusals_keep_their_kind_and_text() -> None:
    runtime = open_runtime(f"{FAKES}.Declines@{HERE}")
    model = Problem(Case(MaxPool(batch=1, channels=1, extent=(4,), kernel_shape=(2,)), "small")).model
    with pytest.raises(Unsupported, match=r"^is_compatible\(\) says no$"):
        runtime.prepare(model)
    runtime.close()  # type: ignore[attr-defined]  # of those elsewhere


DEATHS = {  # as of the fakes here, in test_runner.py
    "Abort": ("crash", "the process ended by SIGABRT", 60),
    "Leave": ("crash", "the process ended with exit status 3", 60),
    "Hang": ("timeout", "no result after 4 s", 4),
    "Panic": ("error", "PanicException: index out of bounds", 60),
}


@pytest.mark.parametrize("fake", DEATHS)
def test_deaths_cost_one_case(fake: str) -> None:
    verdict, message, limit = DEATHS[fake]
    found = {r.case: r for r in run(f"{FAKES}.{fake}@{HERE}", [SPARED, VICTIM], workers=1, limit=limit)}
    assert found[SPARED.id].verdict == "pass", found[SPARED.id].message
    assert (found[VICTIM.id].verdict, found[VICTIM.id].message) == (verdict, message)


def children(pid: int) -> list[int]:
    """Processes below one, by Linux's own list."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(child) for child in found.read_text().split()] if found.exists() else []
    return [*direct, *(below for child in direct for below in children(child))]


def is_alive(pid: int) -> bool:
    """Whether it is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


HANGING = """
import sys
from conformance.problem import Problem
from conformance.runtimes import open_runtime
from graphs.grid import cases
if __name__ == "__main__":
    problem = Problem(cases("conv", "quick")[0])
    run = open_runtime(f"backend:tests.fakes.elsewhere.Stuck@{sys.argv[1]}").prepare(problem.model)
    print("ready", flush=True)
    run(problem.feeds())
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are listed by Linux's /proc")
@pytest.mark.parametrize("place", [HERE, f"ssh=host//python={HERE}"])
@pytest.mark.usefixtures("ssh")
def test_a_worker_that_is_killed_takes_an_interpreter_that_hangs_with_it(place: str) -> None:
    worker = subprocess.Popen([sys.executable, "-c", HANGING, place], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    time.sleep(0.3)  # until it hangs
    below = children(worker.pid)
    assert below
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    until = time.monotonic() + 20
    while any(map(is_alive, below)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [pid for pid in below if is_alive(pid)]


@pytest.mark.parametrize("base", RUNTIMES)
def test_what_is_sent_needs_no_package_of_ours(base: str) -> None:
    """All of it is in the parcel, and the grammar is Python 3.9's; PyTorch's adapter needs 3.10, for zip alone."""
    sources, packages = sources_of(RUNTIMES[base].module)
    assert sources.keys() >= {*packages, RUNTIMES[base].module, "conformance.runtimes.wire"}
    far = Path(importlib.util.find_spec("conformance.runtimes.far").origin)  # type: ignore[union-attr, arg-type]
    for name, text in {**sources, "far": far.read_text(encoding="utf-8")}.items():
        tree = ast.parse(text, feature_version=(3, 9))
        for node in tree.body:
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            assert not (module or "").startswith(("reference", "graphs", "reports")), f"{name} imports {module}"
        if base != "torch":
            strict = [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg in LATER]
            assert not strict, f"{name}, line {strict[0].lineno}: is of a later Python"


LATER = ("strict", "kw_only", "slots")  # keywords of zip and dataclass since Python 3.10


def test_what_is_sent_is_of_python_3_9(tmp_path: Path) -> None:
    """By a tool that knows in which version everything in the standard library came."""
    pytest.importorskip("vermin")
    sources, _ = sources_of(RUNTIMES["onnxruntime"].module)
    far = Path(importlib.util.find_spec("conformance.runtimes.far").origin)  # type: ignore[union-attr, arg-type]
    for name, text in {**sources, "far": far.read_text(encoding="utf-8")}.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    command = [
        sys.executable,
        "-c",
        "from vermin import main; main()",
        "-t=3.9-",
        "--no-tips",
        "--violations",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
