"""Pad against a loop over the places of the result, the operator's own examples, and what its text leaves open."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graphs.blocks.pad import Pad
from reference.claim import CAST_FLOAT16, Claim
from reference.pad import pad
from tests.reference.inside import inside

DATA = [[1.0, 1.2], [2.3, 3.4], [4.5, 5.7]]
# mode -> (pads, result); the examples in the text of Pad-19 to 25
EXAMPLES: dict[str, tuple[tuple[int, ...], list[list[float]]]] = {
    "constant": ((0, 2, 0, 0), [[0.0, 0.0, 1.0, 1.2], [0.0, 0.0, 2.3, 3.4], [0.0, 0.0, 4.5, 5.7]]),
    "reflect": ((0, 2, 0, 0), [[1.0, 1.2, 1.0, 1.2], [2.3, 3.4, 2.3, 3.4], [4.5, 5.7, 4.5, 5.7]]),  # taken back since
    "edge": ((0, 2, 0, 0), [[1.0, 1.0, 1.0, 1.2], [2.3, 2.3, 2.3, 3.4], [4.5, 4.5, 4.5, 5.7]]),
    "wrap": (
        (2, 1, 1, 1),
        [
            [3.4, 2.3, 3.4, 2.3], [5.7, 4.5, 5.7, 4.5], [1.2, 1.0, 1.2, 1.0],
            [3.4, 2.3, 3.4, 2.3], [5.7, 4.5, 5.7, 4.5], [1.2, 1.0, 1.2, 1.0],
        ],
    ),
}  # fmt: skip
MODES = ("constant", "reflect", "edge", "wrap")


def outwards(values: Sequence[float], place: int, step: int, count: int, mode: str, constant: float) -> list[float]:
    """What a walk from an end reads in ``count`` steps: bouncing off, staying, or coming in on the other side."""
    found = []
    for _ in range(count):
        is_out = not 0 <= place + step < len(values)
        if mode == "reflect" and is_out:
            step = -step
        if mode == "wrap" or (mode == "reflect" and len(values) > 1):
            place = (place + step) % len(values)
        found.append(constant if mode == "constant" else values[place])
    return found


def row(values: Sequence[float], begin: int, end: int, mode: str, constant: float) -> list[float]:
    """One axis, an element at a time outwards from both ends; then what is negative is cut off."""
    before = outwards(values, 0, -1, max(begin, 0), mode, constant)[::-1]
    behind = outwards(values, len(values) - 1, 1, max(end, 0), mode, constant)
    found = [*before, *values, *behind]
    return found[max(-begin, 0) : len(found) - max(-end, 0)]


def loops(x: NDArray[Any], begin: NDArray[Any], end: NDArray[Any], mode: str, constant: float) -> NDArray[Any]:
    """Every axis by itself, first to last."""
    for axis in range(x.ndim):
        lines = np.moveaxis(x, axis, -1)
        flat = [
            row(line, begin[axis], end[axis], mode, constant) for line in lines.reshape(-1, lines.shape[-1]).tolist()
        ]
        x = np.moveaxis(np.array(flat).reshape(*lines.shape[:-1], -1), -1, axis)
    return x


@pytest.mark.parametrize("mode", EXAMPLES)
def test_examples_of_the_text(mode: str) -> None:
    pads, due = EXAMPLES[mode]
    (ball,) = pad(np.array(DATA), np.array(pads), mode=mode, claim=Claim())
    np.testing.assert_array_equal(ball.value, due)
    assert not ball.radius.any()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_equals_a_loop_on_one_axis(size: int, mode: str) -> None:
    """Every pair of amounts from the removal of all to three times the extent."""
    x = np.arange(1.0, 1 + size)
    for begin, end in itertools.product(range(-size, 3 * size + 2), repeat=2):
        if size + begin + end > 0:
            (ball,) = pad(x, [begin, end], np.array(7.5), mode=mode, claim=Claim())
            assert ball.value.tolist() == row(x.tolist(), begin, end, mode, 7.5), (begin, end)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "int64", "uint8"])
@pytest.mark.parametrize("shape", [(4,), (3, 1), (1, 3, 4), (2, 3, 2, 4), (2, 1, 3, 2, 3)])
def test_equals_loops_on_every_axis(shape: tuple[int, ...], dtype: str, mode: str) -> None:
    """Batch and channel axes too; exactly, whatever the type."""
    rank, source = len(shape), np.random.default_rng(5)
    x = source.integers(0, 100, shape).astype(dtype)
    for _ in range(4):
        begin, end = (source.integers(-1, 4, rank).clip(1 - np.array(shape)) for _ in "ab")
        begin = np.where(np.array(shape) + begin + end > 0, begin, 1)
        (ball,) = pad(x, np.concatenate([begin, end]), np.array(9, dtype), mode=mode, claim=Claim())
        np.testing.assert_array_equal(ball.value, loops(x, begin, end, mode, 9))
        assert not ball.radius.any()


@pytest.mark.parametrize("axes", [(0,), (2,), (-1,), (2, 0), (-3, -1), (1, 0, 2), (2, 1, -3)])
def test_axes_take_their_amounts_in_order(axes: tuple[int, ...]) -> None:
    """A subset, any order, counted from the back; in either type of integer."""
    x = np.arange(24.0).reshape(2, 3, 4)
    amounts = np.arange(1, 1 + 2 * len(axes))
    full = np.zeros((2, 3), int)
    for place, axis in enumerate(axes):
        full[:, axis] = amounts[place], amounts[len(axes) + place]
    (due,) = pad(x, full.ravel(), mode="wrap", claim=Claim())
    for dtype in (np.int32, np.int64):
        (ball,) = pad(x, amounts, None, np.array(axes, dtype), mode="wrap", claim=Claim())
        np.testing.assert_array_equal(ball.value, due.value)


def test_the_constant_as_operand_as_attribute_and_omitted() -> None:
    x = np.ones(2)
    for found, constant in (
        (pad(x, [1, 0], claim=Claim()), 0.0),
        (pad(x, [1, 0], np.array(2.5), claim=Claim()), 2.5),
        (pad(x, pads=[1, 0], value=2.5, claim=Claim()), 2.5),
        (pad(x, paddings=[1, 0], value=2.5, claim=Claim()), 2.5),
        (pad(x, [1, 0], np.array(2.5), mode="edge", claim=Claim()), 1.0),
    ):
        np.testing.assert_array_equal(found[0].value, [constant, 1, 1])


@pytest.mark.parametrize("constant", [np.nan, np.inf, -np.inf])
def test_special_constants_and_elements_are_met_as_they_are(constant: float) -> None:
    """Copied, never computed with: nothing is undecided."""
    x = np.array([np.nan, -0.0, np.inf, -np.inf], np.float32)
    (ball,) = pad(x, [1, 1], np.array(constant, np.float32), claim=Claim())
    due = np.array([constant, np.nan, 0, np.inf, -np.inf, constant])
    assert ball.undecided is None
    assert inside(ball, due).all()
    assert not inside(ball, np.full(6, 5.0)).any()


def test_rounded_input_is_inside_a_rounding_claim_alone() -> None:
    x = np.array([1 + 2.0**-13], np.float32)
    assert inside(pad(x, [1, 1], mode="edge", claim=Claim())[0], np.ones(3)).sum() == 0
    assert inside(pad(x, [1, 1], mode="edge", claim=Claim({"float32": CAST_FLOAT16}))[0], np.ones(3)).all()


def test_flushed_subnormals_are_inside_a_flushing_claim_alone() -> None:
    x = np.array([1e-40], np.float32)
    assert not inside(pad(x, [0, 0], claim=Claim())[0], np.zeros(1)).any()
    assert inside(pad(x, [0, 0], claim=Claim(flush_to_zero=True))[0], np.zeros(1)).all()
    assert not pad(np.array([3]), [0, 0], claim=Claim(flush_to_zero=True))[0].radius.any()


def in_order(x: Sequence[float], begin: int, end: int, mode: str, *, removes_first: bool) -> list[float] | None:
    """Adding and removing one after the other; None where one of them cannot be done."""
    cut, added = (min(begin, 0), min(end, 0)), (max(begin, 0), max(end, 0))
    found = list(x)
    for step in (cut, added) if removes_first else (added, cut):
        too_many = -sum(p for p in step if p < 0) > len(found)
        too_few = max(step) > 0 and mode != "constant" and not found
        beyond = mode == "reflect" and max(step) >= max(len(found), 1)
        if too_many or too_few or beyond:
            return None
        found = row(found, *step, mode, 7.5) if found else [7.5] * sum(step)
    return found


@pytest.mark.parametrize("mode", MODES)
def test_what_is_decided_is_the_same_in_both_orders(mode: str) -> None:
    """The spec is silent exactly where removing first and adding first differ, or one of them cannot be done."""
    for size, begin, end in itertools.product(range(1, 5), range(-6, 7), range(-6, 7)):
        if size + begin + end < 1:
            continue
        x = list(np.arange(1.0, 1 + size))
        both = [in_order(x, begin, end, mode, removes_first=first) for first in (True, False)]
        spec = Pad(shape=(size,), pads=(begin, end), mode=mode)
        assert (spec.silent is None) == (both[0] is not None and both[0] == both[1]), (size, begin, end)
        if spec.silent is None:
            (ball,) = pad(np.array(x), [begin, end], np.array(7.5), mode=mode, claim=Claim())
            assert ball.value.tolist() == both[0]
