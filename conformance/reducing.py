"""The smallest variant of a case that fails in the same way, by Hypothesis's shrinking over its spec's fields."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from conformance.repeat import AS_BEFORE
from conformance.results import BAD, Record
from conformance.runtimes.protocol import Unavailable
from conformance.variants import applied, edits
from graphs.grid import Case

LEFT = 1000  # a choice of this and above leaves a part of the case as it is
TRIES = 2000
# Facts that no variant has where the case has them not: an average of nothing convinces nobody.
CORNERS = ("has_empty_window", "same_is_negative", "formula_is_empty", "below_formula")
ROUNDS = 30  # shrinking begins anew from what it has found, as long as that is smaller
Judge = Callable[[Case], Record]


@dataclass
class Reduced:
    """The smallest case found, its record, every record on the way, and whether time ended the search."""

    case: Case
    record: Record
    seen: list[Record] = field(default_factory=list)
    is_cut_short: bool = False


def hypothesis() -> Any:
    """The package; raises `Unavailable`."""
    try:
        import hypothesis
    except ImportError as error:
        raise Unavailable(f"hypothesis is not installed ({error})", "pip install 'convformance[fuzz]'") from error
    return hypothesis


def kind(record: Record) -> tuple[str, str, str]:
    """What sort of failure it is: verdict, stage, and the message without its numbers, places and quoted names."""
    said = record.message.partition(AS_BEFORE)[0]
    said = said.partition(" (error")[0] if record.verdict == "fail" else said
    said = re.sub(r"\[[^\]]*\]|\([^)]*\)|'[^']*'|\"[^\"]*\"", "", said)
    said = re.sub(r"-?\b(\d[\w.+-]*|nan|inf)\b", "#", said)
    return record.verdict, record.stage, " ".join(said.split())[:160]


def reduced(case: Case, first: Record, judge: Judge, seconds: float, tries: int = TRIES) -> Reduced:
    """The smallest variant, the same one each time unless ``seconds`` end the search; `first` is the case's record."""
    found = Reduced(case, first)
    end = time.monotonic() + seconds
    idle = 0
    for number in range(ROUNDS):
        before = repr(found.case)
        shrink(found, kind(first), judge, end, tries, number)
        idle = idle + 1 if repr(found.case) == before else 0
        if idle == 2 or found.is_cut_short:  # another seed starts elsewhere
            break
    return found


def strange(case: Case) -> frozenset[str]:
    """The corners that a case lies in."""
    found = case.spec.traits()
    return frozenset(name for name in CORNERS if found.get(name))


def shrink(found: Reduced, wanted: tuple[str, str, str], judge: Judge, end: float, tries: int, seed: int) -> None:
    """One search with Hypothesis, from the case that is the smallest so far.

    Each part of a case is a number: how simple the value is that it gets, or anything large for its own.
    """
    package = hypothesis()
    strategies = package.strategies
    start, steps = found.case, edits(found.case)
    known: dict[str, bool] = {f"{start.spec!r}{start.data}": True}

    def is_same(numbers: list[int]) -> bool:
        made = applied(start, steps, numbers)
        if made is None or strange(made) - strange(start):
            return False
        key = f"{made.spec!r}{made.data}"
        if key not in known:
            if time.monotonic() > end or len(found.seen) >= tries:
                found.is_cut_short = True
                return False
            record = judge(made)
            found.seen.append(record)
            known[key] = kind(record) == wanted and record.verdict in BAD
            if known[key]:
                found.case, found.record = made, record
        return known[key]

    numbers = strategies.tuples(*[strategies.integers(0, LEFT) for _ in steps])
    settings = package.settings(
        max_examples=200, database=None, derandomize=True, deadline=None,
        suppress_health_check=list(package.HealthCheck), phases=[package.Phase.generate, package.Phase.shrink],
    )  # fmt: skip
    try:
        least = package.find(numbers, is_same, settings=settings, random=Random(seed))
    except package.errors.NoSuchExample:
        return
    made = applied(start, steps, least)
    if made is not None:
        found.case = made
        found.record = judge(made)
