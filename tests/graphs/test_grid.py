"""The grid: unique ids, sizes by the formulas and by the reference, and only what the operators' texts allow."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from itertools import product
from time import process_time

import numpy as np
import pytest

from graphs.blocks import ADDED, AXES, BLOCKS, BUILD
from graphs.data import DATA, operands
from graphs.grid import NAMED, TIERS, Case, cases, conflict, coverage, plan, rows
from graphs.spec import Invalid, Spec
from graphs.windowed import Windowed
from reference import KERNELS
from reference.ball import Ball
from reference.claim import Claim
from tests.graphs.each import each

SPECS: dict[str, Spec] = {case.spec.id: case.spec for block in BLOCKS for case in cases(block, "quick")}
WINDOWED = {name: spec for name, spec in SPECS.items() if isinstance(spec, Windowed)}


def test_tables_agree() -> None:
    assert list(BLOCKS) == list(AXES) == list(BUILD) == list(KERNELS)
    assert all(block.block == name for name, block in BLOCKS.items())


@each(SPECS)
def test_reference_has_the_shape_by_formula(name: str) -> None:
    """Two independent computations of every output size, undecided specs included."""
    spec = SPECS[name]
    results = {"outputs": len(spec.outputs())} if len(spec.outputs()) > 1 else {}
    given = operands(spec, "small", name)
    found = KERNELS[spec.block](**given, claim=Claim(), **spec.meaning(), **results)
    shapes = [part.value.shape if isinstance(part, Ball) else part.candidates.shape[:-1] for part in found]
    assert shapes == [shape for _, shape in spec.outputs().values()]


@each(WINDOWED)
def test_size_by_the_lecture_formula(name: str) -> None:
    """By o = floor((M - w + begin + end) / S) + 1, or ceil(M / S) for SAME_*; ceil_mode adds at most one."""
    spec = WINDOWED[name]
    rank = spec.rank
    strides, dilations = spec.strides or (1,) * rank, spec.dilations or (1,) * rank
    pads = spec.pads or (0,) * 2 * rank
    for i, found in enumerate(spec.output_extent):
        kernel = (spec.kernel_shape[i] - 1) * dilations[i] + 1
        due = int(np.floor((spec.extent[i] - kernel + pads[i] + pads[rank + i]) / strides[i])) + 1
        if (spec.auto_pad or "").startswith("SAME"):
            due = int(np.ceil(spec.extent[i] / strides[i]))
        may_add = bool(getattr(spec, "ceil_mode", 0)) and spec.auto_pad in (None, "NOTSET")
        assert due <= found <= due + may_add
        assert found >= 1


@pytest.mark.parametrize("block", BLOCKS)
def test_ids_are_unique_and_plain(block: str) -> None:
    """They name files and are typed in shells; two specs have two ids."""
    ids = [case.id for case in cases(block, "quick")]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9.-]+", name) for name in ids)
    specs = {case.spec for case in cases(block, "quick")}
    assert len({spec.id for spec in specs}) == len(specs)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_field_shows_in_the_id(block: str) -> None:
    """Specs that differ in one axis value differ in their ids: the inputs are drawn from them."""
    values = {name: of[0] for name, of in AXES[block].items()}
    base = BUILD[block](values)
    for name, of in AXES[block].items():
        others = []
        for value in of[1:]:
            try:
                others.append(BUILD[block](values | {name: value}))
            except Invalid:
                continue
        found = {spec.id for spec in others if spec != base}
        assert len(found) == len({spec for spec in others if spec != base}), name
        assert base.id not in found, name


@pytest.mark.parametrize("block", BLOCKS)
def test_every_axis_sets_something(block: str) -> None:
    """Each value of each axis occurs, and each field of the spec varies over the tier."""
    tier = rows(block, "quick")
    for name, of in AXES[block].items():
        assert {repr(row[name]) for row in tier} == set(map(repr, of))
    specs = [BUILD[block](row) for row in tier]
    fields = [field.name for field in dataclasses.fields(BLOCKS[block])]
    assert [name for name in fields if len({getattr(spec, name) for spec in specs}) < 2] == []


@pytest.mark.parametrize("block", BLOCKS)
def test_every_spec_meets_every_data_set_that_applies(block: str) -> None:
    """And one of those that take turns, where any of them applies."""
    found = {(case.spec, case.data) for case in cases(block, "quick") if case.name is None}
    specs = {BUILD[block](row) for row in rows(block, "quick")}
    due = {(spec, name) for spec, name in product(specs, DATA) if DATA[name].applies(spec)}
    always = {(spec, name) for spec, name in due if DATA[name].whole(spec)}
    assert always <= found <= due
    turns = Counter(spec for spec, _ in found - always)
    assert turns == dict.fromkeys({spec for spec, _ in due - always}, 1)


def test_plan_is_every_case_in_order() -> None:
    """The lecture's first in each block."""
    found = plan("quick")
    assert found == [case for block in BLOCKS for case in cases(block, "quick")]
    assert {case.name for case in found if case.name} == set(NAMED)
    assert plan("quick", ["relu"]) == list(cases("relu", "quick"))
    assert Case(found[0].spec, "small", "a-name").id == "a-name"


@pytest.mark.parametrize("block", BLOCKS)
def test_most_of_the_tier_is_decided(block: str) -> None:
    """Undecided specs are there for combinations that no decided one can hold, each of which needs them."""
    tier = rows(block, "quick")
    silent = [row for row in tier if BUILD[block](row).silent is not None]
    assert len(silent) <= len(tier) / 5
    decided = [row for row in tier if row not in silent]
    held = {(a, b, repr(row[a]), repr(row[b])) for row in decided for a in AXES[block] for b in AXES[block]}
    for row in silent:
        assert any((a, b, repr(row[a]), repr(row[b])) not in held for a in row for b in row)


# Any value of an axis goes with any of another.
UNCONSTRAINED = {
    "relu",
    "relu_gradient",
    "leaky_relu",
    "leaky_relu_gradient",
    "thresholded_relu",
    "elu",
    "selu",
    "sigmoid",
    "hard_sigmoid",
    "hard_swish",
    "global_max_pool",
    "global_average_pool",
    "global_lp_pool",
    "copy_unpool",
    "classical_filter",
    "network",
    "pyramid",
}


@pytest.mark.parametrize("block", BLOCKS)
def test_conflicts_blame_axes_that_suffice(block: str) -> None:
    """Changing any axis that is not blamed leaves a spec invalid or undecided: the solver's proofs rest on it."""
    axes = AXES[block]
    generator = np.random.default_rng(2)
    checked = 0
    for decided in (False, True):
        for _ in range(400):
            row = {name: of[generator.integers(len(of))] for name, of in axes.items()}
            blamed = conflict(block, row, decided=decided)
            if blamed is None:
                continue
            assert set(blamed) <= set(axes)
            others = {name: of[generator.integers(len(of))] for name, of in axes.items() if name not in blamed}
            again = conflict(block, row | others, decided=decided)
            assert again is not None, f"{row} was blamed on {blamed}, but {others} makes it valid"
            checked += 1
    assert checked > 50 or block in UNCONSTRAINED


def test_values_added_later_come_last() -> None:
    """So that the rows before them are those of the axes without them."""
    for block, later in ADDED.items():
        for name, values in later.items():
            assert AXES[block][name][-len(values) :] == values
        held = [any(row[name] in values for name, values in later.items()) for row in rows(block, "quick")]
        assert held == sorted(held)


@pytest.mark.long
@pytest.mark.parametrize("block", BLOCKS)
def test_tier_standard_is_made_in_10_seconds(block: str) -> None:
    """Of processor time, from nothing."""
    start = process_time()
    rows.__wrapped__(block, "standard")
    assert process_time() - start < 10


@pytest.mark.parametrize("block", BLOCKS)
def test_quick_is_every_pair(block: str) -> None:
    assert TIERS["quick"] == 2
    found = coverage(block, "quick")
    assert (found.strength, found.missing) == (2, ())
    assert coverage(block, "quick", 1).missing == ()
    assert coverage(block, "quick", 1).ruled_out == 0
