"""The result log: what is written is read back, and what is no log is refused with the line at fault."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.results import LOG_NAME, LOG_VERSION, BadLog, Log, Record, Writer, read

HEADER = {
    "tool": "0", "tier": "quick", "cases": 3, "coverage": {}, "runtimes": {"fake": "1"}, "unavailable": {}, "host": {},
    "command": "convformance run", "started": "2026-01-02T03:04:05+00:00",
}  # fmt: skip


def written(records: list[Record], **footer: Any) -> str:
    """The text of a log; with a footer if any of its fields is given."""
    stream = io.StringIO()
    log = Writer(stream, HEADER)
    for record in records:
        log.add(record)
    if footer:
        log.close(**footer)
    return stream.getvalue()


def back(folder: Path, text: str | bytes) -> Log:
    """The log that a text makes."""
    (folder / LOG_NAME).write_bytes(text.encode() if isinstance(text, str) else text)
    return read(folder)


def record(case: str = "a", verdict: str = "pass", **fields: Any) -> Record:
    """A record."""
    return Record(case=case, block="conv", runtime="fake", verdict=verdict, **fields)


RECORDS = [
    record(
        "one",
        traits={"rank": 2, "pads": None, "data": "small"},
        seconds={"run": 0.25},
        fraction=0.5,
        precision="TF32",
        worst="y[0] is 1, should be 1 (error 0, bound 0)",
    ),
    record("two", "fail", stage="compare", message='a "quoted"\nline, ünïcode \u2028 and | bars', outcome="x"),
    record("three", "waived", deviation="known"),
]


def test_round_trip(tmp_path: Path) -> None:
    log = back(tmp_path, written(RECORDS, planned=3, stale=[]))
    assert log.records == RECORDS
    assert log.header == {"log": "convformance", "version": LOG_VERSION, **HEADER}
    assert log.footer == {"end": True, "counts": {"pass": 1, "fail": 1, "waived": 1}, "planned": 3, "stale": []}


def test_a_line_a_record_whatever_the_message(tmp_path: Path) -> None:
    lines = written(RECORDS, planned=3).splitlines()
    assert len(lines) == 5
    assert [json.loads(line)["case"] for line in lines[1:4]] == ["one", "two", "three"]


@given(st.text(), st.one_of(st.none(), st.floats()))
def test_any_message_and_any_fraction_can_be_written(message: str, fraction: float | None) -> None:
    """JSON has no NaN and no infinity; a fraction that is one is left out."""
    text = written([record("one", "fail", message=message, fraction=fraction)], planned=1)
    (line,) = text.splitlines()[1:-1]
    assert json.loads(line)["message"] == message
    assert json.loads(line)["fraction"] in (None, fraction)


def test_a_killed_run_keeps_what_it_had(tmp_path: Path) -> None:
    log = back(tmp_path, written(RECORDS))
    assert (log.records, log.footer) == (RECORDS, None)


@pytest.mark.parametrize("kept", [1, 5, 40, -2])
def test_a_torn_last_line_is_dropped(kept: int, tmp_path: Path) -> None:
    lines = written(RECORDS).splitlines(keepends=True)
    log = back(tmp_path, "".join(lines[:-1]) + lines[-1][:kept])
    assert (log.records, log.footer) == (RECORDS[:-1], None)


def test_a_torn_footer_is_a_run_that_did_not_finish(tmp_path: Path) -> None:
    log = back(tmp_path, written(RECORDS, planned=3)[:-9])
    assert (log.records, log.footer) == (RECORDS, None)


def test_only_a_header(tmp_path: Path) -> None:
    assert back(tmp_path, written([])).records == []


TEXT = written(RECORDS, planned=3)
FIRST, SECOND, *REST = TEXT.splitlines(keepends=True)
LACKING = json.loads(FIRST)
del LACKING["host"], LACKING["cases"]
OTHER = FIRST.replace(f'"version":{LOG_VERSION}', '"version":99')
BROKEN: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is not a convformance result log"),
    "no header": (TEXT.removeprefix(FIRST), "is not a convformance result log"),
    "another program's": ('{"log": "other", "version": 1}\n', "is not a convformance result log"),
    "torn header": (FIRST[:20], "line 1: "),
    "other version": (OTHER + SECOND, f"has log format 99, this convformance reads up to {LOG_VERSION}: update it"),
    "header lacks a key": (json.dumps(LACKING) + "\n" + SECOND, "line 1: the header lacks cases, host"),
    "garbage": (FIRST + SECOND + "what?\n" + "".join(REST), "line 3: "),
    "torn line inside": (FIRST + SECOND[:30] + "\n" + "".join(REST), "line 2: "),
    "a list": (FIRST + SECOND + "[1, 2]\n" + "".join(REST), "line 3: not an object"),
    "not a record": (FIRST + SECOND + '{"colour": "blue"}\n' + "".join(REST), "line 3: "),
    "a field missing": (FIRST + SECOND + '{"case": "x", "block": "conv"}\n' + "".join(REST), "line 3: "),
    "bytes": (b"\xff\xfe\x00log", "line 1: "),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_log_is_refused(kind: str, tmp_path: Path) -> None:
    """With the file and the line at fault, on one line."""
    text, message = BROKEN[kind]
    with pytest.raises(BadLog) as caught:
        back(tmp_path, text)
    assert message in str(caught.value)
    assert str(tmp_path / LOG_NAME) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "key", ["tool", "command", "started", "tier", "cases", "coverage", "runtimes", "unavailable", "host"]
)
def test_every_key_of_the_header_is_required(key: str, tmp_path: Path) -> None:
    header = {name: value for name, value in json.loads(FIRST).items() if name != key}
    with pytest.raises(BadLog, match=f"line 1: the header lacks {key}$"):
        back(tmp_path, json.dumps(header) + "\n")


def test_the_file_itself_is_read_as_its_folder(tmp_path: Path) -> None:
    log = back(tmp_path, TEXT)
    (tmp_path / LOG_NAME).rename(tmp_path / "kept.jsonl")
    assert read(tmp_path / "kept.jsonl") == log


@pytest.mark.parametrize("missing", ["", "nowhere"])
def test_a_missing_log(missing: str, tmp_path: Path) -> None:
    with pytest.raises(BadLog, match=r"cannot read .*results\.jsonl: No such file or directory$"):
        read(tmp_path / missing)


def test_the_writer_hands_each_line_on_at_once(tmp_path: Path) -> None:
    """With the line buffering that the command line asks for, a kill loses at most one line."""
    with (tmp_path / LOG_NAME).open("w", encoding="utf-8", buffering=1) as stream:
        Writer(stream, HEADER).add(RECORDS[0])
        assert read(tmp_path).records == RECORDS[:1]
