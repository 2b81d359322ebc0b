"""Known deviations: data in TOML that says which cases of which runtime are known to go wrong, how, and why."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from conformance.results import BAD, Record
from conformance.runtimes import plain
from graphs.blocks import BLOCKS
from graphs.chain import Chain
from graphs.grid import cases

SHIPPED = Path(__file__).with_name("deviations.toml")
REQUIRED = {"runtime", "block", "when", "expect", "reason", "link"}
KINDS = {dict: "table", bool: "boolean", str: "string", (str, list): "string or an array of them", float: "number"}
LINKS = [f"{name}.{kind.block}" for name, block in BLOCKS.items() if issubclass(block, Chain) for kind in block.kinds]
MOST_BYTES = 1 << 24  # of a file
MOST_SAID = 80  # characters of what is wrong
VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,9}([^0-9.\s]\S{0,40})?")
OPTIONAL = {"since", "before", "some", "message", "unless", "error_below", "processor"}


class BadDeviation(ValueError):
    """An entry that says too little, too much, or nothing that exists."""


@dataclass
class Deviation:
    """One entry.

    ``block`` names one or more blocks: a composite goes wrong as its nodes do.  ``pad_conv.conv`` is the link
    conv of the chain pad_conv, whose traits ``when`` then has as those of the link.
    ``when`` maps traits of a case to the values it covers; ``since`` and ``before`` bound the version.
    ``unless`` is the runtime with flags that keep it from going wrong.
    With ``some`` it depends on the inputs whether a covered case goes wrong, so that some may pass.
    ``message`` is a part that the result's message must have, lest the entry hide another fault;
    so is the error that it tells of, that of the element furthest outside, which must be less than ``error_below``.
    ``processor`` is a feature without which the processor runs other code, by Linux's name for it: the entry
    is not stale where that is lacking, or not known.
    """

    runtime: str
    block: tuple[str, ...]
    when: Mapping[str, Sequence[Any]]
    expect: str
    reason: str
    link: str
    since: str = ""
    before: str = ""
    some: bool = False
    unless: str = ""
    message: str = ""
    error_below: float = math.inf
    processor: str = ""
    hits: int = 0
    misses: list[str] = field(default_factory=list)

    def speaks_of(self, runtime: str) -> bool:
        """Whether the entry is about this runtime, in whatever interpreter, or one that has flags more."""
        flags = f"{plain(runtime)}:"
        return flags.startswith(f"{self.runtime}:") and not (self.unless and flags.startswith(f"{self.unless}:"))

    def is_told_by(self, message: str) -> bool:
        """Whether a result's message is of the fault that the entry knows."""
        return self.message in message and (math.isinf(self.error_below) or told_error(message) < self.error_below)

    def covers(self, record: Record, version: str) -> bool:
        """Whether the entry speaks of this case on this version."""
        if not self.speaks_of(record.runtime) or not in_range(version, self.since, self.before):
            return False
        places = (place.partition(".") for place in self.block)
        facts = (seen_from(link, record.traits) for block, _, link in places if block == record.block)
        return any(
            all(name in found and found[name] in values for name, values in self.when.items()) for found in facts
        )


def told_error(message: str) -> float:
    """The error that a result's message tells of; infinite where it tells of none."""
    found = re.search(r"\(error ([^,]+),", message)
    return float(found[1]) if found else math.inf


def seen_from(link: str, traits: Mapping[str, Any]) -> Mapping[str, Any]:
    """A case's traits with those of one link of a chain by the names that they have on its block alone."""
    own = {name.removeprefix(f"{link}."): value for name, value in traits.items() if name.startswith(f"{link}.")}
    return {**traits, **own}


def in_range(version: str, since: str, before: str) -> bool:
    """Whether since <= version < before, by the numbers in front of any suffix."""
    at = release(version)
    return (not since or release(since) <= at) and (not before or at < release(before))


@cache
def features(path: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """What this machine's processor can do, by Linux's names; nothing where no such file says so."""
    try:
        found = re.search(r"^(?:flags|Features)\s*:(.*)$", path.read_text(), re.MULTILINE)
    except OSError:
        return frozenset()
    return frozenset(found[1].split()) if found else frozenset()


def release(version: str) -> tuple[int, ...]:
    """``2.13.0+cpu`` -> (2, 13, 0)."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def load(path: Path = SHIPPED) -> list[Deviation]:
    """Read and check a deviation file; raises `BadDeviation` naming the entry and what is wrong with it."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise BadDeviation(f"{path}: no ordinary file")
        if path.stat().st_size > MOST_BYTES:
            raise BadDeviation(f"{path}: {path.stat().st_size:,} bytes, at most {MOST_BYTES:,} are read")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadDeviation(f"{path}: {error.strerror}") from error
    except RecursionError as error:
        raise BadDeviation(f"{path}: nested too deeply") from error
    except ValueError as error:  # no TOML, no UTF-8, or a number of thousands of digits
        raise BadDeviation(f"{path}: {' '.join(str(error).split())}") from error
    unknown = set(data) - {"deviation"}
    if unknown:
        raise BadDeviation(f"{path}: unknown table {said(min(unknown))}, must be [[deviation]]")
    if not isinstance(data.get("deviation", []), list):
        raise BadDeviation(f"{path}: deviation must be a list of tables, [[deviation]]")
    return [_entry(path, number, raw) for number, raw in enumerate(data.get("deviation", []), 1)]


def _entry(path: Path, number: int, raw: dict[str, Any]) -> Deviation:
    """One checked entry; values of ``when`` become lists, TOML arrays of integers become tuples as in specs."""
    where = f"{path}, deviation {number}"
    if not isinstance(raw, dict):
        raise BadDeviation(f"{where}: must be a table")
    _check_kinds(where, raw)
    if not raw["when"]:
        raise BadDeviation(f"{where}: 'when' is empty, an entry may not cover a whole operator")
    blocks = (raw["block"],) if isinstance(raw["block"], str) else tuple(raw["block"])
    if not blocks or any(block not in [*BLOCKS, *LINKS] for block in blocks):
        raise BadDeviation(
            f"{where}: block is {said(raw['block'])}, must be one or more of {', '.join([*BLOCKS, *LINKS])}"
        )
    places = (place.partition(".") for place in blocks)
    known = {"data"}.union(
        *(seen_from(link, case.spec.traits()) for block, _, link in places for case in cases(block, "quick")[:1])
    )
    strange = sorted(set(raw["when"]) - known)
    if strange:
        raise BadDeviation(f"{where}: unknown trait {said(strange[0])}, must be one of {', '.join(sorted(known))}")
    if raw["expect"] not in BAD:
        raise BadDeviation(f"{where}: expect is {said(raw['expect'])}, must be one of {', '.join(BAD)}")
    when = {name: value if isinstance(value, list) else [value] for name, value in raw["when"].items()}
    return Deviation(
        **{**raw, "block": blocks, "when": {name: [_plain(v) for v in values] for name, values in when.items()}}
    )


def _check_kinds(where: str, raw: dict[str, Any]) -> None:
    """Raise `BadDeviation` unless an entry has what it must, and each field is of its kind."""
    lacking, unknown = REQUIRED - set(raw), set(raw) - REQUIRED - OPTIONAL
    if lacking or unknown:
        raise BadDeviation(f"{where}: lacks {sorted(lacking)}, has unknown {said(sorted(unknown))}")
    for key, value in raw.items():
        kind: Any = {"when": dict, "some": bool, "block": (str, list), "error_below": float}.get(key, str)
        if not isinstance(value, kind):
            raise BadDeviation(f"{where}: {key} is {said(value)}, must be a {KINDS[kind]}")
    if not raw.get("error_below", math.inf) > 0:
        raise BadDeviation(f"{where}: error_below is {raw['error_below']}, must be above 0")
    for key in ("since", "before"):
        if key in raw and not VERSION.fullmatch(raw[key]):
            raise BadDeviation(f"{where}: {key} is {said(raw[key])}, must be a version such as 1.20.1")


def said(value: Any) -> str:
    """What a file has, short and on one line."""
    text = repr(value)
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]} ..."


def _plain(value: Any) -> Any:
    """A TOML value as a trait has it: arrays are tuples, the word "omitted" is None."""
    if isinstance(value, list):
        return tuple(value)
    return None if value == "omitted" else value


def waive(deviations: Iterable[Deviation], record: Record, version: str) -> None:
    """Turn an expected bad verdict into ``waived``, and count an entry's hits and misses."""
    for deviation in deviations:
        if not deviation.covers(record, version):
            continue
        if record.verdict == deviation.expect and deviation.is_told_by(record.message):
            deviation.hits += 1
            record.was, record.verdict, record.deviation = record.verdict, "waived", deviation.reason
            return
        if record.verdict == "pass" and not deviation.some:
            deviation.misses.append(record.case)


def recount(deviations: Iterable[Deviation], record: Record, version: str) -> None:
    """Count the hits and misses of a record that a log has, waived or not, as `waive` did."""
    if record.verdict == "waived":
        record.verdict, record.was, record.deviation = record.was, "", None
    waive(deviations, record, version)


def stale(
    deviations: Iterable[Deviation],
    versions: Mapping[str, str],
    *,
    complete: bool,
    processor: frozenset[str] | None = None,
) -> list[str]:
    """Entries that no longer hold: a case they cover passes, or (in a ``complete`` run) they cover no case at all.

    ``processor`` is what the processors that ran the cases can do, this machine's unless it is given.
    """
    found = []
    able = features() if processor is None else processor
    for d in deviations:
        entry = f"{d.runtime} {', '.join(d.block)} ({d.reason})"
        runs = [v for name, v in versions.items() if d.speaks_of(name)]
        if d.misses:
            found.append(f"{entry}: {len(d.misses)} covered cases pass, such as {min(d.misses)}")
        elif d.processor and d.processor not in able:
            continue
        elif complete and not d.hits and any(in_range(v, d.since, d.before) for v in runs):
            found.append(f"{entry}: covers no case that goes wrong")
    return found
