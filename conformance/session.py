"""A whole run: which runtimes are here, the log, known deviations, and the exit status."""

from __future__ import annotations

import hashlib
import shlex
import sys
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from conformance import __version__, deviations, fingerprint, runner
from conformance.blockwise import Blockwise
from conformance.results import Record, Writer, status_of
from conformance.resume import Before
from conformance.runtimes import DEFAULT, RUNTIMES, availability, canonical
from conformance.runtimes.protocol import Unavailable
from conformance.shards import Shard
from graphs.blocks import BLOCKS
from graphs.grid import Case, cases, extent

if TYPE_CHECKING:
    from conformance.executors import Run


@dataclass
class Plan:
    """What is to be run, decided before the first case."""

    tier: str
    blocks: Sequence[str]
    cases: Collection[Case]
    versions: dict[str, str]  # runtime -> version
    unavailable: dict[str, str]  # runtime -> why, and how to get it
    is_filtered: bool = False  # patterns left cases of these blocks out
    waivers: list[deviations.Deviation] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)  # of the command, those that decide results
    shard: Shard | None = None
    run: Run = runner.run  # tries cases, here or elsewhere

    def wholes(self) -> Iterator[Sequence[Case]]:
        """The cases of all shards, as many together as are planned together."""
        yield from self.cases.portions() if isinstance(self.cases, Blockwise) else [list(self.cases)]

    def portions(self) -> Iterator[Sequence[Case]]:
        """The cases of this shard, or all."""
        start = 0
        for whole in self.wholes():
            yield self.shard.of(whole, start) if self.shard else whole
            start += len(whole)

    @cached_property
    def size(self) -> int:
        """How many cases this shard has."""
        return sum(map(len, self.portions()))

    @property
    def is_complete(self) -> bool:
        """Whether the whole tier is run."""
        return not self.is_filtered and len(self.blocks) == len(BLOCKS)

    def covered(self, block: str) -> str:
        """How much of the block's grid is planned."""
        if not self.is_filtered:
            return extent(block, self.tier)
        chosen = sum(case.spec.block == block for case in self.cases)
        return f"{chosen} of {len(cases(block, self.tier))} cases chosen, coverage not counted"

    def records(
        self, name: str, left: Sequence[Case], *, workers: int, limit: float, unrepeated: list[str]
    ) -> Generator[Record]:
        """What became of each of the cases that are left on a runtime."""
        yield from self.run(name, left, workers=workers, limit=limit, unrepeated=unrepeated)

    def header(self) -> dict[str, Any]:
        """The log's first line, but for its own version."""
        coverage: dict[str, str] = {}
        grid, whole = hashlib.sha256(), 0
        for portion in self.wholes():  # once: planning takes time where there are many
            chosen = {case.spec.block for case in portion}
            coverage |= {block: self.covered(block) for block in self.blocks if block in chosen}
            for case in portion:
                grid.update(f"{case.id}\n".encode())
            whole += len(portion)
        self.size = self.shard.share(whole) if self.shard else whole
        matters = {entry.processor for entry in self.waivers if entry.processor}
        return {
            "tool": __version__,
            "command": shlex.join(["convformance", *sys.argv[1:]]),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "tier": self.tier,
            "cases": self.size,
            "whole": whole,  # cases of all shards
            "grid": grid.hexdigest(),
            "corpus": fingerprint.corpus(),
            "judge": fingerprint.judge(),
            "libraries": fingerprint.libraries(),
            "coverage": coverage,
            "runtimes": self.versions,
            "unavailable": self.unavailable,
            "options": self.options | {"shard": str(self.shard) if self.shard else None},
            "host": fingerprint.host(sorted(matters & deviations.features())),
        }


def runtimes(asked: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Versions of the runtimes to use, and reasons for those that cannot be.

    Without a wish the default ones are used where they are available; one asked for by name must be:
    raises `Unavailable`, or `Unknown`.
    """
    versions, unavailable = {}, {}
    for name in dict.fromkeys(canonical(n) for n in asked or DEFAULT):
        found = availability(name)
        if isinstance(found, str):
            versions[name] = found
        elif asked:
            raise Unavailable(f"runtime {name} is unavailable: {found.reason}", found.remedy)
        else:
            unavailable[name] = str(found)
    return versions, unavailable


def every_runtime() -> list[str]:
    """One name for each runtime and device that can be asked for."""
    return [f"{name}:{d}" if len(e.devices) > 1 else name for name, e in RUNTIMES.items() for d in e.devices]


def execute(
    plan: Plan,
    header: dict[str, Any],
    stream: TextIO,
    *,
    workers: int,
    limit: float,
    on_result: Callable[[Record], None],
    before: Before | None = None,
) -> int:
    """Run what is left of the plan, write the log, and return the exit status, that of `status_of`.

    With ``before`` the stream is at the end of a log's whole lines, which it has counted.
    """
    start = time.time()
    log = Writer(stream, None if before else header, before.counts if before else None)
    if before:
        log.note(resumed=header["started"], command=header["command"], host=header["host"])
    unrepeated = list(before.unrepeated) if before else []
    noted = len(unrepeated)
    for name, version in plan.versions.items():
        for portion in plan.portions():
            left = [case for case in portion if case.id not in before.done[name]] if before else portion
            found = plan.records(name, left, workers=workers, limit=limit, unrepeated=unrepeated)
            with closing(found):  # workers end at once where this does
                for record in found:
                    noted = note(log, unrepeated, noted)  # before the results that it is about, lest a kill lose it
                    deviations.waive(plan.waivers, record, version)
                    log.add(record)
                    on_result(record)
            noted = note(log, unrepeated, noted)
    # What is stale can be told only of all shards together.
    stale = [] if plan.shard else deviations.stale(plan.waivers, plan.versions, complete=plan.is_complete)
    planned, seconds = plan.size * len(plan.versions), round(time.time() - start, 3)
    return status_of(log.close(planned=planned, stale=stale, unrepeated=unrepeated, seconds=seconds))


def note(log: Writer, unrepeated: Sequence[str], noted: int) -> int:
    """Write down at once which crashes did not repeat, and return how many are."""
    for text in unrepeated[noted:]:
        log.note(unrepeated=text)
    return len(unrepeated)
