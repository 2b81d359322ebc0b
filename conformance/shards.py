"""A run in parts: ``i/n`` is every n-th case from the i-th on, so that each has its share of every block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class BadShard(ValueError):
    """Words that are no shard."""


class Shard(NamedTuple):
    """The ``number``-th part, from 1, of ``total``."""

    number: int
    total: int

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"

    def of(self, cases: Sequence[T], start: int = 0) -> Sequence[T]:
        """Its cases of these, which follow ``start`` others; each case is in one shard."""
        return cases[(self.number - 1 - start) % self.total :: self.total]

    def share(self, count: int) -> int:
        """How many of so many cases are its own; shards differ by one at the most."""
        return len(range(self.number - 1, count, self.total))


def shard_of(text: str) -> Shard:
    """``2/5`` is the second of five; raises `BadShard`."""
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise BadShard(f"--shard {text!r:.40} must be i/n with 1 <= i <= n, such as 1/4")
    return Shard(int(found[1]), int(found[2]))
