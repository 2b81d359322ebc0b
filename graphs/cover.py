"""Covering arrays under constraints: few rows in which every valid combination of t axis values occurs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import combinations, islice, product
from operator import or_
from typing import Any

Literal = tuple[int, int]  # (axis number, value number)
Row = tuple[int, ...]
# Which axes make a full assignment invalid, or None where it is valid.  The rule may read no other axis.
Conflict = Callable[[dict[str, Any]], Sequence[str] | None]
Rank = Callable[[dict[int, int], int], list[int]]  # partial row, axis -> the axis's values, best first


class Bits:
    """Literals as bits of one integer: those of the first axis are the lowest."""

    def __init__(self, sizes: Sequence[int]):
        self.starts = [sum(sizes[:axis]) for axis in range(len(sizes))]

    def of(self, axis: int, value: int) -> int:
        """One literal as a set of its own."""
        return 1 << (self.starts[axis] + value)

    def all(self, literals: Iterable[Literal]) -> int:
        """A set of literals."""
        return reduce(or_, (self.of(*literal) for literal in literals), 0)


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


class Missing:
    """The combinations not yet covered, in a fixed order; each is a set of literals, held as bits of one integer."""

    def __init__(self, sizes: Sequence[int], strength: int):
        self.sizes = sizes
        self.strength = strength
        self.bit = Bits(sizes).of
        self.left = dict.fromkeys(
            reduce(or_, map(self.bit, which, values))
            for which in combinations(range(len(sizes)), strength)
            for values in product(*(range(sizes[axis]) for axis in which))
        )

    def literals(self, combination: int) -> list[Literal]:
        """The literals of a set."""
        pairs = ((axis, value) for axis, size in enumerate(self.sizes) for value in range(size))
        return [literal for literal in pairs if self.bit(*literal) & combination]

    def in_row(self, row: Row) -> Iterator[int]:
        """The combinations of a row that are missing."""
        bits = [self.bit(axis, value) for axis, value in enumerate(row)]
        return (c for c in (reduce(or_, some) for some in combinations(bits, self.strength)) if c in self.left)

    def cover(self, row: Row) -> None:
        """Strike out what a row holds."""
        for combination in list(self.in_row(row)):
            del self.left[combination]

    def rank(self, row: dict[int, int], axis: int) -> list[int]:
        """The axis's values, first those that complete the most missing combinations with the row so far."""
        bits = [self.bit(*literal) for literal in row.items()]
        groups = [reduce(or_, some, 0) for some in combinations(bits, self.strength - 1)]
        gains = [
            sum(group | self.bit(axis, value) in self.left for group in groups) for value in range(self.sizes[axis])
        ]
        return sorted(range(self.sizes[axis]), key=lambda value: -gains[value])


def cover(
    axes: Mapping[str, Sequence[Any]],
    conflict: Conflict,
    strength: int = 2,
    covered: Sequence[Row] = (),
    patience: int | None = None,
    tries: int = 8,
) -> list[Row]:
    """Rows (value numbers, one an axis) that hold every combination of ``strength`` values some valid row holds.

    Greedy, after AETG (Cohen, Dalal, Fredman & Patton 1997): of ``tries`` candidates, each grown from a
    missing combination by giving the other axes, in an order of its own, the values that cover the most
    missing ones, the best becomes the next row.  Deterministic.  ``covered`` are rows that exist
    already.  With ``patience`` a combination that is hard to complete is left out.
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
    return rows
