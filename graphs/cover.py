"""Covering arrays under constraints: few rows in which every valid combination of t axis values occurs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from graphs.literals import Bits, Literal, Missing, Row
from graphs.shrink import shrink

# Which axes make a full assignment invalid, or None where it is valid.  The rule may read no other axis.
Conflict = Callable[[dict[str, Any]], Sequence[str] | None]
Rank = Callable[[dict[int, int], int], list[int]]  # partial row, axis -> the axis's values, best first


class Solver:
    """Completes partial rows to valid ones by backtracking, and remembers every reason why one was not valid.

    A reason is a set of literals (a *nogood*).  `complete` explores all completions that no reason
    excludes, so that None proves that there is none; unless it gives up after ``patience`` dead ends.
    """

    def __init__(self, axes: Mapping[str, Sequence[Any]], conflict: Conflict, patience: int | None = None):
        self.names = list(axes)
        self.values = [list(axes[name]) for name in self.names]
        self.bits = Bits([len(values) for values in self.values])
        self.conflict = conflict
        self.patience = patience
        # literal -> what makes it impossible, in the order found: the other literals as bits, and all the axes
        self.reasons: dict[Literal, list[tuple[int, frozenset[int]]]] = {}

    def complete(self, fixed: Sequence[Literal], order: Sequence[int], rank: Rank) -> Row | None:
        """A valid row that contains ``fixed``; free axes come in ``order``, each trying its values as ranked."""
        row: dict[int, int] = {}
        held = 0
        for literal in fixed:
            if self._excluded(held, literal):
                return None
            row[literal[0]] = literal[1]
            held |= self.bits.of(*literal)
        self._spent = 0
        failed = self._search(row, held, [axis for axis in order if axis not in row], rank)
        return tuple(row[a] for a in range(len(self.names))) if failed is None else None

    def _search(self, row: dict[int, int], held: int, free: list[int], rank: Rank) -> set[int] | None:
        """Fill ``free`` in place; None on success, else the axes to blame (others need not be retried).

        ``held`` is the row as bits.
        """
        if not free:
            return self._blame(row)
        axis, rest = free[0], free[1:]
        blame: set[int] = set()
        for value in rank(row, axis):
            reason = self._excluded(held, (axis, value))
            if reason is not None:
                self._spent += 1
                blame |= reason
                continue
            row[axis] = value
            found = self._search(row, held | self.bits.of(axis, value), rest, rank)
            if found is None:
                return None
            del row[axis]
            if axis not in found or (self.patience is not None and self._spent >= self.patience):
                return found
            blame |= found
        return blame - {axis}

    def _excluded(self, held: int, literal: Literal) -> frozenset[int] | None:
        """The axes of a known reason why a row of these bits cannot take ``literal``."""
        for others, blame in self.reasons.get(literal, ()):
            if others & held == others:
                return blame
        return None

    def _blame(self, row: dict[int, int]) -> set[int] | None:
        """Check a full row; learn the reason where it is invalid."""
        named = self.conflict({self.names[a]: self.values[a][v] for a, v in row.items()})
        if named is None:
            return None
        self._spent += 1
        blame = frozenset(self.names.index(name) for name in named)
        reason = self.bits.all((a, row[a]) for a in blame)
        for a in blame:
            self.reasons.setdefault((a, row[a]), []).append((reason & ~self.bits.of(a, row[a]), blame))
        return set(blame)


def cover(
    axes: Mapping[str, Sequence[Any]],
    conflict: Conflict,
    strength: int = 2,
    covered: Sequence[Row] = (),
    patience: int | None = None,
    tries: int = 8,
    moves: int = 2000,
) -> list[Row]:
    """Rows (value numbers, one an axis) that hold every combination of ``strength`` values some valid row holds.

    Greedy, after AETG (Cohen, Dalal, Fredman & Patton 1997): of ``tries`` candidates, each grown from a
    missing combination by giving the other axes, in an order of its own, the values that cover the most
    missing ones, the best becomes the next row.  Then rows are taken out as long as `shrink` finds a way in
    ``moves`` moves.  Deterministic.  ``covered`` are rows that exist already.  With ``patience`` a combination
    that is hard to complete is left out.
    """
    solver = Solver(axes, conflict, patience)
    missing = Missing([len(values) for values in solver.values], strength)
    for row in covered:
        missing.cover(row)
    rows: list[Row] = []
    while missing.left:
        candidates = []
        step = -(-len(missing.left) // tries)
        for number, seed in enumerate(list(islice(missing.left, 0, None, step))):
            order = sorted(range(len(solver.names)), key=lambda axis: (axis + 1) * (number + 1) * 7919 % 104729)
            found = solver.complete(missing.literals(seed), order, missing.rank)
            if found is None:
                del missing.left[seed]
            else:
                candidates.append(found)
        if candidates:
            rows.append(max(candidates, key=lambda row: sum(1 for _ in missing.in_row(row))))
            missing.cover(rows[-1])
    if not moves:
        return rows

    def is_valid(row: Row) -> bool:
        return conflict({name: of[v] for name, of, v in zip(solver.names, solver.values, row, strict=True)}) is None

    return shrink(rows, covered, solver.bits, strength, is_valid, moves)
