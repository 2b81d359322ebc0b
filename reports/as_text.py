"""The summary for a terminal."""

from __future__ import annotations

from tabulate import tabulate

from conformance.results import Log
from reports import causes
from reports.summary import bad, closing, grouped, incomplete, summary

SHOWN = 20  # bad results printed one by one; the log has them all


def render(log: Log) -> str:
    """Versions, coverage, the table, what was waived and why, and every bad result with its reason."""
    header, cells = summary(log)
    runtimes = ", ".join(f"{name} {version}" for name, version in log.header["runtimes"].items())
    lines = [incomplete(log)] if incomplete(log) else []
    lines += [f"convformance {log.header['tool']}, tier {log.header['tier']}: {runtimes}", ""]
    lines += [f"{block}: {covered}" for block, covered in log.header["coverage"].items()]
    lines += ["", tabulate(cells, header, tablefmt="simple", disable_numparse=True, colalign=align(header))]
    waived = [r for r in log.records if r.verdict == "waived"]
    for (runtime, reason), records in grouped(waived, "runtime", "deviation").items():
        lines.append(f"waived: {len(records)} on {runtime}: {reason}")
    wrong = bad(log)
    lines += [f"{r.verdict}: {r.runtime} {r.case} ({r.stage}): {r.message}" for r in wrong[:SHOWN]]
    if len(wrong) > SHOWN:
        lines.append(f"... and {len(wrong) - SHOWN} more bad results, all of them in the report and the log")
    common = causes.lines(log)
    lines += [f"in common: {line}" for line in common[:SHOWN]]
    if len(common) > SHOWN:
        lines.append(f"... and {len(common) - SHOWN} more, all of them in the report")
    if any(r.verdict in ("unsupported", "unspecified") for r in log.records):
        lines.append("The report says why results are unsupported or unspecified.")
    return "\n".join([*lines, *closing(log)])


def align(header: list[str]) -> list[str]:
    """Names to the left, numbers to the right."""
    return ["left" if name in ("block", "runtime", "measured precision") else "right" for name in header]
