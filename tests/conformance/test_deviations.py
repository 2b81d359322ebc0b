"""Known deviations: what a file may say, which cases an entry covers, and when it is stale."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conformance.deviations import (
    MOST_BYTES,
    SHIPPED,
    BadDeviation,
    Deviation,
    features,
    in_range,
    load,
    release,
    seen_from,
    stale,
    waive,
)
from conformance.execute import traits
from conformance.results import BAD, Record
from conformance.runtimes import canonical
from graphs.blocks import BLOCKS
from graphs.grid import cases

ENTRY = """
[[deviation]]
runtime = "demo"
block = "conv"
when = { dilated = true }
expect = "fail"
reason = "ignores dilations"
link = "https://example.org/1"
"""


def written(path: Path, text: str) -> list[Deviation]:
    """The entries of a file that holds ``text``."""
    file = path / "deviations.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def deviation(**fields: Any) -> Deviation:
    """An entry like ENTRY, other ``fields`` apart."""
    plain: dict[str, Any] = {
        "runtime": "demo", "block": ("conv",), "when": {"dilated": [True]}, "expect": "fail", "reason": "r",
        "link": "l",
    }  # fmt: skip
    return Deviation(**plain | fields)


def record(
    verdict: str = "fail", *, case: str = "a", runtime: str = "demo:cpu", block: str = "conv", **facts: Any
) -> Record:
    """A result with traits."""
    return Record(case=case, block=block, runtime=runtime, verdict=verdict, traits={"dilated": True} | facts)


def test_an_entry_is_read_with_lists_and_omitted_attributes(tmp_path: Path) -> None:
    (entry,) = written(tmp_path, ENTRY.replace("true }", 'true, auto_pad = ["omitted", "VALID"], strides = [[2, 1]] }'))
    assert entry.when == {"dilated": [True], "auto_pad": [None, "VALID"], "strides": [(2, 1)]}
    assert (entry.since, entry.before, entry.some) == ("", "", False)


def test_a_file_without_entries_is_an_empty_list(tmp_path: Path) -> None:
    assert written(tmp_path, "# none yet\n") == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('reason = "ignores dilations"', "", "deviation 2: lacks ['reason']"),
        ('link = "https://example.org/1"', "", "deviation 2: lacks ['link']"),
        ("expect =", "expects =", "deviation 2: lacks ['expect'], has unknown ['expects']"),
        ("when = { dilated = true }", "when = {}", "deviation 2: 'when' is empty, an entry may not cover"),
        ('"fail"', '"wrong"', f"deviation 2: expect is 'wrong', must be one of {', '.join(BAD)}"),
        ('"fail"', '"pass"', f"deviation 2: expect is 'pass', must be one of {', '.join(BAD)}"),
        ("[[deviation]]", "[[waiver]]", "unknown table 'waiver', must be [[deviation]]"),
        ('runtime = "demo"', "runtime = 3", "deviation 2: runtime is 3, must be a string"),
        ('block = "conv"', "block = 1", "deviation 2: block is 1, must be a string or an array of them"),
        ('block = "conv"', "block = []", "deviation 2: block is [], must be one or more of "),
        (
            'block = "conv"',
            'block = ["conv", "konv"]',
            "deviation 2: block is ['conv', 'konv'], must be one or more of ",
        ),
        ("{ dilated = true }", '"dilated"', "deviation 2: when is 'dilated', must be a table"),
        ('"conv"', '"pad_conv.max_pool"', "deviation 2: block is 'pad_conv.max_pool', must be one or more of "),
        ("link =", 'some = "yes"\nlink =', "deviation 2: some is 'yes', must be a boolean"),
        ("link =", "some = 1\nlink =", "deviation 2: some is 1, must be a boolean"),
        ("link =", 'error_below = "1"\nlink =', "deviation 2: error_below is '1', must be a number"),
        ("link =", "error_below = nan\nlink =", "deviation 2: error_below is nan, must be above 0"),
        ("link =", "error_below = -1.0\nlink =", "deviation 2: error_below is -1.0, must be above 0"),
        (
            "link =",
            'since = "the first"\nlink =',
            "since is 'the first', must be a version such as 1.20.1",
        ),
        ("link =", "before = '" + "9" * 5000 + "'\nlink =", "deviation 2: before is '999999999"),
        ("link =", f"some = {'9' * 5000}\nlink =", "Exceeds the limit"),
        ("link =", f"{'k' * 5000} = 1\nlink =", f"has unknown ['{'k' * 78} ..."),
        ("link =", '"\\u001b[2J" = 1\nlink =', "has unknown ['\\x1b[2J']"),
        ("link =", "since = 1.5\nlink =", "deviation 2: since is 1.5, must be a string"),
        ("link =", "message = true\nlink =", "deviation 2: message is True, must be a string"),
        ('"conv"', '"konv"', f"deviation 2: block is 'konv', must be one or more of {', '.join(BLOCKS)}, "),
        ("dilated =", "dilatd =", "deviation 2: unknown trait 'dilatd', must be one of asymmetric, auto_pad, "),
        ("dilated =", "auto_pad_needs_dilation =", "deviation 2: unknown trait 'auto_pad_needs_dilation', must be"),
        ("dilated = true", "ceil_mode = 1", "deviation 2: unknown trait 'ceil_mode', must be one of "),  # not Conv's
    ],
)
def test_a_wrong_entry_is_named_with_what_is_allowed(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(BadDeviation) as caught:
        written(tmp_path, ENTRY + ENTRY.replace(old, new))
    assert said in str(caught.value)
    assert str(tmp_path / "deviations.toml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_entry_that_is_no_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadDeviation, match=r"deviation 1: must be a table$"):
        written(tmp_path, 'deviation = ["conv"]')


@pytest.mark.parametrize("block", BLOCKS)
def test_every_trait_of_a_block_may_be_named(block: str, tmp_path: Path) -> None:
    """And the data set, which is the case's."""
    names = {name for case in cases(block, "quick") for name in traits(case)}
    assert "data" in names
    when = ", ".join(f'"{name}" = [true]' for name in sorted(names))
    text = ENTRY.replace('"conv"', f'"{block}"').replace("dilated = true", when)
    assert set(written(tmp_path, text)[0].when) == names


@pytest.mark.parametrize(
    "content", [b"[[deviation]\n", b"\xff\xfe", b"a = " + b"[" * 5000, b"#" * (MOST_BYTES + 1), None]
)
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "deviations.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadDeviation, match=r"deviations\.toml"):
        load(file)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "deviations.toml")
    with pytest.raises(BadDeviation, match="no ordinary file"):
        load(tmp_path / "deviations.toml")


PIECES = (
    "[[", "]", "{", "}", "=", '"', "'", "\n", "1e999", "nan", "-inf", "9" * 5000, "2020-01-01", "true", "[]", "{}",
    "\\u0000", "\x1b[2J", "[" * 3000, "a.b.c=1\n", "\ufeff", "0x1", "runtime", "when", "[[deviation]]\n", '"""',
)  # fmt: skip


def spoiled(text: str, random: Random) -> str:
    """A deviation file with one to three places changed."""
    for _ in range(random.randint(1, 3)):
        at, kind = random.randrange(len(text)), random.randrange(4)
        if kind == 0:
            text = text[:at] + random.choice(PIECES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + random.randint(1, 10) :]
        elif kind == 2:
            text = text[:at] + chr(random.randrange(0x3000)) + text[at + 1 :]
        else:  # another value
            rows = text.split("\n")
            row = random.randrange(len(rows))
            rows[row] = rows[row].partition("=")[0] + "= " + random.choice(PIECES)
            text = "\n".join(rows)
    return text


def test_a_corrupt_file_is_read_or_has_a_reason(tmp_path: Path) -> None:
    """And what is read can be used."""
    random, read = Random(3), 0
    refused: list[str] = []
    shipped = SHIPPED.read_text(encoding="utf-8").split("[[deviation]]")[1:]
    for _ in range(3_000):
        text = "[[deviation]]" + "[[deviation]]".join(random.sample(shipped, 2))
        (tmp_path / "deviations.toml").write_text(spoiled(text, random), encoding="utf-8", errors="surrogatepass")
        try:
            entries = load(tmp_path / "deviations.toml")
        except BadDeviation as error:
            refused.append(str(error))
            continue
        read += 1
        for entry in entries:
            facts = {name: values[0] for name, values in entry.when.items() if values}
            waive(entries, record(runtime=entry.runtime, block=entry.block[0].partition(".")[0], **facts), "1.2.3")
            stale(entries, {entry.runtime: "1.2.3"}, complete=True)
    assert 500 < read < 2_500
    assert all(text.isprintable() and len(text) < 3_000 for text in refused)


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("2.13.0+cpu", (2, 13, 0)), ("1.31.1", (1, 31, 1)), ("1.24.0rc1", (1, 24, 0)), ("3", (3,)), ("unknown", ())],
)
def test_a_release_is_the_numbers_in_front(version: str, numbers: tuple[int, ...]) -> None:
    assert release(version) == numbers


@pytest.mark.parametrize(
    ("version", "since", "before", "inside"),
    [
        ("2.13.0+cpu", "2.13.0", "", True),
        ("2.13.0+cpu", "2.13.1", "", False),
        ("2.13.0+cpu", "", "2.13.0", False),
        ("2.13.0+cpu", "", "2.14", True),
        ("2.9.1+cu130", "2.13", "", False),  # numbers, not letters
        ("2.13.0+cpu", "2.9", "2.100", True),
        ("1.31.1", "1.31", "1.32", True),
        ("1.31.1", "", "", True),
        ("unknown", "1.0", "", False),
    ],
)
def test_versions_run_from_since_up_to_but_not_with_before(version: str, since: str, before: str, inside: bool) -> None:
    assert in_range(version, since, before) is inside


@pytest.mark.parametrize(
    ("fields", "facts", "covered"),
    [
        ({}, {}, True),
        ({}, {"dilated": False}, False),
        ({"when": {"auto_pad": [None]}}, {"auto_pad": None}, True),
        ({"when": {"auto_pad": [None]}}, {"auto_pad": "VALID"}, False),
        ({"when": {"rank": [1, 3]}}, {"rank": 3}, True),
        ({"when": {"rank": [1, 3], "dilated": [True]}}, {"rank": 2}, False),
        ({"when": {"no_such": [True]}}, {}, False),
        ({"when": {"no_such": [None]}}, {}, False),  # a trait that is lacking is none that is omitted
        ({"runtime": "demo:cpu"}, {}, True),
        ({"runtime": "demo:cuda"}, {}, False),
        ({"runtime": "dem"}, {}, False),
        ({"runtime": "demo:cpu"}, {"runtime": "demo:cpu:noopt"}, True),
        ({"runtime": "demo:cpu", "unless": "demo:cpu:noopt"}, {}, True),
        ({"runtime": "demo:cpu", "unless": "demo:cpu:noopt"}, {"runtime": "demo:cpu:noopt"}, False),
        ({"runtime": "demo:cpu", "unless": "demo:cpu:noopt"}, {"runtime": "demo:cpu:nooption"}, True),
        ({"block": ("max_pool",)}, {}, False),
        ({"block": ("max_pool", "conv")}, {}, True),
        ({"since": "1.1"}, {}, False),
        ({"since": "1.0", "before": "1.1"}, {}, True),
    ],
)
def test_an_entry_covers_by_runtime_block_version_and_traits(
    fields: dict[str, Any], facts: dict[str, Any], covered: bool
) -> None:
    assert deviation(**fields).covers(record(**facts), "1.0.5+cpu") is covered


@pytest.mark.parametrize(
    ("block", "place", "covered"),
    [
        ("pad_conv", "pad_conv.conv", True),
        ("pad_conv", "pad_conv.pad", False),  # whose mode and version are others
        ("pad_conv", "pad_conv", False),
        ("conv", "pad_conv.conv", False),
        ("sub_pixel", "pad_conv.conv", False),
    ],
)
def test_an_entry_names_a_link_s_traits_as_on_its_own_block(block: str, place: str, covered: bool) -> None:
    """Those that all links share, such as the type, are the chain's."""
    entry = deviation(block=(place,), when={"version": [11], "auto_pad": ["VALID"], "dtype": ["float32"]})
    facts: dict[str, Any] = {
        "conv.version": 11,
        "conv.auto_pad": "VALID",
        "pad.version": 13,
        "version": 13,
        "dtype": "float32",
    }
    assert entry.covers(record(block=block, **facts), "1") is covered


def test_an_expected_verdict_is_waived_with_its_reason_and_counts() -> None:
    entry, other = deviation(), deviation(reason="later")
    bad = record("fail")
    waive([entry, other], bad, "1")
    assert (bad.verdict, bad.deviation, entry.hits, other.hits) == ("waived", "r", 1, 0)


def test_another_bad_verdict_stays_bad() -> None:
    entry, bad = deviation(), record("error")
    waive([entry], bad, "1")
    assert (bad.verdict, bad.deviation, entry.hits, entry.misses) == ("error", None, 0, [])


def test_a_verdict_is_waived_by_whichever_entry_expects_it() -> None:
    entries = [deviation(), deviation(expect="error", reason="second")]
    bad = record("error")
    waive(entries, bad, "1")
    assert (bad.verdict, bad.deviation) == ("waived", "second")


@pytest.mark.parametrize(
    ("said", "verdict"), [("y[0] is 1, should be -inf (1 of 2 outside)", "waived"), ("y[0] is 1, should be 2", "fail")]
)
def test_a_message_that_the_entry_does_not_name_stays_bad(said: str, verdict: str) -> None:
    """Lest it hide another fault of the same cases."""
    entry, bad = deviation(message="should be -inf"), record("fail")
    bad.message = said
    waive([entry], bad, "1")
    assert (bad.verdict, bad.deviation, entry.hits) == (
        (verdict, "r", 1) if verdict == "waived" else (verdict, None, 0)
    )


@pytest.mark.parametrize(("verdict", "misses"), [("pass", ["a"]), ("unsupported", []), ("unspecified", [])])
def test_only_a_pass_is_a_miss(verdict: str, misses: list[str]) -> None:
    entry, good = deviation(), record(verdict)
    waive([entry], good, "1")
    assert (good.verdict, entry.misses) == (verdict, misses)


@pytest.mark.parametrize("complete", [True, False])
def test_a_covered_case_that_passes_makes_an_entry_stale(complete: bool) -> None:
    entry = deviation()
    for name, verdict in (("a", "fail"), ("b", "pass"), ("c", "pass")):
        waive([entry], record(verdict, case=name), "1")
    (message,) = stale([entry], {"demo:cpu": "1"}, complete=complete)
    assert message == "demo conv (r): 2 covered cases pass, such as b"


def test_with_some_a_covered_case_may_pass_but_not_every_one() -> None:
    entry = deviation(some=True)
    waive([entry], record("pass"), "1")
    assert stale([entry], {"demo:cpu": "1"}, complete=True) == ["demo conv (r): covers no case that goes wrong"]
    waive([entry], record("fail"), "1")
    assert stale([entry], {"demo:cpu": "1"}, complete=True) == []


@pytest.mark.parametrize(
    ("complete", "versions", "fields", "count"),
    [
        (True, {"demo:cpu": "1"}, {}, 1),
        (False, {"demo:cpu": "1"}, {}, 0),  # a filter may have left its cases out
        (True, {"other": "1"}, {}, 0),  # its runtime was not run
        (True, {"demo:cpu": "1"}, {"runtime": "demo:cuda"}, 0),
        (True, {"demo:cpu": "1"}, {"since": "2"}, 0),  # nothing is expected of this version
        (True, {"demo:cpu": "2.13.0+cpu"}, {"since": "2.13"}, 1),
        (True, {"demo:cpu": "2.13.0+cpu"}, {"before": "2.13"}, 0),
        (True, {"demo:cpu": "1", "demo:cuda": "3"}, {"since": "2"}, 1),
        (True, {"demo:cpu:noopt": "1"}, {"unless": "demo:cpu:noopt"}, 0),
        (True, {"demo:cpu:noopt": "1", "demo:cpu": "1"}, {"unless": "demo:cpu:noopt"}, 1),
    ],
)
def test_an_entry_that_covers_nothing_is_stale_after_a_complete_run(
    complete: bool, versions: dict[str, str], fields: dict[str, Any], count: int
) -> None:
    assert len(stale([deviation(**fields)], versions, complete=complete)) == count


@pytest.fixture(scope="module")
def quick() -> dict[str, list[dict[str, Any]]]:
    """Block -> traits of its cases in the quick tier."""
    return {block: [traits(case) for case in cases(block, "quick")] for block in BLOCKS}


@pytest.mark.parametrize(
    "entry", load(), ids=lambda e: f"{e.runtime}-{'-'.join(e.block)}-{'-'.join(e.when)}-{e.expect}"
)
def test_a_shipped_entry_names_what_exists(entry: Deviation, quick: dict[str, list[dict[str, Any]]]) -> None:
    assert canonical(entry.runtime) == entry.runtime
    assert not entry.unless or canonical(entry.unless) == entry.unless != entry.runtime
    assert entry.since, "since is the version in which it was seen"
    assert entry.reason
    assert "\n" not in entry.reason
    assert entry.link.startswith("https://")
    for name, values in entry.when.items():
        places = [place.partition(".") for place in entry.block]
        facts = [seen_from(link, found) for block, _, link in places for found in quick[block]]
        shown = {repr(found[name]) for found in facts if name in found}
        assert shown, f"no case of {entry.block} has the trait {name}"
        if name != "overhang_pixels":  # a range
            missing = [v for v in values if repr(v) not in shown]
            assert not missing, f"no case of {entry.block} has {name} {missing}, only {', '.join(sorted(shown))}"


@pytest.mark.parametrize(
    ("message", "is_waived"),
    [
        ("y[0] is 1e-40, should be 2e-40 (error 1e-40, bound 1e-45, 1 of 2 outside)", False),
        ("y[0] is 1e-43, should be 2e-43 (error 1e-43, bound 1e-45, 1 of 2 outside)", True),
        ("y[0] is inf, should be 1 (error inf, bound 1e-45, 1 of 2 outside)", False),
        ("y has shape [1], should be [2]", False),
    ],
)
def test_an_error_of_known_size_excuses_no_larger_one(message: str, is_waived: bool) -> None:
    found = record()
    found.message = message
    waive([deviation(error_below=2e-43)], found, "1.0")
    assert (found.verdict == "waived") == is_waived


@pytest.mark.parametrize(("feature", "count"), [("avx512bw", 1), ("amx_tile", 0)])
def test_a_feature_that_the_processor_lacks_makes_no_entry_stale(
    feature: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.deviations.features", lambda: frozenset({"fpu", "avx512bw"}))
    assert len(stale([deviation(processor=feature)], {"demo:cpu": "1"}, complete=True)) == count


def test_the_processor_s_features_are_read_as_linux_lists_them(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nflags\t\t: fpu avx2 avx512bw\nbugs\t\t: none\n", encoding="utf-8")
    assert features(file) == {"fpu", "avx2", "avx512bw"}
    assert features(tmp_path / "nowhere") == frozenset()


def test_no_two_shipped_entries_say_the_same() -> None:
    said = [(e.runtime, e.block, sorted(e.when.items(), key=str), e.expect) for e in load(SHIPPED)]
    assert all(one not in said[:at] for at, one in enumerate(said))


def test_every_shipped_entry_has_its_finding() -> None:
    """One section speaks of its operator and names all its sources."""
    text = (Path(__file__).parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
    sections = text.split("\n### ")[1:]
    for entry in load(SHIPPED):
        sources = [url for url in entry.link.split() if "github.com" in url]
        assert sources, entry
        due = [f"`{BLOCKS[entry.block[0]].op_type or entry.block[0]}`", *sources]
        assert any(all(words in section for words in due) for section in sections), due
