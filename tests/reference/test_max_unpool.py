"""MaxUnpool against a loop over its elements, as the inverse of max pooling, and what indices it refuses."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball, Members
from reference.claim import CAST_FLOAT16, NATIVE, TF32, Claim
from reference.max_pool import max_pool
from reference.max_unpool import max_unpool
from tests.reference.inside import inside


def loops(x: NDArray[Any], indices: NDArray[np.int64], shape: tuple[int, ...]) -> list[float]:
    """One element after the other into a list as long as the whole result."""
    found = [0.0] * len(list(itertools.product(*map(range, shape))))
    for place in itertools.product(*map(range, x.shape)):
        found[int(indices[place])] = float(x[place])
    return found


def permuted(shape: tuple[int, ...], places: int, seed: int) -> NDArray[np.int64]:
    """Indices of which no two are alike."""
    return np.random.default_rng(seed).permutation(places)[: int(np.prod(shape))].reshape(shape)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    ("x", "window", "y"),
    [
        ((1, 1, 1), {"kernel_shape": [3]}, (1, 1, 3)),
        ((2, 3, 4), {"kernel_shape": [2], "strides": [2]}, (2, 3, 8)),
        ((2, 3, 4), {"kernel_shape": [3], "strides": [2], "pads": [1, 0]}, (2, 3, 8)),
        ((2, 1, 2, 3), {"kernel_shape": [2, 3], "strides": [3, 1], "pads": [0, 1, 1, 0]}, (2, 1, 4, 4)),
        ((1, 2, 2, 3), {"kernel_shape": [1, 2], "strides": [2, 4]}, (1, 2, 3, 10)),
        ((2, 2, 1, 2, 3), {"kernel_shape": [2, 1, 3], "strides": [1, 2, 2]}, (2, 2, 2, 3, 7)),
    ],
)
def test_equals_a_loop_at_the_size_by_formula(
    x: tuple[int, ...], window: dict[str, Any], y: tuple[int, ...], dtype: str
) -> None:
    """(M - 1) S + w less the pads; indices in the whole of y, whatever their window or channel."""
    values = np.random.default_rng(3).integers(-9, 9, x).astype(dtype)
    for seed in range(3):
        indices = permuted(x, int(np.prod(y)), seed)
        (ball,) = max_unpool(values, indices, claim=Claim(), **window)
        assert ball.value.shape == y
        assert ball.value.ravel().tolist() == loops(values, indices, y)
        assert not ball.radius.any()
        assert ball.undecided is None


@pytest.mark.parametrize("y", [(1, 2, 4, 4), (1, 2, 5, 5), (1, 2, 3, 4), (1, 2, 9, 2)])
@pytest.mark.parametrize("pads", [None, [1, 0, 1, 1], [7, 7, 7, 7]])
def test_output_shape_sets_the_size_and_pads_have_no_say(y: tuple[int, ...], pads: Any) -> None:
    x, indices = np.arange(1.0, 9).reshape(1, 2, 2, 2), permuted((1, 2, 2, 2), int(np.prod(y)), 4)
    (ball,) = max_unpool(x, indices, np.array(y), kernel_shape=[2, 2], strides=[2, 2], pads=pads, claim=Claim())
    assert ball.value.shape == y
    assert ball.value.ravel().tolist() == loops(x, indices, y)


# (extent, kernel, strides, pads): even and odd, overlapping or not, with what is left over, padded
POOLS: list[tuple[tuple[int, ...], list[int], list[int], list[int]]] = [
    ((6,), [2], [2], [0, 0]),
    ((7,), [2], [2], [0, 0]),
    ((7,), [3], [1], [0, 0]),
    ((8,), [3], [3], [1, 1]),
    ((4, 6), [2, 2], [2, 2], [0, 0, 0, 0]),
    ((5, 7), [2, 2], [2, 2], [0, 0, 0, 0]),
    ((5, 5), [3, 2], [1, 2], [1, 0, 1, 1]),
    ((9, 7), [3, 3], [2, 4], [0, 1, 0, 1]),
    ((3, 5, 4), [2, 2, 2], [2, 2, 1], [0, 0, 0, 0, 0, 0]),
]


@pytest.mark.parametrize(("extent", "kernel", "strides", "pads"), POOLS)
@pytest.mark.parametrize("planes", [(1, 1), (2, 3)])
def test_every_maximum_goes_back_to_its_place(
    extent: tuple[int, ...], kernel: list[int], strides: list[int], pads: list[int], planes: tuple[int, int]
) -> None:
    """Indices of max pooling lead home, the rest is 0, and pooling what comes out gives the same maxima."""
    shape = (*planes, *extent)
    x = 1.0 + np.random.default_rng(1).permutation(int(np.prod(shape))).reshape(shape)
    window: dict[str, Any] = {"kernel_shape": kernel, "strides": strides, "pads": pads}
    top, indices = pooled(x, window)
    (ball,) = max_unpool(top, indices, np.array(shape), claim=Claim(), **window)
    is_top = np.isin(np.arange(x.size), indices).reshape(shape)
    np.testing.assert_array_equal(ball.value, np.where(is_top, x, 0))
    assert ball.undecided is None  # overlapping windows that share a maximum have the same value for it
    assert pooled(ball.value, window)[0].tolist() == top.tolist()
    whole = [(n - 1) * s + k for n, s, k in zip(top.shape[2:], strides, kernel, strict=True)]
    if [w - b - e for w, b, e in zip(whole, pads, pads[len(kernel) :], strict=False)] == list(extent):
        (same,) = max_unpool(top, indices, claim=Claim(), **window)
        np.testing.assert_array_equal(same.value, ball.value)


def pooled(x: NDArray[Any], window: dict[str, Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Maxima and Indices; one index each, as no two elements of a window are alike or only zeros are."""
    top, at = max_pool(x, outputs=2, claim=Claim(), **window)
    assert isinstance(top, Ball)
    assert isinstance(at, Members)
    return top.value, np.take_along_axis(at.candidates, at.admissible.argmax(axis=-1)[..., None], -1)[..., 0]


def test_the_operator_s_own_example() -> None:
    """ONNX's case without output_shape."""
    x, indices = np.array([[[[1.0, 2], [3, 4]]]]), np.array([[[[5, 7], [13, 15]]]])
    (ball,) = max_unpool(x, indices, kernel_shape=[2, 2], strides=[2, 2], claim=Claim())
    np.testing.assert_array_equal(ball.value[0, 0], [[0, 0, 0, 0], [0, 1, 0, 2], [0, 0, 0, 0], [0, 3, 0, 4]])


BAD: list[tuple[Sequence[int], str]] = [
    ([0, -1, 2], "indices[0,0,1] is -1, must be from 0 to 4"),
    ([0, 1, 5], "indices[0,0,2] is 5, must be from 0 to 4"),
    ([2**40, 1, 2], "indices[0,0,0] is 1099511627776, must be from 0 to 4"),
]


@pytest.mark.parametrize(("indices", "said"), BAD)
def test_an_index_outside_is_refused_by_name(indices: Sequence[int], said: str) -> None:
    """A negative one does not count from the end."""
    x = np.ones((1, 1, 3))
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        max_unpool(x, np.array(indices).reshape(x.shape), kernel_shape=[3], claim=Claim())
    (ball,) = max_unpool(x, np.array([[[0, 1, 4]]]), kernel_shape=[3], claim=Claim())
    assert ball.value.shape == (1, 1, 5)


@pytest.mark.parametrize("shape", [(3,), (1, 3), (1, 1, 2), (1, 3, 1), (1, 1, 4)])
def test_indices_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    said = re.escape(f"indices have shape {list(shape)}, must have [1, 1, 3], that of x")
    with pytest.raises(ValueError, match=said):
        max_unpool(np.ones((1, 1, 3)), np.zeros(shape, np.int64), kernel_shape=[3], claim=Claim())


def test_two_values_at_one_place_are_open_and_one_value_twice_is_not() -> None:
    """Whichever comes last; NaN is like NaN, 0 like -0."""
    x = np.array([[[5.0, 6, 7, 7, np.nan, np.nan, 0, -0.0, 1, np.nan, 9]]])
    indices = np.array([[[0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]]])
    (ball,) = max_unpool(x, indices, kernel_shape=[1], claim=Claim())
    assert ball.undecided is not None
    assert ball.undecided[0, 0].tolist() == [True, False, False, False, True, *[False] * 6]
    assert "which element counts" in ball.sentence
    assert inside(ball, np.array([[[8.0, 8, np.nan, 0, 8, 8, 0, 0, 0, 0, 0]]])).tolist() == [
        [[True, False, True, True, True, False, *[True] * 5]]
    ]


def test_special_values_are_copied() -> None:
    """Nothing is computed with them, so nothing is open."""
    x = np.array([[[np.nan, np.inf, -np.inf, -0.0]]], np.float32)
    (ball,) = max_unpool(x, np.array([[[6, 0, 3, 1]]]), kernel_shape=[1], strides=[2], claim=Claim())
    np.testing.assert_array_equal(ball.value[0, 0], [np.inf, 0, 0, -np.inf, 0, 0, np.nan])
    assert ball.undecided is None
    assert not inside(ball, np.full((1, 1, 7), 5.0)).any()


def test_rounded_input_is_inside_a_claim_that_casts_alone() -> None:
    """TF32 rounds the factors of products, and there are none; a gap is 0 in any type."""
    x = np.full((1, 1, 1), 1 + 2.0**-13, np.float32)
    for precision, is_inside in ((NATIVE["float32"], False), (TF32, False), (CAST_FLOAT16, True)):
        (ball,) = max_unpool(x, np.array([[[1]]]), kernel_shape=[2], claim=Claim({"float32": precision}))
        assert inside(ball, np.array([[[0.0, 1]]])).tolist() == [[[True, is_inside]]]
        assert not inside(ball, np.array([[[2.0**-13, 9]]])).any()


def test_flushed_subnormals_are_inside_a_flushing_claim_alone_and_gaps_are_0_under_any() -> None:
    x, at = np.array([[[1e-40]]], np.float32), np.array([[[1]]])
    (strict,), (flushing,) = (
        max_unpool(x, at, kernel_shape=[2], claim=Claim(flush_to_zero=flag)) for flag in (False, True)
    )
    assert inside(strict, np.zeros((1, 1, 2))).tolist() == [[[True, False]]]
    assert inside(flushing, np.zeros((1, 1, 2))).tolist() == [[[True, True]]]
    assert inside(flushing, np.full((1, 1, 2), 1e-40)).tolist() == [[[False, True]]]
