"""What became of invalid graphs: a table of graphs by runtimes, counts, and the runtimes' own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tabulate import tabulate

from conformance.results import BAD, Record, Results
from reports.as_markdown import plain
from reports.summary import bad, closing, incomplete

LEGEND = {
    "accepted": "by a checker, which computes nothing",
    "refused": "by a checker",
    "prepare": "refused when the model was loaded",
    "run": "refused when it was run",
    "declined": "as something that the runtime, or its adapter, does not have",
    "ignored": "the results of the valid twin came, to the bit",
    "computed": "other results came, as if nothing were wrong",
    "-": "the runtime declines the valid twin too",
}
ENDS = 80, 160  # characters of a long message that a table shows, its first and its last; the log has them all


def cell(record: Record) -> str:
    """One word for what became of a graph."""
    if record.verdict == "unsupported":
        return "-"
    if record.verdict in BAD:
        return record.verdict.upper()
    return record.stage if record.outcome == "refused" and record.stage != "check" else record.outcome


def short(message: str) -> str:
    """A message without its middle, where compilers put names of functions."""
    first, last = ENDS
    return message if len(message) <= first + last else f"{message[:first]} ... {message[-last:]}"


def table(log: Results) -> dict[str, dict[str, Record]]:
    """Graph -> runtime -> record, graphs in the catalogue's order."""
    found: dict[str, dict[str, Record]] = {}
    for record in log.records:
        found.setdefault(record.case, {})[record.runtime] = record
    return found


def counts(log: Results) -> list[list[object]]:
    """For each runtime its version, and how many graphs share a word, by the legend's order."""
    cells = {name: Counter(cell(r) for r in log.records if r.runtime == name) for name in log.header["runtimes"]}
    words = [w for w in (*LEGEND, *map(str.upper, BAD)) if any(found[w] for found in cells.values())]
    return [
        ["runtime", "version", *words],
        *([name, log.header["runtimes"][name], *(found[w] or "" for w in words)] for name, found in cells.items()),
    ]


def explained(rows: list[list[object]]) -> Iterator[str]:
    """The words of a table of counts, with what they mean."""
    yield from (f"{word}: {LEGEND[word]}" for word in map(str, rows[0]) if word in LEGEND)


def as_text(log: Results) -> str:
    """Every graph, the counts, and the bad results one by one."""
    runtimes = list(log.header["runtimes"])
    rows = [[name, *(cell(of[r]) if r in of else "" for r in runtimes)] for name, of in table(log).items()]
    total = counts(log)
    lines = [incomplete(log)] if incomplete(log) else []
    lines += [f"convformance {log.header['tool']}, {log.header['cases']} invalid graphs, each beside a valid twin", ""]
    lines += [tabulate(rows, ["graph", *runtimes], disable_numparse=True), ""]
    lines += [tabulate(total[1:], [str(word) for word in total[0]], disable_numparse=True), "", *explained(total)]
    lines += [f"{r.verdict}: {r.runtime} {r.case} ({r.stage}): {r.message}" for r in bad(log)]
    return "\n".join([*lines, *closing(log)])


def as_markdown(log: Results) -> str:
    """Counts, the graphs family by family with the rule that each breaks, and every message."""
    return "\n".join(_lines(log)).rstrip() + "\n"


def _lines(log: Results) -> Iterator[str]:
    runtimes = list(log.header["runtimes"])
    total = counts(log)
    yield from ("# Invalid graphs", "")
    if incomplete(log):
        yield from (f"**{incomplete(log)}**", "")
    yield from (
        f"`{log.header['command']}` with convformance {log.header['tool']}: {log.header['cases']} graphs, each of",
        "which breaks one rule in one place, beside a valid twin that differs in nothing else.", "",
        *_rows(*total), "",
    )  # fmt: skip
    yield from (f"- {line}" for line in explained(total))
    for family in dict.fromkeys(record.traits.get("invalid", "-") for record in log.records):
        yield from ("", f"## {family}", "", *_rows(["graph", "what breaks it", "rule", *runtimes]))
        for name, of in table(log).items():
            first = next(iter(of.values()))
            if first.traits.get("invalid", "-") == family:
                yield _row(name, *_broken(first), *(cell(of[r]) if r in of else "" for r in runtimes))
    for runtime in runtimes:
        told = [r for r in log.records if r.runtime == runtime and r.message]
        yield from ("", f"## In the words of {runtime}", "", *_rows(["graph", "", "message"]))
        yield from (_row(r.case, cell(r), plain(short(r.message))) for r in told)
    if closing(log):
        yield from ("", "## Notes", "", *(f"- {line}" for line in closing(log)))


def _broken(record: Record) -> tuple[str, str]:
    """The change, and the sentence with its source."""
    traits = record.traits
    return f"`{traits.get('change')}`", f"{traits.get('source')}: {plain(str(traits.get('rule')))}"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _rows(header: list[object] | list[str], *rows: list[object]) -> Iterator[str]:
    """A table's head, and rows."""
    yield _row(*header)
    yield "|" + "---|" * len(header)
    yield from (_row(*row) for row in rows)
