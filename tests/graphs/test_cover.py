"""Covering arrays: every combination that some valid row holds occurs, no row is invalid, and the rows are few."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from math import comb
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.cover import cover

Row = tuple[int, ...]
Rule = frozenset[tuple[int, int]]  # (axis, value) pairs that must not occur together

# (strength, axes, values) -> least rows known: CAN tables of Colbourn, https://www.public.asu.edu/~ccolbou/src/tabby/
# The binary ones of strength 2 are proved minimal (Kleitman & Spencer 1973; Katona 1973), and so are those of three
# values of up to 15 rows, and 19 (Nurmela 2004; Kokkala et al. 2018); 10 and 12 of strength 3 are by Johnson &
# Entringer 1989, 33 by Chateauneuf & Kreher 2002.
TEXTBOOK = {
    (2, 4, 2): 5,
    (2, 10, 2): 6,
    (2, 5, 3): 11,
    (2, 7, 3): 12,
    (2, 9, 3): 13,
    (2, 10, 3): 14,
    (2, 13, 3): 15,
    (2, 20, 3): 15,
    (2, 6, 4): 19,
    (2, 7, 5): 29,
    (2, 4, 6): 37,
    (3, 5, 2): 10,
    (3, 6, 2): 12,
    (3, 11, 2): 12,
    (3, 5, 3): 33,
    (3, 6, 3): 33,
}
ORTHOGONAL = {(2, 4, 3): 9, (2, 5, 4): 16, (3, 4, 2): 8, (3, 4, 3): 27}  # each combination once (Bush 1952)


def held(rows: Sequence[Row], strength: int) -> set[tuple[tuple[int, int], ...]]:
    """Combinations of (axis, value) that occur, by brute force."""
    return {
        tuple((axis, row[axis]) for axis in axes) for row in rows for axes in combinations(range(len(row)), strength)
    }


def unconstrained(row: dict[str, Any]) -> None:
    """No row is invalid."""


@pytest.mark.parametrize(("strength", "axes", "values"), TEXTBOOK | ORTHOGONAL)
def test_textbook_arrays(strength: int, axes: int, values: int) -> None:
    """At most 1.3 times the least, and the least itself where it is a small orthogonal array."""
    rows = cover({f"a{i}": range(values) for i in range(axes)}, unconstrained, strength)
    assert len(held(rows, strength)) == comb(axes, strength) * values**strength
    assert len(rows) <= 1.3 * TEXTBOOK.get((strength, axes, values), 1000)
    assert len(rows) <= ORTHOGONAL.get((strength, axes, values), 1000)


@st.composite
def spaces(draw: st.DrawFn) -> tuple[list[int], list[Rule]]:
    """Sizes of two to five axes, and up to six forbidden combinations of one to three values."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    literal = st.sampled_from([(a, v) for a, size in enumerate(sizes) for v in range(size)])
    rules = draw(st.lists(st.frozensets(literal, min_size=1, max_size=3), max_size=6))
    return sizes, [rule for rule in rules if len({axis for axis, _ in rule}) == len(rule)]


def conflict_of(rules: Sequence[Rule]) -> Any:
    """The first broken rule's axes, as a spec's validation names them."""

    def conflict(row: dict[str, int]) -> list[str] | None:
        for rule in rules:
            if all(row[f"a{axis}"] == value for axis, value in rule):
                return [f"a{axis}" for axis, _ in rule]
        return None

    return conflict


def valid_rows(sizes: Sequence[int], rules: Sequence[Rule]) -> list[Row]:
    """The whole space, enumerated."""
    return [
        row for row in product(*map(range, sizes))
        if not any(all(row[axis] == value for axis, value in rule) for rule in rules)
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(spaces(), st.integers(1, 3))
def test_constrained_arrays(space: tuple[list[int], list[Rule]], strength: int) -> None:
    """Compared with the enumeration of all valid rows: nothing valid is lost, nothing invalid is made."""
    sizes, rules = space
    axes = {f"a{i}": range(size) for i, size in enumerate(sizes)}
    strength = min(strength, len(sizes))
    rows = cover(axes, conflict_of(rules), strength)
    valid = valid_rows(sizes, rules)
    assert set(rows) <= set(valid)
    assert held(rows, strength) == held(valid, strength)
    assert len(rows) == len(set(rows)) <= len(valid)
    assert rows == cover(axes, conflict_of(rules), strength)


@settings(max_examples=100, deadline=None)
@given(spaces(), st.data())
def test_covered_rows_are_not_repeated(space: tuple[list[int], list[Rule]], data: st.DataObject) -> None:
    """With rows given, only what they lack is added."""
    sizes, rules = space
    valid = valid_rows(sizes, rules)
    given_rows = data.draw(st.lists(st.sampled_from(valid), unique=True)) if valid else []
    axes = {f"a{i}": range(size) for i, size in enumerate(sizes)}
    rows = cover(axes, conflict_of(rules), 2, covered=given_rows)
    assert held([*rows, *given_rows], 2) == held(valid, 2)
    assert cover(axes, conflict_of(rules), 2, covered=valid) == []


@settings(max_examples=100, deadline=None)
@given(spaces())
def test_impatience_loses_rows_and_never_makes_invalid_ones(space: tuple[list[int], list[Rule]]) -> None:
    sizes, rules = space
    axes = {f"a{i}": range(size) for i, size in enumerate(sizes)}
    assert set(cover(axes, conflict_of(rules), 2, patience=1)) <= set(valid_rows(sizes, rules))


@settings(max_examples=100, deadline=None)
@given(spaces(), st.integers(1, 3))
def test_taking_rows_out_loses_nothing(space: tuple[list[int], list[Rule]], strength: int) -> None:
    """Against the same search without it."""
    sizes, rules = space
    axes = {f"a{i}": range(size) for i, size in enumerate(sizes)}
    strength = min(strength, len(sizes))
    plain, shrunk = (cover(axes, conflict_of(rules), strength, moves=moves) for moves in (0, 200))
    assert held(plain, strength) == held(shrunk, strength)
    assert len(shrunk) <= len(plain)


def test_a_rule_over_every_axis_is_solved() -> None:
    """The only valid rows have an even sum: no pair is ever excluded by itself."""
    axes = {f"a{i}": range(3) for i in range(5)}
    rows = cover(axes, lambda row: None if sum(row.values()) % 2 == 0 else list(row), 2)
    assert all(sum(row) % 2 == 0 for row in rows)
    assert held(rows, 2) == held(list(product(range(3), repeat=5)), 2)


def test_no_valid_row_gives_no_row() -> None:
    assert cover({"a0": range(2), "a1": range(2)}, lambda row: ["a0"], 2) == []
