"""MaxPool against nested loops: the value, and every position at which it may be said to stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball, Members
from reference.claim import CAST_FLOAT16, TF32, Claim
from reference.max_pool import EMPTY, max_pool
from tests.reference.inside import inside
from tests.reference.loops import Ints, shape_of, windows

CLAIM = Claim()
# name -> (shape of x, attributes)
SETTINGS: dict[str, tuple[Ints, dict[str, Any]]] = {
    "1d": ((2, 3, 7), {"kernel_shape": (3,)}),
    "1d kernel 1": ((1, 2, 4), {"kernel_shape": (1,)}),
    "1d stride": ((1, 2, 9), {"kernel_shape": (2,), "strides": (2,)}),
    "1d stride above kernel": ((1, 1, 9), {"kernel_shape": (2,), "strides": (4,)}),
    "1d begin pad": ((1, 1, 5), {"kernel_shape": (3,), "pads": (2, 0)}),
    "1d end pad": ((1, 1, 5), {"kernel_shape": (3,), "pads": (0, 2)}),
    "1d dilation": ((1, 2, 9), {"kernel_shape": (3,), "dilations": (3,)}),
    "1d dilation, pads above kernel": ((1, 1, 5), {"kernel_shape": (2,), "dilations": (4,), "pads": (3, 3)}),
    "1d ceil, hanging": ((1, 2, 6), {"kernel_shape": (3,), "strides": (2,), "ceil_mode": 1}),
    "1d ceil, fits": ((1, 1, 7), {"kernel_shape": (3,), "strides": (2,), "ceil_mode": 1}),
    "1d ceil, window in the right padding": (
        (1, 1, 4), {"kernel_shape": (1,), "strides": (2,), "pads": (0, 0), "ceil_mode": 1},
    ),
    "1d ceil, ignored window": ((1, 1, 3), {"kernel_shape": (3,), "strides": (3,), "pads": (1, 1), "ceil_mode": 1}),
    "1d ceil 0": ((1, 1, 6), {"kernel_shape": (3,), "strides": (2,), "ceil_mode": 0}),
    "2d": ((2, 2, 5, 4), {"kernel_shape": (3, 2)}),
    "2d strides differ": ((1, 2, 7, 6), {"kernel_shape": (3, 2), "strides": (2, 1)}),
    "2d four pads": ((1, 2, 4, 5), {"kernel_shape": (4, 3), "pads": (1, 0, 3, 2)}),
    "2d dilations differ": ((1, 1, 7, 6), {"kernel_shape": (2, 3), "dilations": (3, 2)}),
    "2d ceil on one axis": ((1, 2, 6, 5), {"kernel_shape": (3, 3), "strides": (2, 2), "ceil_mode": 1}),
    "2d ceil, pads, dilations": (
        (1, 1, 8, 9),
        {"kernel_shape": (3, 2), "strides": (3, 2), "pads": (1, 0, 2, 1), "dilations": (2, 3), "ceil_mode": 1},
    ),
    "2d VALID": ((1, 1, 7, 6), {"kernel_shape": (3, 2), "strides": (2, 2), "auto_pad": "VALID"}),
    "2d SAME_UPPER": ((1, 1, 5, 6), {"kernel_shape": (2, 4), "auto_pad": "SAME_UPPER"}),
    "2d SAME_LOWER": ((1, 1, 5, 6), {"kernel_shape": (2, 4), "auto_pad": "SAME_LOWER"}),
    "2d SAME_UPPER, ceil": (
        (1, 1, 5, 6), {"kernel_shape": (2, 3), "strides": (2, 4), "auto_pad": "SAME_UPPER", "ceil_mode": 1},
    ),
    "2d SAME_LOWER, dilation": (
        (1, 1, 7, 8), {"kernel_shape": (2, 3), "strides": (2, 1), "dilations": (3, 2), "auto_pad": "SAME_LOWER"},
    ),
    "3d": ((1, 2, 3, 4, 5), {"kernel_shape": (2, 3, 2)}),
    "3d all at once": (
        (2, 1, 5, 4, 6),
        {"kernel_shape": (2, 2, 3), "strides": (2, 1, 3), "pads": (1, 0, 2, 0, 1, 1), "ceil_mode": 1},
    ),
    "1d begin pad of the kernel's size": ((1, 2, 5), {"kernel_shape": (2,), "pads": (3, 0)}),
    "1d end pad of the kernel's size": ((1, 1, 5), {"kernel_shape": (2,), "strides": (2,), "pads": (0, 3)}),
    "1d dilated window astride the input": ((1, 1, 2), {"kernel_shape": (2,), "dilations": (3,), "pads": (1, 1)}),
    "2d pads of the kernel's size": ((1, 2, 3, 4), {"kernel_shape": (2, 3), "pads": (2, 1, 0, 3)}),
    "2d dilated windows astride the input": (
        (1, 1, 2, 5), {"kernel_shape": (2, 2), "dilations": (3, 1), "pads": (2, 0, 2, 1)},
    ),
}  # fmt: skip


def naive(
    x: NDArray[Any], kernel_shape: Ints, storage_order: int = 0, **attributes: Any
) -> tuple[NDArray[Any], dict[Ints, set[int]]]:
    """Largest elements, and for each result the flat positions at which it stands: none where no element is read."""
    layout = dict(windows(x.shape[2:], kernel_shape, **attributes))
    y = np.empty((*x.shape[:2], *shape_of(list(layout))), x.dtype)
    places: dict[Ints, set[int]] = {}
    size = int(np.prod(x.shape[2:]))
    for n, c in np.ndindex(*x.shape[:2]):
        for position, taps in layout.items():
            points = [tap.point for tap in taps if tap.is_inside]
            top = max((x[(n, c, *point)] for point in points), default=0)
            y[(n, c, *position)] = top
            flat = set()
            for point in points:
                if x[(n, c, *point)] == top:
                    axes = range(len(point)) if storage_order == 0 else reversed(range(len(point)))
                    offset = 0
                    for axis in axes:  # the axis visited last runs fastest
                        offset = offset * x.shape[2 + axis] + point[axis]
                    flat.add((n * x.shape[1] + c) * size + offset)
            places[(n, c, *position)] = flat
    return y, places


def judge(x: NDArray[Any], attributes: dict[str, Any]) -> None:
    """Value and every admissible position agree with the loops."""
    value, indices = max_pool(x, claim=CLAIM, outputs=2, **attributes)
    due, places = naive(x, **attributes)
    assert isinstance(value, Ball)
    assert isinstance(indices, Members)
    assert value.value.shape == due.shape
    empty = np.array([not places[where] for where in np.ndindex(due.shape)]).reshape(due.shape)
    np.testing.assert_array_equal(value.value[~empty], due[~empty].astype(np.float64))
    assert not value.radius.any()
    for part in (value, indices):
        if empty.any():
            np.testing.assert_array_equal(part.undecided, empty)
            assert part.sentence == EMPTY
        else:
            assert part.undecided is None
    for where, positions in places.items():
        assert set(indices.candidates[where][indices.admissible[where]]) == positions, where


@pytest.mark.parametrize("storage_order", [0, 1])
@pytest.mark.parametrize("name", SETTINGS)
def test_equals_loops(name: str, storage_order: int) -> None:
    """Values of -2..2: most windows hold their maximum more than once, and negative ones show padding by zero."""
    shape, attributes = SETTINGS[name]
    x = np.random.default_rng(5).integers(-4, 1, shape).astype(np.float32)
    judge(x, attributes | {"storage_order": storage_order})


@pytest.mark.parametrize("dtype", ["float16", "float64", "int8", "uint8"])
def test_types(dtype: str) -> None:
    x = np.random.default_rng(6).integers(0, 120, (1, 2, 6, 5)).astype(dtype)
    judge(x, SETTINGS["2d ceil on one axis"][1])


def test_integers_at_their_lowest_are_above_padding() -> None:
    judge(np.full((1, 1, 3), -128, np.int8), {"kernel_shape": (2,), "pads": (1, 1)})
    judge(np.zeros((1, 1, 3), np.uint8), {"kernel_shape": (2,), "pads": (1, 1)})


def test_window_of_minus_infinity() -> None:
    """-inf is a value like any other; padding, which also is -inf inside the kernel, is no position."""
    judge(np.full((1, 1, 4, 4), -np.inf, np.float32), {"kernel_shape": (2, 2), "pads": (1, 1, 1, 1)})


def test_both_zeros_tie() -> None:
    x = np.array([[[-0.0, 0.0, -0.0]]], np.float32)
    judge(x, {"kernel_shape": (3,)})


def test_infinity_is_the_maximum() -> None:
    judge(np.array([[[1.0, np.inf, -np.inf, 2.0]]], np.float32), {"kernel_shape": (2,), "strides": (1,)})


def test_window_with_nan_is_undecided_and_no_other() -> None:
    x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    x[0, 0, 2, 1] = np.nan
    expected = max_pool(x, claim=CLAIM, kernel_shape=(2, 2), outputs=2)
    for position, taps in windows((4, 4), (2, 2)):
        holds = any(tap.point == (2, 1) for tap in taps)
        for part in expected:
            assert part.undecided is not None
            assert part.undecided[(0, 0, *position)] == holds
            assert "NaN" in part.sentence
    wrong = np.full((1, 1, 3, 3), -1.0)
    np.testing.assert_array_equal(inside(expected[0], wrong), expected[0].undecided)


def test_a_dilated_window_astride_the_input_is_undecided() -> None:
    """Its two taps lie on either side of an input of two elements, whatever the pads by themselves would say."""
    attributes: dict[str, Any] = {"kernel_shape": (2,), "dilations": (3,), "pads": (1, 1)}
    for part in max_pool(np.array([[[3.0, 5.0]]], np.float32), claim=CLAIM, outputs=2, **attributes):
        np.testing.assert_array_equal(part.undecided, [[[True]]])
        assert part.sentence == EMPTY


def test_nan_and_an_empty_window_are_undecided_side_by_side() -> None:
    x = np.array([[[1.0, 2.0, np.nan, 4.0]]], np.float32)
    for part in max_pool(x, claim=CLAIM, kernel_shape=(1,), pads=(1, 0), outputs=2):
        np.testing.assert_array_equal(part.undecided, [[[True, False, False, True, False]]])


def test_rounded_inputs_move_value_and_index_within_the_claim() -> None:
    """Where whole tensors are cast, two inputs that round alike are both maxima; TF32 rounds none but factors."""
    x = np.array([[[1.0, 1.0 + 2.0**-13]]], np.float32)
    loose = max_pool(x, claim=Claim({"float32": CAST_FLOAT16}), kernel_shape=(2,), outputs=2)
    rounded = (np.ones((1, 1, 1)), np.zeros((1, 1, 1), np.int64))
    for claim in (CLAIM, Claim({"float32": TF32})):
        tight = max_pool(x, claim=claim, kernel_shape=(2,), outputs=2)
        assert [bool(inside(e, y).all()) for e, y in zip(tight, rounded, strict=True)] == [False, False]
    assert [bool(inside(e, y).all()) for e, y in zip(loose, rounded, strict=True)] == [True, True]


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_bytes_over_their_whole_range(dtype: str) -> None:
    """Every value of the type in some window; padding is below them all."""
    x = np.random.default_rng(4).permutation(256).astype(np.uint8).view(dtype).reshape(1, 1, 16, 16)
    value, at = max_pool(x, claim=CLAIM, kernel_shape=(2, 3), pads=(1, 2, 0, 1), strides=(2, 2), outputs=2)
    assert isinstance(value, Ball)
    assert isinstance(at, Members)
    assert not value.radius.any()
    for position, taps in windows((16, 16), (2, 3), strides=(2, 2), pads=(1, 2, 0, 1)):
        points = [tap.point for tap in taps if tap.is_inside]
        due = max(points, key=lambda point: int(x[(0, 0, *point)]))
        assert value.value[(0, 0, *position)] == int(x[(0, 0, *due)])
        where = (0, 0, *position)
        assert at.candidates[where][at.admissible[where]].tolist() == [due[0] * 16 + due[1]]


def test_bytes_are_met_where_subnormals_are_flushed() -> None:
    """Integers have none."""
    x = np.array([[[-128, 0, 127]]], np.int8)
    (value,) = max_pool(x, claim=Claim(flush_to_zero=True), kernel_shape=(1,))
    assert isinstance(value, Ball)
    np.testing.assert_array_equal(value.value, x)
    assert not value.radius.any()
