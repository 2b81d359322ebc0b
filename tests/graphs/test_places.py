"""Patterns of un-pooling's indices: inside, apart, in their windows, and read back by name."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.blocks.max_unpool import MaxUnpool
from graphs.draw import Draw
from graphs.places import PLACES, anywhere, apart, indices
from graphs.spec import Invalid

GIVEN: dict[str, Any] = {"batch": 2, "channels": 3, "extent": (3, 2), "kernel_shape": (3, 2), "strides": (2, 3)}


@pytest.mark.parametrize("pattern", PLACES[:3])
def test_each_index_is_a_tap_of_its_window(pattern: str) -> None:
    """By a loop over the windows; the first and last tap are where they should be."""
    spec = MaxUnpool(**GIVEN, places=pattern)
    assert spec.shape == (2, 3, 7, 5)
    at = np.stack(np.unravel_index(spec.indices, spec.shape), axis=-1)
    taps = set()
    for place in np.ndindex(*spec.indices.shape):
        assert tuple(at[place][:2]) == place[:2]
        tap = tuple(int(at[place][2 + i]) - place[2 + i] * spec.steps[i] for i in range(2))
        assert all(0 <= t < k for t, k in zip(tap, spec.kernel_shape, strict=True))
        taps.add(tap)
    assert taps == {"first": {(0, 0)}, "last": {(2, 1)}}.get(pattern, taps)
    assert (len(taps) == 1) == (pattern != "drawn")


def test_drawn_taps_differ_from_channel_to_channel() -> None:
    spec = MaxUnpool(**GIVEN, places="drawn")
    within = spec.indices.reshape(6, -1) % 35
    assert len({tuple(plane) for plane in within}) > 3


def test_anywhere_crosses_channels() -> None:
    spec = MaxUnpool(**GIVEN, places="anywhere")
    assert (spec.indices // 35 != np.arange(6).reshape(2, 3, 1, 1)).any()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_indices_are_inside_and_no_two_alike_where_there_is_room(data: st.DataObject) -> None:
    """Whatever the pads; and the same when drawn again."""
    rank = data.draw(st.integers(1, 3))

    def ints(low: int, high: int, length: int = rank) -> tuple[int, ...]:
        return data.draw(st.tuples(*[st.integers(low, high)] * length))

    planes = ints(1, 3, 2)
    x, y = (*planes, *ints(1, 4)), (*planes, *ints(1, 6))
    kernel, strides, begin = ints(1, 3), ints(1, 3), ints(0, 4)
    for pattern in PLACES:
        found = indices(pattern, x, kernel, strides, begin, y)
        assert found.shape == x
        assert found.dtype == np.int64
        assert found.min() >= 0
        assert found.max() < prod(y)
        assert (found == indices(pattern, x, kernel, strides, begin, y)).all()
        has_room = prod(x) <= prod(y) if pattern == "anywhere" else all(map(int.__le__, x, y))
        assert len(np.unique(found)) == found.size or not has_room, pattern


@pytest.mark.parametrize(
    ("at", "extent", "due"),
    [
        ([0, 2, 4], 5, [0, 2, 4]),
        ([-1, 0, 1], 5, [0, 1, 2]),  # -1 has no place, 0 is then taken, and so on
        ([2, 4, 6], 5, [2, 3, 4]),
        ([1, 1, 0], 4, [1, 2, 3]),
        ([-3, 0, 9], 2, [0, 0, 1]),  # three in two places
    ],
)
def test_positions_move_as_little_as_leaves_room(at: list[int], extent: int, due: list[int]) -> None:
    assert apart(np.array([at]), extent).tolist() == [due]


def test_steps_take_every_place_once() -> None:
    for places in range(1, 40):
        assert sorted(anywhere(places, places, Draw(str(places)))) == list(range(places))


def refused(**fields: Any) -> Invalid:
    """What a setting is refused with."""
    with pytest.raises(Invalid) as caught:
        MaxUnpool(**GIVEN | fields)
    return caught.value


SMALL: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (2,), "kernel_shape": (2,), "strides": (2,)}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"places": "middle"}, "places is 'middle', must be one of first, last, drawn, anywhere, or indices"),
    ({"places": (0, 1, 2)}, "places has 3 entries, must have 2"),
    ({"places": (0, 4)}, "places has 4, every entry must be from 0 to 3"),
    ({"places": (-1, 2)}, "places has -1, every entry must be from 0 to 3"),
    ({"places": (0, 2)}, "places is (0, 2), these indices are called first"),
    ({"places": (1, 3)}, "places is (1, 3), these indices are called last"),
    ({"places": "last", "kernel_shape": (1,)}, "places is 'last', windows of one tap have a first one only"),
    ({"extent": (1,), "pads": (1, 0), "places": "last"}, "places is 'last', these indices are called first"),
    ({"output_shape": (4,)}, "output_shape is (4,), must have 3 entries"),
    ({"output_shape": (1, 2, 4)}, "output_shape is (1, 2, 4), must begin with 1, 1"),
    ({"output_shape": (1, 1, 0)}, "the result has shape (1, 1, 0), every entry must be 1 or more"),
    ({"pads": (2, 2)}, "the result has shape (1, 1, 0), every entry must be 1 or more"),
    ({"output_shape_as": "input"}, "output_shape_as is input, needs output_shape"),
    ({"indices_as": "constant"}, "indices_as is 'constant', must be initializer or input"),
]


@pytest.mark.parametrize(("fields", "said"), REFUSED)
def test_what_no_spec_can_say_is_refused(fields: dict[str, Any], said: str) -> None:
    MaxUnpool(**SMALL)
    assert str(refused(**SMALL | fields)) == said


def test_indices_that_follow_no_pattern_are_read_back_as_they_are() -> None:
    spec = MaxUnpool(**SMALL, places=(3, 0))
    given = spec.given()
    again = MaxUnpool.from_node(spec.to_node(), spec.inputs(), dtype="float32", opset=22, constants=given)
    assert again == spec
    assert "-i3.0-" in spec.id
    with pytest.raises(Invalid, match="indices comes as an input, its value must be known"):
        MaxUnpool.from_node(spec.to_node(), spec.inputs(), dtype="float32", opset=22)
    shapes = spec.inputs() | {"indices": (2,)}
    with pytest.raises(Invalid, match=r"indices have shape \(2,\), must have \(1, 1, 2\)"):
        MaxUnpool.from_node(spec.to_node(), shapes, dtype="float32", opset=22, constants=given)
    node = spec.to_node()
    del node.input[1:]
    with pytest.raises(Invalid, match="indices are missing"):
        MaxUnpool.from_node(node, spec.inputs(), dtype="float32", opset=22)
    del node.attribute[:]
    with pytest.raises(Invalid, match="kernel_shape is missing"):
        MaxUnpool.from_node(node, spec.inputs(), dtype="float32", opset=22)


@pytest.mark.parametrize(
    ("fields", "is_silent"),
    [
        ({}, False),
        ({"output_shape": (2, 3, 7, 5)}, False),
        ({"output_shape": (2, 3, 6, 4)}, False),
        ({"output_shape": (2, 3, 7, 5), "pads": (1, 1, 1, 1)}, False),  # pads have no say
        ({"output_shape": (2, 3, 8, 5)}, True),
        ({"output_shape": (2, 3, 7, 6)}, True),
        ({"output_shape": (1, 1, 8, 5), "batch": 1, "channels": 1}, False),  # the flat positions are the same
        ({"output_shape": (1, 1, 7, 6), "batch": 1, "channels": 1}, True),
        ({"strides": None}, False),
        ({"strides": None, "opset": 9}, True),
        ({"strides": (1, 1), "opset": 9}, False),
    ],
)
def test_what_the_text_leaves_open(fields: dict[str, Any], is_silent: bool) -> None:
    """Which tensor indices count in where output_shape is more than windows reach, and a default."""
    assert (MaxUnpool(**GIVEN | fields).silent is not None) == is_silent


def test_an_index_past_what_windows_reach_is_open() -> None:
    """It is outside the smaller of the two tensors that may be meant."""
    for places, is_silent in (((0, 3), False), ((0, 4), True)):
        spec = MaxUnpool(**SMALL, output_shape=(1, 1, 5), places=places)
        assert (spec.silent is not None) == is_silent


def test_traits_tell_what_the_size_by_formula_would_do() -> None:
    """Pads of one on each side of 7 x 5."""
    padded = {"pads": (1, 1, 1, 1)}
    for fields, due in (
        ({}, ("right", False, False)),
        ({**padded, "output_shape": (2, 3, 7, 5)}, ("fit", False, False)),
        ({**padded, "output_shape": (2, 3, 5, 3)}, ("right", False, False)),
        ({"output_shape": (2, 3, 6, 5)}, ("fit", True, False)),
        ({"pads": (4, 0, 3, 0), "output_shape": (2, 3, 7, 5)}, ("fit", False, True)),
        ({"batch": 1, "channels": 1, "pads": (0, 1, 0, 0), "output_shape": (1, 1, 7, 5)}, ("place", False, False)),
    ):
        traits = MaxUnpool(**GIVEN | fields).traits()
        assert (traits["pads_as_given"], traits["below_formula"], traits["formula_is_empty"]) == due, fields
