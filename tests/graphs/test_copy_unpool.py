"""The graph of un-pooling by copying: what it refuses, its size, and which nodes an overlap adds."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from graphs.blocks.copy_unpool import CopyUnpool, sources
from graphs.spec import Invalid

FIELDS: dict[str, Any] = {"batch": 1, "channels": 2, "extent": (4, 3), "kernel_shape": (2, 3), "strides": (2, 3)}


def unpool(**fields: Any) -> CopyUnpool:
    """Windows side by side, unless said otherwise."""
    return CopyUnpool(**FIELDS | fields)


@pytest.mark.parametrize(
    ("fields", "message", "named"),
    [
        ({"extent": ()}, "extent has 0 axes, must have 1, 2 or 3", {"extent"}),
        ({"extent": (1, 2, 3, 4)}, "extent has 4 axes", {"extent"}),
        ({"extent": (4, 0)}, r"extent is \(4, 0\), must have 2 entries of 1 or more", {"extent"}),
        ({"kernel_shape": (2,)}, r"kernel_shape is \(2,\), must have 2 entries", {"kernel_shape", "extent"}),
        ({"strides": (2, 0)}, r"strides is \(2, 0\), must have 2 entries", {"strides", "extent"}),
        ({"channels": 0}, "channels is 0, must be 1 or more", {"channels"}),
        ({"batch": 0}, "batch is 0, must be 1 or more", {"batch"}),
        ({"dtype": "int32"}, "dtype is int32", {"dtype"}),
        ({"opset": 10}, "opset is 10, must be 11 or more", {"opset"}),
    ],
)
def test_what_no_graph_can_say_is_refused(fields: dict[str, Any], message: str, named: set[str]) -> None:
    with pytest.raises(Invalid, match=message) as caught:
        unpool(**fields)
    assert named == set(caught.value.fields)


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3, 6])
def test_sources_are_the_windows_that_hold_a_place(size: int, kernel: int, stride: int) -> None:
    """And the lecture's size, (M - 1) S + w."""
    found = sources(size, kernel, stride)
    assert len(found) == (size - 1) * stride + kernel
    for at, which in enumerate(found):
        assert [*which] == [i for i in range(size) if i * stride <= at < i * stride + kernel]
    assert max(map(len, found)) == min(size, -(-kernel // stride))


@pytest.mark.parametrize(
    ("strides", "due"),
    [
        ((2, 3), {"Pad": 1, "Gather": 2}),
        ((3, 4), {"Pad": 1, "Gather": 2}),
        ((2, 2), {"Pad": 1, "Gather": 3, "Sum": 1, "Div": 1}),
        ((1, 1), {"Pad": 1, "Gather": 5, "Sum": 2, "Div": 1}),
        ((1, 4), {"Pad": 1, "Gather": 3, "Sum": 1, "Div": 1}),
    ],
)
def test_sum_and_div_are_there_where_windows_overlap(strides: tuple[int, int], due: dict[str, int]) -> None:
    spec = unpool(strides=strides)
    assert Counter(node.op_type for node in spec.nodes) == due
    assert spec.traits()["overlaps"] == ("Div" in due)


def test_one_element_overlaps_with_nothing() -> None:
    """However small the stride."""
    spec = unpool(extent=(1, 1), strides=(1, 1))
    assert Counter(node.op_type for node in spec.nodes) == {"Pad": 1, "Gather": 2}


def test_indices_name_the_zero_behind_and_counts_are_never_0() -> None:
    spec = unpool(extent=(2, 2), kernel_shape=(1, 3), strides=(3, 2), dtype="float16")
    np.testing.assert_array_equal(spec.held["axis_0_0"], [0, 2, 2, 1])
    np.testing.assert_array_equal(spec.held["axis_1_0"], [0, 0, 0, 1, 1])
    np.testing.assert_array_equal(spec.held["axis_1_1"], [2, 2, 1, 2, 2])
    np.testing.assert_array_equal(spec.counts, [[1, 1, 2, 1, 1], [0] * 5, [0] * 5, [1, 1, 2, 1, 1]])
    np.testing.assert_array_equal(spec.held["counts"], [[1, 1, 2, 1, 1], [1] * 5, [1] * 5, [1, 1, 2, 1, 1]])
    assert spec.held["counts"].dtype == np.float16
    assert spec.traits()["gaps"]


def test_the_id_tells_the_windows() -> None:
    assert unpool(strides=(2, 4)).id == "copyunpool-2d-x1.2.4.3-k2x3-s2x4-f32-op22"
