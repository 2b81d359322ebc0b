"""Every renderer is a pure function of a log: the key lines of each, from a log made by hand."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance.carry_out import show
from conformance.precision import LADDER, NORM_WISE
from conformance.results import BAD, GOOD, LOG_NAME, Log, Record, Writer, opened
from reports import PIECES, RENDERERS
from reports.summary import ORDER, closing, grouped, incomplete, measured, rows, worst

REASON = "torch has no dilation"


def record(case: str, block: str, runtime: str, verdict: str, **fields: Any) -> Record:
    """A record of a float32 case unless said otherwise."""
    return Record(
        case=case, block=block, runtime=runtime, verdict=verdict, **{"traits": {"dtype": "float32"}, **fields}
    )


def made() -> Log:
    """A log in which every kind of verdict occurs."""
    header = {
        "tool": "9.8", "tier": "quick", "cases": 9, "command": "convformance run -j 2",
        "started": "2026-01-02T03:04:05",
        "coverage": {"conv": "3 of 4 (75 %)", "relu": "all"}, "runtimes": {"one:cpu": "1.0", "two": "2.0+x"},
        "unavailable": {"three:cuda": "no device; buy one"},
        "host": {"python": "3.12", "system": "Linux", "machine": "m", "processors": 2},
    }  # fmt: skip
    records = [
        record("r1", "relu", "two", "pass", precision="float32"),
        record("c1", "conv", "one:cpu", "pass", fraction=0.25, precision="float32"),
        record("c2", "conv", "one:cpu", "pass", fraction=0.125, precision="TF32"),
        record("c3", "conv", "one:cpu", "fail", stage="compare", message="y[0] is 1|2, should be 3", fraction=7.5),
        record("c4", "conv", "one:cpu", "crash", stage="run", message="SIGABRT\nsecond line"),
        record("c5", "conv", "one:cpu", "timeout", stage="run", message="no result after 2 s"),
        record("c6", "conv", "one:cpu", "error", stage="run", message="ValueError: x"),
        record("c7", "conv", "one:cpu", "harness-error", stage="reference", message="ours"),
        *(record(f"u{n}", "conv", "two", "unsupported", stage="run", message=REASON) for n in range(5)),
        record("w1", "conv", "two", "waived", message="was wrong", deviation="known since 2019", fraction=2.0),
        record("s1", "conv", "two", "unspecified", message="the sentence", outcome="came out as NaN", fraction=99.0),
    ]
    footer = {
        "end": True,
        "counts": {},
        "planned": 17,
        "stale": ["one conv (old): 2 covered cases pass"],
        "unrepeated": ["two: SIGABRT, near c9, and not when repeated"],
        "seconds": 1.5,
    }
    return Log(header, records, footer)


def render(form: str, log: Log | None = None) -> str:
    """A report of the log above."""
    return RENDERERS[form](log or made())


def line_with(text: str, *words: str) -> str:
    """The one line that holds all the words."""
    (found,) = (line for line in text.splitlines() if all(word in line for word in words))
    return found


@pytest.mark.parametrize("form", RENDERERS)
def test_rendering_changes_nothing_and_repeats(form: str) -> None:
    log = made()
    before = copy.deepcopy(log)
    first = render(form, log)
    assert log == before
    assert render(form, log) == first


@pytest.mark.parametrize("form", RENDERERS)
def test_every_verdict_is_accounted_for(form: str) -> None:
    text = render(form)
    assert all(verdict in text for verdict in GOOD + BAD)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_closing_lines(form: str) -> None:
    text = render(form)
    assert "unavailable: three:cuda: no device; buy one" in text
    assert "stale deviation: one conv (old): 2 covered cases pass" in text
    assert "crash that did not repeat: two: SIGABRT, near c9, and not when repeated" in text
    assert "2 planned results are lacking" in text


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_run_that_did_not_finish(form: str) -> None:
    log = made()
    log.footer = None
    text = render(form, log)
    warning = "INCOMPLETE: the run did not finish, 15 of 18 results"
    assert incomplete(log) == warning
    assert next(line for line in text.splitlines() if "INCOMPLETE" in line).strip("*") == warning
    assert text.index(warning) < text.index("9.8")
    assert "lacking" not in text


@pytest.mark.parametrize("form", RENDERERS)
def test_a_run_that_finished_has_no_warning(form: str) -> None:
    assert incomplete(made()) == ""
    assert "INCOMPLETE" not in render(form)


def test_text_begins_with_the_warning() -> None:
    log = made()
    log.footer = None
    assert render("text", log).startswith("INCOMPLETE: ")
    assert render("markdown", log).splitlines()[2].startswith("**INCOMPLETE: ")


@pytest.mark.parametrize("form", RENDERERS)
def test_a_log_without_records(form: str) -> None:
    log = made()
    log.records = []
    assert "9.8" in render(form, log)


@pytest.mark.parametrize("form", RENDERERS)
def test_a_run_without_a_fault_has_nothing_to_add(form: str) -> None:
    log = made()
    log.records = log.records[:3]
    log.header["unavailable"] = {}
    log.footer = {"end": True, "counts": {"pass": 3}, "planned": 3, "stale": [], "unrepeated": [], "seconds": 1.0}
    text = render(form, log)
    assert closing(log) == []
    words = ("Bad results", "Notes", "lacking", "stale deviation", "not repeat", "waived:", "INCOMPLETE", "says why")
    assert not any(word in text for word in words)


def test_rows_in_planned_order() -> None:
    table = rows(made())
    assert [(row.block, row.runtime) for row in table] == [("conv", "one:cpu"), ("conv", "two"), ("relu", "two")]
    assert [row.counts.total() for row in table] == [7, 7, 1]
    assert [row.worst for row in table] == ["7.5", "-", "exact"]  # what is waived is told elsewhere
    assert [row.precision for row in table] == ["float32 as TF32", "", "float32"]


JUDGED: list[tuple[list[tuple[str, float | None]], str]] = [
    ([], "-"),
    ([("unsupported", None), ("unspecified", 9.0), ("waived", 9.0), ("error", None)], "-"),
    ([("unspecified", 9.0), ("pass", None)], "exact"),
    ([("unspecified", 9.0), ("pass", None), ("pass", 0.0)], "0"),
    ([("pass", 0.25), ("pass", 0.123456), ("pass", None)], "0.25"),
    ([("pass", 0.46449)], "0.464"),
    ([("pass", 0.25), ("fail", 12345.6)], "1.23e+04"),
    ([("fail", 2.0), ("fail", None)], "outside"),
    ([("pass", 0.5), ("fail", None)], "outside"),
    ([("pass", None), ("fail", 0.5)], "outside"),
    ([("fail", 1.0)], "outside"),
]


@pytest.mark.parametrize(("judged", "due"), JUDGED)
def test_worst_counts_what_is_due(judged: list[tuple[str, float | None]], due: str) -> None:
    """An unspecified case has no bound that is due; a failure inside the bound is of another kind."""
    assert worst(record("a", "conv", "x", verdict, fraction=fraction) for verdict, fraction in judged) == due


def test_every_measured_precision_has_its_place() -> None:
    """Those of conformance/precision.py, which reports do not read, and what they are called where sums do not tell."""
    names = {rung.name for rungs in LADDER.values() for rung in rungs}
    together = {f"{dtype} ({how} sums)" for dtype in LADDER for how in ("biased", "truncated")}
    fast = {f"{name} (norm-wise)" for name in NORM_WISE}
    assert set(ORDER) == names | {name.partition(" (")[0] for name in names} | together | fast


def test_measured_is_the_loosest_for_each_type() -> None:
    found = [
        record(name, "conv", "x", "pass", traits={"dtype": dtype}, precision=precision)
        for name, dtype, precision in (
            ("a", "float64", "float64"), ("b", "float32", "bfloat16"), ("c", "float32", "float32"),
            ("d", "float16", None),
        )
    ]  # fmt: skip
    assert measured(found) == "float32 as bfloat16, float64"
    assert measured(found[3:]) == ""


def test_groups_are_by_equal_fields_the_largest_first() -> None:
    groups = grouped(made().records, "runtime", "message")
    assert next(iter(groups)) == ("two", REASON)
    assert sum(map(len, groups.values())) == len(made().records)


def test_text() -> None:
    text = render("text")
    assert text.splitlines()[0] == "convformance 9.8, tier quick: one:cpu 1.0, two 2.0+x"
    assert "conv: 3 of 4 (75 %)" in text
    assert line_with(text, "relu", "two").split() == ["relu", "two", *"11" + "0" * 8, "exact", "float32"]
    assert "waived: 1 on two: known since 2019" in text
    assert "fail: one:cpu c3 (compare): y[0] is 1|2, should be 3" in text
    assert "timeout: one:cpu c5 (run): no result after 2 s" in text
    assert "The report says why results are unsupported or unspecified." in text.splitlines()


def test_text_counts_what_it_does_not_print() -> None:
    log = made()
    log.records += [record(f"more{n}", "conv", "two", "fail", message="x") for n in range(30)]
    text = render("text", log)
    assert "... and 15 more bad results" in text
    assert "more0 " in text
    assert "more29 " not in text


def test_markdown() -> None:
    text = render("markdown")
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Conformance report", "## Summary", "## Coverage", "## Bad results: 5 results",
        "### Bad results on one:cpu: 5", "## Waived: 1 results", "### Waived on two: 1", "## Unsupported: 5 results",
        "### Unsupported on two: 5", "## Unspecified: 1 results", "### Unspecified on two: 1",
        "## What failures have in common", "## Notes",
        "## Case ids",
    ]  # fmt: skip
    assert "`convformance run -j 2` with convformance 9.8, 2026-01-02T03:04:05, 2 s;" in text
    assert "tier quick, 9 cases a runtime." in text
    assert "| one:cpu | 1.0 |" in text
    assert "- conv: 3 of 4 (75 %)" in text
    assert line_with(text, "| relu ").replace(" ", "") == "|relu|two|" + "|".join("11" + "0" * 8) + "|exact|float32|"
    assert line_with(text, REASON) == f"| 5 | conv | float32 | run; {REASON} | `u0`, `u1` |"
    assert line_with(text, "`w1`") == "| 1 | conv | float32 | known since 2019 | `w1` |"
    assert line_with(text, "`s1`") == "| 1 | conv | float32 | the sentence; came out as NaN | `s1` |"
    assert "A case id reads: block, rank, " in text
    assert text.endswith("runs it alone.\n")


def test_markdown_has_a_table_for_each_runtime_and_a_row_for_each_block_and_reason() -> None:
    """Types of a group together; the largest group first, runtimes as they were planned."""
    log = made()
    log.records = [
        record("a", "relu", "two", "fail", message="x"),
        record("b", "conv", "two", "fail", message="x", traits={"dtype": "float64"}),
        record("c", "conv", "two", "fail", message="x"),
        record("d", "conv", "two", "crash", message="x"),
        record("e", "conv", "one:cpu", "fail", message="x"),
    ]
    lines = render("markdown", log).splitlines()
    begin, end = lines.index("## Bad results: 5 results"), lines.index("## What failures have in common")
    assert [line for line in lines[begin:end] if line.startswith(("#", "| 1", "| 2"))] == [
        "## Bad results: 5 results",
        "### Bad results on one:cpu: 1",
        "| 1 | conv | float32 | fail; x | `e` |",
        "### Bad results on two: 4",
        "| 2 | conv | float32, float64 | fail; x | `b`, `c` |",
        "| 1 | conv | float32 | crash; x | `d` |",
        "| 1 | relu | float32 | fail; x | `a` |",
    ]


def test_markdown_names_each_bad_result_with_its_reason() -> None:
    text = render("markdown")
    for case, words in (
        ("c3", "fail; compare; y"), ("c4", "crash run SIGABRT second line"), ("c5", "timeout run no result after"),
        ("c6", "error run ValueError: x"), ("c7", "harness-error reference ours"),
    ):  # fmt: skip
        assert all(word in line_with(text, f"`{case}`") for word in words.split())


def test_markdown_takes_words_of_a_runtime_as_they_are() -> None:
    """Bars, brackets, stars and line ends in a message are neither cells nor markup nor lines."""
    log = made()
    log.records = [record("c1", "conv", "two", "fail", stage="run", message="a|b [c](d) *e* `f` <g>\n| h |\n# i")]
    shown = line_with(render("markdown", log), "`c1`")
    assert "a\\|b" in shown
    assert "| h |" not in shown
    assert not any(mark in shown for mark in ("[c]", " *e*", " `f`", "<g>"))
    assert shown.replace("\\", "") == "| 1 | conv | float32 | fail; run; a|b [c](d) *e* `f` <g> | h | # i | `c1` |"
    assert len(re.findall(r"(?<!\\)\|", shown)) == 6, "five cells"


def test_json() -> None:
    data = json.loads(render("json"))
    assert data["schema"] == 2
    assert [r["case"] for r in data["results"]] == [r.case for r in made().records]
    assert data["summary"][0] == {
        "block": "conv", "runtime": "one:cpu", "worst_error": "7.5", "measured_precision": "float32 as TF32",
        "counts": {"pass": 2, "fail": 1, "crash": 1, "timeout": 1, "error": 1, "harness-error": 1},
    }  # fmt: skip
    assert [row["worst_error"] for row in data["summary"]] == ["7.5", "-", "exact"]
    assert data["footer"]["planned"] == 17
    assert data["header"]["unavailable"] == {"three:cuda": "no device; buy one"}


@pytest.mark.parametrize("form", RENDERERS)
def test_what_failures_have_in_common_is_said(form: str) -> None:
    log = made()
    log.records = [
        record(f"c{n}", "conv", "two", "fail" if n % 3 == 0 else "pass", traits={"dtype": "float32", "group": n % 3})
        for n in range(9)
    ]
    text = render(form, log)
    if form == "json":
        (found,) = json.loads(text)["causes"]
        assert (found["failures"], found["explained"], found["passes_with_a_cause"]) == (3, 3, 0)
        assert found["causes"] == [{"words": ["group=0"], "failures": 3, "passes": 0}]
    else:
        row = line_with(text, "group=0")
        assert "3 of 3" in row
        assert "0 of 6" in row


@pytest.mark.parametrize("form", RENDERERS)
def test_a_log_on_disk_is_reported_as_one_in_memory(form: str, tmp_path: Path) -> None:
    log = made()
    with (tmp_path / LOG_NAME).open("w", encoding="utf-8") as stream:
        writer = Writer(stream, log.header)
        for one in log.records:
            writer.add(one)
    assert render(form, Log(opened(tmp_path).header, log.records, None)) == RENDERERS[form](opened(tmp_path))


def test_causes_of_many_results_are_those_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ones in whatever order the results come, and told how many there were."""
    log = made()
    log.records = [
        record(f"c{n}", "conv", "two", "fail" if n % 3 == 0 else "pass", traits={"dtype": "float32", "group": n % 3})
        for n in range(90)
    ]
    monkeypatch.setattr("reports.causes.MOST", 7)
    text = render("text", log)
    assert "7 of 7 failures, 0 of 7 passes: group=0 (drawn from 30 failures and 60 passes)" in text
    log.records.reverse()
    assert render("text", log) == text


def test_a_stranger_s_words_do_not_reach_the_terminal_as_controls(capsys: pytest.CaptureFixture[str]) -> None:
    log = made()
    log.records = [record("c1", "conv", "two", "fail", stage="run", message="\x1b[2J \x9b \ud800 ü\r")]
    show(PIECES["text"](log))
    shown = capsys.readouterr().out
    assert "\\x1b[2J \\x9b \\ud800 ü\\x0d" in shown
