"""Versions of a runtime side by side: block by version, and what changed in which version."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from conformance.results import VERDICTS
from conformance.version_changes import WRONG, Change, Compared, changes

SHOWN = 30  # groups of changed cases, without --all
WIDTH = 160  # characters of a message


def render(compared: Compared, *, runtime: str, tier: str, whole: bool, form: str = "simple") -> str:
    """The table, verdicts in all, and the changes; ``form`` is tabulate's."""
    versions = compared.versions
    cells = [[block, *(cell(compared, version, block) for version in versions)] for block in compared.blocks()]
    totals = {version: compared.counts(version) for version in versions}
    shown = [v for v in VERDICTS if any(totals[version][v] for version in versions)]
    sums = [[verdict, *(totals[version][verdict] for version in versions)] for verdict in shown]
    header = [runtime, *versions]
    align = ["left", *["right"] * len(versions)]
    found = changes(compared)
    parts = [
        f"{runtime}, tier {tier}: right / wrong (known deviations among them) / declined; what the text leaves open is "
        "not counted.  Known deviations are looked for in every version.",
        tabulate(cells, header, tablefmt=form, disable_numparse=True, colalign=align),
        tabulate(sums, ["verdict", *versions], tablefmt=form, disable_numparse=True, colalign=align),
        counted(found),
        *told(found, whole=whole, bullet="- " if form != "simple" else ""),
    ]
    return "\n\n".join(parts[:4]) + ("\n\n" + "\n".join(parts[4:]) if parts[4:] else "")


def cell(compared: Compared, version: str, block: str) -> str:
    """Cases that are right, wrong and declined."""
    counts = compared.counts(version, block)
    return f"{counts['pass']} / {sum(counts[v] for v in WRONG)} / {counts['unsupported']}"


def counted(found: Sequence[Change]) -> str:
    """How many cases changed, in how many groups."""
    cases = {case for change in found for case in change.cases}
    return f"{len(cases)} cases change their verdict, in {len(found)} groups of a block, a version and two verdicts."


def told(found: Sequence[Change], *, whole: bool, bullet: str) -> list[str]:
    """A line for each group, with its cases where all are wanted; what went right or wrong stands first."""
    ordered = sorted(found, key=lambda change: not change.is_news)
    lines = []
    for change in ordered if whole else ordered[:SHOWN]:
        was, now = change.verdicts
        message = f": {change.message[:WIDTH]}" if change.message else ""
        lines.append(
            f"{bullet}{change.version} (after {change.before}) {change.block}: "
            f"{len(change.cases)} from {was} to {now}, {change.stayed} stay {was}; in common: {change.common}; "
            f"such as {change.cases[0]}{message}"
        )
        lines += [f"    {case}" for case in change.cases] if whole else []
    if len(found) > SHOWN and not whole:
        lines.append(f"{bullet}... and {len(found) - SHOWN} more groups: --all prints every one with its cases")
    return lines
