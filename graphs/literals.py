"""Combinations of axis values as sets of bits: which of them a row holds, and which are still missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import combinations, product
from operator import or_

Literal = tuple[int, int]  # (axis number, value number)
Row = tuple[int, ...]


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
