"""The tables that every report shows, as plain rows."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from conformance.results import BAD, VERDICTS, Record, Results

EXAMPLES = 2  # cases named for each group

SUMS = ("", " (norm-wise)", " (biased sums)", " (truncated sums)")
ORDER = (  # measured precisions, the loosest last
    *(f"float64{how}" for how in SUMS), *(f"float32{how}" for how in SUMS),
    *(f"{bits} bits" for bits in range(23, 11, -1)), "TF32", "TF32 (norm-wise)", "bfloat16 inputs",
    "bfloat16 inputs (norm-wise)", "float16", "float16 (float32 accumulator)", "float16 (throughout)",
    "float16 (biased sums)", "float16 (truncated sums)", "bfloat16", "bfloat16 (float32 accumulator)",
    "bfloat16 (throughout)", "bfloat16 (biased sums)", "bfloat16 (truncated sums)",
    *(f"{bits} bits" for bits in range(7, 1, -1)),
)  # fmt: skip


@dataclass
class Row:
    """One block on one runtime: what its results come to, one after the other."""

    block: str
    runtime: str
    counts: Counter[str] = field(default_factory=Counter)
    is_judged: bool = False
    is_outside: bool = False  # of another form, or unequal where equality was due
    largest: float | None = None  # error as a fraction of its bound
    loosest: dict[str, str] = field(default_factory=dict)  # element type -> measured precision

    def add(self, record: Record) -> None:
        """One more result."""
        self.counts[record.verdict] += 1
        if record.verdict in ("pass", "fail"):
            self.is_judged = True
            self.is_outside |= record.verdict == "fail" and (record.fraction is None or record.fraction <= 1)
            if record.fraction is not None:
                self.largest = max(self.largest or 0.0, record.fraction)
        if record.precision is not None:
            dtype = type_of(record)
            self.loosest[dtype] = max(self.loosest.get(dtype, "float64"), record.precision, key=looseness)

    @property
    def worst(self) -> str:
        """The largest error as a fraction of its bound; "exact" where all that was judged had to be equal and is."""
        if not self.is_judged:
            return "-"
        if self.is_outside:
            return "outside"
        return "exact" if self.largest is None else f"{self.largest:.3g}"

    @property
    def precision(self) -> str:
        """For each type the loosest precision that wide integers and statistics showed: ``float32 as TF32``."""
        named = sorted(self.loosest.items())
        return ", ".join(name if name.startswith(dtype) else f"{dtype} as {name}" for dtype, name in named)


@dataclass
class Group:
    """Results that share a reason: how many, of which element types, and the first by name."""

    size: int = 0
    types: set[str] = field(default_factory=set)
    examples: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return self.size

    def add(self, record: Record) -> None:
        """One more result."""
        self.size += 1
        self.types.add(type_of(record))
        self.examples = sorted([*self.examples, record.case])[:EXAMPLES]


def type_of(record: Record) -> str:
    """The element type."""
    return str(record.traits.get("dtype", "-"))


def looseness(precision: str) -> int:
    """The place in the order; a precision that this version does not know is the loosest."""
    return ORDER.index(precision) if precision in ORDER else len(ORDER)


def row_of(records: Iterable[Record]) -> Row:
    """What results come to, whatever their block and runtime."""
    row = Row("", "")
    for record in records:
        row.add(record)
    return row


def worst(records: Iterable[Record]) -> str:
    """See `Row.worst`."""
    return row_of(records).worst


def measured(records: Iterable[Record]) -> str:
    """See `Row.precision`."""
    return row_of(records).precision


def rows(log: Results) -> list[Row]:
    """A row for each block and runtime, in the order they were planned."""
    found: dict[tuple[str, str], Row] = {}
    for record in log.records:
        key = record.block, record.runtime
        if key not in found:
            found[key] = Row(*key)
        found[key].add(record)
    order, blocks = list(log.header["runtimes"]), [*log.header["coverage"]]
    blocks += sorted({block for block, _ in found} - set(blocks))
    return [found[block, runtime] for block in blocks for runtime in order if (block, runtime) in found]


def shown_verdicts(table: Sequence[Row]) -> list[str]:
    """The verdicts that occur, in a fixed order, pass always among them."""
    return [v for v in VERDICTS if v == "pass" or any(row.counts[v] for row in table)]


def summary(log: Results) -> tuple[list[str], list[list[object]]]:
    """Header and cells of the summary table."""
    return cells_of(rows(log))


def cells_of(table: Sequence[Row]) -> tuple[list[str], list[list[object]]]:
    """Header and cells of a table of rows."""
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


def bad(log: Results, most: int | None = None) -> list[Record]:
    """The records that make the run fail, or the first of them, by runtime and name."""
    order = {name: number for number, name in enumerate(log.header["runtimes"])}
    found = (r for r in log.records if r.verdict in BAD)
    if most is None:
        return sorted(found, key=lambda r: (order[r.runtime], r.case))
    return heapq.nsmallest(most, found, key=lambda r: (order[r.runtime], r.case))


def grouped(records: Iterable[Record], *keys: str) -> dict[tuple[str, ...], Group]:
    """Records with equal fields together, the largest group first."""
    groups: dict[tuple[str, ...], Group] = {}
    for record in records:
        groups.setdefault(reason(record, keys), Group()).add(record)
    return ordered(groups)


def reason(record: Record, keys: Sequence[str]) -> tuple[str, ...]:
    """Fields of a record as words."""
    return tuple(str(getattr(record, key) or "") for key in keys)


def ordered(groups: dict[tuple[str, ...], Group]) -> dict[tuple[str, ...], Group]:
    """The largest group first."""
    return dict(sorted(groups.items(), key=lambda g: (-g[1].size, g[0])))


def incomplete(log: Results) -> str:
    """A warning where the run did not finish, or nothing."""
    planned = log.header["cases"] * len(log.header["runtimes"])
    return "" if log.footer else f"INCOMPLETE: the run did not finish, {len(log.records)} of {planned} results"


def closing(log: Results) -> list[str]:
    """Sentences on what is stale, lacking, contradicted or unavailable."""
    said = [f"unavailable: {name}: {why}" for name, why in log.header["unavailable"].items()]
    shard = (log.header.get("options") or {}).get("shard")
    if shard:
        said.append(f"shard {shard}: the others, and stale deviations, are told when they are merged")
    if log.footer is None:
        return [*said, incomplete(log)]
    lacking = log.footer.get("planned", len(log.records)) - len(log.records)
    said += [f"stale deviation: {text}" for text in log.footer.get("stale", ())]
    said += [f"crash that did not repeat: {text}" for text in log.footer.get("unrepeated", ())]
    said += [f"results that differ between logs: {text}" for text in log.footer.get("differing", ())]
    return said + ([f"{lacking} planned results are lacking"] if lacking else [])
