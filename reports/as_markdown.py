"""The conformance report in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tabulate import tabulate

from conformance.results import Log, Record
from reports.as_text import align
from reports.summary import bad, closing, grouped, summary

EXAMPLES = 3  # cases named for each group
GROUPS = (
    ("waived", "Waived, known deviations", ("runtime", "deviation")),
    ("unsupported", "Unsupported", ("runtime", "stage", "message")),
    ("unspecified", "Unspecified, the operator's text does not decide", ("message", "runtime", "outcome")),
)


def render(log: Log) -> str:
    """Summary, coverage, and each kind of result that is not a pass, grouped by its reason."""
    return "\n".join(_lines(log)).rstrip() + "\n"


def _lines(log: Log) -> Iterator[str]:
    header, cells = summary(log)
    host = log.header["host"]
    yield from (
        "# Conformance report", "",
        f"convformance {log.header['tool']}, tier {log.header['tier']}, {log.header['cases']} cases a runtime,",
        f"Python {host['python']} on {host['system']}.", "",
        "| runtime | version |", "|---|---|",
    )  # fmt: skip
    yield from (f"| {name} | {version} |" for name, version in log.header["runtimes"].items())
    yield from (
        "", "## Summary", "",
        tabulate(cells, header, tablefmt="github", disable_numparse=True, colalign=align(header)), "",
        "*worst error / bound*: the largest error, as a fraction of its proved bound; *exact*: only equality was due.",
        "*measured precision*: what exact sums of wide integers show, for each element type that has them.", "",
        "## Coverage", "",
    )  # fmt: skip
    yield from (f"- {block}: {covered}" for block, covered in log.header["coverage"].items())
    if bad(log):
        yield from ("", "## Bad results", "")
        yield from (f"- {r.verdict} at {r.stage}, {r.runtime}, `{r.case}`: {plain(r.message)}" for r in bad(log))
    for verdict, title, keys in GROUPS:
        yield from _section(title, [r for r in log.records if r.verdict == verdict], *keys)
    if closing(log):
        yield from ("", "## Notes", "", *(f"- {line}" for line in closing(log)))


def _section(title: str, records: Sequence[Record], *keys: str) -> Iterator[str]:
    """A line for each group: its size, what its records share, and a few cases."""
    if not records:
        return
    yield from ("", f"## {title}: {len(records)} results", "")
    for values, group in grouped(records, *keys).items():
        examples = ", ".join(f"`{r.case}`" for r in group[:EXAMPLES])
        yield f"- **{len(group)}**: {'; '.join(plain(v) for v in values if v)} (such as {examples})"


def plain(text: str) -> str:
    """A runtime's words on one line, their markup without effect."""
    return " ".join(re.sub(r"([\\`*_<>\[\]|])", r"\\\1", text).split())
