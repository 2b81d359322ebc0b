"""For each runtime and block the smallest combination of attributes that explains its failures and no pass."""

from __future__ import annotations

import heapq
import zlib
from collections import Counter
from collections.abc import Iterator
from sys import intern
from typing import Any, NamedTuple

from conformance.localise import Explanation, localise
from conformance.results import BAD, Record, Results

MOST = 5000  # failures of a block, and passes, that are looked at; drawn by their names where there are more
Drawn = list[tuple[int, str, int, dict[str, Any]]]  # minus the name's check sum, the name, a number, the traits: a heap


class Found(NamedTuple):
    """Failures of one verdict in one block on one runtime, and what they have in common."""

    runtime: str
    block: str
    verdict: str
    explanation: Explanation
    drawn: str = ""  # from how many, where not all were looked at

    def __str__(self) -> str:
        return f"{self.runtime} {self.block}, {self.verdict}: {self.explanation}{self.drawn}"


def causes(log: Results) -> list[Found]:
    """In the order of runtimes and blocks; ours (harness errors) are none of theirs."""
    counts: Counter[tuple[str, str, str]] = Counter((r.runtime, r.block, r.verdict) for r in log.records)
    failed = [key for key in counts if key[2] in BAD and key[2] != "harness-error"]
    if not failed:
        return []
    kept = drawn(log, {*failed, *((runtime, block, "pass") for runtime, block, _ in failed)})
    runtimes, blocks = list(log.header["runtimes"]), [*log.header["coverage"]]
    blocks += sorted({block for _, block, _ in failed} - set(blocks))
    failed.sort(key=lambda key: (runtimes.index(key[0]), blocks.index(key[1]), BAD.index(key[2])))
    return [found for key in failed for found in of_verdict(key, kept, counts)]


def drawn(log: Results, wanted: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], Drawn]:
    """Names and traits of up to `MOST` results of each wanted runtime, block and verdict, the same in any order."""
    kept: dict[tuple[str, str, str], Drawn] = {key: [] for key in wanted}
    for number, record in enumerate(log.records):
        heap = kept.get((record.runtime, record.block, record.verdict))
        if heap is not None:
            traits = {intern(k): intern(v) if isinstance(v, str) else v for k, v in record.traits.items()}
            one = -zlib.crc32(record.case.encode("utf-8", "replace")), record.case, number, traits
            if len(heap) < MOST:
                heapq.heappush(heap, one)
            elif one[:2] > heap[0][:2]:
                heapq.heapreplace(heap, one)
    return kept


def of_verdict(
    key: tuple[str, str, str], kept: dict[tuple[str, str, str], Drawn], counts: Counter[tuple[str, str, str]]
) -> Iterator[Found]:
    """What explains the failures of a verdict beside the passes."""
    runtime, block, verdict = key
    passed = (runtime, block, "pass")
    explanation = localise(
        Record(case=case, block=block, runtime=runtime, verdict=of[2], traits=traits)
        for of in (key, passed)
        for _, case, _, traits in kept[of]
    )
    is_drawn = counts[key] > MOST or counts[passed] > MOST
    said = f" (drawn from {counts[key]} failures and {counts[passed]} passes)" if is_drawn else ""
    if explanation is not None:
        yield Found(runtime, block, verdict, explanation, said)


def lines(log: Results) -> list[str]:
    """One line for each."""
    return list(map(str, causes(log)))
