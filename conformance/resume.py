"""Continues the log of a run that was killed: what it has done, and whether this run may go on with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import deviations
from conformance.log_lines import START, BadLog
from conformance.results import opened, status_of

if TYPE_CHECKING:
    from conformance.session import Plan

FIXED = ("tool", "tier", "grid", "corpus", "judge", "libraries", "runtimes", "options")  # of the header: what decides
TOLD = {"corpus": "the corpus (sources of graphs and reference)", "judge": "the judge (its sources)"}


@dataclass
class Before:
    """What a log has: cases done by runtime, counts of verdicts, crashes that did not repeat, its whole lines' end."""

    done: Mapping[str, set[str]]
    counts: Counter[str] = field(default_factory=Counter)
    unrepeated: list[str] = field(default_factory=list)
    end: int = 0
    status: int | None = None  # of a finished run


class Differs(BadLog):
    """A log that another run wrote."""


def is_torn_header(path: Path) -> bool:
    """Whether a file is empty, or holds a part of a header: all that a run killed at its start leaves."""
    with path.open("rb") as stream:
        start = stream.readline(1 << 22)
        return not start.endswith(b"\n") and (start.startswith(START) or START.startswith(start))


def before(path: Path, plan: Plan, header: Mapping[str, Any]) -> Before:
    """What the log at ``path`` has of the plan, whose waivers are counted on; raises `BadLog`, `Differs`."""
    log = opened(path)
    differences = list(differing(log.header, header))
    if differences:
        raise Differs(f"{path} cannot be continued, it is of another run: {'; '.join(differences)}")
    planned = {case.id for portion in plan.portions() for case in portion}
    found = Before({name: set() for name in plan.versions}, unrepeated=log.unrepeated, end=log.end)
    for record in islice(log.records, log.whole):  # one whose line has no end is run again
        done = found.done[record.runtime]
        if record.case in done or record.case not in planned:
            what = "twice" if record.case in done else "but is not planned"
            raise BadLog(f"{path} cannot be continued: it has {record.case} on {record.runtime} {what}")
        done.add(record.case)
        deviations.recount(plan.waivers, record, plan.versions[record.runtime])
        found.counts[record.verdict] += 1
    if log.footer and log.is_ended and log.whole == len(planned) * len(plan.versions):
        found.status, found.end = status_of(log.footer), path.stat().st_size
    return found


def differing(
    old: Mapping[str, Any], new: Mapping[str, Any], names: tuple[str, str] = ("the log", "this run")
) -> Iterator[str]:
    """In which fields that decide results two headers differ, with both values."""
    for name in FIXED:
        one, other = old.get(name), new.get(name)
        if one == other:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
            yield from (
                f"{name}: {key} is {told(one, key)} in {names[0]}, {told(other, key)} in {names[1]}" for key in keys
            )
        else:
            yield f"{TOLD.get(name, name)} is {told(old, name)} in {names[0]}, {told(new, name)} in {names[1]}"


def told(of: Mapping[str, Any], key: str) -> str:
    """A value for a message; hashes are cut."""
    value = of.get(key)
    if value is None or value == []:
        return "not given"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) != 64 else text[:12]
