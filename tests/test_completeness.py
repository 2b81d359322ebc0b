"""Each block has all its parts: spec, axes, reference, bound, way back from nodes, cases, planted faults."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from conformance.problem import Problem
from graphs.blocks import AXES, BLOCKS, BUILD, SINGLE
from graphs.composite import Composite
from graphs.grid import NAMED, TIERS, cases, coverage
from graphs.lecture import LARGE
from reference import KERNELS
from reference.ball import Ball
from reference.claim import Claim
from tests.fakes.faults import FAULTS
from tests.graphs.test_composite import test_every_node_of_a_spec_reads_back_as_that_spec as reads_back
from tests.graphs.test_round_trip import FIELDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMERICS = (ROOT / "docs" / "numerics.md").read_text(encoding="utf-8")
SHARED = {name for name, fault in FAULTS.items() if set(fault.blocks) >= set(BLOCKS)}


@pytest.mark.parametrize("block", BLOCKS)
def test_it_has_a_spec_axes_and_a_kernel(block: str) -> None:
    assert {"opset", "dtype"} <= set(AXES[block])
    assert BUILD[block]({name: values[0] for name, values in AXES[block].items()}).block == block
    assert callable(KERNELS[block])


@pytest.mark.parametrize("block", BLOCKS)
def test_its_bound_is_stated_and_derived(block: str) -> None:
    """Every decided element has a radius, which is no NaN; docs/numerics.md speaks of the operator or the block."""
    for case in cases(block, "quick")[:40]:
        for want in Problem(case).expected(Claim()):
            if isinstance(want, Ball):
                decided = np.ones(want.value.shape, bool) if want.undecided is None else ~want.undecided
                assert want.radius.shape == want.value.shape
                assert (want.radius[decided] >= 0).all()
    assert re.search(rf"\b{BLOCKS[block].op_type}\b|`{block}`" if BLOCKS[block].op_type else f"`{block}`", NUMERICS)


@pytest.mark.parametrize("block", BLOCKS)
def test_its_nodes_read_back(block: str) -> None:
    """An operator's spec by tests/graphs/test_round_trip.py, a composite's by tests/graphs/test_composite.py."""
    assert (block in FIELDS) == (block in SINGLE)
    assert (block in SINGLE) != issubclass(BLOCKS[block], Composite)
    if block not in SINGLE:
        reads_back(block)


@pytest.mark.parametrize("block", BLOCKS)
def test_it_has_cases_of_every_type_and_a_line_in_the_readme(block: str) -> None:
    """Every pair of axis values that is valid, of each type; a line in the README's table."""
    found = cases(block, "quick")
    kind = BLOCKS[block]
    floats = {"float32", "float64", "float16"}
    assert {case.spec.dtype for case in found} >= (floats & set(kind.dtypes_since) or set(kind.dtypes_since))
    assert coverage(block, "quick").missing == ()
    row = next(line for line in README.splitlines() if line.startswith(f"| `{block}` |"))
    _, _, operator, versions, types, _, _ = (part.strip() for part in row.split("|"))
    if block in SINGLE:
        assert (operator, versions) == (kind.op_type, ", ".join(map(str, kind.versions)))
    else:
        assert versions == f"from opset {kind.versions[0]}"
    assert set(types.split(", ")) == {case.spec.dtype for case in found}


@pytest.mark.long
@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("block", BLOCKS)
def test_it_has_cases_in_each_tier(block: str, tier: str) -> None:
    """More in the larger ones, the named ones in all."""
    assert len(cases(block, tier)) >= len(cases(block, "quick")) > 0
    due = NAMED if tier == "quick" else NAMED | LARGE
    assert {case.name for case in cases(block, tier) if case.name} == {
        n for n, (s, _) in due.items() if s.block == block
    }


@pytest.mark.parametrize("block", BLOCKS)
def test_faults_of_its_own_are_planted(block: str) -> None:
    assert [name for name, fault in FAULTS.items() if block in fault.blocks and name not in SHARED]
