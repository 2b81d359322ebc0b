"""The convolution of codes by loops in fractions, ties, padding, and the integer way of fused kernels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from conformance.problem import Problem
from graphs.grid import Case, cases
from reference.ball import Ball
from reference.claim import Claim
from reference.qdq_conv import qdq_conv
from tests.reference.inside import inside

Array = NDArray[Any]


def exact(
    x: Array, w: Array, b: Array | None, group: int, pads: tuple[int, int], stride: int, numbers: Any
) -> Iterator[Any]:
    """(place, quotient) of each element in one dimension, in fractions; ``numbers`` has scales and zero points."""
    sx, zx, sw, zw, sy = numbers
    width, taps = x.shape[2], w.shape[2]
    count = (width + sum(pads) - taps) // stride + 1
    each, depth = len(w) // group, w.shape[1]
    for n, m, o in itertools.product(range(len(x)), range(len(w)), range(count)):
        total = Fraction(0)
        unit = Fraction(float(sx)) * Fraction(float(sw[m % len(sw)]))
        for c, k in itertools.product(range(depth), range(taps)):
            at = o * stride + k - pads[0]
            if 0 <= at < width:
                total += (int(x[n, m // each * depth + c, at]) - zx) * (int(w[m, c, k]) - int(zw[m % len(zw)])) * unit
        if b is not None:
            total += int(b[m]) * Fraction(float(np.float32(float(sx) * float(sw[m % len(sw)]))))
        yield (n, m, o), total / Fraction(float(sy))


@pytest.mark.parametrize("group", [1, 2])
@pytest.mark.parametrize("per_filter", [False, True])
@pytest.mark.parametrize("scales", [(0.5, 0.25, 2.0), (0.1, 0.3, 1.7)])
def test_equals_a_loop(group: int, *, per_filter: bool, scales: tuple[float, float, float]) -> None:
    """One code each by powers of two, ties to even; otherwise the code of the exact quotient is among the balls."""
    source = np.random.default_rng(group)
    x = source.integers(0, 255, (2, 4, 21)).astype("uint8")
    w = source.integers(-3, 3, (6, 4 // group, 3)).astype("int8")
    b = source.integers(-300, 300, 6).astype("int32")
    sx, sw, sy = (np.float32(s) for s in scales)
    factor = np.array([1, 2, 4, 0.5, 1, 0.25], "float32")
    w_scale = sw * factor if per_filter else np.array(sw)
    w_zero = np.array([1, 0, -5, 3, 9, -8] if per_filter else 0).astype("int8")
    b_scale = (sx * w_scale).astype("float32")
    (ball,) = qdq_conv(
        x, w, b, x_scale=np.array(sx), x_zero_point=np.array(131, "uint8"), w_scale=w_scale, w_zero_point=w_zero,
        b_scale=b_scale, y_scale=np.array(sy * 4), y_zero_point=np.array(-3, "int8"), claim=Claim(), group=group,
        pads=(1, 2), strides=(2,),
    )  # fmt: skip
    numbers = (sx, 131, w_scale.reshape(-1), w_zero.reshape(-1), sy * 4)
    seen, ties = 0, 0
    for place, v in exact(x, w, b, group, (1, 2), 2, numbers):
        code = min(max(round(v) - 3, -128), 127)  # Python rounds halves to even
        assert code in {int(one.value[place]) for one in (ball, *ball.others)}
        ties += v.denominator == 2
        seen += -128 < code < 127
    assert seen > 20
    if scales[0] == 0.5:
        assert ball.others == ()
        assert ties
    assert not ball.radius.any()


def test_padding_is_the_number_0() -> None:
    """Which is the zero point as a code, and so adds nothing."""
    x, w = np.full((1, 1, 1), 200, "uint8"), np.full((1, 1, 3), 1, "int8")
    one = np.array(1, "float32")
    (ball,) = qdq_conv(
        x, w, x_scale=one, x_zero_point=np.array(100, "uint8"), w_scale=one, w_zero_point=np.array(0, "int8"),
        y_scale=one, y_zero_point=np.array(0, "uint8"), claim=Claim(), pads=(1, 1),
    )  # fmt: skip
    assert ball.value.tolist() == [[[100]]]


def test_sums_beyond_32_bits_are_refused() -> None:
    x, w = np.full((1, 2**16, 1), 255, "uint8"), np.full((1, 2**16, 1), -128, "int8")
    one = np.array(1, "float32")
    numbers: dict[str, Any] = {"x_scale": one, "w_scale": one, "y_scale": one, "y_zero_point": np.array(0, "int8")}
    with pytest.raises(OverflowError, match="beyond 32 bits"):
        qdq_conv(
            x, w, x_zero_point=np.array(0, "uint8"), w_zero_point=np.array(127, "int8"), claim=Claim(), **numbers
        )  # fmt: skip


def fused(case: Case, multiplier: str) -> Array:
    """An integer convolution, B in units of the product of scales, and one product with a multiplier."""
    given: dict[str, Any] = dict(Problem(case).operands)
    unit: dict[str, Any] = {name: np.array(1, "float32") for name in ("x_scale", "w_scale", "y_scale")}
    keep: dict[str, Any] = {name: given[name] for name in ("x_zero_point", "w_zero_point")}
    attributes: dict[str, Any] = dict(case.spec.meaning())
    wide: dict[str, Any] = {"y_zero_point": np.array(0, "int32"), "claim": Claim()}
    (sums,) = qdq_conv(given["x"], given["w"], **unit, **keep, **wide, **attributes)
    spread = [-1, *[1] * (given["x"].ndim - 2)]
    total = sums.value + (given["b"].reshape(spread) if "b" in given else 0)
    sx, sw, sy = (given[name].astype(multiplier) for name in ("x_scale", "w_scale", "y_scale"))
    factor = (sx * sw / sy).reshape(spread if given["w_scale"].ndim else ())
    scaled = np.rint((total.astype(multiplier) * factor).astype("float64")) + float(given["y_zero_point"])
    ends = np.iinfo(given["y_zero_point"].dtype)
    return np.asarray(scaled.clip(ends.min, ends.max))


@pytest.mark.parametrize("multiplier", ["float32", "float64"])
def test_a_fused_kernel_is_inside_and_most_cases_tell_codes_apart(multiplier: str) -> None:
    """Over all cases of the grid; one code up is outside but beside ties and at the end."""
    telling = 0
    for case in cases("qdq_conv", "quick"):
        (ball,) = Problem(case).expected(Claim())
        assert isinstance(ball, Ball)
        y = fused(case, multiplier)
        assert inside(ball, y).all(), case.id
        ends = np.iinfo(case.spec.outputs()["y"][0])
        middle = (y > ends.min) & (y < ends.max)
        telling += bool(middle.mean() > 0.2)
        if not ball.others:
            assert not inside(ball, y + 1).any()
    assert telling > len(cases("qdq_conv", "quick")) / 3
