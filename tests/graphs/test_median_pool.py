"""The graph of a median: what it refuses, and how it gathers windows."""

from __future__ import annotations

from collections import Counter
from math import prod
from typing import Any

import numpy as np
import pytest

from graphs.blocks.median_pool import MedianPool
from graphs.spec import Invalid

FIELDS: dict[str, Any] = {"batch": 1, "channels": 2, "extent": (6, 5), "kernel_shape": (3, 2)}


def median(**fields: Any) -> MedianPool:
    """A median of six elements, unless said otherwise."""
    return MedianPool(**FIELDS | fields)


@pytest.mark.parametrize(
    ("fields", "message", "named"),
    [
        ({"channels": 0}, "channels is 0, must be 1 or more", {"channels"}),
        ({"extent": (1, 2, 3, 4)}, "extent has 4 axes, must have 1, 2 or 3", {"extent"}),
        ({"mode": "wrap", "pads": (1, 1, 1, 1)}, "mode is 'wrap', must be one of constant, reflect, edge", {"mode"}),
        ({"mode": "edge"}, "mode is 'edge' without pads", {"mode", "pads"}),
        ({"windows": "unfold"}, "windows is 'unfold', must be one of slice, gather", {"windows"}),
        ({"kernel_shape": (7, 2)}, "the window of 7 does not fit into 6", {"extent", "kernel_shape"}),
        ({"pads": (1, 1)}, "pads is", {"pads"}),
        ({"opset": 10}, "opset is 10, must be 11 or more", {"opset"}),
    ],
)
def test_what_no_graph_can_say_is_refused(fields: dict[str, Any], message: str, named: set[str]) -> None:
    with pytest.raises(Invalid, match=message) as caught:
        median(**fields)
    assert named <= set(caught.value.fields)


def test_a_reflection_of_more_than_there_is_is_left_open() -> None:
    """As in Pad, whose sentence it is."""
    pads = (6, 0, 0, 0)
    silence = median(pads=pads, mode="reflect").silent
    assert silence is not None
    assert silence.sentence.startswith("Pad-21: 'pads with the reflection")
    assert {"pads", "extent", "mode"} <= set(silence.fields)
    assert median(pads=(5, 0, 0, 0), mode="reflect").silent is None
    assert median(pads=pads, mode="edge").silent is None
    assert median().silent is None


@pytest.mark.parametrize("kernel", [(3, 3), (3, 2), (1, 1)])
def test_one_slice_a_tap_or_one_gather(kernel: tuple[int, int]) -> None:
    """Pad where there are pads; an even window takes two elements and their mean."""
    n, is_even = prod(kernel), prod(kernel) % 2 == 0
    mean = {"Add": 1, "Mul": 1} if is_even else {}
    taken = {"TopK": 1, "Gather": 1 + is_even, **mean}
    sliced = Counter(node.op_type for node in median(kernel_shape=kernel).nodes)
    assert sliced == taken | {"Slice": n, "Reshape": n, "Concat": 1}
    gathered = Counter(node.op_type for node in median(kernel_shape=kernel, windows="gather").nodes)
    assert gathered == taken | {"Gather": 2 + is_even, "Reshape": 2}
    padded = Counter(node.op_type for node in median(kernel_shape=kernel, pads=(0, 1, 2, 0)).nodes)
    assert padded == sliced | {"Pad": 1}


def test_half_is_of_the_tensor_s_type_and_k_is_just_past_the_middle() -> None:
    for dtype in ("float16", "float32", "float64"):
        held = median(dtype=dtype).held
        assert held["half"].dtype == dtype
        assert held["half"] == 0.5
        np.testing.assert_array_equal(held["k"], [4])
    np.testing.assert_array_equal(median(kernel_shape=(3, 3)).held["k"], [5])


def test_the_index_matrix_has_a_row_a_window() -> None:
    """Into the padded image row by row."""
    spec = median(extent=(3, 3), kernel_shape=(2, 2), pads=(0, 1, 0, 0), dilations=(2, 1), windows="gather")
    due = [[0, 1, 8, 9], [1, 2, 9, 10], [2, 3, 10, 11]]
    np.testing.assert_array_equal(spec.held["at"], due)


def test_ids_tell_mode_and_form() -> None:
    assert median().id == "medianpool-2d-x1.2.6.5-k3x2-slice-f32-op22"
    padded = median(pads=(0, 1, 0, 1), mode="edge", windows="gather")
    assert padded.id == "medianpool-2d-x1.2.6.5-k3x2-p0.1.0.1-edge-gather-f32-op22"
