"""CopyUnpool against loops in exact fractions, and as what it equals: repetition, pooling turned round, averages."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
import onnx.reference
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from reference.average_pool import average_pool
from reference.ball import Ball
from reference.claim import CAST_FLOAT16, NATIVE, TF32, Claim
from reference.conv_transpose import conv_transpose
from reference.copy_unpool import copy_unpool
from reference.max_pool import max_pool
from tests.reference.inside import inside
from tests.reference.loops import Ints

CLAIM = Claim()
# name -> (shape of x, kernel_shape, strides)
SETTINGS: dict[str, tuple[Ints, Ints, Ints]] = {
    "1d": ((2, 3, 5), (2,), (2,)),
    "1d, one": ((1, 2, 4), (1,), (1,)),
    "1d, overlap": ((1, 2, 5), (3,), (2,)),
    "1d, overlap of five": ((1, 2, 4), (5,), (1,)),
    "1d, gaps": ((1, 2, 5), (2,), (5,)),
    "1d, one element": ((1, 2, 1), (4,), (3,)),
    "2d": ((2, 2, 3, 4), (2, 3), (2, 3)),
    "2d, overlap": ((1, 2, 3, 4), (3, 5), (2, 3)),
    "2d, gaps": ((1, 2, 3, 4), (2, 1), (3, 4)),
    "2d, overlap and gaps": ((1, 2, 4, 3), (4, 1), (1, 2)),
    "3d": ((1, 2, 2, 3, 4), (2, 1, 2), (2, 1, 2)),
    "3d, overlap": ((1, 1, 3, 2, 3), (3, 3, 2), (1, 2, 3)),
}


def ball_of(x: NDArray[Any], kernel_shape: Ints, strides: Ints, claim: Claim = CLAIM) -> Ball:
    """The one result."""
    (ball,) = copy_unpool(x, claim=claim, kernel_shape=kernel_shape, strides=strides)
    return ball


def landing(at: Ints, extent: Ints, kernel: Ints, strides: Ints) -> list[Ints]:
    """The elements whose windows hold a place of the result."""
    return [
        source for source in product(*map(range, extent))
        if all(0 <= a - i * s < w for a, i, w, s in zip(at, source, kernel, strides, strict=True))
    ]  # fmt: skip


def naive(x: NDArray[Any], kernel: Ints, strides: Ints) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Exact means of what lands on each place, 0 of nothing; and how many land there."""
    extent = x.shape[2:]
    sizes = tuple((m - 1) * s + w for m, w, s in zip(extent, kernel, strides, strict=True))
    y, count = np.empty((*x.shape[:2], *sizes), dtype=object), np.zeros(sizes, np.int64)
    for at in np.ndindex(*sizes):
        found = landing(at, extent, kernel, strides)
        count[at] = len(found)
        for n, c in np.ndindex(*x.shape[:2]):
            total = sum((Fraction(float(x[(n, c, *source)])) for source in found), Fraction(0))
            y[(n, c, *at)] = total / max(len(found), 1)
    return y, count


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", SETTINGS)
def test_ball_holds_the_exact_mean(name: str, dtype: str) -> None:
    """Full significands and wide exponents; equality where one element lands, or none."""
    shape, kernel, strides = SETTINGS[name]
    source = np.random.default_rng(8)
    x = np.ldexp(source.standard_normal(shape), source.integers(-6, 6, shape)).astype(dtype)
    ball, (due, count) = ball_of(x, kernel, strides), naive(x, kernel, strides)
    assert ball.value.shape == due.shape
    for value, exact, radius in zip(ball.value.flat, due.flat, ball.radius.flat, strict=True):
        assert abs(Fraction(float(value)) - exact) <= Fraction(float(radius))
    np.testing.assert_array_equal(ball.radius > 0, np.broadcast_to(count > 1, ball.radius.shape))
    one_off = ball.value + 1e-2 * np.abs(x).max()
    assert not inside(ball, one_off).any()


@pytest.mark.parametrize("name", SETTINGS)
def test_integers_differ_from_the_exact_mean_by_one_rounding(name: str) -> None:
    shape, kernel, strides = SETTINGS[name]
    x = np.random.default_rng(5).integers(-99, 99, shape).astype(np.float32)
    due, _ = naive(x, kernel, strides)
    np.testing.assert_array_equal(ball_of(x, kernel, strides).value, due.astype(np.float64))


def repeated(x: NDArray[Any], kernel: Ints) -> NDArray[Any]:
    """Every element as a block of that size."""
    for axis, w in enumerate(kernel):
        x = np.repeat(x, w, axis=2 + axis)
    return x


def resized(x: NDArray[Any], kernel: Ints) -> NDArray[Any]:
    """By ONNX's own reference: ``Resize`` to the nearest element."""
    attributes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    node = helper.make_node("Resize", ["x", "", "scales"], ["y"], **attributes)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", "scales", "y")]
    model = helper.make_model(helper.make_graph([node], "resize", ends[:2], ends[2:]))
    scales = np.array((1, 1, *kernel), np.float32)
    (found,) = onnx.reference.ReferenceEvaluator(model).run(None, {"x": x, "scales": scales})
    return np.asarray(found)


@pytest.mark.parametrize("kernel", [(3,), (2, 3), (1, 2), (2, 1, 3)])
def test_windows_side_by_side_are_resize_to_the_nearest(kernel: Ints) -> None:
    x = np.random.default_rng(6).standard_normal((2, 2, *(4, 3, 2)[: len(kernel)])).astype(np.float32)
    ball = ball_of(x, kernel, kernel)
    np.testing.assert_array_equal(ball.value, repeated(x, kernel))
    np.testing.assert_array_equal(ball.value, resized(x, kernel))
    assert not ball.radius.any()


@pytest.mark.parametrize(("kernel", "strides"), [((3,), (4,)), ((2, 1), (3, 4)), ((1, 2, 1), (2, 3, 3))])
def test_windows_apart_are_the_same_with_zeros_between(kernel: Ints, strides: Ints) -> None:
    x = np.random.default_rng(6).standard_normal((2, 2, *(4, 3, 2)[: len(kernel)])).astype(np.float32)
    value = ball_of(x, kernel, strides).value
    kept, rest = [], np.ones_like(value, bool)
    for m, w, s in zip(x.shape[2:], kernel, strides, strict=True):
        kept.append([at for at in range((m - 1) * s + w) if at % s < w])
    inner = np.ix_(range(2), range(2), *kept)
    np.testing.assert_array_equal(value[inner], repeated(x, kernel))
    rest[inner] = False
    assert rest.any()
    assert not value[rest].any()


@pytest.mark.parametrize(("kernel", "strides"), [((2,), (2,)), ((3, 2), (3, 4)), ((2, 1, 2), (2, 3, 2))])
def test_pooling_takes_it_back(kernel: Ints, strides: Ints) -> None:
    """Where nothing overlaps maximum and mean of each window are the element that was copied."""
    x = np.random.default_rng(2).integers(-99, 99, (2, 2, *(4, 3, 2)[: len(kernel)])).astype(np.float32)
    y = ball_of(x, kernel, strides).value.astype(np.float32)
    for pool in (max_pool, average_pool):
        (back,) = pool(y, claim=CLAIM, kernel_shape=kernel, strides=strides)
        assert isinstance(back, Ball)
        np.testing.assert_array_equal(back.value, x)


@pytest.mark.parametrize(("kernel", "strides"), [((2,), (2,)), ((3, 2), (3, 4)), ((2, 1, 2), (2, 3, 2))])
def test_it_is_the_adjoint_of_the_sum_over_windows(kernel: Ints, strides: Ints) -> None:
    """<copies of x, z> = <x, sums of z>, where nothing overlaps."""
    source = np.random.default_rng(1)
    x = source.integers(-9, 9, (2, 2, *(4, 3, 2)[: len(kernel)])).astype(np.float32)
    y = ball_of(x, kernel, strides).value
    z = source.integers(-9, 9, y.shape).astype(np.float32)
    (mean,) = average_pool(z, claim=CLAIM, kernel_shape=kernel, strides=strides)
    assert (y * z).sum() == pytest.approx((x * mean.value * prod(kernel)).sum(), rel=1e-12)


@pytest.mark.parametrize("kernel", [(3,), (2, 3), (3, 1, 2)])
def test_stride_1_is_average_pooling_of_the_padded_image_ball_and_all(kernel: Ints) -> None:
    """Padding on every side that lets a window hold one element, and is not counted."""
    x = np.random.default_rng(3).standard_normal((2, 2, *(4, 3, 5)[: len(kernel)])).astype(np.float32)
    pads = tuple(k - 1 for k in kernel) * 2
    (mean,) = average_pool(x, claim=CLAIM, kernel_shape=kernel, pads=pads)
    ball, (_, count) = ball_of(x, kernel, (1,) * len(kernel)), naive(x, kernel, (1,) * len(kernel))
    np.testing.assert_array_equal(ball.value, mean.value)
    shared = np.broadcast_to(count > 1, ball.radius.shape)
    np.testing.assert_array_equal(ball.radius[shared], mean.radius[shared])


@pytest.mark.parametrize("name", SETTINGS)
def test_it_is_a_deconvolution_by_ones_over_that_of_ones(name: str) -> None:
    """Each channel by itself, of finite numbers."""
    shape, kernel, strides = SETTINGS[name]
    x = np.random.default_rng(5).integers(-99, 99, shape).astype(np.float32)
    alone, w = x.reshape(-1, 1, *shape[2:]), np.ones((1, 1, *kernel), np.float32)
    (total,) = conv_transpose(alone, w, claim=CLAIM, strides=strides)
    (count,) = conv_transpose(np.ones_like(alone), w, claim=CLAIM, strides=strides)
    value = ball_of(x, kernel, strides).value
    np.testing.assert_array_equal(value, (total.value / np.maximum(count.value, 1)).reshape(value.shape))


def test_special_values_stay_where_they_land() -> None:
    """Whatever stands beside an infinity is no 0 * inf; where both infinities land arithmetic gives NaN."""
    x = np.array([[[np.inf, -np.inf, np.nan, 1.0]]], np.float32)
    np.testing.assert_array_equal(
        ball_of(x, (1,), (2,)).value, [[[np.inf, 0, -np.inf, 0, np.nan, 0, 1]]]
    )  # fmt: skip
    overlap = ball_of(x, (2,), (1,))
    np.testing.assert_array_equal(overlap.value, [[[np.inf, np.nan, np.nan, np.nan, 1]]])
    assert overlap.undecided is None
    np.testing.assert_array_equal(ball_of(x[..., :1], (2,), (3,)).value, [[[np.inf, np.inf]]])


def test_what_may_overflow_is_refused() -> None:
    """The sum of a mean; copies are no sums."""
    x = np.array([[[60000, 60000]]], np.float16)
    with pytest.raises(OverflowError, match="partial sums may reach"):
        ball_of(x, (2,), (1,))
    np.testing.assert_array_equal(ball_of(x, (2,), (2,)).value, [[[60000] * 4]])
    with pytest.raises(OverflowError):
        ball_of(np.full((1, 1, 2), 1.5e308), (2,), (1,))


def test_a_cast_rounds_every_copy_and_tf32_none() -> None:
    x = np.array([[[3.0, 5.0]]], np.float32)
    cast = ball_of(x, (2,), (3,), Claim({"float32": CAST_FLOAT16}))
    np.testing.assert_array_equal(cast.radius, [[np.array([3, 3, 0, 5, 5]) * 2.0**-11]])
    tf32 = ball_of(x, (2,), (1,), Claim({**NATIVE, "float32": TF32}))
    np.testing.assert_array_equal(tf32.radius > 0, [[[False, True, False]]])
