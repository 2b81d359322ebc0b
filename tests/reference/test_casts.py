"""Tensors cast to a narrower format: legal evaluations whose results the balls must hold, and numbers beyond it."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from reference import KERNELS
from reference.ball import Ball
from reference.claim import (
    BFLOAT16_FLOAT32,
    CAST_BFLOAT16,
    CAST_BFLOAT16_THROUGHOUT,
    CAST_FLOAT16,
    CAST_FLOAT16_THROUGHOUT,
    FLOAT16_FLOAT32,
    NATIVE,
    Claim,
    Precision,
)
from reference.near import Near, Steps
from tests.reference.inside import inside

BF16, F16, F32 = np.dtype(ml_dtypes.bfloat16), np.dtype("float16"), np.dtype("float32")


def cast(precision: Precision) -> Claim:
    """Float32 tensors cast."""
    return Claim({**NATIVE, "float32": precision})


def ball_of(block: str, x: Any, precision: Precision, **attributes: Any) -> Ball:
    """What float32 elements must give under a claim that casts them."""
    (ball,) = KERNELS[block](np.array(x, F32), claim=cast(precision), **attributes)
    assert isinstance(ball, Ball)
    return ball


def test_a_sigmoid_far_out_is_near_its_end_and_not_due_exactly() -> None:
    """Half of 1 + tanh, whose tanh is 5 ulp off, in float32 and in bfloat16; the ball is no wider than at 20."""
    for precision, low in ((CAST_BFLOAT16, 5.96e-7), (CAST_BFLOAT16_THROUGHOUT, 0.0098)):
        ball, near = (ball_of("sigmoid", x, precision) for x in ([1e30, -1e30, 2e5, -2e5], [20.0, -20.0]))
        assert inside(ball, np.array([1 - low, low, 1 - low, low])).all()
        assert (ball.radius <= near.radius.max()).all()


@pytest.mark.parametrize("block", ["elu", "selu"])
def test_an_exponential_far_out_is_near_its_end(block: str) -> None:
    """The constants cast; nothing else moves there, however large the error of reading x."""
    ball = ball_of(block, [-2e5, -8191.0, -1e5], CAST_BFLOAT16)
    due = -1.0 if block == "elu" else -float(BF16.type(1.67326319)) * float(BF16.type(1.05070102))
    assert inside(ball, np.full(3, due).astype(BF16)).all()
    assert (ball.radius < 0.05).all()


def test_a_hard_swish_moves_as_its_curve_does() -> None:
    """Nothing below -3, as much as x above 3, and little where it turns."""
    ball = ball_of("hard_swish", [-1e5, -1.5, 1e5], CAST_BFLOAT16)
    assert ball.radius[0] == 0
    assert ball.radius[1] < 0.02
    assert 1e5 * 2.0**-9 < ball.radius[2] < 1e5 * 2.0**-5


def test_a_hard_swish_that_may_overflow_once_cast_is_refused() -> None:
    """10917 is cast to 10920, and six times that is past 65504; six times 10917 is not."""
    with pytest.raises(OverflowError, match="float16"):
        ball_of("hard_swish", [10917.0], CAST_FLOAT16_THROUGHOUT)


def test_a_sixth_of_the_tensor_s_type_is_inside() -> None:
    """``x * (clip(x + 3, 0, 6) * s)`` in float32, s the float16 next to 1/6."""
    x = np.linspace(-3, 3, 4001).astype(F16)
    wide = x.astype(F32)
    y = (wide * (np.clip(wide + F32.type(3), 0, 6) * F32.type(F16.type(1 / 6)))).astype(F16)
    (ball,) = KERNELS["hard_swish"](x, claim=Claim({"float16": FLOAT16_FLOAT32}))
    assert isinstance(ball, Ball)
    assert inside(ball, y).all()


def test_a_slope_that_is_subnormal_in_the_cast_is_inside() -> None:
    """float16 has 2.3e-7 as 2.384e-7."""
    ball = ball_of("leaky_relu", [-4000.0], CAST_FLOAT16, alpha=2.3e-7)
    assert inside(ball, np.array([-4000 * float(F16.type(2.3e-7))]).astype(F16)).all()


@pytest.mark.parametrize(
    ("block", "attributes"),
    [
        ("clip", {"max": 1e-5}),
        ("clip", {"min": 70000.0}),
        ("pad", {"pads": [1, 1], "value": 1e-5}),
        ("pad", {"pads": [1, 1], "value": -1e5}),
    ],
)
def test_bounds_and_constants_that_the_cast_lacks_are_refused(block: str, attributes: dict[str, Any]) -> None:
    with pytest.raises(OverflowError, match="is cast to float16"):
        ball_of(block, [1.0, 2.0], CAST_FLOAT16, **attributes)


@pytest.mark.parametrize(("dtype", "precision"), [(F16, FLOAT16_FLOAT32), (BF16, BFLOAT16_FLOAT32)])
def test_sums_stored_axis_by_axis_are_inside(dtype: Any, precision: Precision) -> None:
    """Un-pooling by copying, each axis a node: its sum in float32, and stored in the tensors' type."""
    x = np.random.default_rng(5).standard_normal((1, 1, 40, 40)).astype(dtype)
    (ball,) = KERNELS["copy_unpool"](x, claim=Claim({dtype.name: precision}), kernel_shape=(2, 2), strides=(1, 1))
    assert isinstance(ball, Ball)
    total = x
    for axis in (2, 3):
        before, after = ([(0, 0)] * 4 for _ in range(2))
        before[axis], after[axis] = (0, 1), (1, 0)
        wide = total.astype(F32)
        total = (np.pad(wide, before) + np.pad(wide, after)).astype(dtype)
    line = np.array([1, *[2] * 39, 1])
    count = np.outer(line, line)
    y = (total.astype(F32) / count.astype(F32)).astype(dtype)
    assert inside(ball, y.astype(np.float64)).all()


@pytest.mark.parametrize(("dtype", "precision"), [(F16, FLOAT16_FLOAT32), (BF16, BFLOAT16_FLOAT32)])
def test_shares_that_are_stored_are_inside(dtype: Any, precision: Precision) -> None:
    """The derivative of average pooling: dY / 3 stored, then added in float32."""
    dy = np.random.default_rng(6).standard_normal((1, 1, 400)).astype(dtype)
    (ball,) = KERNELS["average_pool_gradient"](
        dy, claim=Claim({dtype.name: precision}), extent=(402,), kernel_shape=(3,)
    )
    assert isinstance(ball, Ball)
    share = (dy.astype(F32) / F32.type(3)).astype(dtype).astype(F32)
    y = sum(np.pad(share, [(0, 0), (0, 0), (k, 2 - k)]) for k in range(3))
    assert inside(ball, np.asarray(y).astype(dtype).astype(np.float64)).all()


def test_a_bound_that_is_no_number_is_an_error() -> None:
    """Once it was taken for 0, which asks for equality."""
    steps = Steps(Claim(), F32)
    for error in (np.nan, np.inf):
        with pytest.raises(ArithmeticError, match="not finite"):
            steps.stored(Near(np.array([1.0]), np.array([error])))
    assert steps.stored(Near(np.array([np.inf]), np.array([np.nan]))).tolist() == [0.0]


def test_quantised_sums_are_not_cast_to_float16() -> None:
    """They leave its range."""
    one, zero = np.ones((1, 1, 3), np.uint8), np.array(0, np.uint8)
    scale = np.array(1, F32)
    operands = (one, scale, zero, one, scale, zero, scale, zero)
    with pytest.raises(OverflowError, match="may leave float16"):
        KERNELS["qlinear_conv"](*operands, claim=cast(CAST_FLOAT16))
    KERNELS["qlinear_conv"](*operands, claim=cast(CAST_BFLOAT16))
