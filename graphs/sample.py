"""Tier full: all rows of a block's axes that are valid, or as many as a run can take, drawn from all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from math import prod
from typing import Any

from graphs.draw import Draw

MOST = 20_000  # rows of a block
TRIES = 50  # draws for each row at the most, should hardly any be valid
AT_ONCE = 1024


@dataclass(frozen=True)
class Sample:
    """Valid rows, out of how many rows in all; ``share`` of them is valid, exactly where every row was ``seen``."""

    rows: tuple[dict[str, Any], ...]
    size: int
    share: float
    is_whole: bool

    def __str__(self) -> str:
        if self.is_whole:
            return f"all {len(self.rows):,} valid rows of the {self.size:,} in the product"
        valid = f"{float(f'{self.share * self.size:.2g}'):,.0f}"
        return (
            f"{len(self.rows):,} of about {valid} valid rows, drawn from the {self.size:,} in the product, "
            f"of which {100 * self.share:.1f} % are valid by the draw"
        )


def sample(
    name: str, axes: Mapping[str, Sequence[Any]], is_valid: Callable[[dict[str, Any]], bool], most: int = MOST
) -> Sample:
    """The valid rows in the order of the product where it has ``most`` rows or fewer, else ``most`` drawn ones.

    Each axis's value is drawn by itself, from the SHA-256 of ``name``; rows that are invalid or were drawn before are
    put back. So each set of as many valid rows is as likely as any other, up to 2^-32 an axis.
    """
    size = prod(map(len, axes.values()))
    if size <= most:
        every = (dict(zip(axes, values, strict=True)) for values in product(*axes.values()))
        rows = tuple(filter(is_valid, every))
        return Sample(rows, size, len(rows) / size, is_whole=True)
    draw = Draw(f"full {name}")
    found: dict[tuple[int, ...], bool] = {}  # row drawn -> whether it is valid
    drawn = valid = 0
    while drawn < TRIES * most and valid < most:
        columns = [draw.integers(0, len(of) - 1, (AT_ONCE,)).tolist() for of in axes.values()]
        for row in zip(*columns, strict=True):
            if row not in found:
                found[row] = is_valid(named(axes, row))
                valid += found[row]
            drawn += 1
    rows = tuple(named(axes, row) for row in islice((row for row, fits in found.items() if fits), most))
    return Sample(rows, size, valid / len(found), is_whole=False)


def named(axes: Mapping[str, Sequence[Any]], row: Sequence[int]) -> dict[str, Any]:
    """Axis -> value, for value numbers."""
    return {name: of[number] for (name, of), number in zip(axes.items(), row, strict=True)}
