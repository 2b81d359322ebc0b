"""The report of invalid graphs: one word for each, counts, and every message, from a log made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.results import BAD, Log, Record
from reports import RENDERERS
from reports.invalid import LEGEND, cell, counts, short

RULE = "`group` divides [C]"


def record(case: str, runtime: str, verdict: str = "pass", **fields: Any) -> Record:
    """A record of Conv."""
    traits = {"invalid": "convolution", "source": "Conv-22", "rule": RULE, "change": "Conv: attribute('group', 3)"}
    return Record(case=case, block="conv", runtime=runtime, verdict=verdict, traits=traits, **fields)


WORDS = {
    "accepted": record("a", "checker", outcome="accepted", stage="check"),
    "refused": record("a", "full check", outcome="refused", stage="check"),
    "prepare": record("a", "one", outcome="refused", stage="prepare"),
    "run": record("a", "one", outcome="refused", stage="run"),
    "declined": record("a", "one", outcome="declined", stage="prepare"),
    "ignored": record("a", "one", outcome="ignored", stage="run"),
    "computed": record("a", "one", outcome="computed", stage="run"),
    "-": record("a", "one", "unsupported", outcome="declined", stage="run"),
    **{verdict.upper(): record("a", "one", verdict, stage="run") for verdict in BAD},
}


def made() -> Log:
    """Two graphs on a checker and a runtime, which crashes on one."""
    header = {
        "tool": "9.8", "tier": "invalid", "cases": 2, "command": "convformance invalid",
        "coverage": {"conv": "2 invalid graphs"}, "runtimes": {"checker": "1.0", "one": "2.0"}, "unavailable": {},
    }  # fmt: skip
    records = [
        record("conv-a", "checker", outcome="accepted", stage="check"),
        record("conv-b", "checker", outcome="refused", stage="check", message="not | so"),
        record("conv-a", "one", outcome="computed", stage="run", message="float32 [1, 2]"),
        record("conv-b", "one", "crash", stage="run", message="SIGSEGV"),
    ]
    return Log(header, records, {"end": True, "counts": {}, "planned": 4, "stale": [], "seconds": 1.0})


@pytest.mark.parametrize("word", WORDS)
def test_each_outcome_has_one_word(word: str) -> None:
    assert cell(WORDS[word]) == word
    assert word in LEGEND or word.lower() in BAD


def test_every_word_that_occurs_is_counted() -> None:
    assert counts(made()) == [
        ["runtime", "version", "accepted", "refused", "computed", "CRASH"],
        ["checker", "1.0", 1, 1, "", ""],
        ["one", "2.0", "", "", 1, 1],
    ]


def test_text_has_a_line_for_each_graph_and_names_what_is_bad() -> None:
    lines = [" ".join(line.split()) for line in RENDERERS["text"](made()).splitlines()]
    assert "conv-a accepted computed" in lines
    assert "conv-b refused CRASH" in lines
    assert "crash: one conv-b (run): SIGSEGV" in lines
    assert "computed: other results came, as if nothing were wrong" in lines


def test_markdown_has_the_rules_and_the_messages() -> None:
    lines = RENDERERS["markdown"](made()).splitlines()
    rule = r"Conv-22: \`group\` divides \[C\]"
    assert f"| conv-a | `Conv: attribute('group', 3)` | {rule} | accepted | computed |" in lines
    assert r"| conv-b | refused | not \| so |" in lines
    assert r"| conv-a | computed | float32 \[1, 2\] |" in lines
    assert "## convolution" in lines


def test_a_long_message_loses_its_middle() -> None:
    assert short("so it is") == "so it is"
    assert short("what" + "x" * 1000 + "why") == "what" + "x" * 76 + " ... " + "x" * 157 + "why"


def test_a_run_that_did_not_finish_says_so() -> None:
    log = made()
    log.footer = None
    assert RENDERERS["text"](log).startswith("INCOMPLETE")
    assert "**INCOMPLETE: the run did not finish, 4 of 4 results**" in RENDERERS["markdown"](log)
