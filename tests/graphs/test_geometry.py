"""Output sizes against windows counted one by one, and the lecture's formulas with its own numbers."""

from __future__ import annotations

from itertools import count, product, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.geometry import Axis, resolve, same_total

SIZES = st.integers(1, 40)
PADS = st.integers(0, 12)
STRIDES = st.integers(1, 9)


def starts(size: int, kernel: int, stride: int, begin: int, end: int) -> list[int]:
    """Where the windows start that fit between the pads, found by walking."""
    return list(takewhile(lambda s: s + kernel <= size + end, count(-begin, stride)))


@given(SIZES, SIZES, STRIDES, PADS, PADS)
def test_floor_formula_counts_the_windows_that_fit(size: int, kernel: int, stride: int, begin: int, end: int) -> None:
    axis = Axis(size, kernel, stride, begin, end)
    walked = starts(size, kernel, stride, begin, end)
    assert (axis.span < 0) == (not walked)
    if walked:
        assert axis.count == axis.floor_count == axis.formula_count == len(walked)
        assert axis.count == (size - kernel + begin + end) // stride + 1
        assert axis.overhang == 0
        assert axis.last_is_padding == (walked[-1] >= size)


@given(SIZES, SIZES, STRIDES, PADS, PADS)
def test_ceil_mode_adds_at_most_one_window(size: int, kernel: int, stride: int, begin: int, end: int) -> None:
    """One more where the last did not reach the end, unless it would start in the right padding (MaxPool-22)."""
    walked = starts(size, kernel, stride, begin, end)
    axis = Axis(size, kernel, stride, begin, end, ceil=True)
    if not walked:
        return
    extra = walked[-1] + stride
    reaches_end = walked[-1] + kernel == size + end
    assert axis.formula_count == len(walked) + (not reaches_end)
    assert axis.count == len(walked) + (not reaches_end and extra < size)
    hangs = axis.count > len(walked)
    assert axis.overhang == (extra + kernel - size - end if hangs else 0)


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize(("size", "kernel", "stride"), [*product(range(1, 12), range(1, 8), range(1, 5))])
def test_same(auto_pad: str, size: int, kernel: int, stride: int) -> None:
    """ceil(M / S) windows; the odd pixel at the end for UPPER, at the beginning for LOWER."""
    axis = resolve(size, kernel, stride, auto_pad, 0, 0, ceil=False)
    assert axis.count == -(-size // stride)
    odd = axis.end - axis.begin if auto_pad == "SAME_UPPER" else axis.begin - axis.end
    assert odd in (0, 1)
    total = same_total(size, kernel, stride)
    assert axis.begin + axis.end == max(0, total)
    if total > 0:
        assert Axis(size, kernel, stride, 0, total - 1).count < axis.count, "one pixel less would not do"


@pytest.mark.parametrize("ceil", [False, True])
def test_valid_is_no_padding_and_no_ceil(ceil: bool) -> None:
    assert resolve(8, 3, 2, "VALID", 5, 5, ceil) == Axis(8, 3, 2)


def test_notset_keeps_what_is_given() -> None:
    assert resolve(8, 3, 2, "NOTSET", 1, 2, ceil=True) == Axis(8, 3, 2, 1, 2, ceil=True)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "pad", "due"),
    [
        (8, 3, 1, 0, 6),
        (9, 3, 1, 0, 7),
        (9, 3, 2, 0, 4),
        (9, 3, 1, 1, 9),
        (8, 3, 1, 1, 8),
        (200, 1, 1, 0, 200),
        (200, 2, 2, 0, 100),
        (100, 2, 2, 0, 50),
        (50, 2, 2, 0, 25),
        (4, 2, 1, 0, 3),
        (4, 2, 2, 0, 2),
        (227, 11, 4, 0, 55),
        (32, 5, 1, 0, 28),
    ],
)
def test_lecture_sizes(size: int, kernel: int, stride: int, pad: int, due: int) -> None:
    """By o = floor((M - w + 2p) / S) + 1; the last two are AlexNet's and LeNet's first layers."""
    assert Axis(size, kernel, stride, pad, pad).count == due
