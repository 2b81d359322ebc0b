"""Covering arrays under constraints: few rows in which every valid combination of t axis values occurs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

Literal = tuple[int, int]  # (axis number, value number)
Row = tuple[int, ...]
# Which axes make a full assignment invalid, or None where it is valid.  The rule may read no other axis.
Conflict = Callable[[dict[str, Any]], Sequence[str] | None]


class Solver:
    """Completes partial rows to valid ones by backtracking, and remembers every reason why one was not valid.

    A reason is a set of literals (a *nogood*).  `complete` explores all completions that no reason
    excludes, so that None proves that there is none; unless it gives up after ``patience`` dead ends.
    """

    def __init__(self, axes: Mapping[str, Sequence[Any]], conflict: Conflict, patience: int | None = None):
        self.names = list(axes)
        self.values = [list(axes[name]) for name in self.names]
        self.conflict = conflict
        self.patience = patience
        self.reasons: dict[Literal, list[frozenset[Literal]]] = {}

    def complete(self, fixed: Sequence[Literal], gain: Callable[[dict[int, int], Literal], int]) -> Row | None:
        """A valid row that contains ``fixed``; each free axis tries its values in order of ``gain``."""
        row: dict[int, int] = {}
        for literal in fixed:
            if self._excluded(row, literal):
                return None
            row[literal[0]] = literal[1]
        free = [axis for axis in range(len(self.names)) if axis not in row]
        self._spent = 0
        return tuple(row[a] for a in range(len(self.names))) if self._search(row, free, gain) is None else None

    def _search(
        self, row: dict[int, int], free: list[int], gain: Callable[[dict[int, int], Literal], int]
    ) -> set[int] | None:
        """Fill ``free`` in place; None on success, else the axes to blame (others need not be retried)."""
        if not free:
            return self._blame(row)
        axis, rest = free[0], free[1:]
        blame: set[int] = set()
        ranked = sorted(range(len(self.values[axis])), key=lambda v: -gain(row, (axis, v)))
        for value in ranked:
            reason = self._excluded(row, (axis, value))
            if reason is not None:
                self._spent += 1
                blame |= {a for a, _ in reason}
                continue
            row[axis] = value
            found = self._search(row, rest, gain)
            if found is None:
                return None
            del row[axis]
            if axis not in found or (self.patience is not None and self._spent >= self.patience):
                return found
            blame |= found
        return blame - {axis}

    def _excluded(self, row: dict[int, int], literal: Literal) -> frozenset[Literal] | None:
        """A known reason why ``row`` cannot take ``literal``."""
        for reason in self.reasons.get(literal, ()):
            if all(a == literal[0] or row.get(a) == v for a, v in reason):
                return reason
        return None

    def _blame(self, row: dict[int, int]) -> set[int] | None:
        """Check a full row; learn the reason where it is invalid."""
        named = self.conflict({self.names[a]: self.values[a][v] for a, v in row.items()})
        if named is None:
            return None
        self._spent += 1
        blame = {self.names.index(name) for name in named}
        reason = frozenset((a, row[a]) for a in blame)
        for literal in reason:
            self.reasons.setdefault(literal, []).append(reason)
        return blame


def tuples(row: Row, strength: int) -> Iterator[tuple[Literal, ...]]:
    """Every combination of ``strength`` literals that a row holds."""
    return combinations(enumerate(row), strength)


def cover(
    axes: Mapping[str, Sequence[Any]],
    conflict: Conflict,
    strength: int = 2,
    covered: Sequence[Row] = (),
    patience: int | None = None,
) -> list[Row]:
    """Rows (value numbers, one an axis) that hold every combination of ``strength`` values some valid row holds.

    Greedy, after AETG (Cohen, Dalal, Fredman & Patton 1997): each row starts from the first missing
    combination and gives every other axis the value that covers the most missing ones.  Deterministic.
    ``covered`` are rows that exist already.  With ``patience`` a combination that is hard to complete is left out.
    """
    solver = Solver(axes, conflict, patience)
    sizes = [range(len(values)) for values in solver.values]
    missing = dict.fromkeys(
        tuple(zip(which, values, strict=True))
        for which in combinations(range(len(sizes)), strength)
        for values in product(*(sizes[a] for a in which))
    )
    for row in covered:
        for combination in tuples(row, strength):
            missing.pop(combination, None)

    def gain(row: dict[int, int], literal: Literal) -> int:
        others = sorted(row.items())
        groups = combinations(others, strength - 1)
        return sum(tuple(sorted((*group, literal))) in missing for group in groups)

    rows: list[Row] = []
    while missing:
        seed = next(iter(missing))
        found = solver.complete(seed, gain)
        del missing[seed]
        if found is not None:
            rows.append(found)
            for combination in tuples(found, strength):
                missing.pop(combination, None)
    return rows
