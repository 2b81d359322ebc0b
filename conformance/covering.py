"""How much of our grids is covered, and what is missing: by our tiers, or by the nodes of other models."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.runtimes import Unknown
from graphs.blocks import BLOCKS, BUILD, SINGLE
from graphs.coverage import Against, against
from graphs.foreign import Reading, folder, node_suite, read
from graphs.grid import FULL, full, rows
from graphs.shown import shown
from graphs.spec import Spec

NODE_SUITE = "onnx-node"
STRENGTHS = (1, 2, 3)
DUE = "standard"  # the tier that has every valid triple, and so every valid combination that is counted here
FEW = 5  # missing combinations that are printed unless all are asked for


def lines(what: str | None, tier: str, blocks: Sequence[str], *, is_whole: bool) -> Iterator[str]:
    """The report on ``what``: a block, all ``blocks`` (None), a folder of models, or ONNX's node cases.

    Raises `Unknown` for anything else.
    """
    most = None if is_whole else FEW
    if what is None or what in BLOCKS:
        return of_tier(blocks if what is None else [what], tier, most)
    if what == NODE_SUITE:
        return of_suite(every_node(node_suite()), tier, blocks, most)
    if Path(what).is_dir() and any(Path(what).rglob("*.onnx")):
        return of_suite(every_node(folder(Path(what))), tier, blocks, most)
    raise Unknown("block or folder with .onnx files", what, (*BLOCKS, NODE_SUITE))


def of_tier(blocks: Sequence[str], tier: str, most: int | None) -> Iterator[str]:
    """Coverage of our axes by the rows of a tier, block after block."""
    for block in blocks:
        chosen = full(block).rows if tier == FULL else rows(block, tier)
        had = [{axis: repr(value) for axis, value in row.items()} for row in chosen]
        valid = [{axis: repr(value) for axis, value in row.items()} for row in rows(block, DUE)]
        yield f"{block}: {len(had):,} rows of tier {tier} over {len(valid[0])} axes"
        for strength in STRENGTHS[: len(valid[0])]:
            found = against(had, valid + had, strength)
            yield f"  {found.covered:,} of {found.due:,} valid {strength}-way combinations ({found.share})"
            yield from missing(found, most)


def every_node(models: Iterable[tuple[str, Any, Mapping[str, Any]]]) -> list[tuple[str, Reading]]:
    """Each node of a covered operator with its model's name; a model that cannot be read has a reading of no block."""
    found: list[tuple[str, Reading]] = []
    for name, model, fed in models:
        readings = [Reading("", None, "no ONNX model")] if model is None else read(model, fed)
        found += [(name, reading) for reading in readings]
    return found


def of_suite(
    readings: Sequence[tuple[str, Reading]], tier: str, blocks: Sequence[str], most: int | None
) -> Iterator[str]:
    """Coverage of what our specs show by what theirs do: a table, then what could not be read and what is missing."""
    theirs: dict[str, list[Spec]] = defaultdict(list)
    for _, reading in readings:
        if reading.spec is not None and reading.block in blocks:
            theirs[reading.block].append(reading.spec)
    found: dict[str, list[Against]] = {}
    heads = [f"{strength}-way" for strength in STRENGTHS] + [f"{tier} {strength}-way" for strength in STRENGTHS]
    yield "  ".join([f"{'block':<20}", "nodes", *(f"{head:>14}" for head in heads)])
    for block in (block for block in SINGLE if theirs[block]):
        due, own, labels = labels_of(block, DUE), labels_of(block, tier), list(map(shown, theirs[block]))
        found[block] = [against(labels, due, strength) for strength in STRENGTHS]
        shares = [f"{one.share:>14}" for one in found[block] + [against(own, due, strength) for strength in STRENGTHS]]
        yield "  ".join([f"{block:<20}", f"{len(labels):>5}", *shares])
    yield from unread(readings, blocks)
    absent = [block for block in SINGLE if block in blocks and not theirs[block]]
    yield from [f"\nno node of: {', '.join(absent)}"] if absent else []
    for block, counts in found.items():
        yield f"\n{block}: {', '.join(labels_of(block, DUE)[0])}"
        for one in counts:
            beyond = f"; {one.beyond:,} that no spec of tier {DUE} shows" if one.beyond else ""
            yield f"  {one.covered:,} of {one.due:,} {one.strength}-way combinations ({one.share}){beyond}"
            yield from missing(one, most)


def labels_of(block: str, tier: str) -> list[dict[str, str]]:
    """What the specs of a tier show."""
    chosen = full(block).rows if tier == FULL else rows(block, tier)
    return [shown(BUILD[block](row)) for row in chosen]


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
