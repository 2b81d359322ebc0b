"""Tiers of a block's grid: which specs are tried, and on which data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from typing import Any

from graphs.blocks import ADDED, AXES, BLOCKS, BUILD
from graphs.cover import cover
from graphs.coverage import Coverage, count
from graphs.data import chosen
from graphs.lecture import LARGE, LECTURE
from graphs.reproductions import REPRODUCTIONS
from graphs.sample import Sample, sample
from graphs.size import refuse
from graphs.spec import Invalid, Spec
from graphs.statistics import STATISTICS
from graphs.telling import TELLING

TIERS = {"quick": 2, "standard": 3}  # tier -> every valid combination of this many axis values occurs
FULL = "full"  # the tier of all valid rows, or of a sample
NAMED = LECTURE | REPRODUCTIONS | TELLING | STATISTICS
# Spec fields that have no axis of their own are set by another.
AXIS_OF = {
    "filters": "channels", "group": "channels", "scales": "target", "sizes": "target",
    "nearest_mode": "mode", "cubic_coeff_a": "mode", "antialias": "mode", "exclude_outside": "mode",
    "roi_dtype": "roi", "extrapolation_value": "roi", "zero_dtype": "code", "scale_shape": "granularity",
    "block_size": "granularity", "zero_point_shape": "zero_point",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One model on one set of inputs: a spec, the name of a data set, and the lecture's name for it if it has one.

    Raises `TooLarge` where a tensor is larger than planning allows.
    """

    spec: Spec
    data: str
    name: str | None = None

    def __post_init__(self) -> None:
        refuse(self.spec, self.id)

    @cached_property
    def id(self) -> str:
        """Readable and unique; the inputs are drawn from it."""
        return self.name or f"{self.spec.id}-{self.data}"


def axis_of(field: str) -> str:
    """The axis that sets a field; a chain's link has ``conv.`` or the like in front of both."""
    link, dot, name = field.rpartition(".")
    return link + dot + AXIS_OF.get(name, name)


def conflict(block: str, values: dict[str, Any], *, decided: bool) -> Sequence[str] | None:
    """The axes that make ``values`` invalid, or, with ``decided``, that make the operator's text silent."""
    axes = AXES[block]
    try:
        spec = BUILD[block](values)
    except Invalid as error:
        fields = error.fields
    else:
        silence = spec.silent if decided else None
        if silence is None:
            return None
        fields = silence.fields
    named = set(map(axis_of, fields))
    if {name.rpartition(".")[2] for name in named} & {"extent", "pads", "kernel_shape", "strides", "dilations"}:
        named.add("rank")  # the rank cuts every pattern
    return sorted(named & set(axes))


@cache
def rows(block: str, tier: str) -> tuple[dict[str, Any], ...]:
    """Axis values of each spec in a covering tier.

    First every combination that can occur in a case that the operator's text decides, in such cases;
    then the valid ones that only undecided cases can hold.  Then both again with the values added later.
    """
    axes, later = AXES[block], ADDED.get(block, {})
    first = {name: tuple(v for v in of if v not in later.get(name, ())) for name, of in axes.items()}
    found: list[tuple[int, ...]] = []
    for known in (first, axes) if later else (axes,):
        # More tries shrink textbook arrays, but not these, whose size the constraints set.
        found += cover(
            known, lambda v: conflict(block, v, decided=True), TIERS[tier], found, patience=100, tries=1, moves=0
        )
        found += cover(known, lambda v: conflict(block, v, decided=False), TIERS[tier], found, tries=1, moves=0)
    return tuple({name: axes[name][v] for name, v in zip(axes, row, strict=True)} for row in found)


def is_valid(block: str, values: dict[str, Any]) -> bool:
    """Whether the spec of these axis values is one."""
    try:
        BUILD[block](values)
    except Invalid:
        return False
    return True


@lru_cache(maxsize=1)  # large; its coverage and its cases are asked for one after the other
def full(block: str) -> Sample:
    """The rows of tier full."""
    return sample(block, AXES[block], partial(is_valid, block))


def cases(block: str, tier: str) -> tuple[Case, ...]:
    """The block's cases: the lecture's own, then every row on the data sets that apply to it."""
    return _cases_of_full(block) if tier == FULL else _cases(block, tier)


@cache
def _cases(block: str, tier: str) -> tuple[Case, ...]:
    """Those of a covering tier."""
    return _with_data(block, rows(block, tier), NAMED if tier == "quick" else NAMED | LARGE)


@lru_cache(maxsize=1)
def _cases_of_full(block: str) -> tuple[Case, ...]:
    """Those of tier full, which are too many to keep of every block."""
    return _with_data(block, full(block).rows, NAMED | LARGE, every=True)


def _with_data(
    block: str, found: Sequence[dict[str, Any]], known: Mapping[str, tuple[Spec, str]], *, every: bool = False
) -> tuple[Case, ...]:
    """The block's named cases, then every row on its data sets, with ``every`` those in turn too; statistics last."""
    specs = list(dict.fromkeys(BUILD[block](values) for values in found))
    named = [Case(spec, data, name) for name, (spec, data) in known.items() if spec.block == block]
    rest = [Case(spec, name) for spec, data in chosen(specs, every=every).items() for name in data]
    return tuple(sorted([*named, *rest], key=lambda case: case.name in STATISTICS))


def coverage(block: str, tier: str, strength: int | None = None) -> Coverage:
    """Recount of a covering tier's combinations of axis values."""
    return count(AXES[block], rows(block, tier), partial(is_valid, block), strength or TIERS[tier])


def extent(block: str, tier: str) -> str:
    """How much of the block's grid the tier holds, in words."""
    return str(full(block) if tier == FULL else coverage(block, tier))


def plan(tier: str, blocks: Sequence[str] = tuple(BLOCKS)) -> list[Case]:
    """All cases of the tier, block after block."""
    return [case for block in blocks for case in cases(block, tier)]
