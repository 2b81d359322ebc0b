"""Invalid graphs on runtimes: what each does is told, its claim held against it, and a twin must be accepted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.checks import NAMES
from conformance.choose import invalid_of
from conformance.cli import main
from conformance.invalid import InvalidPlan, plan, try_graph
from conformance.results import Record, read
from conformance.runtimes import availability, open_runtime
from conformance.runtimes.protocol import Unavailable
from graphs.grid import Case
from graphs.invalid import CATALOGUE

THREE = ("leaky-relu-alpha-int", "relu-attribute", "relu-operand-left-out")
VICTIM = THREE[0]
LIMITS = (1, 4, 16)  # seconds; a busy machine may keep a graph without fault waiting for longer
TWINS = list(dict.fromkeys(entry.twin for entry in CATALOGUE))
REAL = ("onnxruntime:cpu", "torch:cpu", "onnx-reference")


def fake(name: str) -> str:
    """A fake by its runtime name."""
    return f"backend:tests.fakes.invalid.{name}"


def records(name: str, names: Sequence[str] = THREE, limit: float = 60) -> dict[str, Record]:
    """Each pair's record on a runtime."""
    made = plan(invalid_of(names), ["onnx-reference"])
    assert isinstance(made, InvalidPlan)
    return {
        record.case: record for record in made.records(name, list(made.cases), workers=1, limit=limit, unrepeated=[])
    }


def call(*words: str | Path) -> Result:
    """The command on the three graphs."""
    chosen = [word for name in THREE for word in ("--case", name)]
    return CliRunner().invoke(main, ["invalid", *chosen, "-j", "1", *map(str, words)])


def test_what_is_accepted_without_a_claim_is_told_and_nobody_fails() -> None:
    found = records(fake("Correct"))
    assert [found[name].verdict for name in THREE] == ["pass"] * 3
    assert [found[name].outcome for name in THREE] == ["computed", "ignored", "refused"]
    assert found[VICTIM].message == "float32 [2, 3]"
    assert (found[THREE[2]].stage, found[VICTIM].stage) == ("run", "run")


def test_what_is_accepted_under_the_claim_fails() -> None:
    found = records(fake("Trusting"))
    assert [found[name].verdict for name in THREE] == ["fail", "fail", "pass"]
    assert found[VICTIM].message == "an invalid graph is accepted: float32 [2, 3]"


def test_a_runtime_that_keeps_the_claim_passes() -> None:
    found = records(fake("Strict"))
    assert {(r.verdict, r.outcome, r.stage) for r in found.values()} == {("pass", "refused", "prepare")}


def test_a_crash_costs_one_graph() -> None:
    found = records(fake("Aborts"))
    assert (found[VICTIM].verdict, found[VICTIM].message) == ("crash", "the process ended by SIGABRT")
    assert [found[name].verdict for name in THREE[1:]] == ["pass"] * 2


def test_a_hang_costs_one_graph() -> None:
    for limit in LIMITS:
        found = records(fake("Hangs"), limit=limit)
        if all(found[name].verdict == "pass" for name in THREE[1:]):
            break
    assert (found[VICTIM].verdict, found[VICTIM].message) == ("timeout", f"no result after {limit} s")
    assert [found[name].verdict for name in THREE[1:]] == ["pass"] * 2


@pytest.mark.parametrize(
    ("name", "message"),
    [("RefusesAll", "ValueError: no such graph"), ("AddsAnAxis", "its results are float32 [1, 2, 3]")],
)
def test_a_twin_that_is_not_accepted_is_a_harness_error(name: str, message: str) -> None:
    found = records(fake(name))
    assert {record.verdict for record in found.values()} == {"harness-error"}
    assert all(r.message.startswith("the valid twin ") and message in r.message for r in found.values())


def test_a_twin_that_is_declined_leaves_the_pair_unsupported() -> None:
    assert {record.verdict for record in records(fake("Declines")).values()} == {"unsupported"}


def test_a_record_names_the_rule_whatever_became_of_the_graph() -> None:
    for name in ("Correct", "Aborts", "RefusesAll", "Declines"):
        traits = records(fake(name))[VICTIM].traits
        assert (traits["source"], traits["rule"]) == ("LeakyRelu-16", "alpha : float")
        assert (traits["invalid"], traits["change"]) == ("activation", "LeakyRelu: attribute('alpha', 1)")


def test_a_checker_accepts_or_refuses_and_computes_nothing() -> None:
    both = {name: records(name, ("relu-second-operand", "clip-min-a-column")) for name in NAMES}
    assert both["checker"]["relu-second-operand"].outcome == "refused"
    assert both["checker"]["clip-min-a-column"].outcome == "accepted"
    assert both["full check"]["clip-min-a-column"].message == ""
    assert {record.stage for found in both.values() for record in found.values()} == {"check"}


STATUS = {"Correct": 0, "Strict": 0, "Declines": 0, "Trusting": 1, "Aborts": 1, "RefusesAll": 1}


@pytest.mark.parametrize("name", STATUS)
def test_the_command_ends_with_the_status_of_what_it_found(name: str, tmp_path: Path) -> None:
    result = call("--runtime", fake(name), "--out", tmp_path)
    assert result.exit_code == STATUS[name], result.output
    assert all(graph in result.stdout for graph in THREE)
    assert len(read(tmp_path).records) == len(THREE) * 3  # the two checks, and the runtime
    again = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert again.exit_code == 0
    assert again.stdout.strip() in result.stdout
    assert "alpha : float" in (tmp_path / "report.md").read_text(encoding="utf-8")
    as_json = CliRunner().invoke(main, ["report", str(tmp_path), "--format", "json"])
    assert len(json.loads(as_json.stdout)["results"]) == len(THREE) * 3


def test_an_unknown_graph_is_a_mistake(tmp_path: Path) -> None:
    """The known names are told, and no folder is made."""
    result = call("--case", "konv-*", "--out", tmp_path / "new")
    assert result.exit_code == 2
    assert "unknown invalid graph 'konv-*'" in result.stderr
    assert "conv-group-zero" in result.stderr
    assert not (tmp_path / "new").exists()


def test_an_unknown_runtime_is_a_mistake(tmp_path: Path) -> None:
    assert call("--runtime", "torsch", "--out", tmp_path).exit_code == 2


def test_the_catalogue_is_listed() -> None:
    result = CliRunner().invoke(main, ["list", "invalid"])
    assert "conv-group-zero: Conv: attribute('group', 0)" in result.stdout
    assert len(result.stdout.splitlines()) == 2 * len(CATALOGUE)


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.id)
def test_real_runtimes_accept_the_twins(twin: Case, name: str) -> None:
    """Or decline them, as what they do not have."""
    if isinstance(availability(name), Unavailable):
        pytest.skip(f"{name} is not here")
    record = try_graph(twin, name, open_runtime(name))
    assert record.verdict == "pass", record.message
    assert record.outcome in ("computed", "declined"), record.message


@pytest.mark.parametrize("name", REAL)
def test_hardly_a_twin_is_declined(name: str) -> None:
    if isinstance(availability(name), Unavailable):
        pytest.skip(f"{name} is not here")
    runtime = open_runtime(name)
    outcomes = [try_graph(twin, name, runtime).outcome for twin in TWINS]
    assert outcomes.count("computed") > 0.9 * len(TWINS)
