"""The recount agrees with brute force, and notices what is taken away."""

from __future__ import annotations

from itertools import combinations, product
from random import Random
from typing import Any

import pytest

from graphs.blocks import AXES, BLOCKS
from graphs.coverage import Against, Coverage, against, count
from graphs.grid import coverage, is_valid, rows

AXES_OF_THREE: dict[str, tuple[Any, ...]] = {"a": (None, 0, 1), "b": ("x", "y"), "c": ((1, 2), (3,))}
ALL = [dict(zip(AXES_OF_THREE, values, strict=True)) for values in product(*AXES_OF_THREE.values())]


def no_rule(row: dict[str, Any]) -> bool:
    return True


def b_is_x_where_a_is_0(row: dict[str, Any]) -> bool:
    return bool(row["a"] != 0) or row["b"] == "x"


def pairs(found: list[dict[str, Any]], strength: int = 2) -> set[tuple[tuple[str, Any], ...]]:
    """Combinations of named values that occur."""
    return {tuple((name, row[name]) for name in names) for row in found for names in combinations(row, strength)}


@pytest.mark.parametrize("strength", [1, 2, 3])
@pytest.mark.parametrize("rule", [no_rule, b_is_x_where_a_is_0])
def test_all_valid_rows_cover_everything(rule: Any, strength: int) -> None:
    valid = [row for row in ALL if rule(row)]
    found = count(AXES_OF_THREE, valid, rule, strength)
    total = len(pairs(ALL, strength))
    assert found == Coverage(strength, len(pairs(valid, strength)), (), total - len(pairs(valid, strength)))


def test_missing_combinations_are_named() -> None:
    kept = [row for row in ALL if (row["a"], row["c"]) != (1, (3,))]
    found = count(AXES_OF_THREE, kept, no_rule)
    assert found.missing == ((("a", 1), ("c", (3,))),)
    assert found.covered == len(pairs(ALL)) - 1
    assert str(found) == "15 of 16 valid 2-way combinations (93.8 %), 0 ruled out"


def test_none_is_not_0() -> None:
    """An omitted attribute and one at its default are two values."""
    kept = [row for row in ALL if row["a"] is not None]
    assert {combination[0] for combination in count(AXES_OF_THREE, kept, no_rule).missing} == {("a", None)}


@pytest.mark.parametrize("block", BLOCKS)
def test_quick_tier_is_complete(block: str) -> None:
    """By the recount, and by counting pairs here."""
    found = coverage(block, "quick")
    assert found.missing == ()
    held = pairs([{name: repr(value) for name, value in row.items()} for row in rows(block, "quick")])
    assert found.covered == len(held)
    assert all(is_valid(block, row) for row in rows(block, "quick"))


@pytest.mark.parametrize("block", BLOCKS)
def test_what_is_ruled_out_is_in_no_drawn_spec(block: str) -> None:
    """Combinations that no row of the tier holds are invalid in each context drawn, not in the tier's alone."""
    axes, source = AXES[block], Random(1)
    held = pairs([{name: repr(value) for name, value in row.items()} for row in rows(block, "quick")])
    found = []
    for names in combinations(axes, 2):
        for values in product(*(axes[name] for name in names)):
            changed = dict(zip(names, values, strict=True))
            if tuple((name, repr(value)) for name, value in changed.items()) not in held:
                contexts = ({name: source.choice(of) for name, of in axes.items()} for _ in range(400))
                found += [changed for context in contexts if is_valid(block, {**context, **changed})][:1]
    assert not found


@pytest.mark.parametrize("block", BLOCKS)
def test_every_removed_row_is_noticed(block: str) -> None:
    """Each combination that only the removed row held is reported missing: a dozen rows of each block."""
    tier = rows(block, "quick")
    for i in range(0, len(tier), max(5, len(tier) // 12)):
        rest = [*tier[:i], *tier[i + 1 :]]
        named = [[{name: repr(value) for name, value in row.items()} for row in part] for part in (tier, rest)]
        lost = pairs(named[0]) - pairs(named[1])
        found = count(AXES[block], rest, lambda values: is_valid(block, values))
        assert {tuple((name, repr(value)) for name, value in m) for m in found.missing} == lost


@pytest.mark.parametrize("strength", [1, 2, 3])
def test_against_other_rows(strength: int) -> None:
    """Sets of combinations by brute force: what both have, what one lacks, what the other has beyond."""
    labels = [{name: repr(value) for name, value in row.items()} for row in ALL]
    rows_had, due = labels[:5], labels[3:]
    found = against(rows_had, due, strength)
    had, wanted = pairs(rows_had, strength), pairs(due, strength)
    assert (found.covered, found.beyond) == (len(had & wanted), len(had - wanted))
    assert set(found.missing) == wanted - had
    assert found.due == len(wanted)
    assert against(due, due, strength) == Against(strength, len(wanted), (), 0)
