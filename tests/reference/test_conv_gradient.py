"""The derivatives of convolution: nested loops, the identity of adjoints, torch's autograd, what texts leave open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import NATIVE, TF32, Claim
from reference.conv import conv
from reference.conv_gradient import PADDED, UNMET, conv_gradient
from tests.reference.derivatives import WINDOWS, derivatives, fractions, torch, whole
from tests.reference.inside import inside
from tests.reference.loops import shape_of, windows

CLAIM = Claim()
CONVOLUTIONS = {1: torch.nn.functional.conv1d, 2: torch.nn.functional.conv2d, 3: torch.nn.functional.conv3d}
# (extent, channels, filters, attributes)
SETTINGS: dict[str, tuple[tuple[int, ...], int, int, dict[str, Any]]] = {
    "plain": ((5,), 1, 1, {"kernel_shape": (2,)}),
    "two axes, channels": ((5, 4), 3, 2, {"kernel_shape": (3, 2)}),
    "strides and asymmetric pads": ((6, 5), 2, 3, {"kernel_shape": (3, 2), "strides": (2, 3), "pads": (1, 0, 0, 2)}),
    "dilations": ((7, 6), 1, 2, {"kernel_shape": (2, 3), "dilations": (3, 2), "pads": (1, 1, 2, 0)}),
    "strides and dilations": ((9,), 2, 2, {"kernel_shape": (3,), "strides": (2,), "dilations": (3,), "pads": (2, 1)}),
    "stride above kernel": ((9,), 1, 2, {"kernel_shape": (2,), "strides": (4,)}),
    "pads past the kernel": ((3,), 1, 1, {"kernel_shape": (2,), "pads": (3, 4)}),
    "groups": ((5,), 4, 6, {"kernel_shape": (2,), "group": 2, "strides": (2,)}),
    "depthwise": ((4, 4), 3, 6, {"kernel_shape": (2, 2), "group": 3, "pads": (1, 1, 1, 1)}),
    "SAME_UPPER": ((6,), 2, 1, {"kernel_shape": (4,), "auto_pad": "SAME_UPPER", "strides": (2,)}),
    "SAME_LOWER": ((7,), 1, 1, {"kernel_shape": (2,), "auto_pad": "SAME_LOWER"}),
    "three axes": ((3, 4, 3), 2, 2, {"kernel_shape": (2, 3, 2), "strides": (1, 2, 1), "pads": (0, 1, 0, 1, 0, 1)}),
}
Arrays = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


def operands(setting: str, dtype: str = "float32", batch: int = 2) -> tuple[Arrays, dict[str, Any]]:
    """Small whole numbers for x, w and dy, and the attributes."""
    extent, channels, filters, attributes = SETTINGS[setting]
    group = attributes.get("group", 1)
    layout = [position for position, _ in windows(extent, **window_of(attributes))]
    shapes = [(batch, channels, *extent), (filters, channels // group, *attributes["kernel_shape"])]
    shapes.append((batch, filters, *shape_of(layout)))
    x, w, dy = (whole(shape, 9, dtype, seed) for seed, shape in enumerate(shapes))
    return (x, w, dy), attributes


def window_of(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes of the window alone."""
    return {name: value for name, value in attributes.items() if name != "group"}


def balls(x: NDArray[Any], w: NDArray[Any], dy: NDArray[Any], claim: Claim = CLAIM, **attributes: Any) -> list[Ball]:
    """DX, dW and dB."""
    return list(conv_gradient(x, w, dy, claim=claim, outputs=3, **attributes))


def naive(x: NDArray[Any], w: NDArray[Any], dy: NDArray[Any], *, group: int = 1, **window: Any) -> list[NDArray[Any]]:
    """Product after product."""
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(len(w))
    inputs, outputs = x.shape[1] // group, len(w) // group
    for n, m in np.ndindex(len(x), len(w)):
        for position, taps in windows(x.shape[2:], **window):
            arrived = dy[(n, m, *position)]
            db[m] += arrived
            for tap in taps:
                for c in range(inputs) if tap.is_inside else ():
                    source = (n, m // outputs * inputs + c, *tap.point)
                    dx[source] += w[(m, c, *tap.place)] * arrived
                    dw[(m, c, *tap.place)] += x[source] * arrived
    return [dx, dw, db]


@pytest.mark.parametrize("setting", SETTINGS)
def test_values_by_nested_loops(setting: str) -> None:
    given, attributes = operands(setting)
    for ball, due in zip(balls(*given, **attributes), naive(*given, **attributes), strict=True):
        np.testing.assert_array_equal(ball.value, due)
        assert not ball.radius.any()
        assert ball.undecided is None


@pytest.mark.parametrize("setting", SETTINGS)
def test_both_are_adjoint_to_the_convolution(setting: str) -> None:
    """<conv(x, w), dy> = <x, dx> = <w, dw>, exactly in whole numbers."""
    (x, w, dy), attributes = operands(setting, "float64")
    (y,) = conv(x, w, claim=CLAIM, **attributes)
    dx, dw, _ = balls(x, w, dy, **attributes)
    due = (y.value * dy).sum()
    assert (x * dx.value).sum() == due
    assert (w * dw.value).sum() == due


def test_the_bias_is_asked_for() -> None:
    given, attributes = operands("plain")
    assert len(conv_gradient(*given, claim=CLAIM, **attributes)) == 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("group", [1, 2])
@pytest.mark.parametrize(("extent", "window"), WINDOWS, ids=str)
def test_torch(extent: tuple[int, ...], window: dict[str, Any], group: int, dtype: str) -> None:
    given = {
        "stride": window["strides"], "dilation": window["dilations"], "padding": window["pads"][: len(extent)],
        "groups": group,
    }  # fmt: skip

    def forward(x: Any, w: Any, b: Any) -> Any:
        return CONVOLUTIONS[len(extent)](x, w, b, **given)

    x = fractions((2, 4, *extent), dtype, 3)
    w = fractions((6, 4 // group, *window["kernel_shape"]), dtype, 4)
    b = fractions((6,), dtype, 5)
    dy, found = derivatives(forward, [x, w, b], lambda shape: fractions(shape, dtype, 6))
    for ball, actual in zip(balls(x, w, dy, group=group, **window), found, strict=True):
        assert inside(ball, actual).all()
        assert ball.radius.max() < 2.0**-10 * np.abs(ball.value).max()


def test_sums_in_the_tensors_own_type_are_inside_and_narrower_ones_are_not() -> None:
    """Added one after the other, from either end."""
    x, w, dy = (
        fractions((1, 1, 40), "float32", 1),
        fractions((1, 1, 9), "float32", 2),
        fractions((1, 1, 32), "float32", 3),
    )
    _, dw, db = balls(x, w, dy)
    for step in (1, -1):
        total, bias = np.float32(0), np.float32(0)
        for o in range(32)[::step]:
            total, bias = total + x[0, 0, o] * dy[0, 0, o], bias + dy[0, 0, o]
        assert abs(total - dw.value[0, 0, 0]) <= dw.radius[0, 0, 0]
        assert abs(bias - db.value[0]) <= db.radius[0]
    narrow = balls(x, w, dy.astype(np.float16).astype(np.float32))
    assert abs(narrow[1].value - dw.value).max() > dw.radius.max()


def test_tf32_may_round_every_operand() -> None:
    x, w, dy = (
        fractions((2, 2, 9), "float32", 1),
        fractions((2, 2, 3), "float32", 2),
        fractions((2, 2, 7), "float32", 3),
    )

    def narrow(a: NDArray[Any]) -> NDArray[Any]:
        fraction, exponent = np.frexp(a)
        return np.asarray(np.ldexp(np.rint(np.ldexp(fraction, 11)), exponent - 11).astype(np.float32))

    read = balls(narrow(x), narrow(w), narrow(dy))
    claimed = balls(x, w, dy, Claim({**NATIVE, "float32": TF32}))
    for wide, native, actual in zip(claimed, balls(x, w, dy), read, strict=True):
        assert inside(wide, actual.value).all()
        assert not inside(native, actual.value).all()


def test_a_flushed_operand_is_inside() -> None:
    x, w, dy = (
        np.full((1, 1, 2), 2.0**-130, np.float32),
        np.ones((1, 1, 1), np.float32),
        np.full((1, 1, 2), 2, np.float32),
    )
    zeros = [np.full((1, 1, 2), 2.0), np.zeros((1, 1, 1)), np.array([4.0])]
    for claim, is_inside in ((Claim(flush_to_zero=True), True), (CLAIM, False)):
        found = [inside(ball, a).all() for ball, a in zip(balls(x, w, dy, claim), zeros, strict=True)]
        assert found == [True, is_inside, True]


def test_a_weight_that_is_not_finite_and_meets_nothing_is_open() -> None:
    """A stride of 2: even elements meet the first tap alone, odd ones the second, which is infinite."""
    x, dy = np.ones((1, 1, 4), np.float32), np.array([[[3, 5]]], np.float32)
    w = np.array([[[1, np.inf]]], np.float32)
    dx, dw, db = balls(x, w, dy, strides=(2,))
    assert dx.undecided is not None
    assert dx.sentence == UNMET
    np.testing.assert_array_equal(dx.undecided, [[[True, False, True, False]]])
    np.testing.assert_array_equal(dx.value[0, 0, 1::2], [np.inf, np.inf])
    assert dw.undecided is None
    assert db.undecided is None


def test_what_arrives_not_finite_and_meets_padding_is_open_in_dw() -> None:
    x, w = np.ones((1, 1, 3), np.float32), np.ones((1, 1, 2), np.float32)
    dx, dw, db = balls(x, w, np.array([[[np.inf, 1, 1]]], np.float32), pads=(1, 0))
    assert dw.undecided is not None
    assert dw.sentence == PADDED
    np.testing.assert_array_equal(dw.undecided, [[[True, False]]])
    assert dw.value[0, 0, 1] == np.inf
    assert dx.undecided is None
    np.testing.assert_array_equal(dx.value, [[[np.inf, 2, 1]]])
    np.testing.assert_array_equal(db.value, [np.inf])


def test_zero_times_infinity_is_nan() -> None:
    """Where both are there; an element that no window reads gets 0."""
    x, w = np.array([[[0, 1, 1]]], np.float32), np.zeros((1, 1, 1), np.float32)
    dx, dw, _ = balls(x, w, np.array([[[np.inf, 1]]], np.float32), strides=(2,))
    np.testing.assert_array_equal(dx.value, [[[np.nan, 0, 0]]])
    np.testing.assert_array_equal(dw.value, [[[np.nan]]])


def test_a_sum_beyond_the_type_is_not_planned() -> None:
    big = np.full((1, 1, 2), 200, np.float16)
    with pytest.raises(OverflowError):
        balls(big, np.ones((1, 1, 1), np.float16), big)
