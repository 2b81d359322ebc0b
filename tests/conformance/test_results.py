"""The result log: what is written is read back, and what is no log is refused with the line at fault."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.carry_out import CONTROLS
from conformance.log_lines import LONGEST
from conformance.merging import gathered, write
from conformance.results import LOG_NAME, LOG_VERSION, BadLog, Log, Record, Writer, canonical, opened, read
from conformance.resume import FIXED
from reports import PIECES

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


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
WHOLE = {"grid": "", "corpus": "", "judge": "", "libraries": {}, "whole": 3, "options": {"shard": None}}
FIELDS = st.sampled_from(
    [*vars(RECORDS[0]), *HEADER, "log", "version", "end", "counts", "planned", "stale", "resumed", *FIXED, "whole"]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A log with fields replaced, lines lost, doubled or swapped, bytes changed, or its end cut off."""
    lines = [json.loads(line) for line in TEXT.splitlines()]
    lines[0] |= WHOLE
    for _ in range(draw(st.integers(0, 3))):
        draw(st.sampled_from(lines))[draw(FIELDS)] = draw(junk)
    lines = draw(st.permutations(lines)) if draw(st.booleans()) else lines
    text = bytearray("".join(json.dumps(line) + "\n" for line in lines).encode())
    for _ in range(draw(st.integers(0, 3))):
        text[draw(st.integers(0, len(text) - 1))] = draw(st.integers(0, 255))
    return bytes(text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text)


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=99).map(FIRST.encode().__add__), mutated()))
@settings(max_examples=300, deadline=None)
def test_nothing_but_bad_log_comes_of_a_strange_file(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    """What is read can be reported in every form."""
    folder = tmp_path_factory.getbasetemp()
    (folder / LOG_NAME).write_bytes(text)
    try:
        read(folder)
    except BadLog as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said
    assert len(said) < 1000
    for pieces in PIECES.values() if not said else ():
        for piece in pieces(opened(folder)):
            piece.translate(CONTROLS).encode("utf-8", "backslashreplace")
    with contextlib.suppress(BadLog):
        write(gathered([folder]), [], io.StringIO())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"[" * 200_000, "line 2: nested too deeply"),
        (b'{"case":' + b"9" * 5000 + b"}", "line 2: Exceeds the limit"),
        (SECOND.strip().encode()[:-1] + b',"fraction":NaN}', "line 2: NaN is not a number"),
        (SECOND.encode().strip().replace(b'"pads":null', b'"pads":{"a":1}'), "line 2: not a record (a trait is "),
        (SECOND.encode().strip().replace(b'"verdict":"pass"', b'"verdict":"fine"'), "line 2: unknown verdict 'fine'"),
        (SECOND.encode().strip().replace(b'"runtime":"fake"', b'"runtime":"b"'), "line 2: runtime 'b' is not in the"),
        (SECOND.encode().strip().replace(b'"case":"one"', b'"case":1'), "line 2: not a record (case is 1)"),
        (b'{"end":true,"counts":[]}', "line 2: not a footer"),
        (b'{"end":true,"counts":{}}\n' + SECOND.strip().encode(), "line 3: it follows the footer"),
    ],
)
def test_hostile_lines(line: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadLog, match=re.escape(message)):
        back(tmp_path, FIRST.encode() + line + b"\n" + "".join(REST).encode())


@pytest.mark.parametrize("is_header", [True, False])
def test_a_line_without_end_is_not_read_as_a_whole(is_header: bool, tmp_path: Path) -> None:
    """A hundred million bytes, of which a few are read."""
    with (tmp_path / LOG_NAME).open("wb") as stream:
        stream.write(b"" if is_header else FIRST.encode())
        stream.truncate(100_000_000)
    tracemalloc.start()
    with pytest.raises(BadLog, match=rf"line {2 - is_header}: longer than {LONGEST} bytes"):
        read(tmp_path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * LONGEST


@pytest.mark.parametrize("version", [3, 10**9])
def test_a_newer_format(version: int, tmp_path: Path) -> None:
    """Even if its header has other fields."""
    with pytest.raises(BadLog, match=rf"has log format {version}, this convformance reads up to 2: update it$"):
        back(tmp_path, json.dumps({"log": "convformance", "version": version}) + "\n")


@pytest.mark.parametrize("version", ["1", True, None, 0, -1, 1.5])
def test_a_format_that_is_none(version: Any, tmp_path: Path) -> None:
    with pytest.raises(BadLog, match=r"must be a number from 1 to 2$"):
        back(tmp_path, json.dumps({"log": "convformance", "version": version}) + "\n")


def test_the_format_before_this_one_is_read(tmp_path: Path) -> None:
    """Its records know no verdict before a waiver."""
    old = TEXT.replace(f'"version":{LOG_VERSION}', '"version":1').replace(',"was":""', "")
    assert '"was"' not in old
    assert back(tmp_path, old).records == RECORDS


def test_what_a_runtime_says_is_cut(tmp_path: Path) -> None:
    log = back(tmp_path, written([record("a", message="\U0001f600" * 10**6, outcome="o" * 10**6)]))
    assert log.records[0].message.endswith("\U0001f600 ... (934464 characters more)")
    assert len(log.records[0].outcome) < 70_000


def test_notes_are_no_results(tmp_path: Path) -> None:
    stream = io.StringIO()
    log = Writer(stream, HEADER)
    log.add(record("a"))
    log.note(unrepeated="a crash")
    log.note(resumed="later", host={})
    log.add(record("b"))
    found = back(tmp_path, stream.getvalue())
    assert [one.case for one in found.records] == ["a", "b"]
    assert opened(tmp_path).unrepeated == ["a crash"]


def test_traits_come_back_as_they_were(tmp_path: Path) -> None:
    one = record("a", traits={"strides": (2, 2), "pads": ((0, 1), (2, 3)), "rank": 2, "auto_pad": None})
    assert back(tmp_path, written([one])).records == [one]


def test_canonical_results_have_no_order_and_no_times() -> None:
    slow = [record("b", seconds={"run": 9.0}), record("a", seconds={"run": 8.0})]
    assert canonical(slow) == canonical([record("a"), record("b")])
    assert canonical([record("a")]) != canonical([record("a", message="x")])
