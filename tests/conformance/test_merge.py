"""Shards: each case is in one, and their logs put together are the log of the run in one piece."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from conformance.cli import main
from conformance.log_lines import LOG_NAME
from conformance.results import read
from conformance.shards import BadShard, Shard, shard_of
from tests.conformance.test_resume import WORDS, pretended, told
from tests.conformance.test_resume import known as known

PARTS = 3


def call(*words: str | Path) -> Result:
    """A command."""
    return CliRunner().invoke(main, [str(word) for word in words])


@given(st.integers(0, 60), st.integers(1, 20))
def test_every_case_is_in_one_shard(count: int, total: int) -> None:
    parts = [Shard(number, total).of(range(count)) for number in range(1, total + 1)]
    assert sorted(case for part in parts for case in part) == list(range(count))
    sizes = [len(part) for part in parts]
    assert sizes == [Shard(number, total).share(count) for number in range(1, total + 1)]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    "text", ["", "1", "0/3", "4/3", "1/0", "-1/3", "a/b", "1/2/3", "1/2 ", "\u0661/\u0663", "9" * 99]
)
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(BadShard, match="must be i/n with 1 <= i <= n, such as 1/4"):
        shard_of(text)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory, known: Path) -> tuple[Path, list[Path]]:
    """A run in one piece, and in three."""
    root = tmp_path_factory.mktemp("shards")
    parts = [root / str(number) for number in range(1, PARTS + 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conformance.runner.run", pretended)
        call("run", *WORDS, "--deviations", known, "--out", root / "whole")
        for part in parts:
            call("run", *WORDS, "--deviations", known, "--out", part, "--shard", f"{part.name}/{PARTS}")
    return root / "whole", parts


def merged(out: Path, known: Path, *parts: Path) -> Result:
    """``convformance merge``."""
    return call("merge", out, *parts, "--deviations", known)


def test_shards_together_are_the_run_in_one_piece(logs: tuple[Path, list[Path]], known: Path, tmp_path: Path) -> None:
    """Stale deviations too, which no shard can tell; each shard's crash that did not repeat is told."""
    whole, parts = logs
    assert all(log.footer and not log.footer["stale"] for log in map(read, parts))
    result = merged(tmp_path, known, *reversed(parts))
    assert result.exit_code == 1, (result.output, result.exception)
    assert "missing" not in result.stderr
    records, footer = told(tmp_path)
    due, expected = told(whole)
    assert records == due
    assert expected["stale"]
    assert footer | {"stale": 0, "unrepeated": 0} == expected | {"stale": 0, "unrepeated": 0}
    assert len(footer["stale"]) == len(expected["stale"]) == 1
    assert footer["stale"] == expected["stale"]
    assert footer["unrepeated"] == expected["unrepeated"] * PARTS
    assert (tmp_path / "report.md").read_text(encoding="utf-8").startswith("# Conformance report\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.md", LOG_NAME]
    header = read(tmp_path).header
    assert header["cases"] == header["whole"] == len(records)
    assert {name: header[name] for name in ("grid", "options")} == {
        name: read(whole).header[name] for name in ("grid", "options")
    }


def test_what_is_missing_and_what_is_double(logs: tuple[Path, list[Path]], known: Path, tmp_path: Path) -> None:
    _, (first, second, third) = logs
    text = (second / LOG_NAME).read_bytes()
    (tmp_path / "torn").write_bytes(text[: text.index(b"\n", text.index(b"\n") + 1) + 9])
    result = merged(tmp_path / "out", known, first, first / LOG_NAME, tmp_path / "torn")
    assert result.exit_code == 1, (result.output, result.exception)
    whole, have = read(first).header["whole"], len(read(first).records)
    lacking = read(third).records[0].case
    assert f"{whole - have - 1} of {whole} results of onnx-reference are missing, such as " in result.stderr
    assert lacking in result.stderr
    assert f"{tmp_path / 'torn'} did not finish, 1 results: run --shard 2/3 goes on with --resume" in result.stderr
    assert "there is no log of 1 of 3 shards: 3/3\n" in result.stderr
    assert f"{have} results are there twice, and alike, such as onnx-reference relu-" in result.stderr
    assert f"{whole - have - 1} planned results are lacking" in result.stdout
    assert len(read(tmp_path / "out").records) == have + 1


def test_results_that_differ_are_an_error(logs: tuple[Path, list[Path]], known: Path, tmp_path: Path) -> None:
    whole, _ = logs
    text = (whole / LOG_NAME).read_text(encoding="utf-8")
    (tmp_path / "other").write_text(text.replace('"verdict":"pass"', '"verdict":"unspecified"', 1), encoding="utf-8")
    result = merged(tmp_path / "out", known, whole, tmp_path / "other")
    assert result.exit_code == 1
    assert "1 results are there twice, and not alike, such as onnx-reference relu-" in result.stderr
    assert "results that differ between logs: onnx-reference relu-" in result.stdout


def edited(log: Path, out: Path, **fields: Any) -> Path:
    """A log with other fields in its header."""
    header, rest = (log / LOG_NAME).read_text(encoding="utf-8").split("\n", 1)
    out.write_text(json.dumps({**json.loads(header), **fields}) + "\n" + rest, encoding="utf-8")
    return out


OTHER: dict[str, tuple[dict[str, Any], Sequence[str]]] = {
    "grid": ({"grid": "7" * 64}, ["grid is ", "777777777777 in "]),
    "corpus": ({"corpus": "7" * 64}, ["the corpus (sources of graphs and reference) is ", "777777777777"]),
    "runtime": ({"runtimes": {"onnx-reference": "0.1"}}, ["runtimes: onnx-reference is ", "0.1 in "]),
    "tier": ({"tier": "full"}, ["tier is quick in ", "full in "]),
    "timeout": ({"options": {"timeout": 7}}, ["options: timeout is 20.0 in ", "7 in "]),
}


@pytest.mark.parametrize("kind", OTHER)
def test_logs_of_different_runs_are_refused(
    kind: str, logs: tuple[Path, list[Path]], known: Path, tmp_path: Path
) -> None:
    """With the field, both values and both files."""
    fields, words = OTHER[kind]
    other = edited(logs[1][1], tmp_path / "other", **fields)
    result = merged(tmp_path / "out", known, logs[1][0], other)
    assert result.exit_code == 2, (result.output, result.exception)
    assert all(word in result.stderr for word in (*words, str(logs[1][0] / LOG_NAME), str(other)))
    assert not (tmp_path / "out").exists()


def test_mistakes(logs: tuple[Path, list[Path]], known: Path, tmp_path: Path) -> None:
    whole, parts = logs
    assert "is one of the logs" in merged(whole, known, whole, *parts).stderr
    assert "cannot read" in merged(tmp_path / "out", known, tmp_path / "none").stderr
    assert "is not the file of deviations of these logs" in call("merge", tmp_path / "out", *parts).stderr
    old = edited(whole, tmp_path / "old", version=1, corpus=None)
    assert "the corpus (sources of graphs and reference) is " in merged(tmp_path / "out", known, whole, old).stderr
    assert call("run", *WORDS, "--shard", "0/3", "--out", tmp_path / "out").exit_code == 2
    result = call("run", *WORDS, "--shard", "999/999", "--out", tmp_path / "out")
    assert (result.exit_code, "has no case: there are" in result.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_runtimes_may_be_spread_over_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One log has one runtime, another has two; those of the same name have the same version."""
    monkeypatch.setattr("conformance.runner.run", pretended)
    fake = ("--runtime", "backend:tests.fakes.backends.Correct")
    call("run", *WORDS, "--out", tmp_path / "one")
    call("run", *WORDS[2:], *fake, "--out", tmp_path / "two")
    call("run", *WORDS, *fake, "--out", tmp_path / "both")
    assert call("merge", tmp_path / "out", tmp_path / "one", tmp_path / "two").exit_code == 1
    assert told(tmp_path / "out")[0] == told(tmp_path / "both")[0]


def test_workers_and_shards_give_equal_results(tmp_path: Path) -> None:
    """Of a real runtime, in real worker processes."""
    words = ("run", "--runtime", "onnx-reference", "--block", "selu")
    assert call(*words, "-j", "1", "--out", tmp_path / "whole").exit_code == 0
    for number in (1, 2):
        call(*words, "-j", "2", "--shard", f"{number}/2", "--out", tmp_path / str(number))
    assert call("merge", tmp_path / "out", tmp_path / "1", tmp_path / "2").exit_code == 0
    assert told(tmp_path / "out") == told(tmp_path / "whole")
