"""Takes rows out of a covering array and mends what is lost, by tabu search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from random import Random

from graphs.literals import Bits, Literal, Row

DRAWN = 0.02  # of the moves are any, not the best: they lead out of where all the best ones lead in a circle
Change = tuple[int, int, int]  # row number, axis, the value that it gets


def shrink(
    rows: Sequence[Row],
    covered: Sequence[Row],
    bits: Bits,
    strength: int,
    is_valid: Callable[[Row], bool],
    moves: int,
) -> list[Row]:
    """Fewer rows, if that can be, that hold with ``covered`` what these do.

    One row is dropped at a time, as long as `Mending` succeeds within ``moves`` changes.  Deterministic.
    """
    found = list(rows)
    while found:
        mending = Mending(found, covered, bits, strength)
        mending.drop()
        if not mending.succeeds(is_valid, moves):
            return found
        found = mending.rows
    return found


class Mending:
    """Search for as many rows that hold every combination.

    After Nurmela, *Upper bounds for covering arrays by tabu search* (2004): a missing one is put into the row that
    differs from it in one axis and loses the least by it.
    """

    def __init__(self, rows: Sequence[Row], covered: Sequence[Row], bits: Bits, strength: int):
        self.rows = list(rows)
        self.bits = bits
        self.strength = strength
        self.counts: Counter[int] = Counter()  # combination -> rows that hold it
        self.literals: dict[int, tuple[Literal, ...]] = {}
        for row in rows:
            for literals in combinations(enumerate(row), strength):
                combination = bits.all(literals)
                self.counts[combination] += 1
                self.literals[combination] = literals
        spared = {bits.all(literals) for row in covered for literals in combinations(enumerate(row), strength)}
        self.due = {combination for combination in self.counts if combination not in spared}
        self.missing: dict[int, None] = {}  # ordered, so that two searches go the same way
        self.random = Random(0).random  # whose numbers every Python has alike

    def drop(self) -> None:
        """Take out the row that is missed the least."""
        held = [[self.bits.all(some) for some in combinations(enumerate(row), self.strength)] for row in self.rows]
        lost = [sum(self.counts[c] == 1 and c in self.due for c in of) for of in held]
        last = min(range(len(self.rows)), key=lambda number: (lost[number], -number))
        del self.rows[last]
        for combination in held[last]:
            self._uncount(combination)

    def succeeds(self, is_valid: Callable[[Row], bool], moves: int) -> bool:
        """Whether nothing is missing after so many changes at the most."""
        banned: dict[Change, int] = {}  # the way back -> until which move
        for move in range(moves if self.rows else 0):
            if not self.missing:
                return True
            wanted = self.literals[list(self.missing)[int(self.random() * len(self.missing))]]
            ways = [way for way in self._ways(wanted) if all(banned.get(change, 0) <= move for change in way)]
            ways = [way for way in ways if is_valid(self._after(way))]
            if ways:
                is_drawn = self.random() < DRAWN
                chosen = min(ways, key=lambda way: (0 if is_drawn else self._cost(way[0]), self.random()))
                for number, axis, value in chosen:
                    banned[number, axis, self.rows[number][axis]] = move + 3 + int(self.random() * 4)
                    self._apply((number, axis, value))
        return not self.missing

    def _ways(self, wanted: Sequence[Literal]) -> list[list[Change]]:
        """What gives some row all of the literals: one change, or several in a drawn row where no row needs but one."""
        ways = [
            [(number, axis, value) for axis, value in wanted if row[axis] != value]
            for number, row in enumerate(self.rows)
        ]
        return [way for way in ways if len(way) == 1] or [ways[int(self.random() * len(ways))]]

    def _after(self, way: Sequence[Change]) -> Row:
        """The row as it is after the changes."""
        row = list(self.rows[way[0][0]])
        for _, axis, value in way:
            row[axis] = value
        return tuple(row)

    def _pairs(self, change: Change) -> Iterator[tuple[int, int]]:
        """Each combination that a change takes away, and the one that comes in its place."""
        number, axis, value = change
        row = self.rows[number]
        old, new = self.bits.of(axis, row[axis]), self.bits.of(axis, value)
        held = [self.bits.of(a, v) for a, v in enumerate(row) if a != axis]
        for others in combinations(held, self.strength - 1):
            rest = sum(others)
            yield rest | old, rest | new

    def _cost(self, change: Change) -> int:
        """How many more are missing afterwards."""
        return sum(
            (self.counts[old] == 1 and old in self.due) - (new in self.missing) for old, new in self._pairs(change)
        )

    def _apply(self, change: Change) -> None:
        """Change a row."""
        pairs = list(self._pairs(change))
        self.rows[change[0]] = self._after([change])
        for old, new in pairs:
            self._uncount(old)
            self.counts[new] += 1
            self.missing.pop(new, None)

    def _uncount(self, combination: int) -> None:
        """One row less holds it."""
        self.counts[combination] -= 1
        if not self.counts[combination] and combination in self.due:
            self.missing[combination] = None
