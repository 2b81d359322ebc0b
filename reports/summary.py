"""The tables that every report shows, as plain rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.results import BAD, VERDICTS, Log, Record

SUMS = ("", " (norm-wise)", " (biased sums)", " (truncated sums)")
ORDER = (  # measured precisions, the loosest last
    *(f"float64{how}" for how in SUMS), *(f"float32{how}" for how in SUMS),
    *(f"{bits} bits" for bits in range(23, 11, -1)), "TF32", "TF32 (norm-wise)", "bfloat16 inputs",
    "bfloat16 inputs (norm-wise)", "float16", "float16 (float32 accumulator)", "float16 (throughout)",
    "float16 (biased sums)", "float16 (truncated sums)", "bfloat16", "bfloat16 (float32 accumulator)",
    "bfloat16 (throughout)", "bfloat16 (biased sums)", "bfloat16 (truncated sums)",
    *(f"{bits} bits" for bits in range(7, 1, -1)),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One block on one runtime."""

    block: str
    runtime: str
    counts: Counter[str]
    worst: str  # error as a fraction of its bound
    precision: str  # measured, element type by element type


def rows(log: Log) -> list[Row]:
    """A row for each block and runtime, in the order they were planned."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in log.records:
        groups.setdefault((record.block, record.runtime), []).append(record)
    order = {name: number for number, name in enumerate(log.header["runtimes"])}
    blocks = {name: number for number, name in enumerate(log.header["coverage"])}
    return [
        Row(block, runtime, Counter(r.verdict for r in group), worst(group), measured(group))
        for (block, runtime), group in sorted(groups.items(), key=lambda g: (blocks[g[0][0]], order[g[0][1]]))
    ]


def worst(records: Iterable[Record]) -> str:
    """The largest error as a fraction of its bound; "exact" where all that was judged had to be equal and is."""
    judged = [r for r in records if r.verdict in ("pass", "fail")]
    if not judged:
        return "-"
    if any(r.verdict == "fail" and (r.fraction is None or r.fraction <= 1) for r in judged):
        return "outside"  # of another form, or unequal where equality was due
    largest = max((r.fraction for r in judged if r.fraction is not None), default=None)
    return "exact" if largest is None else f"{largest:.3g}"


def measured(records: Iterable[Record]) -> str:
    """For each element type the loosest precision that wide integers and statistics showed: ``float32 as TF32``."""
    found: dict[str, str] = {}
    for record in records:
        if record.precision is not None:
            dtype = record.traits["dtype"]
            found[dtype] = max(found.get(dtype, "float64"), record.precision, key=ORDER.index)
    shown = (name if name.startswith(dtype) else f"{dtype} as {name}" for dtype, name in sorted(found.items()))
    return ", ".join(shown)


def shown_verdicts(table: Sequence[Row]) -> list[str]:
    """The verdicts that occur, in a fixed order, pass always among them."""
    return [v for v in VERDICTS if v == "pass" or any(row.counts[v] for row in table)]


def summary(log: Log) -> tuple[list[str], list[list[object]]]:
    """Header and cells of the summary table."""
    table = rows(log)
    verdicts = shown_verdicts(table)
    header = ["block", "runtime", "cases", *verdicts, "worst error / bound", "measured precision"]
    cells: list[list[object]] = [
        [
            row.block, row.runtime, row.counts.total(), *(row.counts[v] for v in verdicts),
            row.worst, row.precision or "-",
        ]
        for row in table
    ]  # fmt: skip
    return header, cells


def bad(log: Log) -> list[Record]:
    """The records that make the run fail."""
    order = list(log.header["runtimes"])
    return sorted((r for r in log.records if r.verdict in BAD), key=lambda r: (order.index(r.runtime), r.case))


def grouped(records: Iterable[Record], *keys: str) -> dict[tuple[str, ...], list[Record]]:
    """Records with equal fields together, the largest group first."""
    groups: dict[tuple[str, ...], list[Record]] = {}
    for record in sorted(records, key=lambda r: r.case):  # workers finish in any order
        groups.setdefault(tuple(str(getattr(record, key) or "") for key in keys), []).append(record)
    return dict(sorted(groups.items(), key=lambda g: (-len(g[1]), g[0])))


def incomplete(log: Log) -> str:
    """A warning where the run did not finish, or nothing."""
    planned = log.header["cases"] * len(log.header["runtimes"])
    return "" if log.footer else f"INCOMPLETE: the run did not finish, {len(log.records)} of {planned} results"


def closing(log: Log) -> list[str]:
    """Sentences on what is stale, lacking or unavailable."""
    said = [f"unavailable: {name}: {why}" for name, why in log.header["unavailable"].items()]
    if log.footer is None:
        return [*said, incomplete(log)]
    lacking = log.footer["planned"] - len(log.records)
    said += [f"stale deviation: {text}" for text in log.footer["stale"]]
    said += [f"crash that did not repeat: {text}" for text in log.footer.get("unrepeated", ())]
    return said + ([f"{lacking} planned results are lacking"] if lacking else [])
