"""How much of a grid a set of rows covers, counted without the generator that made them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

Named = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Coverage:
    """Combinations of ``strength`` axis values: occurring, valid but absent, and ruled out by the specs."""

    strength: int
    covered: int
    missing: tuple[Named, ...]
    ruled_out: int

    def __str__(self) -> str:
        valid = self.covered + len(self.missing)
        share = 100.0 * self.covered / valid if valid else 100.0
        kind = f"valid {self.strength}-way combinations"
        return f"{self.covered} of {valid} {kind} ({share:.1f} %), {self.ruled_out} ruled out"


def count(
    axes: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    is_valid: Callable[[dict[str, Any]], bool],
    strength: int = 2,
) -> Coverage:
    """Recount ``rows``.

    A combination that no row holds counts as missing when putting it into some row gives a valid
    one, and as ruled out when it is invalid in the context of every row.
    """
    covered, missing, ruled_out = 0, [], 0
    for names in combinations(axes, strength):
        held = {tuple(repr(row[name]) for name in names) for row in rows}
        for values in product(*(axes[name] for name in names)):
            wanted = dict(zip(names, values, strict=True))
            if tuple(map(repr, values)) in held:
                covered += 1
            elif any(is_valid({**row, **wanted}) for row in rows):
                missing.append(tuple(wanted.items()))
            else:
                ruled_out += 1
    return Coverage(strength, covered, tuple(missing), ruled_out)


@dataclass(frozen=True)
class Against:
    """Combinations of ``strength`` labels that rows have, against those that ``due`` rows have.

    ``beyond`` counts the others that the rows have.
    """

    strength: int
    covered: int
    missing: tuple[Named, ...]
    beyond: int

    @property
    def due(self) -> int:
        """How many there are to have."""
        return self.covered + len(self.missing)

    @property
    def share(self) -> str:
        """In per cent, whole."""
        return f"{100 * self.covered / self.due:.1f} %" if self.due else "-"


def against(rows: Sequence[Mapping[str, str]], due: Sequence[Mapping[str, str]], strength: int) -> Against:
    """Which combinations of the ``due`` rows the others have; the missing ones come in the order of those rows."""
    covered, missing, beyond = 0, [], 0
    for names in combinations(due[0], strength):
        held = {tuple(row[name] for name in names) for row in rows}
        wanted = dict.fromkeys(tuple(row[name] for name in names) for row in due)
        covered += len(wanted.keys() & held)
        beyond += len(held - wanted.keys())
        missing += [tuple(zip(names, values, strict=True)) for values in wanted if values not in held]
    return Against(strength, covered, tuple(missing), beyond)
