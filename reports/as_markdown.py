"""The conformance report in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabulate import tabulate

from conformance.results import BAD, Results
from reports import causes
from reports.as_text import align
from reports.summary import Group, closing, incomplete, ordered, reason, summary

SECTIONS = (
    ("Bad results", BAD, ("verdict", "stage", "message"), "Each is a failure of the run."),
    (
        "Waived",
        ("waived",),
        ("deviation",),
        "Known deviations, recorded with the operator's sentence; nothing else goes by.",
    ),
    (
        "Unsupported",
        ("unsupported",),
        ("stage", "message"),
        "Declined by the runtime, or by its adapter, in its words.",
    ),
    (
        "Unspecified",
        ("unspecified",),
        ("message", "outcome"),
        "The sentence does not decide; the outcome is told, nobody fails.",
    ),
)
LEGEND = """\
A case id reads: block, rank, `x` input shape, `m` filters, `k` kernel, `s` strides, `p` pads, `d` dilations, auto_pad,
`g` group, further attributes by name, element type, `op` opset, data set; what is left out is omitted on the node.
`convformance explain CASE` shows a case; `convformance run --case CASE` runs it alone."""


def pieces(log: Results) -> Iterator[str]:
    """Summary, coverage, and each kind of result that is not a pass, runtime by runtime, grouped by its reason."""
    return (f"{line}\n" for line in _lines(log))


def _lines(log: Results) -> Iterator[str]:
    header, cells = summary(log)
    host = log.header["host"]
    yield from ("# Conformance report", "")
    if incomplete(log):
        yield from (f"**{incomplete(log)}**", "")
    took = f", {log.footer.get('seconds', 0):.0f} s" if log.footer else ""
    yield from (
        f"`{log.header['command']}` with convformance {log.header['tool']}, {log.header['started']}{took};",
        f"tier {log.header['tier']}, {log.header['cases']} cases a runtime.",
        f"Python {host.get('python')} on {host.get('system')}.", "",
        "| runtime | version |", "|---|---|",
    )  # fmt: skip
    yield from (f"| {name} | {version} |" for name, version in log.header["runtimes"].items())
    yield from (
        "", "## Summary", "",
        tabulate(cells, header, tablefmt="github", disable_numparse=True, colalign=align(header)), "",
        "*worst error / bound*: the largest error as a fraction of the bound proved for that element; *exact*: only",
        "equality was due, and held. *measured precision*: what exact sums, and the errors of many, show of each type.",
        "",
        "## Coverage", "",
        "Combinations of axis values that occur together in planned cases; ruled out: no valid setting has them.", "",
    )  # fmt: skip
    yield from (f"- {block}: {covered}" for block, covered in log.header["coverage"].items())
    groups = _gathered(log)
    for title, _, _, note in SECTIONS:
        yield from _section(title, note, {name: groups[title, name] for name in log.header["runtimes"]})
    yield from _in_common(log)
    if closing(log):
        yield from ("", "## Notes", "", *(f"- {line}" for line in closing(log)))
    yield from ("", "## Case ids", "", LEGEND)


def _in_common(log: Results) -> Iterator[str]:
    """What explains failures."""
    found = causes.causes(log)
    if not found:
        return
    yield from (
        "", "## What failures have in common", "",
        "The smallest combination of attributes and facts that all failures of a block have and no pass; several where",
        "none has them all, and the counts where some pass has them too.", "",
        "| runtime | block | verdict | failures | passes | in common |", "|---|---|---|---|---|---|",
    )  # fmt: skip
    for runtime, block, verdict, e, drawn in found:
        counts = f"{e.explained} of {e.failures} | {e.excused} of {e.passes}"
        said = "; or ".join(map(str, e.causes))
        yield f"| {runtime} | {block} | {verdict} | {counts} | {plain(said + drawn)} |"


def _gathered(log: Results) -> dict[tuple[str, str], dict[tuple[str, ...], Group]]:
    """For each section and runtime the results of a block that share a reason, in one pass."""
    groups: dict[tuple[str, str], dict[tuple[str, ...], Group]] = {
        (title, name): {} for title, *_ in SECTIONS for name in log.header["runtimes"]
    }
    section = {verdict: (title, ("block", *keys)) for title, verdicts, keys, _ in SECTIONS for verdict in verdicts}
    for record in log.records:
        if record.verdict in section:
            title, keys = section[record.verdict]
            groups[title, record.runtime].setdefault(reason(record, keys), Group()).add(record)
    return groups


def _section(title: str, note: str, found: dict[str, dict[tuple[str, ...], Group]]) -> Iterator[str]:
    """For each runtime a table: how many results share a reason, of which block and types, the reason, examples."""
    sizes = {name: sum(group.size for group in groups.values()) for name, groups in found.items()}
    if not sum(sizes.values()):
        return
    yield from ("", f"## {title}: {sum(sizes.values())} results", "", note)
    for runtime in filter(sizes.get, found):
        yield from (
            "",
            f"### {title} on {runtime}: {sizes[runtime]}",
            "",
            "| results | block | types | reason | such as |",
            "|---|---|---|---|---|",
        )
        for (block, *why), group in ordered(found[runtime]).items():
            types, examples = ", ".join(sorted(group.types)), ", ".join(f"`{case}`" for case in group.examples)
            yield f"| {group.size} | {block} | {types} | {'; '.join(plain(v) for v in why if v)} | {examples} |"


def plain(text: str) -> str:
    """A runtime's words on one line, their markup without effect."""
    return " ".join(re.sub(r"([\\`*_<>\[\]|])", r"\\\1", text).split())
