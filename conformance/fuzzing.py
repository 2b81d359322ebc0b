"""Looks for failures beyond the grid: draws cases, reduces the first failure of each cause, and tells causes apart."""

from __future__ import annotations

import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from conformance.drawing import cases
from conformance.localise import Explanation, localise
from conformance.reducing import Reduced, kind, reduced
from conformance.results import BAD, Record
from conformance.runner import BATCH
from conformance.trial import Trial
from graphs.grid import Case

AT_ONCE = 48  # draws of one block before the next one
REDUCING = 20.0  # seconds that one reduction may take
SEARCHES = 4  # failures of one block and one kind that are reduced
Kind = tuple[str, str, str]


@dataclass
class Finding:
    """One cause: where it was found, and the smallest case that shows it."""

    block: str
    kind: Kind
    first: str
    least: Reduced
    failures: int = 1


@dataclass
class Fuzzed:
    """What a search came to."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))  # by block
    seconds: float = 0.0

    def reason(self, finding: Finding) -> Explanation | None:
        """What the failures of the finding's kind have in common."""
        seen = {r.case: r for r in [*self.records[finding.block], *finding.least.seen]}.values()
        return localise(r for r in seen if r.verdict == "pass" or kind(r) == finding.kind)


def fuzz(
    trial: Trial, blocks: Sequence[str], seconds: float, seed: int, tell: Callable[[Finding], None] = lambda _: None
) -> Fuzzed:
    """Draw and try for so many seconds; the same cases in the same order for a seed."""
    found = Fuzzed()
    start = time.monotonic()
    known: set[str] = set()
    try:
        for block, drawn in drawing(blocks, seed):
            new = [case for case in drawn if case.id not in known]
            known.update(case.id for case in new)
            for at in range(0, len(new), BATCH):
                batch = new[at : at + BATCH]
                by_id = {case.id: case for case in batch}
                for record in trial.records(batch):
                    found.counts["refused" if is_refused(record) else record.verdict] += 1
                    if is_refused(record):
                        continue
                    found.records[block].append(record)
                    if record.verdict in BAD:
                        left = start + seconds - time.monotonic()
                        consider(found, by_id[record.case], record, trial, max(2.0, min(REDUCING, left)), tell)
                if time.monotonic() - start > seconds:
                    return found
    finally:
        found.seconds = time.monotonic() - start
    return found


def is_refused(record: Record) -> bool:
    """Whether the reference has no answer, because numbers may leave the type."""
    return record.verdict == "harness-error" and record.message.startswith("OverflowError: ")


def drawing(blocks: Sequence[str], seed: int) -> Iterator[tuple[str, list[Case]]]:
    """Cases of each block in turn, for ever."""
    for turn in count():
        for block in blocks:
            yield block, cases(block, AT_ONCE, zlib.crc32(f"{seed} {turn} {block}".encode()))


def consider(
    found: Fuzzed, case: Case, record: Record, trial: Trial, seconds: float, tell: Callable[[Finding], None]
) -> None:
    """Reduce a failure where those known of its kind leave something to explain; count it where they do not."""
    of = kind(record)
    known = [f for f in found.findings if (f.block, f.kind) == (record.block, of)]
    if known:
        known[0].failures += 1
        number = known[0].failures
        if len(known) >= SEARCHES or number & (number - 1) or number < 4:  # looked at again each time they double
            return
        causes = found.reason(known[0])
        if causes is None or len(causes.causes) <= len(known):
            return
    least = reduced(case, record, lambda one: trial.records([one])[0], seconds)
    if any(f.least.case.id == least.case.id for f in known):
        return
    found.findings.append(Finding(record.block, of, case.id, least))
    tell(found.findings[-1])
