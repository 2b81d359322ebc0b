"""Specs that are simpler than one, or other than one, field by field; what no operator allows is left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from math import prod
from typing import Any

from graphs.blocks import BLOCKS
from graphs.chain import Chain
from graphs.data import DATA
from graphs.grid import Case, cases
from graphs.spec import Invalid, Spec

AXES = ("extent", "kernel_shape", "strides", "dilations", "output_padding", "pads", "output_shape")  # one entry an axis
NUMBERS = 12  # smaller numbers that are tried in place of one
LARGEST = 200_000  # elements of all operands and results together
WORK = 3_000_000  # products of a result's elements and the terms of each


@cache
def known(block: str) -> Mapping[str, tuple[Any, ...]]:
    """The values that each field has in tier quick, those of earlier cases first."""
    specs = list(dict.fromkeys(case.spec for case in cases(block, "quick")))
    return {
        f.name: tuple({repr(v := getattr(spec, f.name)): v for spec in specs}.values())
        for f in dataclasses.fields(BLOCKS[block])
    }


def simpler(spec: Spec, field: str) -> list[Any]:
    """Values of a field that are simpler than its own, the simplest first; its own is the last."""
    value = getattr(spec, field)
    default = next((f.default for f in dataclasses.fields(spec) if f.name == field), dataclasses.MISSING)
    found: list[Any] = [] if default is dataclasses.MISSING else [default]
    if isinstance(value, bool) or value is None:
        pass
    elif isinstance(value, int):
        found += numbers(value) if field != "opset" else [v for v in known(spec.block)["opset"] if v > value]
    elif isinstance(value, float):
        found += [v for v in (0.0, 1.0, 0.5) if abs(v) < abs(value)]
    elif isinstance(value, str):
        options = [v for v in known(spec.block).get(field, ()) if isinstance(v, str)]
        found += options[: options.index(value)] if value in options else options
    elif isinstance(value, tuple) and all(isinstance(v, int) for v in value):
        found += lists(value)
    unique = {repr(v): v for v in found if repr(v) != repr(value)}
    return [*unique.values(), value]


def numbers(value: int) -> list[int]:
    """Smaller ones, of the same sign and 0."""
    if value <= 0:
        return [0] if value else []
    few = [n for n in range(NUMBERS) if n < value]
    return few + [n for n in sorted({value // 2, value - 1}) if n >= NUMBERS]


def lists(value: tuple[int, ...]) -> list[tuple[int, ...]]:
    """All entries the same, or one of them smaller."""
    same = [(n,) * len(value) for n in (0, 1, 2, 3) if any(e > n for e in value)]
    each = [(*value[:i], n, *value[i + 1 :]) for i, e in enumerate(value) for n in numbers(e)]
    return same + each


def without_axis(spec: Spec, axis: int) -> dict[str, Any]:
    """The fields of a window with a spatial axis less."""
    rank = len(getattr(spec, "extent", ()))
    found: dict[str, Any] = {}
    for name in AXES if rank > 1 else ():
        value = getattr(spec, name, None)
        if isinstance(value, tuple) and len(value) in (rank, 2 * rank):
            found[name] = tuple(e for i, e in enumerate(value) if i % rank != axis)
    return found


def changed(spec: Spec, changes: Mapping[str, Any]) -> Spec | None:
    """The spec with other values of some fields; None where there is none, or a larger one than is worth running."""
    try:
        made = dataclasses.replace(spec, **changes)
        return made if made.nodes and is_affordable(made) else None  # a composite's nodes have rules of their own
    except (Invalid, ValueError, TypeError, IndexError, ZeroDivisionError, KeyError, StopIteration, OverflowError):
        return None


def is_affordable(spec: Spec) -> bool:
    """Whether its arrays are small, and so is its work."""
    results = [prod(shape) for _, shape in spec.outputs().values()]
    return sum(map(prod, spec.inputs().values())) + sum(results) <= LARGEST and max(results) * spec.terms <= WORK


def data_sets(spec: Spec) -> list[str]:
    """Those that suit the spec."""
    return [name for name, data in DATA.items() if data.applies(spec)]


def fields_of(spec: Spec) -> list[str]:
    """The fields that may change by themselves."""
    return [f.name for f in dataclasses.fields(spec) if f.name != "links"]


def edits(case: Case) -> list[Callable[[Case, int], Case | None]]:
    """For each part of a case a function that gives its n-th simplest value; a large n leaves it as it is."""
    spec = case.spec
    if isinstance(spec, Chain):
        return [*([partial_shared(spec, name) for name in ("dtype", "opset")]), to_data]
    rank = len(getattr(spec, "extent", ()))
    dropped = [partial_axis(axis) for axis in reversed(range(rank))] if rank > 1 else []
    return [*dropped, *(partial_field(name) for name in fields_of(spec)), to_data]


def to_data(case: Case, number: int) -> Case:
    """On a simpler data set."""
    names = data_sets(case.spec)
    if case.data not in names:
        return case
    return Case(case.spec, names[min(number, names.index(case.data))])


def partial_field(name: str) -> Callable[[Case, int], Case | None]:
    """A field's n-th simplest value."""

    def edit(case: Case, number: int) -> Case | None:
        values = simpler(case.spec, name)
        if number >= len(values) - 1:
            return case
        made = changed(case.spec, {name: values[number]})
        return Case(made, case.data) if made is not None else None

    return edit


def partial_axis(axis: int) -> Callable[[Case, int], Case | None]:
    """A spatial axis left out, where n is 0."""

    def edit(case: Case, number: int) -> Case | None:
        if number or axis >= len(getattr(case.spec, "extent", ())):
            return case
        made = changed(case.spec, without_axis(case.spec, axis))
        return Case(made, case.data) if made is not None else None

    return edit


def partial_shared(spec: Chain, name: str) -> Callable[[Case, int], Case | None]:
    """The type or the opset of a whole chain."""

    def edit(case: Case, number: int) -> Case | None:
        assert isinstance(case.spec, Chain)
        values = simpler(case.spec, name)
        if number >= len(values) - 1:
            return case
        try:
            links = [dataclasses.replace(link, **{name: values[number]}) for link in case.spec.links]
            return Case(type(case.spec).of(*links), case.data)
        except Invalid:
            return None

    return edit


def applied(case: Case, steps: Sequence[Callable[[Case, int], Case | None]], wanted: Sequence[int]) -> Case | None:
    """The case after every edit; None where one of them makes it invalid, or its data set no longer suits it."""
    made = reduce(lambda c, edit: c and edit[0](c, edit[1]), zip(steps, wanted, strict=True), case)  # type: ignore[arg-type, return-value]
    if made is None or (made.data in DATA and not DATA[made.data].applies(made.spec)):
        return None
    return made
