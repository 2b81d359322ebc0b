"""Amounts of padding along axes: what they do on one axis, and patterns for grids that hold for any shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from graphs.geometry import Ints


class Side(NamedTuple):
    """One axis of ``size`` elements; a negative amount removes."""

    size: int
    begin: int
    end: int

    @property
    def length(self) -> int:
        """Elements afterwards."""
        return self.size + self.begin + self.end

    @property
    def kept(self) -> int:
        """Elements of the axis itself that are left; negative where more are removed than there are."""
        return self.size + min(self.begin, 0) + min(self.end, 0)

    @property
    def added(self) -> int:
        """The most elements added on one side."""
        return max(self.begin, self.end, 0)

    def order_matters(self, mode: str | None) -> bool:
        """Whether removing first and adding first give different results, or one of them cannot be done."""
        if self.kept == self.size or not self.added:
            return False
        if mode in (None, "constant"):
            return self.kept < 0  # removal reaches into what the other side adds
        return self.kept < 1 or mode == "wrap" or (mode == "reflect" and self.added >= self.kept)

    @property
    def exceeds_reflection(self) -> bool:
        """Whether a single reflection on each end has fewer elements than are to be added."""
        return self.added >= max(self.kept, 1)


# Begin and end for the i-th axis named, of n elements; the last of them is the i = last one.
PATTERNS: dict[str, Callable[[int, int, int], Ints]] = {
    "asymmetric": lambda i, n, last: ((1, 0, 2, 1, 0)[i], (0, 2, 1, 1, 1)[i]),
    "remove": lambda i, n, last: (-min(1 - i % 2, n - 1), -min(i % 2, n - 1)),
    "last two": lambda i, n, last: (1, 2 - (n < 3)) if i > last - 2 else (0, 0),
    "remove and add": lambda i, n, last: (-1, 1) if n > 2 and i % 2 else (1, -1) if n > 2 else (0, 0),
    "up to extent": lambda i, n, last: (n - 1, n - 1),
    "past extent": lambda i, n, last: (n, n + 1) if i > last - 2 else (0, 0),
    "remove all": lambda i, n, last: (-n, 2) if i == last else (0, 0),
    "zero": lambda i, n, last: (0, 0),
}
# Which axes of how many are named, and in which type; None: all of them, unnamed.
NAMED: dict[str | None, Callable[[int], tuple[Ints | None, str]]] = {
    None: lambda rank: (None, "int64"),
    "negative": lambda rank: (tuple(range(-rank, 0)), "int64"),
    "last": lambda rank: ((rank - 1,), "int32"),
    "reversed": lambda rank: (tuple(reversed(range(rank))), "int64"),
}
