"""Planted faults are traced back to what sets them off."""

from __future__ import annotations

import random

import pytest

from conformance.execute import try_case
from conformance.localise import Explanation, localise
from conformance.results import Record
from graphs.grid import cases
from tests.fakes.faults import FAULTS


def record(verdict: str, **traits: object) -> Record:
    """A made-up result."""
    return Record(case=repr(traits), block="conv", runtime="r", verdict=verdict, traits=traits)


def tried(fault: str, block: str) -> list[Record]:
    """What becomes of the block's quick tier under a planted fault."""
    runtime = FAULTS[fault].runtime()
    return [try_case(case, fault, runtime) for case in cases(block, "quick")]


# (fault, block) -> what sets it off, by its source.  With one filter a block, or blocks of 1, DCR and CRD are the same.
TRUE = {
    ("count_include_pad ignored", "average_pool"): "count_include_pad=1 and padded",
    ("leakage of 0.2 by default", "leaky_relu"): "alpha omitted",
    ("CRD by default", "depth_to_space"): "blocksize>1 and depth>1 and mode omitted",
    ("nothing removed", "pad"): "removes",
    ("indices of 32 bits", "max_pool"): "indices",
    ("pads at the end on both sides", "conv"): "pads other at the end",
}


def explained(fault: str, block: str) -> Explanation:
    """The explanation of its failures."""
    found = localise(tried(fault, block))
    assert found is not None
    return found


SHORT = ("leaky_relu", "depth_to_space", "pad")
PAIRS = [pytest.param(*pair, marks=[pytest.mark.long] * (pair[1] not in SHORT)) for pair in TRUE]


@pytest.mark.parametrize(("fault", "block"), PAIRS)
def test_a_planted_fault_is_traced_back(fault: str, block: str) -> None:
    found = explained(fault, block)
    assert found.explained == found.failures
    assert "; or ".join(map(str, found.causes)) == TRUE[fault, block], str(found)


def test_two_facts_together() -> None:
    both = [(a, d) for a in ("SAME_UPPER", "SAME_LOWER", "VALID", None) for d in (None, (1, 1), (2, 1), (3, 3))]
    records = [
        record("fail" if a in ("SAME_UPPER", "SAME_LOWER") and d and max(d) > 1 else "pass", auto_pad=a, dilations=d)
        for a, d in both
    ]
    found = localise(records)
    assert str(found) == "4 of 4 failures, 0 of 12 passes: auto_pad=SAME_* and dilations>1"
    random.Random(0).shuffle(records)
    assert localise(records) == found


def test_two_causes() -> None:
    records = [record("error" if a == 1 or b == "x" else "pass", a=a, b=b) for a in (None, 1, 2) for b in "xyz"]
    found = localise(records)
    assert found is not None
    assert found.is_exact
    assert {str(cause) for cause in found.causes} == {"a=1", "b=x"}


def test_a_log_s_lists_are_tuples() -> None:
    records = [record("fail", pads=[0, 1]), record("pass", pads=[1, 1]), record("pass", pads=None)]
    assert str(localise(records)) == "1 of 1 failures, 0 of 2 passes: pads other at the end"


def test_what_depends_on_more_than_facts_says_so() -> None:
    records = [record("fail", a=1, b=2), record("pass", a=1, b=2), *(record("pass", a=2, b=n) for n in range(5))]
    assert str(localise(records)) == "1 of 1 failures, 1 of 6 passes: a=1"


def test_without_passes_or_without_failures() -> None:
    assert str(localise([record("crash", a=1)])) == "1 of 1 failures, 0 of 0 passes: every case"
    assert localise([record("pass", a=1), record("unsupported", a=2)]) is None
