"""The conformance report in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tabulate import tabulate

from conformance.results import BAD, Log, Record
from reports.as_text import align
from reports.summary import closing, grouped, incomplete, summary

EXAMPLES = 2  # cases named for each group
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


def render(log: Log) -> str:
    """Summary, coverage, and each kind of result that is not a pass, runtime by runtime, grouped by its reason."""
    return "\n".join(_lines(log)).rstrip() + "\n"


def _lines(log: Log) -> Iterator[str]:
    header, cells = summary(log)
    host = log.header["host"]
    yield from ("# Conformance report", "")
    if incomplete(log):
        yield from (f"**{incomplete(log)}**", "")
    took = f", {log.footer['seconds']:.0f} s" if log.footer else ""
    yield from (
        f"`{log.header['command']}` with convformance {log.header['tool']}, {log.header['started']}{took};",
        f"tier {log.header['tier']}, {log.header['cases']} cases a runtime.",
        f"Python {host['python']} on {host['system']}.", "",
        "| runtime | version |", "|---|---|",
    )  # fmt: skip
    yield from (f"| {name} | {version} |" for name, version in log.header["runtimes"].items())
    yield from (
        "", "## Summary", "",
        tabulate(cells, header, tablefmt="github", disable_numparse=True, colalign=align(header)), "",
        "*worst error / bound*: the largest error as a fraction of the bound proved for that element; *exact*: only",
        "equality was due, and held. *measured precision*: what exact sums and many errors show of each type.", "",
        "## Coverage", "",
        "Combinations of axis values that occur together in planned cases; ruled out: no valid setting has them.", "",
    )  # fmt: skip
    yield from (f"- {block}: {covered}" for block, covered in log.header["coverage"].items())
    for title, verdicts, keys, note in SECTIONS:
        yield from _section(
            title, note, [r for r in log.records if r.verdict in verdicts], list(log.header["runtimes"]), keys
        )
    if closing(log):
        yield from ("", "## Notes", "", *(f"- {line}" for line in closing(log)))
    yield from ("", "## Case ids", "", LEGEND)


def _section(
    title: str, note: str, records: Sequence[Record], runtimes: Sequence[str], keys: Sequence[str]
) -> Iterator[str]:
    """For each runtime a table: how many results share a reason, of which block and types, the reason, examples."""
    if not records:
        return
    yield from ("", f"## {title}: {len(records)} results", "", note)
    for runtime in runtimes:
        mine = [r for r in records if r.runtime == runtime]
        if not mine:
            continue
        yield from (
            "",
            f"### {title} on {runtime}: {len(mine)}",
            "",
            "| results | block | types | reason | such as |",
            "|---|---|---|---|---|",
        )
        for (block, *reason), group in grouped(mine, "block", *keys).items():
            types = ", ".join(sorted({r.traits["dtype"] for r in group}))
            examples = ", ".join(f"`{r.case}`" for r in group[:EXAMPLES])
            yield f"| {len(group)} | {block} | {types} | {'; '.join(plain(v) for v in reason if v)} | {examples} |"


def plain(text: str) -> str:
    """A runtime's words on one line, their markup without effect."""
    return " ".join(re.sub(r"([\\`*_<>\[\]|])", r"\\\1", text).split())
