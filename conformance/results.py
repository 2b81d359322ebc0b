"""Result records and their log: JSON Lines with a header, a line a result, and a footer."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

LOG_VERSION = 1
ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
LOG_NAME = "results.jsonl"
GOOD = ("pass", "unsupported", "unspecified", "waived")
BAD = ("fail", "error", "crash", "timeout", "harness-error")
VERDICTS = GOOD + BAD


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


class BadLog(ValueError):
    """A log that cannot be read, with the line at fault."""


@dataclass
class Log:
    """A log read back."""

    header: dict[str, Any]
    records: list[Record]
    footer: dict[str, Any] | None  # None: the run did not finish


class Writer:
    """Appends to a log, line by line, so that a killed run keeps what it had."""

    def __init__(self, stream: TextIO, header: dict[str, Any]):
        self.stream = stream
        self.counts: Counter[str] = Counter()
        self._line({"log": "convformance", "version": LOG_VERSION, **header})

    def _line(self, data: dict[str, Any]) -> None:
        self.stream.write(ENCODER.encode(data) + "\n")

    def add(self, record: Record) -> None:
        """Append one result."""
        if record.fraction is not None and not math.isfinite(record.fraction):
            record.fraction = None
        self.counts[record.verdict] += 1
        self._line(vars(record))

    def close(self, **footer: Any) -> None:
        """Append the footer."""
        self._line({"end": True, "counts": dict(self.counts), **footer})


def read(directory: Path) -> Log:
    """Read the log in ``directory``, or that file; raises `BadLog` with what is wrong and where."""
    path = directory if directory.is_file() else directory / LOG_NAME
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadLog(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadLog(f"cannot read {path}: {error}") from error
    parsed = list(_parse(path, lines))
    if not parsed or parsed[0].get("log") != "convformance":
        raise BadLog(f"{path} is not a convformance result log")
    if parsed[0].get("version") != LOG_VERSION:
        raise BadLog(f"{path} has log version {parsed[0].get('version')}, this is {LOG_VERSION}")
    lacking = {"tool", "command", "started", "tier", "cases", "coverage", "runtimes", "unavailable", "host"} - set(
        parsed[0]
    )
    if lacking:
        raise BadLog(f"{path}, line 1: the header lacks {', '.join(sorted(lacking))}")
    footer = parsed.pop() if parsed[-1].get("end") else None
    return Log(parsed[0], [_record(path, number, line) for number, line in enumerate(parsed[1:], 2)], footer)


def _record(path: Path, number: int, line: dict[str, Any]) -> Record:
    """A line as a record."""
    try:
        return Record(**line)
    except TypeError as error:
        raise BadLog(f"{path}, line {number}: not a record ({error})") from error


def _parse(path: Path, lines: list[str]) -> Iterator[dict[str, Any]]:
    """Each line as data; a torn last line, as a killed run leaves it, is dropped."""
    for number, line in enumerate(lines, 1):
        try:
            data = json.loads(line)
            if not isinstance(data, dict):
                raise ValueError("not an object")
        except ValueError as error:
            if number == len(lines) and number > 1:
                return
            raise BadLog(f"{path}, line {number}: {error}") from error
        yield data
