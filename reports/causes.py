"""For each runtime and block the smallest combination of attributes that explains its failures and no pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from conformance.localise import Explanation, localise
from conformance.results import BAD, Log, Record


class Found(NamedTuple):
    """Failures of one verdict in one block on one runtime, and what they have in common."""

    runtime: str
    block: str
    verdict: str
    explanation: Explanation

    def __str__(self) -> str:
        return f"{self.runtime} {self.block}, {self.verdict}: {self.explanation}"


def causes(log: Log) -> list[Found]:
    """In the order of runtimes and blocks; ours (harness errors) are none of theirs."""
    groups: dict[tuple[str, str], list[Record]] = {
        (runtime, block): [] for runtime in log.header["runtimes"] for block in log.header["coverage"]
    }
    for record in log.records:
        groups.setdefault((record.runtime, record.block), []).append(record)
    return [found for (runtime, block), records in groups.items() for found in of_verdicts(runtime, block, records)]


def of_verdicts(runtime: str, block: str, records: list[Record]) -> Iterator[Found]:
    """What explains the failures of each verdict beside the passes."""
    for verdict in BAD:
        if verdict != "harness-error" and any(r.verdict == verdict for r in records):
            explanation = localise(r for r in records if r.verdict in (verdict, "pass"))
            if explanation is not None:
                yield Found(runtime, block, verdict, explanation)


def lines(log: Log) -> list[str]:
    """One line for each."""
    return list(map(str, causes(log)))
