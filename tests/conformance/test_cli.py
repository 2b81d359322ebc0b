"""The command line: a user's mistake is one line, status 2 and no harm done; a run writes its log and its report."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance import session
from conformance.cli import main
from conformance.results import LOG_NAME, LOG_VERSION, Record, read
from conformance.runtimes import RUNTIMES, Entry
from graphs.blocks import BLOCKS
from graphs.grid import FULL, Case, cases, coverage, plan

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
    *hints, error = result.stderr.strip().splitlines()
    assert error.startswith("Error: ")
    is_about_words = any(
        words in error for words in ("No such option", "No such command", "Invalid value", "Missing argument")
    )
    assert bool(hints) == is_about_words, "how to call it is told where the words of the call were wrong, and only then"
    assert not any(line.startswith("Error: ") for line in hints)
    return error


MISTAKES: dict[str, tuple[Sequence[str], str]] = {
    "block": (("--block", "konv"), "unknown block 'konv' (did you mean conv?), must be one of average_pool, "),
    "runtime": (("--runtime", "torsch"), "unknown runtime 'torsch' (did you mean torch?), must be one of backend, "),
    "flag": (
        ("--runtime", "torch:quick"),
        "unknown part of runtime torch:quick: 'quick', must be one of bfloat16, cpu, cuda, fast, float16",
    ),
    "flag of another device": (("--runtime", "torch:tf32"), "'tf32', must be one of bfloat16, cpu, cuda, fast"),
    "tier": (("--tier", "quik"), "unknown tier 'quik' (did you mean quick?), must be one of full, quick, standard"),
    "case": (("--case", "lecture-rely"), "close ones: lecture-relu"),
    "one pattern of two": (("--case", "lecture-*", "--case", "lecture-rely"), "matches 'lecture-rely'"),
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
    "no timeout": (("--timeout", "inf"), "--timeout is inf, must be a number of seconds"),
    "a timeout of nan": (("--timeout", "nan"), "--timeout is nan, must be a number of seconds"),
    "deviations": (("--deviations", "no/such.toml"), "no/such.toml: No such file or directory"),
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
    assert refused(call("run", *QUICK, "--out", tmp_path / "file")).endswith("file is a file, must be a folder")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", [LOG_NAME, "report.md"])
def test_a_folder_in_the_way_of_a_file(name: str, tmp_path: Path) -> None:
    """Found out before the first case, not after the last."""
    (tmp_path / name).mkdir()
    assert name in refused(call("run", *QUICK, "--out", tmp_path))
    gc.collect()  # a file left open warns here, and a warning is an error


def test_an_earlier_report_is_gone_before_the_first_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed run must leave no report of another one beside its log."""
    (tmp_path / "report.md").write_text("an earlier report\n", encoding="utf-8")

    def execute(*_: Any, **__: Any) -> int:
        assert (tmp_path / "report.md").read_text(encoding="utf-8") == ""
        raise ZeroDivisionError

    monkeypatch.setattr("conformance.session.execute", execute)
    assert isinstance(call("run", *QUICK, "--out", tmp_path).exception, ZeroDivisionError)


SOUND = ("--runtime", "onnx-reference")
OTHER_MISTAKES: list[tuple[Sequence[str], str]] = [
    (("list", "block"), "unknown list 'block' (did you mean blocks?), must be one of blocks, cases, data, invalid,"),
    (("list",), "'blocks|runtimes|cases|data|invalid'"),
    (("list", "cases", "--tier", "x"), "unknown tier 'x', must be one of full, quick, standard"),
    (("list", "cases", "--block", "x"), "unknown block 'x', must be one of average_pool, "),
    (("explain", "lecture-rely"), "close ones: lecture-relu"),
    (("explain", "lecture-relu", "--tier", "x"), "unknown tier 'x'"),
    (("explain", "lecture-relu", "--runtime", "x"), "unknown runtime 'x'"),
    (("explain", "lecture-relu", "--runtime", "missing"), "missing is unavailable"),
    (("explain", "lecture-relu", "--timeout", "nan"), "--timeout is nan, must be a number of seconds"),
    (("explain", "lecture-relu", "--timeout", "0"), "'--timeout'"),
    (("explain", "lecture-relu", *SOUND, "--deviations", "no/such.toml"), "no/such.toml: No such file or directory"),
    (("report", "no/such/folder"), "cannot read no/such/folder/results.jsonl"),
    (("report", ".", "--format", "pdf"), "unknown format 'pdf', must be one of json, markdown, text"),
    (("explain", "zzz*", "--tier", "full"), "no case in tier full matches 'zzz*', must be"),
    (("explain", "relu-x?zzz*", "--tier", "full"), "in tier full matches 'relu-x?zzz*', must be"),
    (("reprot", "."), "reprot"),
    (("cover", "konv"), "'konv' (did you mean conv?), must be one of average_pool, "),
    (("cover", "conformance"), "unknown block or folder with .onnx files 'conformance', must be one of "),
    (("cover", "conv", "--tier", "x"), "unknown tier 'x', must be one of full, quick, standard"),
    (("cover", "conv", "--ignore", "colour"), "unknown axis 'colour', must be one of "),
]


@pytest.mark.parametrize(("words", "message"), OTHER_MISTAKES)
def test_mistakes_elsewhere(words: Sequence[str], message: str) -> None:
    assert message in refused(call(*words))


def test_a_broken_log(tmp_path: Path) -> None:
    (tmp_path / LOG_NAME).write_text("what?\n", encoding="utf-8")
    assert "results.jsonl, line 1: " in refused(call("report", tmp_path))


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
@pytest.mark.parametrize("lacking", ["host", "command", "started"])
def test_a_log_whose_header_lacks_something(lacking: str, form: str, tmp_path: Path) -> None:
    """It is rendered or refused, in every form."""
    header = {
        "log": "convformance", "version": LOG_VERSION, "tool": "0", "tier": "quick", "cases": 0, "coverage": {},
        "runtimes": {}, "unavailable": {}, "host": {"python": "3", "system": "s"}, "command": "c", "started": "now",
    }  # fmt: skip
    del header[lacking]
    (tmp_path / LOG_NAME).write_text(json.dumps(header) + "\n", encoding="utf-8")
    result = call("report", tmp_path, "--format", form)
    if result.exit_code:
        assert f"the header lacks {lacking}" in refused(result)


def interrupted(is_early: bool) -> Callable[..., Iterator[Record]]:
    """A runner that Ctrl-C ends, before the first record or after it."""

    def run(name: str, tried: Sequence[Case], **_: Any) -> Iterator[Record]:
        if not is_early:
            yield Record(case=tried[0].id, block="relu", runtime=name, verdict="pass", traits={"dtype": "float32"})
        raise KeyboardInterrupt

    return run


@pytest.mark.parametrize("is_early", [True, False])
def test_an_interrupted_run_reports_what_it_has(
    is_early: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the status that a shell gives it, and a warning at the top."""
    monkeypatch.setattr("conformance.runner.run", interrupted(is_early))
    result = call("run", *QUICK, "--out", tmp_path)
    assert result.exit_code == 130, (result.output, result.exception)
    warning = f"INCOMPLETE: the run did not finish, {1 - is_early} of 1 results"
    assert result.stdout.startswith(warning)
    assert "exit status 130" in result.stdout
    assert warning in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert read(tmp_path).footer is None


def test_a_run_interrupted_while_it_counts_its_coverage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which takes a minute in the standard tier: there is no log yet to report on."""

    def header(self: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.session.Plan.header", header)
    result = call("run", *QUICK, "--out", tmp_path)
    assert result.exit_code == 130, (result.output, result.exception)
    assert isinstance(result.exception, SystemExit)


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
    lines = result.stdout.splitlines()
    for block, chosen in (("average_pool", 1), ("relu", 2)):
        count = len(cases(block, "quick"))
        assert f"{block}: {chosen} of {count} cases chosen, coverage not counted" in lines
    assert not any("combinations" in line for line in lines)
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


def test_a_run_of_whole_blocks_counts_their_coverage(tmp_path: Path) -> None:
    assert call("run", *SOUND, "--block", "relu", "-j", "1", "--out", tmp_path).exit_code == 0
    covered = read(tmp_path).header["coverage"]
    assert covered == {"relu": str(coverage("relu", "quick"))}
    assert "valid 2-way combinations (100.0 %)" in covered["relu"]


def test_the_header_says_how_and_when(finished: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command as a shell takes it, the start with its time zone."""
    header = read(finished[0]).header
    assert datetime.fromisoformat(header["started"]).utcoffset() == timedelta(0)
    monkeypatch.setattr("sys.argv", ["/somewhere/convformance", "run", "--case", "lecture-* x"])
    assert session.Plan("quick", [], [], {}, {}).header()["command"] == "convformance run --case 'lecture-* x'"
    assert f"`{header['command']}`" in (finished[0] / "report.md").read_text(encoding="utf-8")


def test_the_log_itself_may_be_reported(finished: tuple[Path, Result]) -> None:
    out, _ = finished
    assert call("report", out / LOG_NAME).stdout == call("report", out).stdout


def test_a_crash_that_does_not_repeat_is_status_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case passes, and it is told all the same: in the footer, on the terminal and in the report."""
    monkeypatch.setenv("ABORT_ONCE", str(tmp_path / "done"))
    name = "backend:tests.fakes.backends.AbortOnce"
    words: list[str | Path] = ["--case", "lecture-conv-*", "-j", "1", "--out", tmp_path / "out"]
    result = call("run", "--runtime", name, *words)
    assert result.exit_code == 1, (result.output, result.exception)
    log = read(tmp_path / "out")
    assert {record.verdict for record in log.records} == {"pass"}
    assert log.footer
    (text,) = log.footer["unrepeated"]
    assert "SIGABRT" in text
    line = f"crash that did not repeat: {text}"
    assert line in result.stdout
    assert line in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    again = call("run", "--runtime", name, *words)
    assert again.exit_code == 0
    assert "not repeat" not in again.stdout


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
        "9.25", "13.75", "\nbound\n", "onnx-reference: pass", f"{RIGHT}: pass",
    ):  # fmt: skip
        assert part in result.stdout, part
    assert result.stdout.count("    worst element: y[0,0,") == 2
    assert result.stderr == ""


def test_explain_where_equality_is_due() -> None:
    result = call("explain", "lecture-max-pool-2x2-stride-2", *SOUND)
    assert "bound 0: equality is due" in result.stdout


def test_explain_survives_the_runtime(tmp_path: Path) -> None:
    """It runs in a process of its own, and a known deviation is told as such."""
    path = tmp_path / "known.toml"
    path.write_text(DEVIATION, encoding="utf-8")
    case = "lecture-conv-9x9-k3-stride-2"
    crashed = call("explain", case, "--runtime", WRONG)
    assert crashed.exit_code == 0, (crashed.output, crashed.exception)
    assert f"{WRONG}: crash; the process ended by SIGABRT\n" in crashed.stdout
    waived = call("explain", case, "--runtime", WRONG, "--deviations", path)
    assert f"{WRONG}: waived; the process ended by SIGABRT; known deviation: planted" in waived.stdout
    hung = call("explain", case, "--runtime", "backend:tests.fakes.backends.Hang", "--timeout", "2")
    assert "timeout; no result after 2 s" in hung.stdout


def test_explain_says_that_it_shows_the_first_of_several() -> None:
    result = call("explain", "lecture-max-pool-2x2-*", *SOUND)
    assert result.exit_code == 0
    assert result.stderr == "2 cases match, this is the first\n"
    assert "case lecture-max-pool-2x2-stride-1 (" in result.stdout
    assert "lecture-max-pool-2x2-stride-2" not in result.stdout


@pytest.mark.parametrize(
    "case",
    ["lecture-relu", "lecture-max-pool-2x2-stride-1", "lecture-conv-rectangular", "lecture-conv-derivative-8x8-k3"],
)
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
    assert names[:2] == ["lecture-relu", "telling-relu-subnormal"]
    assert len(names) == len(set(names)) > 50
    assert all(name.startswith("relu-") for name in names[2:])


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"]])
def test_the_module_runs(words: Sequence[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "conformance", *words], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "convformance" in done.stdout or "Usage: " in done.stdout


def test_help_names_every_command() -> None:
    shown = call("--help").stdout
    assert all(name in shown for name in ("run", "list", "explain", "report", "cover"))


@pytest.mark.parametrize("pattern", ["relu-*-wide", "lecture-re*", "*f16*small", "[rs]elu-x7-f64*"])
def test_a_pattern_finds_the_same_cases_in_tier_full(pattern: str) -> None:
    """Although blocks that it cannot match are not planned."""
    from conformance.choose import cases_of

    blocks = ["relu", "selu", "hard_swish"]
    due = [case.id for case in plan(FULL, blocks) if fnmatchcase(case.id, pattern)]
    assert [case.id for case in cases_of(FULL, blocks, [pattern])] == due != []


def test_a_case_of_another_tier_is_said_to_be_there() -> None:
    result = CliRunner().invoke(main, ["explain", "lecture-alexnet"])
    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith("; tier standard has it: add --tier standard")
