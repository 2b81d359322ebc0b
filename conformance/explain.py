"""Everything about one case: graph, shapes by formula, inputs, expected values and bounds, each runtime's worst element."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import onnx

from conformance.execute import try_case
from conformance.problem import Problem
from conformance.runtimes import open_runtime
from graphs.geometry import Axis
from graphs.grid import Case
from graphs.model import as_text
from graphs.windowed import Windowed
from reference.ball import Ball, Members
from reference.claim import Claim


def explain(case: Case, runtimes: Sequence[str]) -> Iterator[str]:
    """The explanation, part after part."""
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
        for name, want in zip(case.spec.outputs(), problem.expected(Claim()), strict=True):
            yield "\n" + expected(name, want)
    yield ""
    for name in runtimes:
        record = try_case(case, name, open_runtime(name))
        note = record.message or f"worst error {(record.fraction or 0):.3g} of its bound"
        yield f"{name}: {record.verdict}; {'; '.join(filter(None, [note, record.outcome]))}"


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
    return f"expected {name} {list(want.value.shape)}\n{want.value}\nbound, at the tensors' own precision\n{want.radius}{note}"
