"""A run that was killed at any byte goes on to the results, counts and stale deviations of an undisturbed one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.carry_out import KEPT
from conformance.cli import main
from conformance.execute import traits
from conformance.log_lines import LOG_NAME
from conformance.results import Record, canonical, read
from graphs.grid import Case

ROOT = Path(__file__).parents[2]
KNOWN = """
[[deviation]]
runtime = "onnx-reference"
block = "relu"
when = { dtype = "float64" }
expect = "fail"
reason = "the same words"
link = "https://example.org"

[[deviation]]
runtime = "onnx-reference"
block = "relu"
when = { dtype = "float32" }
expect = "crash"
some = true
reason = "the same words"
link = "https://example.org"

[[deviation]]
runtime = "onnx-reference"
block = "relu"
when = { dtype = "float16" }
expect = "error"
reason = "no longer so"
link = "https://example.org"
"""
WORDS = ("--runtime", "onnx-reference", "--block", "relu", "--case", "relu-x7-*", "-j", "1")


def pretended(name: str, tried: Sequence[Case], *, unrepeated: list[str], **_: Any) -> Iterator[Record]:
    """Results without a worker process: what is expected, what is not, and a crash that did not repeat."""
    for case in tried:
        verdict = {"float64": "fail", "float32": "crash", "float16": "pass"}.get(str(traits(case)["dtype"]), "timeout")
        record = Record(case=case.id, block="relu", runtime=name, verdict=verdict, traits=traits(case))
        record.message, record.seconds = f'"{case.id}"\n', {"run": time.perf_counter()}
        if case is tried[-1] and not unrepeated:
            unrepeated.append("a crash")
        yield record


def call(*words: str | Path) -> Result:
    """``convformance run`` on the cases of these tests."""
    return CliRunner().invoke(main, ["run", *WORDS, *map(str, words)])


def told(log: Path) -> tuple[list[str], Any]:
    """What must be equal: the results, and the footer but for its time."""
    found = read(log)
    assert found.footer
    return canonical(found.records), {**found.footer, "seconds": None}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of deviations: two that hold, one that is stale."""
    path = tmp_path_factory.mktemp("known") / "known.toml"
    path.write_text(KNOWN, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, known: Path) -> Path:
    """An undisturbed run."""
    out = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conformance.runner.run", pretended)
        assert call("--deviations", known, "--out", out).exit_code == 1
    footer = read(out).footer
    assert footer
    assert footer["counts"].keys() == {"waived", "pass", "timeout"}
    (stale,) = footer["stale"]
    assert "no longer so" in stale
    return out


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_log_cut_at_any_byte_is_continued(
    data: st.DataObject, whole: Path, known: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Header, results and footer; what was there is not run again, as far as its lines are whole."""
    monkeypatch.setattr("conformance.runner.run", pretended)
    text = (whole / LOG_NAME).read_bytes()
    ends = [at for at in range(len(text) + 1) if at == 0 or text[at - 1 : at] == b"\n"]
    near = st.sampled_from(ends).flatmap(lambda end: st.integers(max(0, end - 2), min(len(text), end + 2)))
    cut = data.draw(st.integers(0, len(text)) | near)
    (tmp_path / LOG_NAME).write_bytes(text[:cut])
    result = call("--deviations", known, "--out", tmp_path, "--resume")
    assert result.exit_code == 1, (result.output, result.exception)
    assert told(tmp_path) == told(whole)
    after, header = (tmp_path / LOG_NAME).read_bytes(), text.index(b"\n") + 1
    if cut < header:
        assert "has no whole header: the run starts anew" in result.stderr
    else:
        kept = text[: text.rindex(b"\n", 0, cut) + 1]
        assert after.startswith(kept if b'{"end"' not in kept or cut == len(text) else kept[: kept.rindex(b'{"end"')])
    assert (after == text) == (cut == len(text))


def test_a_finished_log_is_left_alone(whole: Path, known: Path) -> None:
    before = (whole / LOG_NAME).read_bytes()
    result = call("--deviations", known, "--out", whole, "--resume")
    assert result.exit_code == 1
    assert "nothing is left to do" in result.stderr
    assert (whole / LOG_NAME).read_bytes() == before


def test_nothing_to_resume(tmp_path: Path, known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.runner.run", pretended)
    result = call("--deviations", known, "--out", tmp_path / "new", "--resume")
    assert "nothing to resume" in result.stderr
    assert read(tmp_path / "new").footer


def changed(text: bytes, **fields: Any) -> bytes:
    """A log with other fields in its header, without its last two lines."""
    header, *lines = text.splitlines(keepends=True)[:-2]
    return json.dumps({**json.loads(header), **fields}, separators=(",", ":")).encode() + b"\n" + b"".join(lines)


OTHER: dict[str, tuple[dict[str, Any], Sequence[str], str]] = {
    "runtime": ({"runtimes": {"onnx-reference": "0.1"}}, (), "runtimes: onnx-reference is 0.1 in the log, "),
    "corpus": ({"corpus": "7" * 64}, (), "the corpus (sources of graphs and reference) is 777777777777 in the log, "),
    "judge": ({"judge": "7" * 64}, (), "the judge (its sources) is 777777777777 in the log, "),
    "tool": ({"tool": "99"}, (), "tool is 99 in the log, "),
    "library": ({"libraries": {"numpy": "0.9"}}, (), "libraries: numpy is 0.9 in the log, "),
    "old": (
        {"version": 1, "corpus": None},
        (),
        "the corpus (sources of graphs and reference) is not given in the log, ",
    ),
    "timeout": ({}, ("--timeout", "7"), "options: timeout is 20.0 in the log, 7.0 in this run"),
    "cases": ({}, ("--case", "lecture-relu"), "grid is "),
    "shard": ({}, ("--shard", "1/2"), "options: shard is not given in the log, 1/2 in this run"),
    "tier": ({}, ("--tier", "standard"), "tier is quick in the log, standard in this run"),
    "newer": ({"version": 3}, (), "has log format 3, this convformance reads up to 2: update it"),
}


@pytest.mark.parametrize("kind", OTHER)
def test_a_log_of_another_run_is_refused_and_untouched(kind: str, whole: Path, known: Path, tmp_path: Path) -> None:
    fields, words, message = OTHER[kind]
    text = changed((whole / LOG_NAME).read_bytes(), **fields)
    (tmp_path / LOG_NAME).write_bytes(text)
    result = call("--deviations", known, "--out", tmp_path, "--resume", *words)
    assert result.exit_code == 2, (result.output, result.exception)
    assert message in result.stderr
    assert (tmp_path / LOG_NAME).read_bytes() == text
    assert [path.name for path in tmp_path.iterdir()] == [LOG_NAME]


def test_other_deviations_are_refused(whole: Path, tmp_path: Path) -> None:
    (tmp_path / LOG_NAME).write_bytes(changed((whole / LOG_NAME).read_bytes()))
    assert "options: deviations is " in call("--out", tmp_path, "--resume").stderr


@pytest.mark.parametrize("kind", ["double", "foreign", "corrupt", "no log"])
def test_a_log_that_no_run_leaves_is_refused(kind: str, whole: Path, known: Path, tmp_path: Path) -> None:
    header, first, second, *rest = changed((whole / LOG_NAME).read_bytes()).splitlines(keepends=True)
    other = first.replace(b'"case":"relu-', b'"case":"rely-')
    middle = {"double": first + first, "foreign": other, "corrupt": b"what?\n" + second}.get(kind, b"")
    text = b"mine\n" if kind == "no log" else b"".join([header, middle, *rest])
    (tmp_path / LOG_NAME).write_bytes(text)
    result = call("--deviations", known, "--out", tmp_path, "--resume")
    assert result.exit_code == 2, (result.output, result.exception)
    assert result.stderr.startswith("Error: ")
    assert (tmp_path / LOG_NAME).read_bytes() == text


def test_a_run_puts_an_unfinished_log_aside(
    whole: Path, known: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finished one is replaced."""
    monkeypatch.setattr("conformance.runner.run", pretended)
    text = changed((whole / LOG_NAME).read_bytes())
    (tmp_path / LOG_NAME).write_bytes(text)
    first = call("--deviations", known, "--out", tmp_path)
    assert f"an unfinished log was here and is now {KEPT}" in first.stderr
    assert (tmp_path / KEPT).read_bytes() == text
    assert "unfinished" not in call("--deviations", known, "--out", tmp_path).stderr
    assert (tmp_path / KEPT).read_bytes() == text
    assert told(tmp_path) == told(whole)


def test_two_runs_into_one_folder(whole: Path, tmp_path: Path) -> None:
    """The second one is refused, and the first goes on."""
    fcntl = pytest.importorskip("fcntl")
    (tmp_path / LOG_NAME).write_bytes((whole / LOG_NAME).read_bytes())
    with (tmp_path / LOG_NAME).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = call("--out", tmp_path)
    assert result.exit_code == 2
    assert "another run is writing" in result.stderr
    assert (tmp_path / LOG_NAME).read_bytes() == (whole / LOG_NAME).read_bytes()


def test_invalid_graphs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.runner.run", pretended)
    words = ["invalid", "--case", "conv-*", "--runtime", "onnx-reference", "-j", "1", "--out"]
    CliRunner().invoke(main, [*words, str(tmp_path / "whole")])
    text = (tmp_path / "whole" / LOG_NAME).read_bytes()
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / LOG_NAME).write_bytes(text[: len(text) // 2])
    result = CliRunner().invoke(main, [*words, str(tmp_path / "cut"), "--resume"])
    assert "anew" not in result.stderr
    assert (tmp_path / "cut" / LOG_NAME).read_bytes().startswith(text[: text.rindex(b"\n", 0, len(text) // 2)])
    assert told(tmp_path / "cut") == told(tmp_path / "whole")


@contextlib.contextmanager
def room(size: int) -> Iterator[None]:
    """Files can grow up to so many bytes, as on a disk that is full from then on."""
    resource = pytest.importorskip("resource")
    _, hard = limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.99])
def test_a_full_disk(share: float, whole: Path, known: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clear message, status 2, and what was written is gone on with."""
    monkeypatch.setattr("conformance.runner.run", pretended)
    with room(int(share * (whole / LOG_NAME).stat().st_size)):
        result = call("--deviations", known, "--out", tmp_path)
    assert result.exit_code == 2, (result.output, result.exception)
    assert result.stderr.endswith(
        f"Error: cannot write {tmp_path / LOG_NAME}: File too large; what it has is kept: --resume goes on with it\n"
    )
    assert result.stdout == ""
    assert call("--deviations", known, "--out", tmp_path, "--resume").exit_code == 1
    assert told(tmp_path) == told(whole)


def test_a_disk_without_room_for_the_report(whole: Path, known: Path, tmp_path: Path) -> None:
    (tmp_path / LOG_NAME).write_bytes((whole / LOG_NAME).read_bytes())
    with room(100):
        result = call("--deviations", known, "--out", tmp_path, "--resume")
    assert result.exit_code == 2, (result.output, result.exception)
    assert f"{tmp_path / 'report.md'}: File too large; the log is whole: convformance report " in result.stderr
    assert (tmp_path / LOG_NAME).read_bytes() == (whole / LOG_NAME).read_bytes()


def test_a_disk_without_room_for_the_merged_log(whole: Path, known: Path, tmp_path: Path) -> None:
    """The log that was there stays."""
    (tmp_path / LOG_NAME).write_bytes((whole / LOG_NAME).read_bytes())
    with room(1000):
        result = CliRunner().invoke(main, ["merge", str(tmp_path), str(whole), "--deviations", str(known)])
    assert result.exit_code == 2, (result.output, result.exception)
    assert "make room and merge once more" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.md", LOG_NAME]
    assert (tmp_path / LOG_NAME).read_bytes() == (whole / LOG_NAME).read_bytes()


SMALL = ("--runtime", "onnx-reference", "--block", "global_max_pool", "-j", "2")
REAL = ("--runtime", "onnx-reference", "--block", "relu", "--block", "max_pool", "-j", "2")


def started(out: Path, *words: str) -> subprocess.Popen[str]:
    """A run in a process of its own."""
    command = [sys.executable, "-m", "conformance", "run", *words, "--out", str(out), "--resume"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def lines_in(out: Path, least: int, run: subprocess.Popen[str]) -> None:
    """Wait for so many lines of the log, or the run's end."""
    end = time.monotonic() + 120
    while time.monotonic() < end and run.poll() is None:
        if (out / LOG_NAME).exists() and (out / LOG_NAME).read_bytes().count(b"\n") >= least:
            return
        time.sleep(0.01)


def killed(tmp_path: Path, moments: Sequence[int], words: Sequence[str]) -> None:
    """Kill a real run when it has so many lines, again and again, and compare it with an undisturbed one."""
    out = tmp_path / "killed"
    for moment in moments:
        run = started(out, *words)
        lines_in(out, moment, run)
        run.kill()
        run.communicate()
    assert read(out).footer is None, "the run was over before it was killed"
    for folder in (out, tmp_path / "whole"):
        run = started(folder, *words)
        said = run.communicate(timeout=300)[1]
        assert run.returncode == 0, said
    assert told(out) == told(tmp_path / "whole")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_run_killed_once(tmp_path: Path) -> None:
    killed(tmp_path, [20], SMALL)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("moments", [[0, 1, 2, 3], [1, 30, 31, 250, 400, 550], [100, 101, 102, 103, 650]])
def test_a_run_killed_again_and_again(moments: Sequence[int], tmp_path: Path) -> None:
    killed(tmp_path, moments, REAL)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("seed", range(4))
def test_a_run_killed_at_random_moments(seed: int, tmp_path: Path) -> None:
    """Six times, up to 4 s after its start; with the last bytes cut off now and then, as a lost machine leaves it."""
    random, out = Random(seed), tmp_path / "killed"
    sizes = []
    for _ in range(6):
        with started(out, *REAL) as run:
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.communicate(timeout=random.uniform(0.3, 4.0))
            run.kill()
        log = out / LOG_NAME
        sizes.append(log.stat().st_size if log.exists() else 0)
        if sizes[-1] and random.random() < 0.5:
            os.truncate(log, max(0, sizes[-1] - random.randrange(2_000)))
    assert any(sizes)
    for folder in (out, tmp_path / "whole"):
        with started(folder, *REAL) as run:
            said = run.communicate(timeout=300)[1]
        assert run.returncode == 0, said
    assert told(out) == told(tmp_path / "whole")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT")
@pytest.mark.parametrize("fake", ["Hang", pytest.param("Correct", marks=pytest.mark.long)])
def test_ctrl_c_stops_soon_and_leaves_a_log_to_resume(fake: str, tmp_path: Path) -> None:
    """In a second on a machine with nothing else to do; this one may have."""
    case = "lecture-conv-9x9-*" if fake == "Hang" else "conv-*"  # of the three one hangs
    run = started(tmp_path, "--runtime", f"backend:tests.fakes.backends.{fake}", "--case", case, "--timeout", "60")
    lines_in(tmp_path, 3, run)
    start = time.monotonic()
    os.kill(run.pid, signal.SIGINT)
    said = run.communicate(timeout=60)[1]
    assert time.monotonic() - start < 10
    assert run.returncode == 130, said
    assert "interrupted: --resume goes on from here" in said
    log = read(tmp_path)
    assert log.footer is None
    assert log.records
    assert "INCOMPLETE" in (tmp_path / "report.md").read_text(encoding="utf-8")
