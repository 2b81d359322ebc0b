"""What became of planted faults: plain data, for tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

EVERY = "all"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One fault in one block: the case of each suite that killed it, empty where none did."""

    fault: str
    family: str
    block: str
    killers: dict[str, str] = field(default_factory=dict)  # suite -> case; no entry where it was not tried
    source: str = ""


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    killed: int
    tried: int

    def __str__(self) -> str:
        if not self.tried:
            return "-"
        return f"{self.killed} of {self.tried} ({100 * self.killed / self.tried:.1f} %)"


def share(outcomes: Iterable[Outcome], suite: str) -> Share:
    """Mutants, each a fault in a block, that a suite kills, of those that it was tried on."""
    tried = [o for o in outcomes if suite in o.killers]
    return Share(sum(bool(o.killers[suite]) for o in tried), len(tried))


def share_of_faults(outcomes: Iterable[Outcome], suite: str) -> Share:
    """Faults that a suite kills in every block that they were tried in."""
    found: dict[str, bool] = {}
    for o in outcomes:
        if suite in o.killers:
            found[o.fault] = found.get(o.fault, True) and bool(o.killers[suite])
    return Share(sum(found.values()), len(found))


def by_family(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The mutants of each family, in order, and of all of them."""
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.family, []).append(outcome)
    return found | {EVERY: list(outcomes)}


def survivors(outcomes: Iterable[Outcome], suite: str) -> list[Outcome]:
    """Mutants that a suite lets pass."""
    return [o for o in outcomes if not o.killers.get(suite, "-")]
