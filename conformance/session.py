"""A whole run: which runtimes are here, the log, known deviations, and the exit status."""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

from conformance import __version__, deviations, runner
from conformance.results import BAD, Record, Writer
from conformance.runtimes import DEFAULT, RUNTIMES, availability, canonical
from conformance.runtimes.protocol import Unavailable
from graphs.blocks import BLOCKS
from graphs.grid import Case, cases, extent


@dataclass
class Plan:
    """What is to be run, decided before the first case."""

    tier: str
    blocks: Sequence[str]
    cases: Sequence[Case]
    versions: dict[str, str]  # runtime -> version
    unavailable: dict[str, str]  # runtime -> why, and how to get it
    is_filtered: bool = False  # patterns left cases of these blocks out
    waivers: list[deviations.Deviation] = field(default_factory=list)

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

    def records(self, name: str, *, workers: int, limit: float, unrepeated: list[str]) -> Iterator[Record]:
        """What became of each case on a runtime."""
        return runner.run(name, self.cases, workers=workers, limit=limit, unrepeated=unrepeated)

    def header(self) -> dict[str, Any]:
        """The log's first line, but for its own version."""
        names = "\n".join(case.id for case in self.cases)
        chosen = {case.spec.block for case in self.cases}
        return {
            "tool": __version__,
            "command": shlex.join(["convformance", *sys.argv[1:]]),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "tier": self.tier,
            "cases": len(self.cases),
            "grid": hashlib.sha256(names.encode()).hexdigest(),
            "coverage": {block: self.covered(block) for block in self.blocks if block in chosen},
            "runtimes": self.versions,
            "unavailable": self.unavailable,
            "host": {
                "python": platform.python_version(),
                "machine": platform.machine(),
                "system": platform.platform(),
                "processors": os.cpu_count(),
            },
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
) -> int:
    """Run the plan, write the log, and return the exit status: 0 where nothing is bad, stale or lacking, else 1."""
    start = time.time()
    bad = done = 0
    log = Writer(stream, header)
    unrepeated: list[str] = []
    for name, version in plan.versions.items():
        for record in plan.records(name, workers=workers, limit=limit, unrepeated=unrepeated):
            deviations.waive(plan.waivers, record, version)
            log.add(record)
            on_result(record)
            bad += record.verdict in BAD
            done += 1
    planned = len(plan.cases) * len(plan.versions)
    stale = deviations.stale(plan.waivers, plan.versions, complete=plan.is_complete)
    log.close(planned=planned, stale=stale, unrepeated=unrepeated, seconds=round(time.time() - start, 3))
    return 1 if bad or stale or unrepeated or not done or done < planned else 0
