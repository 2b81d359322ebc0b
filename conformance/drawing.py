"""Cases beyond the grid, drawn by Hypothesis: a row of it, some of whose spec's fields get other values."""

from __future__ import annotations

import dataclasses
from typing import Any

from conformance.reducing import hypothesis
from conformance.variants import changed, data_sets, known
from graphs.blocks import AXES, BUILD
from graphs.chain import Chain
from graphs.grid import Case
from graphs.spec import Invalid, Spec

CHANGES = 4  # fields that are changed at the most
NEWEST = 26  # opsets that are drawn end here


def cases(block: str, count: int, seed: int) -> list[Case]:
    """So many tries, of which those that no operator's text allows are left out; the same ones for a seed."""
    package = hypothesis()
    found: dict[str, Case] = {}

    @package.seed(seed)  # type: ignore[untyped-decorator]  # the package is optional
    @package.settings(  # type: ignore[untyped-decorator]
        max_examples=count, database=None, deadline=None, phases=[package.Phase.generate],
        suppress_health_check=list(package.HealthCheck),
    )  # fmt: skip
    @package.given(package.strategies.data())  # type: ignore[untyped-decorator]
    def collect(data: Any) -> None:
        case = drawn(block, data.draw)
        if case is not None:
            found[case.id] = case

    collect()
    return list(found.values())


def drawn(block: str, draw: Any) -> Case | None:
    """One case; None for what is invalid, or larger than is worth running."""
    some = hypothesis().strategies
    try:
        spec: Spec | None = BUILD[block](
            {name: draw(some.sampled_from(values)) for name, values in AXES[block].items()}
        )
    except Invalid:
        return None
    names = [f.name for f in dataclasses.fields(spec)] if spec and not isinstance(spec, Chain) else []
    for _ in range(draw(some.integers(0, CHANGES)) if names else 0):
        if spec is None:
            return None
        name = draw(some.sampled_from(names))
        spec = changed(spec, {name: draw(value(spec, name))})
    spec = spec and changed(spec, {})  # affordable?
    if spec is None or not data_sets(spec):
        return None
    return Case(spec, draw(some.sampled_from(data_sets(spec))))


def value(spec: Spec, name: str) -> Any:
    """A strategy for a field: what the grid has, and what its type allows beyond that."""
    some = hypothesis().strategies
    if name == "opset":
        return some.integers(spec.versions[0], NEWEST)
    if name == "dtype":
        return some.sampled_from(list(spec.dtypes_since))
    now, options = getattr(spec, name), known(spec.block)[name]
    strategies = [some.sampled_from(options)]
    kinds = {type(option) for option in options}
    if int in kinds:
        strategies.append(some.integers(-2, 40))
    if float in kinds:
        strategies.append(some.floats(-64, 64, width=32))
    if isinstance(now, tuple) and now and all(isinstance(v, int) for v in now):
        entry = some.tuples(some.integers(0, len(now) - 1), some.integers(-1, 24))
        strategies.append(entry.map(lambda one: (*now[: one[0]], one[1], *now[one[0] + 1 :])))
    return some.one_of(strategies)
