"""ConvTranspose against scattering loops, fractions, rounded sums in several orders, and as the adjoint of Conv."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import Claim
from reference.conv_transpose import conv_transpose
from tests.reference import test_conv
from tests.reference.inside import inside
from tests.reference.loops import Ints
from tests.reference.sums import DATA, ORDERS, assert_inside, fused, operands

CLAIM = Claim()
# name -> (shape of x, shape of w, attributes)
SETTINGS: dict[str, tuple[Ints, Ints, dict[str, Any]]] = {
    "1d": ((2, 3, 4), (3, 2, 3), {}),
    "1d 1x1": ((1, 4, 5), (4, 3, 1), {}),
    "1d one element": ((1, 2, 1), (2, 2, 4), {"strides": (3,)}),
    "1d stride": ((1, 2, 4), (2, 2, 3), {"strides": (2,)}),
    "1d stride above kernel": ((1, 2, 3), (2, 1, 2), {"strides": (4,)}),
    "1d begin pad only": ((1, 1, 5), (1, 1, 3), {"pads": (2, 0)}),
    "1d end pad only": ((1, 1, 5), (1, 1, 3), {"pads": (0, 2)}),
    "1d pads past the kernel": ((1, 2, 9), (2, 1, 3), {"pads": (4, 5)}),
    "1d all but one element cut": ((1, 1, 3), (1, 1, 3), {"pads": (2, 2)}),
    "1d dilation": ((1, 2, 5), (2, 2, 3), {"dilations": (3,), "pads": (2, 3)}),
    "1d dilation and stride": ((1, 2, 5), (2, 2, 3), {"dilations": (2,), "strides": (3,)}),
    "1d dilation and stride with a common factor": ((1, 1, 4), (1, 2, 3), {"dilations": (2,), "strides": (4,)}),
    "1d output_padding": ((1, 1, 4), (1, 2, 3), {"strides": (3,), "output_padding": (2,)}),
    "1d output_padding past the kernel": ((1, 1, 3), (1, 1, 1), {"strides": (4,), "output_padding": (3,)}),
    "1d output_padding below the dilation": ((1, 1, 3), (1, 1, 2), {"dilations": (3,), "output_padding": (2,)}),
    "1d output_padding and pads": ((1, 1, 4), (1, 1, 3), {"strides": (2,), "output_padding": (1,), "pads": (1, 1)}),
    "2d": ((2, 3, 3, 4), (3, 4, 3, 2), {}),
    "2d strides differ": ((1, 2, 3, 4), (2, 3, 3, 2), {"strides": (2, 1)}),
    "2d four pads": ((1, 2, 4, 5), (2, 2, 3, 2), {"pads": (1, 0, 3, 2)}),
    "2d output_shape, odd": ((1, 1, 3, 3), (1, 2, 3, 3), {"strides": (3, 2), "output_shape": (8, 6)}),
    "2d output_shape, even": ((1, 1, 3, 3), (1, 2, 3, 3), {"strides": (3, 2), "output_shape": (7, 5)}),
    "2d output_shape, output_padding": (
        (1, 1, 3, 3), (1, 2, 3, 3), {"strides": (3, 2), "output_padding": (1, 1), "output_shape": (9, 8)},
    ),
    "2d output_shape, pads ignored": (
        (1, 1, 3, 3), (1, 1, 3, 3), {"strides": (3, 2), "output_shape": (8, 5), "pads": (9, 9, 9, 9)},
    ),
    "2d output_shape, SAME_UPPER": (
        (1, 1, 3, 4), (1, 1, 3, 4), {"strides": (2, 1), "output_shape": (6, 4), "auto_pad": "SAME_UPPER"},
    ),
    "2d SAME_UPPER, odd padding": ((1, 1, 3, 4), (1, 2, 2, 4), {"auto_pad": "SAME_UPPER"}),
    "2d SAME_LOWER, odd padding": ((1, 1, 3, 4), (1, 2, 2, 4), {"auto_pad": "SAME_LOWER"}),
    "2d SAME_UPPER, stride": ((1, 2, 3, 4), (2, 1, 3, 4), {"auto_pad": "SAME_UPPER", "strides": (2, 3)}),
    "2d SAME_LOWER, stride, output_padding": (
        (1, 2, 3, 4), (2, 1, 3, 4), {"auto_pad": "SAME_LOWER", "strides": (2, 3), "output_padding": (1, 2)},
    ),
    "2d VALID": ((1, 2, 3, 4), (2, 2, 3, 2), {"auto_pad": "VALID", "strides": (2, 2)}),
    "2d groups": ((2, 6, 3, 4), (6, 2, 2, 2), {"group": 2}),
    "2d depthwise": ((2, 3, 4, 4), (3, 1, 3, 3), {"group": 3, "pads": (1, 1, 1, 1)}),
    "2d depthwise multiplier": ((1, 3, 4, 4), (3, 2, 2, 3), {"group": 3, "kernel_shape": (2, 3)}),
    "3d": ((1, 2, 3, 2, 3), (2, 2, 2, 3, 2), {}),
    "3d all at once": (
        (1, 4, 3, 2, 3), (4, 1, 2, 2, 3),
        {"strides": (2, 1, 3), "pads": (1, 0, 2, 0, 1, 1), "dilations": (1, 3, 2), "group": 2,
         "output_padding": (1, 2, 2)},
    ),
}  # fmt: skip


def naive(
    x: NDArray[Any], w: NDArray[Any], b: NDArray[Any] | None = None, *, group: int = 1, **attributes: Any
) -> NDArray[Any]:
    """Every product put where it belongs, in the arithmetic of the elements."""
    rank, depth, width = x.ndim - 2, x.shape[1] // group, w.shape[1]
    strides, gaps = (attributes.get(name) or (1,) * rank for name in ("strides", "dilations"))
    begins, sizes = [], []
    for i in range(rank):
        whole = strides[i] * (x.shape[2 + i] - 1) + (w.shape[2 + i] - 1) * gaps[i] + 1
        whole += (attributes.get("output_padding") or (0,) * rank)[i]
        pads = attributes.get("pads") or (0,) * 2 * rank
        begin, size = pads[i], whole - pads[i] - pads[rank + i]
        mode = attributes.get("auto_pad", "NOTSET")
        if attributes.get("output_shape") or mode.startswith("SAME"):
            size = (attributes.get("output_shape") or [n * s for n, s in zip(x.shape[2:], strides, strict=True)])[i]
            total = whole - size
            begin = total // 2 if mode == "SAME_UPPER" else total - total // 2
        begins.append(begin)
        sizes.append(size)
    y = np.full((len(x), width * group, *sizes), 0, object)
    if b is not None:
        y += b.reshape(-1, *[1] * rank)
    for n, c, m in product(range(len(x)), range(x.shape[1]), range(width)):
        for at, tap in product(np.ndindex(x.shape[2:]), np.ndindex(w.shape[2:])):
            to = tuple(at[i] * strides[i] + tap[i] * gaps[i] - begins[i] for i in range(rank))
            if all(0 <= p < size for p, size in zip(to, sizes, strict=True)):
                y[(n, c // depth * width + m, *to)] += x[(n, c, *at)] * w[(c, m, *tap)]
    return y


def drawn(shape: Ints, seed: int) -> NDArray[Any]:
    """Small integers, as Python's own."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(object)


@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("name", SETTINGS)
def test_equals_loops(name: str, has_bias: bool) -> None:
    """On integers the value is exact and so is every sum: nothing but equality is admissible."""
    x_shape, w_shape, attributes = SETTINGS[name]
    x, w = drawn(x_shape, 1), drawn(w_shape, 2)
    b = drawn((w_shape[1] * attributes.get("group", 1),), 3) if has_bias else None
    (ball,) = conv_transpose(*(a.astype(np.float32) for a in (x, w, b) if a is not None), claim=CLAIM, **attributes)
    due = naive(x, w, b, **attributes)
    assert ball.value.shape == due.shape
    np.testing.assert_array_equal(ball.value, due.astype(np.float64))
    assert not ball.radius.any()
    assert ball.undecided is None


@pytest.mark.parametrize("seed", range(150))
def test_is_the_adjoint_of_conv(seed: int) -> None:
    """<conv(x), y> = <x, deconv(y)> in whole numbers, with the same W; conv by loops, and both ways round."""
    source = Random(seed)
    rank, group = source.randint(1, 2), source.choice((1, 2, 3))

    def ints(low: int, high: int, length: int = rank) -> Ints:
        return tuple(source.randint(low, high) for _ in range(length))

    channels, filters = group * source.randint(1, 2), group * source.randint(1, 2)
    window: dict[str, Any]
    kernel, window = ints(1, 3), {"strides": ints(1, 4), "dilations": ints(1, 3), "pads": ints(0, 3, 2 * rank)}
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, window["dilations"], strict=True)]
    extent = tuple(r + more for r, more in zip(reach, ints(0, 5), strict=True))
    x, w = drawn((2, channels, *extent), seed), drawn((filters, channels // group, *kernel), seed + 1)
    there = test_conv.naive(x, w, None, group, **window)
    y = drawn(there.shape, seed + 2)
    # what a stride left over at the end of x comes back as output_padding, always below the stride
    spans = [extent[i] + window["pads"][i] + window["pads"][rank + i] - reach[i] for i in range(rank)]
    rest = tuple(span % stride for span, stride in zip(spans, window["strides"], strict=True))
    (back,) = conv_transpose(
        y.astype(np.float64), w.astype(np.float64), claim=CLAIM, group=group, output_padding=rest, **window
    )
    assert back.value.shape == x.shape
    assert not back.radius.any()
    assert int((there * y).sum()) == int((x * back.value.astype(np.int64)).sum())


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["1d dilation and stride", "2d groups", "2d SAME_UPPER, stride", "3d all at once"])
def test_ball_holds_the_exact_sum(name: str, dtype: str) -> None:
    """Full significands: the reference rounds too, and the radius covers that."""
    x_shape, w_shape, attributes = SETTINGS[name]
    source = np.random.default_rng(4)
    shapes = (x_shape, w_shape, (w_shape[1] * attributes.get("group", 1),))
    x, w, b = (source.standard_normal(s).astype(dtype) for s in shapes)
    (ball,) = conv_transpose(x, w, b, claim=CLAIM, **attributes)
    exact = naive(*(np.vectorize(lambda v: Fraction(float(v)), otypes=[object])(a) for a in (x, w, b)), **attributes)
    for value, radius, due in zip(ball.value.flat, ball.radius.flat, exact.flat, strict=True):
        assert abs(Fraction(value) - due) <= Fraction(radius)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("length", [1, 2, 9, 300])
def test_any_order_is_inside(length: int, data: str, dtype: str) -> None:
    """All products land on one element: channels alone, and taps that a stride of 1 brings together."""
    x, w, b = operands(data, dtype, length)
    by_channel = conv_transpose(x[:, :, None], w[:, None, None], b, claim=CLAIM)[0]
    pads = (length - 1, length - 1)
    by_tap = conv_transpose(x[:, None, ::-1].copy(), w[None, None, :], b, claim=CLAIM, pads=pads)[0]
    terms = np.concatenate([x * w, np.broadcast_to(b, (len(x), 1))], axis=1)
    for ball in (by_channel, by_tap):
        assert ball.value.shape == (len(x), 1, 1)
        for order, add in ORDERS.items():
            assert_inside(ball, add(terms), order)
    if dtype != "float64":
        assert_inside(by_tap, (fused(x, w) + b).astype(dtype), "fused")


def test_nan_is_due_where_it_lands_and_nowhere_else() -> None:
    x = np.ones((1, 1, 4), np.float32)
    x[0, 0, 1] = np.nan
    (ball,) = conv_transpose(x, np.ones((1, 1, 2), np.float32), claim=CLAIM, strides=(3,))
    np.testing.assert_array_equal(np.isnan(ball.value[0, 0]), [False] * 3 + [True] * 2 + [False] * 6)
    assert ball.undecided is None
    assert not inside(ball, np.nan_to_num(ball.value))[0, 0, 3:5].any()


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_non_finite_weight_is_undecided_where_no_element_meets_it(bad: float) -> None:
    """0 times it in a convolution over zeros, nothing where products are scattered; elsewhere arithmetic decides."""
    w = np.ones((1, 2, 2), np.float32)
    w[0, 1, 1] = bad
    (ball,) = conv_transpose(np.ones((1, 1, 3), np.float32), w, claim=CLAIM, strides=(2,), output_padding=(1,))
    assert ball.undecided is not None
    assert not ball.undecided[0, 0].any(), "a filter of finite weights is decided"
    np.testing.assert_array_equal(ball.undecided[0, 1], [True, False, True, False, True, False, True])
    np.testing.assert_array_equal(ball.value[0, 1, 1::2], [bad] * 3)
    assert "meets no input element" in ball.sentence


def test_partial_sums_that_may_overflow_are_refused() -> None:
    x = np.full((1, 2, 3), 60000, np.float16)
    with pytest.raises(OverflowError, match="float16"):
        conv_transpose(x, np.ones((2, 1, 1), np.float16), claim=CLAIM)
