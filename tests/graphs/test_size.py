"""Planning refuses a case with a tensor that is too large, wherever it lies."""

from __future__ import annotations

from math import prod

import pytest

from graphs.blocks import BLOCKS
from graphs.blocks.conv import Conv
from graphs.blocks.relu import Relu
from graphs.grid import Case, cases
from graphs.size import MOST_ELEMENTS, TooLarge, too_large


def test_the_limit_is_the_largest_that_is_allowed() -> None:
    assert Case(Relu(shape=(MOST_ELEMENTS,)), "random")
    with pytest.raises(TooLarge, match=r"case relu-.*: x has 67108865 elements, at most 67,108,864 are allowed"):
        Case(Relu(shape=(MOST_ELEMENTS + 1,)), "random")


def test_a_result_may_be_too_large_where_no_operand_is() -> None:
    spec = Conv(batch=1, channels=1, extent=(5,), kernel_shape=(1,), pads=(MOST_ELEMENTS, 0))
    assert too_large(spec) == "y has 1x1x67108869 elements, at most 67,108,864 are allowed"


def test_every_value_of_a_network_counts() -> None:
    for case in cases("network", "standard"):
        shapes = case.spec.all_shapes()
        assert set(case.spec.inputs()) | set(case.spec.outputs()) <= set(shapes)
        assert len(shapes) > len(case.spec.inputs()) + len(case.spec.outputs())
    assert max(prod(shape) for shape in shapes.values()) <= MOST_ELEMENTS


@pytest.mark.parametrize("block", BLOCKS)
def test_operands_and_results_of_every_block_count(block: str) -> None:
    for case in cases(block, "quick")[::11]:
        shapes = list(case.spec.all_shapes().values())
        assert all(shape in shapes for shape in case.spec.inputs().values())
        assert all(shape in shapes for _, shape in case.spec.outputs().values())
