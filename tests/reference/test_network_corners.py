"""Corners of the networks' bound: evaluations that a claim admits, each at an end where a narrower ball would fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import (
    BFLOAT16,
    CAST_FLOAT16,
    FLOAT16,
    FLOAT16_FLOAT32,
    FLOAT32,
    FLOAT64,
    NATIVE,
    TF32,
    Claim,
    NoBound,
    Precision,
)  # fmt: skip
from reference.network import network
from reference.rounding import rounded
from tests.reference.inside import inside as elements_inside

Array = NDArray[Any]
ABOVE = 1 + 2.0**-11 - 2.0**-20  # rounded to 11 bits it loses nearly 2^-11
NORM: Any = ("BatchNormalization", ["c", "scale", "shift", "mean", "var"], ["y"], {})
ALONE: Any = ("BatchNormalization", ["x", "scale", "shift", "mean", "var"], ["y"], {})


def found(precision: Precision, dtype: str, *steps: Any, results: Any = ("y",), **operands: Any) -> Ball:
    """The last result's ball; operands are numbers or arrays."""
    given: dict[str, Array] = {name: np.asarray(value, dtype) for name, value in operands.items()}
    claim = Claim({**NATIVE, dtype: precision})
    return network(claim=claim, steps=steps, results=results, **given)[-1]


def inside(ball: Ball, got: Any) -> bool:
    """Whether every element is."""
    return bool(elements_inside(ball, np.broadcast_to(got, ball.value.shape)).all())


def eleven(a: Any) -> Array:
    """Rounded to 11 bits."""
    return rounded(np.asarray(a, np.float64), 11, "nearest, ties to even")


def pixels(*values: float) -> Array:
    """One pixel of some channels."""
    return np.array(values).reshape(1, -1, 1, 1)


@pytest.mark.parametrize(("op", "shape"), [("Conv", (1, 1, 1, 1)), ("ConvTranspose", (1, 1, 1, 1)), ("Gemm", (1, 1))])
def test_a_weight_that_is_read_in_fewer_bits_is_not_exact(op: str, shape: tuple[int, ...]) -> None:
    """4097 has 13 bits, TF32 11, though the sum fits the accumulator."""
    x, w = np.ones(shape), np.full(shape, 4097)
    assert inside(found(TF32, "float32", (op, ["x", "w"], ["y"], {}), x=x, w=w), eleven(4097))
    assert not found(TF32, "float32", (op, ["x", "w"], ["y"], {}), x=x, w=w // 3).radius.any()
    b = np.full(shape[:1], 4097)
    assert inside(found(TF32, "float32", (op, ["x", "w", "b"], ["y"], {}), x=x, w=x, b=b), 1 + eleven(4097))


@pytest.mark.parametrize("op", ["Mul", "Add"])
def test_a_folded_constant_may_need_more_bits_than_its_parts(op: str) -> None:
    """1025 has 11 bits; 1025 * 1025 and 1025 + 2048 have more, and a convolution under TF32 reads them in 11."""
    by, w = (1025, 1025 * 1025) if op == "Mul" else (2048 - 2, 1025 + 2046)
    steps: list[Any] = [("Conv", ["x", "w", "b"], ["c"], {}), (op, ["c", "k"], ["y"], {})]
    kernel, bias = (1025, 0) if op == "Mul" else (0, 1025)
    ball = found(TF32, "float32", *steps, x=pixels(1), w=pixels(kernel), b=[bias], k=pixels(by))
    assert inside(ball, eleven(w))
    assert not found(TF32, "float32", *steps, x=pixels(1), w=pixels(3), b=[5], k=pixels(7)).radius.any()


def test_batch_normalisation_multiplies() -> None:
    """TF32 reads the factors of a product in 11 bits, also where it is a layer's of its own."""
    norm = {"scale": [ABOVE], "shift": [0.0], "mean": [0.0], "var": [1.0]}
    ball = found(TF32, "float32", ALONE, x=pixels(1), **norm)
    assert inside(ball, eleven(ABOVE / np.sqrt(1 + 1e-5)))
    scaled = found(TF32, "float32", ("Mul", ["x", "c"], ["y"], {}), x=pixels(1), c=pixels(ABOVE))
    assert inside(scaled, eleven(ABOVE))


def test_constants_are_cast_where_tensors_are() -> None:
    below = 1 + 2.0**-11 + 2.0**-20  # rounded up
    norm = {"scale": [ABOVE], "shift": [2 * ABOVE], "mean": [-ABOVE], "var": [below]}
    got = (1 + eleven(ABOVE)) * eleven(ABOVE) / np.sqrt(eleven(below) + 1e-5) + eleven(2 * ABOVE)
    assert inside(found(CAST_FLOAT16, "float32", ALONE, x=pixels(1), **norm), eleven(got))
    shift = found(CAST_FLOAT16, "float32", ("Add", ["x", "c"], ["y"], {}), x=pixels(0), c=pixels(ABOVE))
    assert inside(shift, eleven(ABOVE))
    twice = found(CAST_FLOAT16, "float32", ("Add", ["x", "c"], ["y"], {}), x=pixels(1), c=pixels(2 + ABOVE / 512))
    assert inside(twice, eleven(1 + eleven(2 + ABOVE / 512)))
    clipped = found(CAST_FLOAT16, "float32", ("Clip", ["x"], ["y"], {"low": 0.0, "high": ABOVE}), x=pixels(8))
    assert inside(clipped, eleven(ABOVE))


def test_clip_has_its_bounds_in_the_tensors_type() -> None:
    ball = found(FLOAT16, "float16", ("Clip", ["x"], ["y"], {"low": -0.3, "high": 0.1}), x=pixels(1, -1))
    np.testing.assert_array_equal(ball.value.ravel(), np.array([0.1, -0.3], np.float16))
    assert not ball.radius.any()


def test_folded_weights_that_are_stored_are_rounded_as_results_are() -> None:
    """Not as sums are: every step of the folding is stored in float16, though the sums are float32."""
    w, scale, var = (1 + np.ldexp(np.random.default_rng(3).integers(0, 1024, (3, 1 << 14)), -10)).astype(np.float64)
    s = eleven(scale / eleven(np.sqrt(eleven(var + 1e-5))))
    norm = {"scale": scale, "shift": 0 * scale, "mean": 0 * scale, "var": var}
    steps: list[Any] = [("Conv", ["x", "w"], ["c"], {}), NORM]
    ball = found(FLOAT16_FLOAT32, "float16", *steps, x=pixels(1), w=w.reshape(-1, 1, 1, 1), **norm)
    got = eleven(eleven(w * s)).reshape(1, -1, 1, 1)
    assert inside(ball, got)
    assert (np.abs(got / ball.value - 1) > 2.0**-10).any(), "a stored convolution and a stored result would do"


@pytest.mark.parametrize("op", ["Mul", "BatchNormalization"])
def test_products_of_folded_weights_underflow(op: str) -> None:
    """100 products of 2^-26 are 0 each in float16, while the convolution of its own has none below 2^-13."""
    x, w, small = np.full((1, 100, 1, 1), 2.0**-13), np.ones((1, 100, 1, 1)), 2.0**-13
    norm = {"scale": [small], "shift": [0.0], "mean": [0.0], "var": [1.0]}
    step = NORM if op == "BatchNormalization" else ("Mul", ["c", "s"], ["y"], {})
    operands = norm if op == "BatchNormalization" else {"s": pixels(small)}
    conv: Any = ("Conv", ["x", "w"], ["c"], {})
    assert inside(found(FLOAT16, "float16", conv, step, x=x, w=w, **operands), np.float16(2.0**-13) * (0 * x).sum())


def test_folded_weights_underflow() -> None:
    """2^-14 times 2^-11 is 0 in float16, and meets an x of 1024."""
    steps: list[Any] = [("Conv", ["x", "w"], ["c"], {}), ("Mul", ["c", "s"], ["y"], {})]
    ball = found(FLOAT16, "float16", *steps, x=pixels(1024), w=pixels(2.0**-14), s=pixels(2.0**-11))
    assert np.float16(2.0**-14) * np.float16(2.0**-11) == 0
    assert inside(ball, 0)


@pytest.mark.parametrize(
    ("step", "dtype", "value"),
    [
        (("AveragePool", ["x"], ["y"], {"kernel_shape": [2, 2]}), "float32", 3e38),
        (("LRN", ["x"], ["y"], {"size": 1}), "float16", 300),
        (("LRN", ["x"], ["y"], {"size": 3}), "float16", 160),
    ],
)
def test_sums_that_overflow_before_they_are_scaled_are_refused(step: Any, dtype: str, value: float) -> None:
    """Though the result would fit: 300^2, and three times 160^2, are above 65504."""
    precision = NATIVE[dtype]
    with pytest.raises(OverflowError, match="partial sums may reach"):
        found(precision, dtype, step, x=np.full((1, 3, 2, 2), value))
    found(precision, dtype, step, x=np.full((1, 3, 2, 2), value / 8))


def test_a_mean_before_its_scale_may_overflow_too() -> None:
    norm = {"scale": [0.25], "shift": [0.0], "mean": [-40000.0], "var": [1.0]}
    with pytest.raises(OverflowError):
        found(FLOAT16, "float16", ALONE, x=pixels(40000), **norm)


@pytest.mark.parametrize("step", [("LRN", ["x"], ["y"], {"size": 1}), ("Softmax", ["x"], ["y"], {"axis": 1})])
def test_flushing_to_zero_is_refused_without_a_chain_too(step: Any) -> None:
    with pytest.raises(NoBound):
        network(claim=Claim(flush_to_zero=True), steps=[step], results=["y"], x=pixels(1, 2).astype(np.float32))


@pytest.mark.parametrize("distance", [9.5, 12.0, 14.0, 15.0])
def test_a_subnormal_exponential_may_be_off_by_its_ulps(distance: float) -> None:
    """Each of 4 ulp, which are 4 least subnormal numbers of float16, in the numerator and in the sum."""
    unit = float(np.finfo(np.float16).smallest_subnormal)
    due = np.exp(-distance)
    ball = found(FLOAT16, "float16", ("Softmax", ["x"], ["y"], {"axis": 1}), x=pixels(0, -distance))
    for sign in (-1, 1):
        t = max(0.0, unit * np.floor(due / unit + 4) if sign > 0 else unit * np.ceil(due / unit - 4))
        assert abs(t - due) <= 4 * unit
        got = np.array([1 / (1 + t), t / (1 + t)]).astype(np.float16)
        assert inside(ball, got.reshape(1, 2, 1, 1))


def test_shares_of_lrn_that_are_subnormal_multiply_their_error() -> None:
    """Alpha / size is 1e-4 / 9 in float16, in steps of 2^-24, and a sum of squares of 50000 multiplies them."""
    x, size = np.full((1, 9, 1, 1), 74.0), 9
    narrow = Precision("few roundings", 0, 2.0**-20, 2.0**-20)  # what is left is the underflow
    share = float(np.float16(float(np.float16(1e-4)) / size) + np.finfo(np.float16).smallest_subnormal)
    ball = found(narrow, "float16", ("LRN", ["x"], ["y"], {"size": size}), x=x)
    sums = np.array([min(c + 4, 8) - max(c - 4, 0) + 1 for c in range(9)]) * 74.0**2
    exact = found(FLOAT64, "float64", ("LRN", ["x"], ["y"], {"size": size}), x=x).value.ravel()
    assert abs(share - 1e-4 / size) < 2.5 * 2.0**-24
    lower = exact * ((1 + 1e-4 / size * sums) / (1 + (1e-4 / size + 2.0**-25) * sums)) ** 0.75
    assert inside(ball, lower.reshape(1, 9, 1, 1))


@pytest.mark.parametrize("name", ["alpha", "beta", "bias"])
def test_attributes_of_lrn_are_rounded_to_the_type(name: str) -> None:
    """ABOVE loses nearly 2^-11 in float16, whatever the accumulator; at a base of 40 that is most for the exponent."""
    held = {"alpha": 1.0, "beta": 1.0, "bias": 2.0} | {name: ABOVE}
    x = pixels(6.0)
    base = [values["bias"] + values["alpha"] * 36 for values in (held, held | {name: 1.0})]
    got = 6.0 / base[1] ** (1.0 if name == "beta" else held["beta"])
    fine = Precision("fine sums", 0, 2.0**-30, 2.0**-11)
    ball = found(fine, "float16", ("LRN", ["x"], ["y"], {"size": 1, **held}), x=x)
    assert inside(ball, got * (1 + 2.0**-11.5))
    assert inside(ball, got)


def test_what_is_stored_in_fewer_bits_may_be_read_before() -> None:
    """1 + 2^-11 stored in float16 is 1; a float32 accumulator that goes on with it is no fault."""
    steps: list[Any] = [("Relu", ["x"], ["h"], {}), ("Conv", ["h", "w"], ["y"], {})]
    operands = {"x": pixels(1), "h": pixels(1), "w": pixels(1 + 2.0**-10)}
    got = np.float16(np.float32(1 + 2.0**-11) * np.float32(1 + 2.0**-10))
    assert inside(found(FLOAT16_FLOAT32, "float16", *steps, results=("h", "y"), **operands), got)
    assert not found(FLOAT16, "float16", *steps, results=("h", "y"), **operands).radius.any()


@pytest.mark.parametrize("came", [np.nan, np.inf, 3e38])
def test_a_result_from_which_nothing_follows_is_not_taken(came: float) -> None:
    """It is outside its own ball, and no failure of the reference's."""
    steps: list[Any] = [("Relu", ["x"], ["h"], {}), ("Conv", ["h", "w"], ["y"], {})]
    operands = {"x": pixels(1), "w": pixels(5), "h": pixels(came)}
    given = {name: value.astype(np.float32) for name, value in operands.items()}
    h, y = network(claim=Claim(), steps=steps, results=["h", "y"], **given)
    assert not inside(h, came)
    assert inside(y, 5)


@pytest.mark.parametrize("alpha", [0.01, 0.25])
def test_a_slope_is_rounded_where_the_type_lacks_it(alpha: float) -> None:
    held = float(np.float32(alpha))
    step: Any = ("LeakyRelu", ["x"], ["y"], {"alpha": held})
    x = pixels(-1, -ABOVE, 2.0**-20)
    half = found(FLOAT16, "float16", step, x=x)
    y = np.where(x.astype(np.float16) < 0, np.float16(held) * x.astype(np.float16), x.astype(np.float16))
    assert inside(half, y)
    assert inside(found(TF32, "float32", step, x=x), np.where(x < 0, eleven(held) * eleven(x), x))
    assert inside(found(FLOAT32, "float32", step, x=x), np.where(x < 0, held * x, x).astype(np.float32))


def test_a_threshold_that_the_type_lacks_is_where_the_type_has_it() -> None:
    """In float16 0.1 is 0.09998: an element between the two may pass."""
    alpha = float(np.float32(0.1))
    x = np.array([[np.float16(0.1), 0.2, 0.05]], np.float16)
    (ball,) = network(claim=Claim(), steps=[("ThresholdedRelu", ["x"], ["y"], {"alpha": alpha})], results=["y"], x=x)
    assert ball.value[0, 0] - ball.radius[0, 0] <= 0 <= ball.value[0, 0] + ball.radius[0, 0]
    assert ball.value[0, 0] - ball.radius[0, 0] <= x[0, 0] <= ball.value[0, 0] + ball.radius[0, 0]
    assert not ball.radius[0, 1:].any()


def test_a_softmax_whose_logits_are_far_apart_has_a_bound() -> None:
    """Once it was no number: D u passes the largest exponent. A share is not above 1 all the same."""
    ball = found(BFLOAT16, "bfloat16", ("Softmax", ["x"], ["y"], {}), x=[[0, -2e6, 3e5]])
    assert (ball.radius <= 1.02).all()
    assert inside(ball, [[0, 0, 1]])
