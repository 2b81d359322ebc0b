"""What a block's failures have in common, and no pass has: the smallest combination of facts that tells them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from conformance.predicates import said
from conformance.results import Record

FAILED = ("fail", "error", "crash", "timeout")
MOST = 4  # facts in one combination
CAUSES = 4  # combinations beside each other
WIDTH = 40  # combinations kept while one is grown
SHARE = 8  # facts that a combination may have more, rather than hold of every case
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """Words for what may hold of a case, the cases of which it holds (bits), and how little it tells."""

    words: str
    holds: int
    cost: float


@dataclass(frozen=True)
class Cause:
    """Facts that hold together: so many failures, so many passes have them all."""

    words: tuple[str, ...]
    failures: int
    passes: int

    def __str__(self) -> str:
        return " and ".join(self.words) or "every case"


@dataclass(frozen=True)
class Explanation:
    """Causes that explain ``explained`` of the failures; more of them where no single one does."""

    causes: tuple[Cause, ...]
    failures: int
    passes: int
    explained: int
    excused: int  # passes that have a cause all the same

    @property
    def is_exact(self) -> bool:
        """Whether every failure and no pass has a cause."""
        return self.explained == self.failures and not self.excused

    def __str__(self) -> str:
        causes = "; or ".join(map(str, self.causes))
        return f"{self.explained} of {self.failures} failures, {self.excused} of {self.passes} passes: {causes}"


def localise(records: Iterable[Record]) -> Explanation | None:
    """The smallest explanation of a block's failures on one runtime; None without failures.

    Of the smallest combination of up to `MOST` facts that every failure and no pass has, combinations that every
    failure and few passes have, and a few pure ones that hold of the failures together, the one with the least to say.
    Ties go to values before orders, then by name.
    """
    told = sorted((r for r in records if r.verdict in (*FAILED, "pass")), key=lambda r: (r.verdict == "pass", r.case))
    n = sum(r.verdict != "pass" for r in told)
    if not n:
        return None
    bad, good = (1 << n) - 1, ((1 << len(told)) - 1) ^ ((1 << n) - 1)
    facts = distinct(facts_of([r.traits for r in told], n))
    common = [fact for fact in facts if fact.holds & bad == bad]
    single = smallest(common, bad, good)
    order = purest(common, bad, good)
    options = [] if single is None else [[single]]
    options += [[order[:count]] for count in range(len(order) + 1)]
    if single is None or len(single) > 2:
        several = causes(facts, bad, good)
        options += [several] if several else []
    return explained(min(options, key=lambda found: length(found, bad, good)), bad, good)


def length(found: Sequence[Sequence[Fact]], bad: int, good: int) -> float:
    """How much there is to say: each fact and each further cause counts 1, and so does each doubling of exceptions.

    Passes that have a cause are exceptions to it, for a fault need not show on all data, but not many: a share of all
    passes counts `SHARE` times.  Failures without a cause are thrice as bad.  (A description length, after Rissanen
    1978, in units of a fact.)
    """
    held = union(found)
    excused, left = (held & good).bit_count(), (bad & ~held).bit_count()
    return (
        sum(map(len, found))
        + len(found)
        - 1
        + log2(1 + excused)
        + SHARE * excused / max(1, good.bit_count())
        + 3 * log2(1 + left)
    )


def union(found: Sequence[Sequence[Fact]]) -> int:
    """The cases that have every fact of some combination."""
    held = 0
    for facts in found:
        held |= meet(facts, -1)
    return held


def meet(facts: Sequence[Fact], among: int) -> int:
    """The cases that have every fact."""
    for fact in facts:
        among &= fact.holds
    return among


def explained(found: Sequence[Sequence[Fact]], bad: int, good: int) -> Explanation:
    """The combinations in words, and what they explain."""
    every = bad | good
    told = tuple(
        Cause(
            tuple(sorted(fact.words for fact in facts)), (meet(facts, every) & bad).bit_count(),
            (meet(facts, every) & good).bit_count(),
        )
        for facts in found
    )  # fmt: skip
    held = union(found) & every
    return Explanation(
        told, bad.bit_count(), good.bit_count(), (held & bad).bit_count(), (held & good).bit_count()
    )  # fmt: skip


def smallest(facts: Sequence[Fact], bad: int, good: int) -> list[Fact] | None:
    """The fewest facts, the most telling of those, that no pass has together; all of them hold of every failure.

    One that leaves a pass out is among them for each pass: each step branches over those that leave out one more.
    """
    if not good:
        return []
    for size in range(1, MOST + 1):
        found = list(grown(facts, (), good, size))
        if found:
            return list(min(found, key=rank))
    return None


def grown(facts: Sequence[Fact], chosen: tuple[Fact, ...], left: int, size: int) -> Iterator[tuple[Fact, ...]]:
    """Every combination of ``size`` more facts, or fewer, that leaves no pass."""
    if not left:
        yield chosen
        return
    if not size:
        return
    first = left & -left
    for fact in facts:
        if not fact.holds & first and (size > 1 or not left & fact.holds):
            yield from grown(facts, (*chosen, fact), left & fact.holds, size - 1)


def rank(facts: Iterable[Fact]) -> tuple[int, float, tuple[str, ...]]:
    """Fewer facts first, then more telling ones, then by name."""
    told = sorted((fact.words, fact.cost) for fact in facts)
    return len(told), sum(cost for _, cost in told), tuple(words for words, _ in told)


def causes(facts: Sequence[Fact], bad: int, good: int) -> list[list[Fact]]:
    """A few combinations that no pass has, each of which explains the most failures that are left (set cover)."""
    found: list[list[Fact]] = []
    left = bad
    while left and len(found) < CAUSES:
        best = widest(facts, left, good)
        if best is None:
            break
        found.append(best)
        left &= ~meet(best, left)
    return found


def widest(facts: Sequence[Fact], bad: int, good: int) -> list[Fact] | None:
    """The facts, up to `MOST`, that the most failures and no pass have; the best `WIDTH` of a size are grown."""
    beam: list[tuple[tuple[Fact, ...], int]] = [((), bad | good)]
    best: tuple[Any, list[Fact]] | None = None
    for _ in range(MOST):
        held: dict[int, tuple[Fact, ...]] = {}
        for chosen, holds in beam:
            for fact in facts:
                now = holds & fact.holds
                if now == holds or not now & bad:
                    continue
                one = (*chosen, fact)
                if now not in held or rank(one) < rank(held[now]):
                    held[now] = one
        for holds, one in held.items():
            if not holds & good:
                score = (-(holds & bad).bit_count(), rank(one))
                if best is None or score < best[0]:
                    best = (score, list(one))
        ordered = sorted(held.items(), key=lambda item: (worth(item[0], bad, good), rank(item[1])))
        beam = [(one, holds) for holds, one in ordered[:WIDTH] if holds & good]
        if best is not None and -best[0][0] == bad.bit_count():
            break
    return best[1] if best else None


def worth(holds: int, bad: int, good: int) -> float:
    """Passes left for each failure that is kept: less is better."""
    return (1 + (holds & good).bit_count()) / (holds & bad).bit_count() ** 2


def purest(facts: Sequence[Fact], bad: int, good: int) -> list[Fact]:
    """Facts that every failure has, as long as each leaves out passes; those that leave out the most first."""
    found: list[Fact] = []
    left = good
    while left and len(found) < MOST:
        best = min(facts, key=lambda f: ((left & f.holds).bit_count(), f.cost, f.words), default=None)
        if best is None or left & best.holds == left:
            break
        found.append(best)
        left &= best.holds
    return found


def distinct(facts: Iterable[tuple[str, int, float]]) -> list[Fact]:
    """Of facts that hold of the same cases the most telling one."""
    found: dict[int, Fact] = {}
    for words, holds, cost in facts:
        known = found.get(holds)
        if known is None or (cost, len(words), words) < (known.cost, len(known.words), known.words):
            found[holds] = Fact(words, holds, cost)
    return sorted(found.values(), key=lambda fact: (fact.cost, fact.words))


def facts_of(cases: Sequence[Facts], failures: int) -> Iterator[tuple[str, int, float]]:
    """Everything that may be said of some failure and not of every case."""
    whole = (1 << len(cases)) - 1
    names = sorted({name for traits in cases for name in traits})
    for name in names:
        values = [hashable(traits.get(name, ...)) for traits in cases]
        for words, cost, is_so in said(name, values[:failures]):
            holds, known = 0, {}
            for number, value in enumerate(values):
                key = (type(value), value)
                if key not in known:
                    known[key] = value is not ... and is_so(value)
                holds |= known[key] << number
            if holds != whole and holds & ((1 << failures) - 1):
                yield words, holds, cost


def hashable(value: Any) -> Any:
    """A list, as a log has it, as the tuple that it was."""
    return tuple(map(hashable, value)) if isinstance(value, list) else value
