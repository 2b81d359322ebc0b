"""What there is to choose from: blocks, runtimes, cases, data sets, invalid graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from conformance.choose import blocks_of, cases_of, invalid_of, tier_of
from conformance.runtimes import RUNTIMES, availability, canonical
from conformance.session import every_runtime
from graphs.blocks import AXES, BLOCKS
from graphs.data import DATA
from graphs.grid import cases, extent


def blocks(tier: str, names: Sequence[str]) -> Iterator[str]:
    """Each block with its operator, versions, axes, cases and coverage."""
    for name in blocks_of(names):
        spec = BLOCKS[name]
        versions = ", ".join(map(str, spec.versions))
        what = f"{spec.op_type} versions {versions}" if spec.op_type else f"a graph, from opset {versions} on"
        yield f"{name}: {what}; {len(cases(name, tier_of(tier)))} cases in tier {tier}"
        yield f"    {extent(name, tier)}"
        for axis, values in AXES[name].items():
            yield f"    {axis}: {', '.join('omitted' if v is None else str(v) for v in values)}"


def runtimes(tier: str, names: Sequence[str]) -> Iterator[str]:
    """Each runtime and device with its version, or why it is unavailable and how to get it."""
    for name in every_runtime():
        found = availability(canonical(name))
        base, _, device = name.partition(":")
        flags = [flag for flag, devices in RUNTIMES[base].flags.items() if device in devices]
        also = f"; also {', '.join(f'{name}:{flag}' for flag in flags)}" if flags else ""
        yield f"{name}: " + (found if isinstance(found, str) else f"unavailable: {found}") + also
    yield "backend:DOTTED.NAME: any onnx.backend.base.Backend"
    yield "NAME@PYTHON: any of these in another interpreter or virtual environment"
    yield "NAME@ssh=HOST//python=PYTHON: any of these on another host"


def case_ids(tier: str, names: Sequence[str]) -> Iterator[str]:
    """The ids of the tier's cases."""
    return (case.id for case in cases_of(tier_of(tier), blocks_of(names), ()))


def invalid(tier: str, names: Sequence[str]) -> Iterator[str]:
    """Each invalid graph with what breaks it, and the rule."""
    for entry in invalid_of(()):
        if not names or entry.spec.block in blocks_of(names):
            yield f"{entry.id}: {entry.change}"
            yield f"    {entry.source}: {entry.rule}"


def data(tier: str, names: Sequence[str]) -> Iterator[str]:
    """Each data set with its cases, blocks and types, and what its results show."""
    found = [case for name in blocks_of(names) for case in cases(name, tier_of(tier))]
    for name, of in DATA.items():
        met = [case.spec for case in found if case.data == name]
        count = len({spec.block for spec in met})
        where = f"{len(met)} cases of {count} block{'s' * (count != 1)} in tier {tier}"
        yield f"{name}: {where}; {', '.join(dict.fromkeys(spec.dtype for spec in met)) or 'none'}"
        yield f"    shows {of.shows}"


LISTINGS: dict[str, Callable[[str, Sequence[str]], Iterator[str]]] = {
    "blocks": blocks,
    "runtimes": runtimes,
    "cases": case_ids,
    "data": data,
    "invalid": invalid,
}
