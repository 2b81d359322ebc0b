"""The summary for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from tabulate import tabulate

from conformance.results import BAD, Results
from reports import causes
from reports.summary import bad, cells_of, closing, grouped, incomplete, rows

SHOWN = 20  # bad results printed one by one; the log has them all


def pieces(log: Results) -> Iterator[str]:
    """Versions, coverage, the table, what was waived and why, and every bad result with its reason."""
    table = rows(log)
    header, cells = cells_of(table)
    runtimes = ", ".join(f"{name} {version}" for name, version in log.header["runtimes"].items())
    lines = [incomplete(log)] if incomplete(log) else []
    lines += [f"convformance {log.header['tool']}, tier {log.header['tier']}: {runtimes}", ""]
    lines += [f"{block}: {covered}" for block, covered in log.header["coverage"].items()]
    lines += ["", tabulate(cells, header, tablefmt="simple", disable_numparse=True, colalign=align(header))]
    waived = (r for r in log.records if r.verdict == "waived")
    for (runtime, reason), group in grouped(waived, "runtime", "deviation").items():
        lines.append(f"waived: {group.size} on {runtime}: {reason}")
    lines += [f"{r.verdict}: {r.runtime} {r.case} ({r.stage}): {r.message}" for r in bad(log, SHOWN)]
    wrong = sum(row.counts[verdict] for row in table for verdict in BAD)
    if wrong > SHOWN:
        lines.append(f"... and {wrong - SHOWN} more bad results, all of them in the report and the log")
    common = causes.lines(log)
    lines += [f"in common: {line}" for line in common[:SHOWN]]
    if len(common) > SHOWN:
        lines.append(f"... and {len(common) - SHOWN} more, all of them in the report")
    if any(row.counts[verdict] for row in table for verdict in ("unsupported", "unspecified")):
        lines.append("The report says why results are unsupported or unspecified.")
    yield "\n".join([*lines, *closing(log)])


def align(header: list[str]) -> list[str]:
    """Names to the left, numbers to the right."""
    return ["left" if name in ("block", "runtime", "measured precision") else "right" for name in header]
