"""MinPool against nested loops and as an erosion, beside max pooling as a dilation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.ndimage
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import CAST_FLOAT16, Claim
from reference.max_pool import max_pool
from reference.min_pool import EMPTY, NAN, min_pool
from tests.reference.loops import shape_of, windows
from tests.reference.test_max_pool import SETTINGS

CLAIM = Claim()


def ball_of(x: NDArray[Any], **attributes: Any) -> Ball:
    """The one result."""
    (ball,) = min_pool(x, claim=CLAIM, **attributes)
    return ball


def naive(x: NDArray[Any], **attributes: Any) -> NDArray[Any]:
    """Smallest elements; NaN where a window holds none."""
    layout = dict(windows(x.shape[2:], **attributes))
    y = np.empty((*x.shape[:2], *shape_of(list(layout))))
    for n, c in np.ndindex(*x.shape[:2]):
        for position, taps in layout.items():
            found = [x[(n, c, *tap.point)] for tap in taps if tap.is_inside]
            y[(n, c, *position)] = min(found) if found else np.nan
    return y


@pytest.mark.parametrize("setting", SETTINGS)
def test_value_is_the_smallest_of_the_window(setting: str) -> None:
    shape, attributes = SETTINGS[setting]
    x = np.random.default_rng(5).integers(-99, 99, shape).astype(np.float32)
    ball, due = ball_of(x, **attributes), naive(x, **attributes)
    is_empty = np.isnan(due)
    np.testing.assert_array_equal(ball.value[~is_empty], due[~is_empty])
    assert not ball.radius.any()
    if is_empty.any():
        assert ball.undecided is not None
        assert ball.sentence == EMPTY
        np.testing.assert_array_equal(ball.undecided, is_empty)


FOOTPRINTS = [((7,), (3,)), ((6,), (2,)), ((6, 7), (3, 3)), ((5, 8), (2, 3)), ((7, 4), (1, 4)), ((4, 5, 6), (3, 2, 3))]


@pytest.mark.parametrize("dtype", ["float32", "int8", "uint8"])
@pytest.mark.parametrize(("extent", "kernel"), FOOTPRINTS)
def test_stride_1_is_grey_scale_dilation_and_erosion(
    extent: tuple[int, ...], kernel: tuple[int, ...], dtype: str
) -> None:
    """By a flat structuring element with its origin at k // 2 of each axis; pixels outside the image take no part."""
    x = np.random.default_rng(7).integers(0, 99, (1, 1, *extent)).astype(dtype)
    # scipy's filters place an even window so that its larger half comes first; its dilation reflects the element.
    before = [k // 2 for k in kernel]
    pads = (*before, *(k - 1 - b for k, b in zip(kernel, before, strict=True)))
    (dilated,) = max_pool(x, claim=CLAIM, kernel_shape=kernel, pads=pads)
    (eroded,) = min_pool(x, claim=CLAIM, kernel_shape=kernel, pads=pads)
    assert isinstance(dilated, Ball)
    wide = x[0, 0].astype(np.float64)
    shift = [k % 2 - 1 for k in kernel]  # 0 where the window has a middle, -1 where not: dilation's origin is mirrored
    due = scipy.ndimage.grey_dilation(wide, size=kernel, mode="constant", cval=-np.inf, origin=shift)
    np.testing.assert_array_equal(dilated.value[0, 0], due)
    due = scipy.ndimage.grey_erosion(wide, size=kernel, mode="constant", cval=np.inf)
    np.testing.assert_array_equal(eroded.value[0, 0], due)


def test_a_window_with_nan_is_open() -> None:
    ball = ball_of(np.array([[[1, np.nan, 3, 2]]], np.float32), kernel_shape=(2,))
    assert ball.undecided is not None
    assert ball.sentence == NAN
    np.testing.assert_array_equal(ball.undecided, [[[True, True, False]]])
    assert ball.value[0, 0, 2] == 2


def test_a_cast_rounds_the_element() -> None:
    (ball,) = min_pool(
        np.array([[[3.0, 5.0]]], np.float32), claim=Claim({"float32": CAST_FLOAT16}), kernel_shape=(2,)
    )  # fmt: skip
    assert ball.radius[0, 0, 0] == 3 * 2.0**-11
