"""The command line: a user's mistake is one line, status 2 and no harm done; a run writes its log and its report."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.results import LOG_NAME, read
from conformance.runtimes import RUNTIMES, Entry
from graphs.blocks import BLOCKS
from graphs.grid import cases

QUICK = ["--runtime", "onnx-reference", "--block", "relu", "--case", "lecture-relu", "-j", "1"]
RIGHT, WRONG = "backend:tests.fakes.backends.Correct", "backend:tests.fakes.backends.Abort"


def call(*words: str | Path) -> Result:
    """The command with its exit status, standard output and standard error."""
    return CliRunner().invoke(main, [str(word) for word in words])


def refused(result: Result) -> str:
    """The one line that says what was wrong."""
    assert result.exit_code == 2, (result.output, result.exception)
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    errors = [line for line in lines if line.startswith("Error: ")]
    assert lines[-1:] == errors, lines
    return errors[0]


MISTAKES: dict[str, tuple[Sequence[str], str]] = {
    "block": (("--block", "konv"), "unknown block 'konv' (did you mean conv?), must be one of average_pool, "),
    "runtime": (("--runtime", "torsch"), "unknown runtime 'torsch' (did you mean torch?), must be one of backend, "),
    "flag": (("--runtime", "torch:fast"), "must be one of cpu, cuda, tf32"),
    "tier": (("--tier", "quik"), "unknown tier 'quik' (did you mean quick?), must be one of quick, "),
    "case": (("--case", "lecture-rely"), "close ones: lecture-relu"),
    "no such pattern": (("--case", "zzz*"), "no case of the "),
    "case of another block": (("--block", "conv", "--case", "lecture-relu"), "matches 'lecture-relu'"),
    "unimportable backend": (("--runtime", "backend:no.such"), "cannot import no.such"),
    "backend without prepare": (("--runtime", "backend:json"), "json has no prepare()"),
    "backend by colon": (("--runtime", "backend:tests.fakes.backends:Correct"), "backend:package.module.Class"),
    "unavailable runtime": (("--runtime", "missing"), "is unavailable: not built for this machine; pip install it"),
    "one of two": (("--runtime", "onnx-reference", "--runtime", "missing"), "missing is unavailable"),
    "workers": (("-j", "0"), "'-j'"),
    "words for workers": (("-j", "many"), "'-j'"),
    "timeout": (("--timeout", "0"), "'--timeout'"),
    "deviations": (("--deviations", "no/such.toml"), "no/such.toml"),
    "option": (("--blok", "conv"), "--blok"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def a_missing_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more runtime whose package is not there, on any machine."""
    monkeypatch.setitem(RUNTIMES, "missing", Entry("tests.fakes.missing"))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_ends_the_run_before_it_starts(mistake: str, tmp_path: Path) -> None:
    """And an earlier log in the folder stays as it is."""
    words, message = MISTAKES[mistake]
    (tmp_path / LOG_NAME).write_text("an earlier run\n", encoding="utf-8")
    assert message in refused(call("run", *words, "--out", tmp_path))
    assert (tmp_path / LOG_NAME).read_text(encoding="utf-8") == "an earlier run\n"
    assert [path.name for path in tmp_path.iterdir()] == [LOG_NAME]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_makes_no_folder(mistake: str, tmp_path: Path) -> None:
    refused(call("run", *MISTAKES[mistake][0], "--out", tmp_path / "new"))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "text", ["[[deviation", "[[waiver]]\nx = 1", "[[deviation]]\nruntime = 'torch'", "deviation = 3"]
)
def test_a_bad_deviation_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text, encoding="utf-8")
    assert "known.toml" in refused(call("run", *QUICK, "--deviations", path, "--out", tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for out in (tmp_path / "file", tmp_path / "file" / "deeper"):
        assert str(out) in refused(call("run", *QUICK, "--out", out))
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", [LOG_NAME, "report.md"])
def test_a_folder_in_the_way_of_a_file(name: str, tmp_path: Path) -> None:
    """Found out before the first case, not after the last."""
    (tmp_path / name).mkdir()
    assert name in refused(call("run", *QUICK, "--out", tmp_path))


OTHER_MISTAKES: list[tuple[Sequence[str], str]] = [
    (("list", "block"), "unknown list 'block' (did you mean blocks?), must be one of blocks, cases, runtimes"),
    (("list",), "'blocks|runtimes|cases'"),
    (("list", "cases", "--tier", "x"), "unknown tier 'x', must be one of quick, "),
    (("list", "cases", "--block", "x"), "unknown block 'x', must be one of average_pool, "),
    (("explain", "lecture-rely"), "close ones: lecture-relu"),
    (("explain", "lecture-relu", "--tier", "x"), "unknown tier 'x'"),
    (("explain", "lecture-relu", "--runtime", "x"), "unknown runtime 'x'"),
    (("explain", "lecture-relu", "--runtime", "missing"), "missing is unavailable"),
    (("report", "no/such/folder"), "cannot read no/such/folder/results.jsonl"),
    (("report", ".", "--format", "pdf"), "unknown format 'pdf', must be one of json, markdown, text"),
    (("reprot", "."), "reprot"),
]


@pytest.mark.parametrize(("words", "message"), OTHER_MISTAKES)
def test_mistakes_elsewhere(words: Sequence[str], message: str) -> None:
    assert message in refused(call(*words))


def test_a_broken_log(tmp_path: Path) -> None:
    (tmp_path / LOG_NAME).write_text("what?\n", encoding="utf-8")
    assert "results.jsonl, line 1: " in refused(call("report", tmp_path))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A small run without a fault: three cases on two runtimes."""
    out = tmp_path_factory.mktemp("run") / "deeper" / "still"
    wide = next(c.id for c in cases("relu", "quick") if c.data == "wide" and c.spec.dtype == "float32")
    words = ["--block", "average_pool", "--block", "relu", "--case", "lecture-*", "--case", wide, "-j", "1"]
    return out, call("run", *words, "--runtime", "onnx-reference", "--runtime", RIGHT, "--out", out)


def test_a_run_writes_log_and_report(finished: tuple[Path, Result]) -> None:
    out, result = finished
    assert result.exit_code == 0, (result.output, result.exception)
    assert sorted(path.name for path in out.iterdir()) == ["report.md", LOG_NAME]
    log = read(out)
    assert log.footer
    assert log.footer["planned"] == len(log.records) == 6
    assert {r.verdict for r in log.records} == {"pass"}
    assert list(log.header["runtimes"]) == ["onnx-reference", RIGHT]
    assert (out / "report.md").read_text(encoding="utf-8").startswith("# Conformance report\n")


def test_a_run_prints_the_summary(finished: tuple[Path, Result]) -> None:
    """Block by runtime, with the coverage, the worst error, the measured precision and where the files are."""
    out, result = finished
    (row,) = (line for line in result.stdout.splitlines() if line.startswith("relu") and RIGHT in line)
    assert row.split()[1:] == [RIGHT, "2", "2", "exact", "float32"]
    assert "valid 2-way combinations (100.0 %)" in result.stdout
    assert "worst error / bound" in result.stdout
    assert str(out / LOG_NAME) in result.stdout
    assert "exit status 0" in result.stdout


@pytest.mark.parametrize(
    ("form", "start"), [("text", "convformance "), ("markdown", "# Conformance report"), ("json", "{")]
)
def test_report_of_a_run(form: str, start: str, finished: tuple[Path, Result]) -> None:
    out, _ = finished
    result = call("report", out, "--format", form)
    assert result.exit_code == 0
    assert result.stdout.startswith(start)
    if form == "json":
        assert len(json.loads(result.stdout)["results"]) == 6
    if form == "markdown":
        assert result.stdout.strip() == (out / "report.md").read_text(encoding="utf-8").strip()


def test_a_failing_runtime_is_status_1(tmp_path: Path) -> None:
    result = call("run", "--runtime", WRONG, "--case", "lecture-conv-9x9-*", "-j", "1", "--out", tmp_path)
    assert result.exit_code == 1, (result.output, result.exception)
    log = read(tmp_path)
    verdicts = {record.case.removeprefix("lecture-conv-9x9-k3-"): record.verdict for record in log.records}
    assert verdicts == {"stride-1": "pass", "stride-2": "crash", "stride-2x1": "pass"}
    assert f"crash: {WRONG} lecture-conv-9x9-k3-stride-2" in result.stdout
    assert "SIGABRT" in (tmp_path / "report.md").read_text(encoding="utf-8")


DEVIATION = """
[[deviation]]
runtime = "backend"
block = "conv"
when = { strides = [[2, 2]] }
expect = "crash"
reason = "planted"
link = "https://example.org"
"""


def test_a_known_deviation_is_waived_and_a_stale_one_fails(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(DEVIATION, encoding="utf-8")
    words: list[str | Path] = [
        "--case",
        "lecture-conv-9x9-k3-stride-2",
        "-j",
        "1",
        "--deviations",
        path,
        "--out",
        tmp_path,
    ]
    waived = call("run", "--runtime", WRONG, *words)
    assert waived.exit_code == 0, (waived.output, waived.exception)
    assert f"waived: 1 on {WRONG}: planted" in waived.stdout
    stale = call("run", "--runtime", RIGHT, *words)
    assert stale.exit_code == 1
    assert "stale deviation: " in stale.stdout


def test_what_is_unavailable_by_default_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.session.DEFAULT", ("onnx-reference", "missing"))
    result = call("run", "--case", "lecture-relu", "-j", "1", "--out", tmp_path)
    assert result.exit_code == 0
    assert "unavailable: missing: not built for this machine; pip install it" in result.stdout


def test_no_runtime_at_all_is_not_a_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing run is nothing shown to conform."""
    monkeypatch.setattr("conformance.session.DEFAULT", ("missing",))
    assert call("run", "--case", "lecture-relu", "-j", "1", "--out", tmp_path).exit_code in (1, 2)


def test_two_runs_give_the_same_log_but_for_times(tmp_path: Path) -> None:
    logs = []
    for name in ("one", "two"):
        assert call("run", *QUICK, "--out", tmp_path / name).exit_code == 0
        logs.append([{**vars(record), "seconds": None} for record in read(tmp_path / name).records])
    assert logs[0] == logs[1]


def test_explain() -> None:
    """Graph text, shapes by formula, inputs, expected values, bounds, and a line a runtime."""
    result = call("explain", "lecture-average-pool-2x2-stride-2", "--runtime", "onnx-reference", "--runtime", RIGHT)
    assert result.exit_code == 0, (result.output, result.exception)
    for part in (
        "case lecture-average-pool-2x2-stride-2 (averagepool-2d-x1.1.4.4-k2x2-s2x2-f32-op22)",
        "AveragePool <kernel_shape: ints = [2, 2], strides: ints = [2, 2]> (x)",
        "axis 0: floor((4 - 2 + 0 + 0) / 2) + 1 = 2",
        "input x float32 [1, 1, 4, 4]",
        "expected y [1, 1, 2, 2]",
        "9.25", "13.75", "bound", "onnx-reference: pass", f"{RIGHT}: pass",
    ):  # fmt: skip
        assert part in result.stdout, part


@pytest.mark.parametrize("case", ["lecture-relu", "lecture-max-pool-2x2-stride-1", "lecture-conv-rectangular"])
def test_explain_every_kind_of_block(case: str) -> None:
    result = call("explain", case, "--runtime", "onnx-reference")
    assert result.exit_code == 0, (result.output, result.exception)
    assert f"case {case} (" in result.stdout
    assert "onnx-reference: pass" in result.stdout


def test_list_blocks() -> None:
    result = call("list", "blocks")
    assert result.exit_code == 0
    assert [line.split(":")[0] for line in result.stdout.splitlines() if not line.startswith(" ")] == list(BLOCKS)
    assert "(100.0 %)" in result.stdout


def test_list_runtimes() -> None:
    result = call("list", "runtimes")
    assert result.exit_code == 0
    for name in (
        "onnxruntime:cpu: ",
        "onnxruntime:cuda: ",
        "torch:cpu: ",
        "torch:cuda: ",
        "onnx-reference: ",
        "backend:",
    ):
        assert name in result.stdout
    assert "missing: unavailable: not built for this machine; pip install it" in result.stdout


def test_list_cases() -> None:
    result = call("list", "cases", "--block", "relu")
    assert result.exit_code == 0
    names = result.stdout.split()
    assert names[0] == "lecture-relu"
    assert len(names) == len(set(names)) > 50
    assert all(name.startswith("relu-") for name in names[1:])


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"]])
def test_the_module_runs(words: Sequence[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "conformance", *words], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "convformance" in done.stdout or "Usage: " in done.stdout


def test_help_names_every_command() -> None:
    shown = call("--help").stdout
    assert all(name in shown for name in ("run", "list", "explain", "report"))
