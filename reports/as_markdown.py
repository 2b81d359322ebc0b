"""The conformance report in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from conformance.results import Log, Record
from reports.as_text import align
from reports.summary import bad, closing, grouped, summary

EXAMPLES = 3  # cases named for each group


def render(log: Log) -> str:
    """Summary, coverage, and each kind of result that is not a pass, grouped by its reason."""
    return "\n".join(_lines(log)).rstrip() + "\n"


def _lines(log: Log) -> Iterator[str]:
    header, cells = summary(log)
    yield from ("# Conformance report", "")
    host = log.header["host"]
    yield f"convformance {log.header['tool']}, tier {log.header['tier']}, {log.header['cases']} cases a runtime, "
    yield f"Python {host['python']} on {host['system']}."
    yield from ("", "| runtime | version |", "|---|---|")
    yield from (f"| {name} | {version} |" for name, version in log.header["runtimes"].items())
    yield from ("", "## Summary", "", tabulate(cells, header, tablefmt="github", disable_numparse=True, colalign=align(header)))
    yield from ("", "*worst error / bound*: the largest error, as a fraction of the proved bound; *exact*: only equality was due.")
    yield "*measured precision*: what exact sums of wide integers show, for each element type that has them."
    yield from ("", "## Coverage", "")
    yield from (f"- {block}: {covered}" for block, covered in log.header["coverage"].items())
    yield from _section("Bad results", bad(log), "runtime", "verdict", "stage", "message")
    for verdict, title, keys in (
        ("waived", "Waived: known deviations", ("runtime", "deviation")),
        ("unsupported", "Unsupported", ("runtime", "stage", "message")),
        ("unspecified", "Unspecified: the operator's text does not decide", ("message", "runtime", "outcome")),
    ):
        yield from _section(title, [r for r in log.records if r.verdict == verdict], *keys)
    if closing(log):
        yield from ("", "## Notes", "", *(f"- {line}" for line in closing(log)))


def _section(title: str, records: Sequence[Record], *keys: str) -> Iterator[str]:
    """A table of groups with their size and a few cases each."""
    if not records:
        return
    yield from ("", f"## {title}", "")
    table = [
        [len(group), *(cell(key) for key in values), ", ".join(f"`{r.case}`" for r in group[:EXAMPLES])]
        for values, group in grouped(records, *keys).items()
    ]
    yield tabulate(table, ["cases", *keys, "such as"], tablefmt="github", disable_numparse=True)


def cell(text: str) -> str:
    """Text that stays inside a table cell."""
    return text.replace("|", "\\|").replace("\n", " ")
