"""The lines of a result log as they lie on disk: one JSON object each, of limited length, the last one perhaps torn."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

LOG_VERSION = 2  # 1 had no corpus, no options, no verdict before a waiver, and no lines but results
LOG_NAME = "results.jsonl"
START = b'{"log":"convformance"'  # of the header, as the writer has it
LONGEST = 1 << 22  # bytes of a line that are read; the writer cuts what a runtime says well below
NEEDED: dict[str, type | tuple[type, ...]] = {
    "tool": str, "command": str, "started": str, "tier": str, "cases": int, "coverage": dict, "runtimes": dict,
    "unavailable": dict, "host": dict,
}  # fmt: skip


class BadLog(ValueError):
    """A log that cannot be read, with the line at fault."""


class Line(NamedTuple):
    """A line's number from 1, the bytes up to its end, whether its end is there, and what it says."""

    number: int
    end: int
    is_ended: bool
    data: dict[str, Any]


def place(directory: Path) -> Path:
    """The log in a folder, or the file itself."""
    return directory if directory.is_file() else directory / LOG_NAME


def lines(path: Path) -> Iterator[Line]:
    """Each line of a log from the header on; a torn last line, as a killed run leaves it, is dropped.

    Raises `BadLog` with the line at fault; a torn header is one.
    """
    try:
        with path.open("rb") as stream:
            end = 0
            number = 1
            while raw := stream.readline(LONGEST + 1):
                if len(raw) > LONGEST:
                    raise BadLog(f"{path}, line {number}: longer than {LONGEST} bytes")
                is_ended = raw.endswith(b"\n")
                end += len(raw)
                try:
                    data = _object(raw)
                except (ValueError, RecursionError) as error:
                    if not is_ended and number > 1:
                        return
                    raise BadLog(f"{path}, line {number}: {_words(error)}") from error
                if number == 1:
                    _check_header(path, data)
                yield Line(number, end, is_ended, data)
                number += 1
            if number == 1:
                raise BadLog(f"{path} is not a convformance result log: it is empty")
    except OSError as error:
        raise BadLog(f"cannot read {path}: {error.strerror}") from error


def _words(error: BaseException) -> str:
    """What is wrong with a line, in one line."""
    return "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())


def _object(raw: bytes) -> dict[str, Any]:
    """A line as data; raises ValueError, or RecursionError."""
    data = json.loads(raw.decode("utf-8"), parse_constant=_no_number)
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data


def _no_number(name: str) -> NoReturn:
    """JSON has no NaN and no infinity, although Python reads them."""
    raise ValueError(f"{name} is not a number")


def _check_header(path: Path, header: dict[str, Any]) -> None:
    """Raise `BadLog` where the first line is no header, or one that this version cannot read."""
    if header.get("log") != "convformance":
        raise BadLog(f"{path} is not a convformance result log")
    version = header.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadLog(f"{path}, line 1: the log format is {version!r:.40}, must be a number from 1 to {LOG_VERSION}")
    if version > LOG_VERSION:
        raise BadLog(f"{path} has log format {version}, this convformance reads up to {LOG_VERSION}: update it")
    lacking = sorted(set(NEEDED) - set(header))
    if lacking:
        raise BadLog(f"{path}, line 1: the header lacks {', '.join(lacking)}")
    wrong = [name for name, kind in NEEDED.items() if not isinstance(header[name], kind) or header[name] is True]
    texts = ("coverage", "runtimes", "unavailable")
    wrong += [
        name for name in texts if name not in wrong and not all(isinstance(v, str) for v in header[name].values())
    ]
    options, able = header.get("options", {}), header["host"].get("able", []) if "host" not in wrong else []
    wrong += ["options"] * (not isinstance(options, dict) or not _is_shard(options.get("shard")))
    wrong += ["whole"] * (type(header.get("whole", 0)) is not int)
    wrong += ["host"] * (not isinstance(able, list) or not all(isinstance(name, str) for name in able))
    if wrong or header["cases"] < 0:
        raise BadLog(f"{path}, line 1: the header's {(wrong or ['cases'])[0]} is of a wrong kind")


def _is_shard(value: object) -> bool:
    """Whether a header's shard is none, or ``i/n``."""
    return value is None or (isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}/[0-9]{1,9}", value) is not None)
