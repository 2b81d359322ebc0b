"""How much of our grids is covered, and what is missing: by our tiers, or by the nodes of other models."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.reading import read_folder
from conformance.runtimes import Unknown
from graphs.blocks import AXES, BLOCKS, BUILD, SINGLE
from graphs.coverage import Against, against
from graphs.foreign import Reading, node_suite, read
from graphs.grid import FULL, full, rows
from graphs.shown import labels_of, shown
from graphs.spec import Spec

NODE_SUITE = "onnx-node"
STRENGTHS = (1, 2, 3)
DUE = "standard"  # the tier that has every valid triple, and so every valid combination that is counted here
FEW = 5  # missing combinations that are printed unless all are asked for


@dataclass(frozen=True)
class View:
    """What is counted and printed: our tier, the blocks, axes and labels left out, how many missing combinations."""

    tier: str
    blocks: Sequence[str]
    ignored: Sequence[str] = ()
    most: int | None = FEW

    def kept(self, rows: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
        """Rows without what is ignored."""
        return [{name: value for name, value in row.items() if name not in self.ignored} for row in rows]


def lines(what: str | None, view: View) -> Iterator[str]:
    """The report on ``what``: a block, all blocks (None), a folder of models, or ONNX's node cases.

    Raises `Unknown` for anything else, and for an ignored name that no block has.
    """
    names = {name for block in SINGLE for name in labels_of(SINGLE[block])} | {
        name for of in AXES.values() for name in of
    }
    for name in view.ignored:
        if name not in names:
            raise Unknown("axis", name, sorted(names))
    if what is None or what in BLOCKS:
        return of_tier(replace(view, blocks=view.blocks if what is None else [what]))
    if what == NODE_SUITE:
        return of_suite([(name, found) for name, model, fed in node_suite() for found in read(model, fed)], view)
    if Path(what).is_dir() and any(Path(what).rglob("*.onnx")):
        return of_suite(list(read_folder(Path(what))), view)
    raise Unknown("block or folder with .onnx files", what, (*BLOCKS, NODE_SUITE))


def of_tier(view: View) -> Iterator[str]:
    """Coverage of our axes by the rows of a tier, block after block."""
    for block in view.blocks:
        chosen = full(block).rows if view.tier == FULL else rows(block, view.tier)
        had, valid = (
            view.kept({axis: repr(value) for axis, value in row.items()} for row in some)
            for some in (chosen, rows(block, DUE))
        )
        yield f"{block}: {len(had):,} rows of tier {view.tier} over {len(valid[0])} axes"
        for strength in STRENGTHS:
            found = against(had, valid + had, strength)
            yield f"  {found.covered:,} of {found.due:,} valid {strength}-way combinations ({found.share})"
            yield from missing(found, view.most)


def of_suite(readings: Sequence[tuple[str, Reading]], view: View) -> Iterator[str]:
    """Coverage of what our specs show by what theirs do: a table, then what could not be read and what is missing."""
    theirs: dict[str, list[Spec]] = defaultdict(list)
    for _, reading in readings:
        if reading.spec is not None and reading.block in view.blocks:
            theirs[reading.block].append(reading.spec)
    found: dict[str, tuple[list[str], list[Against]]] = {}  # what the block's specs show, and the counts
    heads = [f"{lead}{strength}-way" for lead in ("", f"{view.tier} ") for strength in STRENGTHS]
    yield "  ".join([f"{'block':<20}", "nodes", *(f"{head:>14}" for head in heads)])
    for block in (block for block in SINGLE if theirs[block]):
        due, own = ours(block, DUE, view), ours(block, view.tier, view)
        labels = view.kept(map(shown, theirs[block]))
        counts, beside = ([against(some, due, strength) for strength in STRENGTHS] for some in (labels, own))
        found[block] = list(due[0]), counts
        yield "  ".join([f"{block:<20}", f"{len(labels):>5}", *(f"{one.share:>14}" for one in counts + beside)])
    yield from unread(readings, view.blocks)
    absent = [block for block in SINGLE if block in view.blocks and not theirs[block]]
    yield from [f"\nno node of: {', '.join(absent)}"] if absent else []
    for block, (names, counts) in found.items():
        yield f"\n{block}: {', '.join(names)}"
        for one in counts:
            beyond = f"; {one.beyond:,} that no spec of tier {DUE} shows" if one.beyond else ""
            yield f"  {one.covered:,} of {one.due:,} {one.strength}-way combinations ({one.share}){beyond}"
            yield from missing(one, view.most)


def ours(block: str, tier: str, view: View) -> list[dict[str, str]]:
    """What the specs of a tier show."""
    chosen = full(block).rows if tier == FULL else rows(block, tier)
    return view.kept(shown(BUILD[block](row)) for row in chosen)


def unread(readings: Sequence[tuple[str, Reading]], blocks: Sequence[str]) -> Iterator[str]:
    """How many nodes have no spec, by the reason, with the first model that has one."""
    lost = [(name, r) for name, r in readings if r.spec is None and r.block in ("", *blocks)]
    if not lost:
        return
    first = {(r.block, r.reason): name for name, r in reversed(lost)}
    yield f"\n{len(lost)} not read:"
    for (block, reason), count in Counter((r.block, r.reason) for _, r in lost).most_common():
        yield f"  {count} of {block or 'models'}: {reason} ({first[block, reason]})"


def missing(found: Against, most: int | None) -> Iterator[str]:
    """What is missing, at most so many."""
    for combination in found.missing[:most]:
        yield "    missing: " + ", ".join(f"{name} {value}" for name, value in combination)
    if most is not None and len(found.missing) > most:
        yield f"    and {len(found.missing) - most:,} more (--all prints them)"
