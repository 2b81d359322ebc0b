"""The mutation score: planted faults, what the tiers and ONNX's node suite find of them, and how it is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance import power
from conformance.cli import main
from conformance.power import ONNX, Mutant
from conformance.scores import Outcome, share, share_of_faults, survivors
from graphs.blocks import BLOCKS
from tests.fakes.faults import FAMILIES, FAULTS
from tests.fakes.planted import identifier
from tests.reference.test_node_cases import CONFLICTS

ROOT = Path(__file__).parent.parent.parent
ASKED = (
    "attributes", "padding", "defaults", "SIMD tails", "blocked channels", "tile edges", "layout", "groups", "ties",
    "NaN", "precision", "state", "fusion", "opset confusions", "crash", "hang",
)  # fmt: skip
ENDING = [name for name, fault in FAULTS.items() if fault.ends_process]


@pytest.mark.parametrize("family", ASKED)
def test_every_family_has_faults(family: str) -> None:
    assert sum(fault.family == family for fault in FAULTS.values()) >= (4 if family in ("crash", "hang") else 10)


def test_there_are_enough_and_no_two_have_one_name() -> None:
    assert len(FAULTS) == sum(len(table) for tables in FAMILIES.values() for table in tables) >= 120
    assert len({identifier(name) for name in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_has_a_source_and_blocks(name: str) -> None:
    assert len(FAULTS[name].source) > 5
    assert FAULTS[name].blocks
    assert set(FAULTS[name].blocks) <= set(BLOCKS)
    assert len(set(FAULTS[name].blocks)) == len(FAULTS[name].blocks)


@pytest.mark.parametrize(
    ("mutant", "where"),
    [
        (Mutant("abort at minus infinity", "max_pool"), "special$|minus-infinity$"),
        (Mutant("hang at minus infinity", "relu"), "special$"),
        (Mutant("exit with status 0", "resize"), "antialias|-aa1-"),
    ],
)
def test_what_ends_its_process_is_killed_through_the_runner(mutant: Mutant, where: str) -> None:
    """By a case that has what ends it, and not by one before that."""
    assert re.search(where, power.ended_by(mutant, "quick"))


def test_onnx_s_suite_is_run_on_the_same_fault() -> None:
    """Pads that are equal on both sides do not tell which is which; strides are in it."""
    assert power.killer(Mutant("pads ignored", "conv"), ONNX)
    assert power.killer(Mutant("begin and end pads swapped", "conv"), ONNX) == ""
    assert power.killer(Mutant("begin and end pads swapped", "conv"), "quick")


def test_of_onnx_s_cases_those_count_that_the_correct_runtime_passes() -> None:
    """It fails those alone that docs and tests explain, such as two of Resize."""
    from conformance import node_suite

    cases = node_suite.suite()
    assert power.sound("conv") == {case.name for case in cases["Conv"]}
    assert len(power.sound("conv")) > 20
    assert {case.name for case in cases["Resize"]} - power.sound("resize") <= set(CONFLICTS)


def outcome(fault: str, block: str, **killers: str) -> Outcome:
    return Outcome(fault=fault, family="f", block=block, killers=killers)


def test_scores_count_mutants_and_faults() -> None:
    """A suite that was not tried on a mutant does not count it; a fault is found where it is in all its blocks."""
    found = [
        outcome("a", "x", quick="c", other=""),
        outcome("a", "y", quick=""),
        outcome("b", "x", quick="d", other="e"),
    ]
    assert str(share(found, "quick")) == "2 of 3 (66.7 %)"
    assert str(share_of_faults(found, "quick")) == "1 of 2 (50.0 %)"
    assert str(share(found, "other")) == "1 of 2 (50.0 %)"
    assert survivors(found, "quick") == [found[1]]
    assert survivors(found, "other") == [found[0]]
    assert str(share(found, "none")) == "-"


def test_the_command_prints_scores_and_survivors(tmp_path: Path) -> None:
    file = tmp_path / "power.md"
    arguments = ["power", "--fault", "ties", "--block", "max_pool", "--block", "thresholded_relu", "--onnx", "-j", "1"]
    result = CliRunner().invoke(main, [*arguments, "--out", str(file)])
    assert result.exit_code == 0, result.output
    assert re.search(r"\| ties +\| 2 +\| 2 of 2 \(100\.0 %\) +\| [012] of 2", result.stdout)
    assert "Survivors of quick: none." in result.stdout
    assert file.read_text(encoding="utf-8").strip() in result.stdout


def test_an_unknown_fault_is_a_user_s_mistake() -> None:
    result = CliRunner().invoke(main, ["power", "--fault", "nonsense"])
    assert result.exit_code == 2
    assert "unknown fault 'nonsense'" in result.output
    assert "tile edges" in result.output


def test_without_a_checkout_it_says_where_the_faults_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(power, "__file__", str(tmp_path / "conformance" / "power.py"))
    power.planted.cache_clear()
    result = CliRunner().invoke(main, ["power"])
    power.planted.cache_clear()
    assert result.exit_code == 2
    assert "the planted faults are in tests/ of a checkout" in result.output


def test_the_page_is_of_these_faults() -> None:
    """docs/power.md is what the command printed when the faults were as they are."""
    page = (ROOT / "docs" / "power.md").read_text(encoding="utf-8")
    assert re.search(rf"\| all +\| {len(FAULTS)} ", page)
    for family in FAMILIES:
        number = sum(fault.family == family for fault in FAULTS.values())
        assert re.search(rf"\| {family} +\| {number} ", page), family


@pytest.mark.long
def test_quick_kills_nearly_all_and_standard_the_rest() -> None:
    found = power.carry_out(power.mutants(list(BLOCKS), "*"), ["quick", "standard"], onnx=False, workers=2)
    quick = share(found, "quick")
    assert quick.killed >= 0.98 * quick.tried
    assert survivors(found, "standard") == []
    slow = [Mutant(o.fault, o.block) for o in survivors(found, "quick")]
    assert {mutant.fault for mutant in slow} == {name for name, fault in FAULTS.items() if fault.is_standard}
