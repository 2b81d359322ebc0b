"""Result records and their log: JSON Lines with a header, a line a result, and a footer."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TextIO

from conformance.log_lines import LOG_NAME as LOG_NAME
from conformance.log_lines import LOG_VERSION as LOG_VERSION
from conformance.log_lines import BadLog as BadLog
from conformance.log_lines import Line, lines, place

ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
TEXT = 1 << 16  # characters of what a runtime says that are kept
GOOD = ("pass", "unsupported", "unspecified", "waived")
BAD = ("fail", "error", "crash", "timeout", "harness-error")
VERDICTS = GOOD + BAD
SAID = ("message", "outcome", "worst")  # fields whose length a runtime decides


@dataclass(kw_only=True)
class Record:
    """What one runtime made of one case."""

    case: str
    block: str
    runtime: str
    verdict: str
    stage: str = ""  # where it ended: build, reference, prepare, run, compare; check
    message: str = ""
    outcome: str = ""  # verdict unspecified, or an invalid graph: what the runtime did
    fraction: float | None = None  # worst error as a fraction of its bound
    precision: str | None = None  # measured, on wide integers
    worst: str = ""  # the element closest to leaving its ball, where it was asked for
    traits: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    deviation: str | None = None  # reason of the known deviation that waives it
    was: str = ""  # its verdict before it was waived


OPTIONAL = ("fraction", "precision", "deviation")
KINDS: dict[str, type | tuple[type, ...]] = {
    "fraction": (int, float), "traits": dict, "seconds": dict,
}  # fmt: skip


class Results(Protocol):
    """What reports read: a log, in memory or on disk."""

    @property
    def header(self) -> dict[str, Any]:
        """Its first line."""

    @property
    def records(self) -> Collection[Record]:
        """Its results, as often as they are asked for."""

    @property
    def footer(self) -> dict[str, Any] | None:
        """Its last line; None where the run did not finish."""


@dataclass
class Log:
    """A log in memory."""

    header: dict[str, Any]
    records: list[Record]
    footer: dict[str, Any] | None  # None: the run did not finish


@dataclass
class Stored:
    """A log on disk, checked once; its records are read from there each time they are asked for."""

    path: Path
    header: dict[str, Any]
    footer: dict[str, Any] | None = None
    size: int = 0  # results
    whole: int = 0  # of them, all but a last one without an end of its line
    is_ended: bool = True  # whether the last line is
    end: int = 0  # bytes up to the end of the last whole line in front of the footer
    unrepeated: list[str] = field(default_factory=list)  # crashes that did not repeat, so far

    @property
    def records(self) -> Collection[Record]:
        """Its results."""
        return StoredRecords(self)


class StoredRecords(Collection[Record]):
    """The results of a log on disk."""

    def __init__(self, log: Stored):
        self.log = log

    def __len__(self) -> int:
        return self.log.size

    def __iter__(self) -> Iterator[Record]:
        found = (line for line in lines(self.log.path) if line.number > 1 and is_result(line.data))
        for _, line in zip(range(self.log.size), found, strict=False):
            yield record_of(line.data)

    def __contains__(self, record: object) -> bool:
        return any(record == one for one in self)


class Writer:
    """Appends to a log, line by line, so that a killed run keeps what it had."""

    def __init__(self, stream: TextIO, header: dict[str, Any] | None, counts: Mapping[str, int] | None = None):
        """Without a header the stream has one already, and ``counts`` of its verdicts."""
        self.stream = stream
        self.counts: Counter[str] = Counter(counts or {})
        if header is not None:
            self._line({"log": "convformance", "version": LOG_VERSION, **header})

    def _line(self, data: dict[str, Any]) -> None:
        self.stream.write(ENCODER.encode(data) + "\n")

    def add(self, record: Record) -> None:
        """Append one result."""
        if record.fraction is not None and not math.isfinite(record.fraction):
            record.fraction = None
        for name in SAID:
            text = getattr(record, name)
            if len(text) > TEXT:
                setattr(record, name, f"{text[:TEXT]} ... ({len(text) - TEXT} characters more)")
        self.counts[record.verdict] += 1
        self._line(vars(record))

    def note(self, **said: Any) -> None:
        """Append a line that is no result: ``unrepeated``, a crash; ``resumed``, when and where."""
        self._line(said)

    def close(self, **footer: Any) -> dict[str, Any]:
        """Append the footer, and return it."""
        said = {"end": True, "counts": dict(self.counts), **footer}
        self._line(said)
        return said


def is_result(data: Mapping[str, Any]) -> bool:
    """Whether a line behind the header is neither the footer nor a note."""
    return not (data.get("end") or "unrepeated" in data or "resumed" in data)


def record_of(data: dict[str, Any]) -> Record:
    """A line's record; arrays among its traits are tuples, as they were.  Raises TypeError."""
    record = Record(**data)
    record.traits = {name: _tupled(value) for name, value in record.traits.items()}
    return record


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


def _is_plain(value: Any) -> bool:
    return all(map(_is_plain, value)) if isinstance(value, tuple) else not isinstance(value, dict)


def canonical(records: Iterable[Record]) -> list[str]:
    """The results as sorted lines without timings: equal for two runs whose results are."""
    return sorted(ENCODER.encode({k: v for k, v in vars(record).items() if k != "seconds"}) for record in records)


def status_of(footer: Mapping[str, Any]) -> int:
    """A run's exit status: 0 where nothing is bad, stale, contradicted or lacking, else 1."""
    counts = footer["counts"]
    done = sum(counts.values())
    troubles = (footer.get(name) for name in ("stale", "unrepeated", "differing"))
    return int(any(counts.get(v) for v in BAD) or any(troubles) or not done or done < footer.get("planned", 0))


def opened(directory: Path) -> Stored:
    """The log in ``directory``, or that file, every line checked; raises `BadLog` with what is wrong and where."""
    path = place(directory)
    every = lines(path)
    first = next(every)
    log = Stored(path, first.data, end=first.end if first.is_ended else 0)
    for line in every:
        if log.footer is not None:
            raise BadLog(f"{path}, line {line.number}: it follows the footer")
        log.is_ended = line.is_ended
        if line.data.get("end"):
            log.footer = _footer(path, line)
            continue
        if is_result(line.data):
            _check(log, line)
            log.size += 1
            log.whole += line.is_ended
        elif "unrepeated" in line.data and line.is_ended:
            log.unrepeated.append(str(line.data["unrepeated"]))
        if line.is_ended:
            log.end = line.end
    return log


def _footer(path: Path, line: Line) -> dict[str, Any]:
    """A footer; raises `BadLog` where reports could not use it."""
    footer = line.data
    counts, planned = footer.get("counts"), footer.get("planned", 0)
    lists = [footer.get(name, []) for name in ("stale", "unrepeated", "differing")]
    if (
        not isinstance(counts, dict)
        or not all(isinstance(n, int) for n in (*counts.values(), planned))
        or not all(isinstance(of, list) and all(isinstance(text, str) for text in of) for of in lists)
        or not isinstance(footer.get("seconds", 0), int | float)
    ):
        raise BadLog(f"{path}, line {line.number}: not a footer")
    return footer


def _check(log: Stored, line: Line) -> None:
    """Raise `BadLog` where a line is no record of this log."""
    where = f"{log.path}, line {line.number}"
    try:
        record = record_of(line.data)
    except (TypeError, AttributeError, RecursionError) as error:
        raise BadLog(f"{where}: not a record ({' '.join(str(error).split()):.200})") from error
    for name, value in vars(record).items():
        if not isinstance(value, KINDS.get(name, str)) and not (value is None and name in OPTIONAL):
            raise BadLog(f"{where}: not a record ({name} is {value!r:.40})")
    if not all(map(_is_plain, record.traits.values())):
        raise BadLog(f"{where}: not a record (a trait is neither text, a number, nor an array of them)")
    if record.verdict not in VERDICTS:
        raise BadLog(f"{where}: unknown verdict {record.verdict!r:.40}, must be one of {', '.join(VERDICTS)}")
    if record.runtime not in log.header["runtimes"]:
        raise BadLog(f"{where}: runtime {record.runtime!r:.80} is not in the header")


def read(directory: Path) -> Log:
    """The log in ``directory``, or that file, in memory; raises `BadLog` with what is wrong and where."""
    log = opened(directory)
    return Log(log.header, list(log.records), log.footer)
