"""Puts the logs of shards together: one log, whose results are those of the run in one piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from conformance import choose, deviations, fingerprint
from conformance.log_lines import BadLog
from conformance.results import Record, Stored, Writer, canonical, opened, status_of
from conformance.resume import FIXED, differing
from graphs.blocks import BLOCKS

FEW = 3  # names in a message
TOGETHER = tuple(name for name in FIXED if name not in ("options", "runtimes"))


class Differ(BadLog):
    """Logs that are not of one run."""


@dataclass
class Merged:
    """What logs have together."""

    logs: Sequence[Stored]
    header: dict[str, Any]
    seen: dict[bytes, bytes] = field(default_factory=dict)  # hash of runtime and case -> of the result
    counts: Counter[str] = field(default_factory=Counter)  # results by runtime
    double: list[str] = field(default_factory=list)  # results that two logs have alike
    differing: list[str] = field(default_factory=list)

    @property
    def planned(self) -> int:
        """How many results there should be."""
        return int(self.header["cases"]) * len(self.header["runtimes"])

    def missing(self) -> Iterator[str]:
        """Which results there are not, by runtime, log and shard."""
        planned = ids(self.header) if self.counts.total() < self.planned else []
        for name in self.header["runtimes"]:
            lacking = self.header["cases"] - self.counts[name]
            if lacking:
                cases = [case for case in planned if key_of(name, case) not in self.seen][:FEW]
                named = f", such as {', '.join(cases)}" if cases else ""
                yield f"{lacking} of {self.header['cases']} results of {name} are missing{named}"
        for log in self.logs:
            if log.footer is None:
                yield f"{log.path} did not finish, {log.size} results: run{_shard(log)} goes on with --resume"
        shards = [text.split("/") for log in self.logs if (text := log.header["options"].get("shard"))]
        for total in sorted({int(total) for _, total in shards}) if self.counts.total() < self.planned else ():
            have = {int(number) for number, of in shards if int(of) == total}
            lacking = total - len(have)
            such = islice((f"{number}/{total}" for number in range(1, total + 1) if number not in have), FEW)
            if lacking > 0:
                yield f"there is no log of {lacking} of {total} shards: {', '.join(such)}{' ...' * (lacking > FEW)}"


def _shard(log: Stored) -> str:
    shard = log.header["options"].get("shard")
    return f" --shard {shard}" if shard else ""


def gathered(places: Sequence[Path]) -> Merged:
    """The logs of files or folders, checked against each other; raises `BadLog`, `Differ`."""
    logs = [opened(place) for place in places]
    for number, log in enumerate(logs):
        lacking = [name for name in (*FIXED, "whole") if name not in log.header]
        if lacking:
            raise BadLog(f"{log.path} cannot be merged: its header lacks {', '.join(lacking)}")
        for other in logs[:number]:
            differences = list(differing(_alike(other, log), _alike(log, other), (str(other.path), str(log.path))))
            if differences:
                raise Differ(f"logs cannot be merged: {'; '.join(differences)}")
    first = logs[0]
    names = {name: version for log in logs for name, version in log.header["runtimes"].items()}
    away = {name: why for log in logs for name, why in log.header["unavailable"].items() if name not in names}
    parts = [{name: log.header[name] for name in ("command", "started", "host", "options")} for log in logs]
    header = {**first.header, "cases": first.header["whole"], "runtimes": names, "unavailable": away, "parts": parts}
    header["options"] = {**first.header["options"], "shard": None}
    merged = Merged(logs, header)
    for log in logs:
        for record in log.records:
            count(merged, record)
    return merged


def _alike(log: Stored, other: Stored) -> dict[str, Any]:
    """What of a header another log's must have too: of runtimes the versions of those that both ran."""
    header = {name: log.header[name] for name in TOGETHER} | {"whole": log.header["whole"]}
    header["options"] = {**log.header["options"], "shard": None}
    both = set(log.header["runtimes"]) & set(other.header["runtimes"])
    return header | {"runtimes": {name: log.header["runtimes"][name] for name in sorted(both)}}


def ids(header: dict[str, Any]) -> list[str]:
    """The planned cases' ids, where this version's sources plan the same ones; else none."""
    if header["tier"] == "invalid" or header["corpus"] != fingerprint.corpus():
        return []
    try:
        options = header["options"]
        planned = choose.plan_of(header["tier"], choose.blocks_of(options["block"]), options["case"])
    except (KeyError, ValueError):
        return []
    names = [case.id for case in planned]
    return names if sha256("".join(f"{name}\n" for name in names).encode()).hexdigest() == header["grid"] else []


def key_of(runtime: str, case: str) -> bytes:
    """A short name for a case on a runtime."""
    return blake2b(f"{runtime}\n{case}".encode("utf-8", "replace"), digest_size=12).digest()


def count(merged: Merged, record: Record) -> None:
    """Note a result: new, the same once more, or another one than before."""
    key = key_of(record.runtime, record.case)
    content = blake2b(canonical([record])[0].encode(), digest_size=8).digest()
    if key not in merged.seen:
        merged.seen[key] = content
        merged.counts[record.runtime] += 1
        return
    is_same = merged.seen[key] == content
    (merged.double if is_same else merged.differing).append(f"{record.runtime} {record.case}")


def write(merged: Merged, waivers: list[deviations.Deviation], stream: TextIO) -> int:
    """Write the log of all, each result once, the first of it; return the exit status."""
    log = Writer(stream, {name: value for name, value in merged.header.items() if name not in ("log", "version")})
    left = set(merged.seen)
    versions = merged.header["runtimes"]
    unrepeated: list[str] = []
    seconds = 0.0
    for part in merged.logs:
        for record in part.records:
            if (key := key_of(record.runtime, record.case)) in left:
                left.remove(key)
                deviations.recount(waivers, record, versions[record.runtime])
                log.add(record)
        unrepeated += part.unrepeated or (part.footer or {}).get("unrepeated", [])
        seconds += (part.footer or {}).get("seconds", 0)
    footer: dict[str, Any] = {"planned": merged.planned, "stale": stale(merged, waivers), "unrepeated": unrepeated}
    footer |= {"differing": sorted(merged.differing)} if merged.differing else {}
    footer = log.close(**footer, seconds=round(seconds, 3))
    return status_of(footer)


def stale(merged: Merged, waivers: list[deviations.Deviation]) -> list[str]:
    """Deviations that no longer hold; those that no case needed only where there is every case of the tier."""
    options, header = merged.header["options"], merged.header
    is_all = not options.get("case") and set(header["coverage"]) == set(BLOCKS)
    is_whole = is_all and merged.counts.total() == merged.planned
    able = [frozenset(log.header["host"].get("able", ())) for log in merged.logs]
    every = frozenset.intersection(*able)
    return deviations.stale(waivers, header["runtimes"], complete=is_whole, processor=every)
