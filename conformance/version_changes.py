"""What changes from one version of a runtime to the next: which cases, and what they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.localise import localise
from conformance.results import BAD, Record

WRONG = ("waived", *BAD)  # against the text, known or not


@dataclass
class Compared:
    """Every record of every version, the versions in the order in which they are compared."""

    versions: Sequence[str]
    records: dict[str, dict[str, Record]] = field(default_factory=dict)  # version -> case -> record

    def add(self, version: str, record: Record) -> None:
        """One result."""
        self.records.setdefault(version, {})[record.case] = record

    def of(self, version: str) -> Mapping[str, Record]:
        """The records of a version by case."""
        return self.records.get(version, {})

    def blocks(self) -> list[str]:
        """Those that occur, in the order of their first case."""
        return list(dict.fromkeys(r.block for version in self.versions for r in self.of(version).values()))

    def counts(self, version: str, block: str = "") -> Counter[str]:
        """Verdicts of a version, of one block or of all."""
        return Counter(r.verdict for r in self.of(version).values() if block in ("", r.block))


@dataclass(frozen=True)
class Change:
    """Cases of one block whose verdict changed alike in one version."""

    version: str  # in which it changed
    before: str  # the version before it
    block: str
    verdicts: tuple[str, str]
    cases: tuple[str, ...]
    stayed: int  # cases of the block that had the same verdict before, and kept it
    common: str  # what the cases have that those that stayed do not
    message: str  # of the first of them, where it is or was no pass

    @property
    def is_news(self) -> bool:
        """Whether what was right went wrong, or what was wrong right."""
        return (self.verdicts[0] in WRONG) != (self.verdicts[1] in WRONG) and "pass" in self.verdicts


def changes(compared: Compared) -> list[Change]:
    """Every change from a version to the next, in the order of versions, the most telling and the largest first."""
    found = []
    for before, version in zip(compared.versions, compared.versions[1:], strict=False):
        groups: dict[tuple[str, str, str], list[Record]] = {}
        for case, record in sorted(compared.of(version).items()):
            was = compared.of(before).get(case)
            if was is not None and was.verdict != record.verdict:
                groups.setdefault((record.block, was.verdict, record.verdict), []).append(record)
        here = [change_of(compared, before, version, key, records) for key, records in groups.items()]
        found += sorted(here, key=lambda c: (not c.is_news, -len(c.cases), c.block, c.verdicts))
    return found


def change_of(
    compared: Compared, before: str, version: str, key: tuple[str, str, str], records: list[Record]
) -> Change:
    """One group of cases, told apart from those of its block that had the same verdict and kept it."""
    block, was, now = key
    kept = [
        compared.of(version)[case]
        for case, record in compared.of(before).items()
        if record.block == block
        and record.verdict == was
        and compared.of(version).get(case, record).verdict == was
        and case in compared.of(version)
    ]
    first = records[0]
    earlier = compared.of(before)[first.case]
    told = first.message or first.deviation or earlier.message or earlier.deviation or ""
    return Change(
        version, before, block, (was, now), tuple(r.case for r in records), len(kept), common(records, kept), told
    )


def common(changed: Iterable[Record], kept: Sequence[Record]) -> str:
    """The smallest combination of facts that tells the cases that changed from those that did not."""
    if not kept:
        return "every case"
    explained = localise([*(replace(r, verdict="fail") for r in changed), *(replace(r, verdict="pass") for r in kept)])
    return "; or ".join(map(str, explained.causes)) if explained else ""
