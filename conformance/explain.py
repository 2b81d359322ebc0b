"""Everything about one case: graph, shapes by formula, inputs, expected values, bounds, each runtime's worst."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import onnx

from conformance import deviations, runner
from conformance.execute import try_case
from conformance.problem import Problem
from graphs.geometry import Axis
from graphs.grid import Case
from graphs.model import as_text
from graphs.windowed import Windowed
from reference.ball import Ball, Members
from reference.claim import Claim


def explain(
    case: Case, versions: Mapping[str, str], waivers: Sequence[deviations.Deviation], limit: float
) -> Iterator[str]:
    """The explanation, part after part; runtimes run in worker processes, as in a run."""
    problem = Problem(case)
    yield f"case {case.id}" + (f" ({case.spec.id})" if case.name else "")
    yield "\n" + as_text(onnx.ModelProto.FromString(problem.model))
    if isinstance(case.spec, Windowed):
        yield from map(formula, range(case.spec.rank), case.spec.axes)
    if case.spec.silent:
        yield f"unspecified: {case.spec.silent.sentence}"
    with np.printoptions(threshold=60, edgeitems=3, linewidth=110):
        for name, value in problem.operands.items():
            yield f"\ninput {name} {value.dtype} {list(value.shape)}, data set {case.data}\n{value}"
        if case.spec.hands_on:
            yield "\nwhat follows is carried from the input; a run judges each result from those before it as they came"
        for name, want in zip(case.spec.outputs(), problem.expected(Claim()), strict=True):
            yield "\n" + expected(name, want)
    yield ""
    for name, version in versions.items():
        for record in runner.run(name, [case], workers=1, limit=limit, attempt=partial(try_case, detail=True)):
            deviations.waive(waivers, record, version)
            known = record.deviation and f"known deviation: {record.deviation}"
            yield f"{name}: " + "; ".join(filter(None, [record.verdict, record.message, record.outcome, known]))
            if record.worst:
                yield f"    worst element: {record.worst}"


def formula(number: int, axis: Axis) -> str:
    """One spatial axis: o = floor((M - w + begin + end) / S) + 1 with its numbers."""
    rounding = "ceil" if axis.ceil else "floor"
    return (
        f"axis {number}: {rounding}(({axis.size} - {axis.kernel} + {axis.begin} + {axis.end}) / {axis.stride}) + 1"
        f" = {axis.formula_count}"
        + (f", {axis.count} without the window that starts in the right padding" * (axis.count < axis.formula_count))
    )


def expected(name: str, want: Ball | Members) -> str:
    """Expected values and bounds of one output."""
    if isinstance(want, Members):
        return f"expected {name}: one of the positions of each window's maximum"
    undecided = 0 if want.undecided is None else int(want.undecided.sum())
    note = f"\n{undecided} undecided elements: {want.sentence}" if undecided else ""
    several = np.any([other.value != want.value for other in want.others], axis=0) if want.others else np.zeros(0)
    note += f"\n{int(several.sum())} elements may have another value, for rounding decides" if several.any() else ""
    bound = "bound 0: equality is due" if not want.radius.any() else f"bound\n{want.radius}"
    return f"expected {name} {list(want.value.shape)}\n{want.value}\n{bound}{note}"
