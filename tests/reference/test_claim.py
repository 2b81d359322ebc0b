"""Claims: what rounded inputs, wide accumulators, flushed subnormals and fast algorithms may give."""

from __future__ import annotations

import numpy as np
import pytest

from reference.average_pool import average_pool
from reference.bound import copy_radius, inputs_survive, refuse_cast
from reference.claim import (
    CAST_BFLOAT16,
    CAST_BFLOAT16_THROUGHOUT,
    CAST_FLOAT16,
    CAST_FLOAT16_THROUGHOUT,
    CAST_FLOAT32,
    FLOAT16_FLOAT32,
    NATIVE,
    TF32,
    Claim,
    Precision,
)
from tests.reference.inside import inside
from tests.reference.sums import CLAIM, DATA, ORDERS, ROWS, assert_inside, ball_of, forward, operands, rounded

CASTS = {"TF32": (TF32, 11), "float16": (CAST_FLOAT16, 11), "bfloat16": (CAST_BFLOAT16, 8)}


@pytest.mark.parametrize("name", CASTS)
@pytest.mark.parametrize("length", [9, 147, 2047])
def test_rounded_inputs_leave_float32_on_wide_integers(length: int, name: str) -> None:
    """Odd 12 to 13 bit numbers, an odd number of signs: every result is wrong, and inside the wider claim."""
    precision, bits = CASTS[name]
    source = np.random.default_rng(11)
    x = (source.integers(2**10, 2**12, (ROWS, length)) * 2 + 1) * source.choice([-1, 1], (ROWS, length))
    x, w = np.ldexp(x, -9), source.choice([-1, 1], length)  # float16 ends at 65504
    x, w, b = x.astype(np.float32), w.astype(np.float32), np.zeros(1, np.float32)
    tight = ball_of(x, w, b)
    assert not tight.radius.any()
    y = (rounded(x, bits) @ w).reshape(tight.value.shape)
    assert not inside(tight, y).any()
    y = rounded(y, precision.bits) if name != "TF32" else y.astype(np.float32)
    assert_inside(ball_of(x, w, b, Claim({"float32": precision})), y, name)


@pytest.mark.parametrize("name", CASTS)
@pytest.mark.parametrize("data", DATA)
def test_rounded_inputs_are_inside_their_claim(data: str, name: str) -> None:
    precision, bits = CASTS[name]
    x, w, b = operands(data, "float32", 147)
    cast = rounded(x, bits).astype(np.float32), rounded(w, bits).astype(np.float32)
    terms = np.concatenate([cast[0] * cast[1], np.broadcast_to(b, (ROWS, 1))], axis=1)
    expected = ball_of(x, w, b, Claim({"float32": precision}))
    for order_name, order in ORDERS.items():
        y = order(terms)
        assert_inside(expected, y if name == "TF32" else rounded(y, bits), order_name)
    (mean,) = average_pool(x[:, None, :], claim=Claim({"float32": precision}), kernel_shape=(147,))
    y = forward(cast[0]) / np.float32(147)
    assert_inside(mean, y if name == "TF32" else rounded(y, bits), "average")


def test_inputs_that_survive_rounding_are_due_exactly() -> None:
    """Small integers fit 11 bits: a TF32 runtime too must get them right."""
    x, w, b = np.arange(9, dtype=np.float32)[None], np.ones(9, np.float32), np.zeros(1, np.float32)
    claim = Claim({"float32": TF32})
    assert ball_of(x, w, b, claim).radius == 0
    assert ball_of(x + np.float32(2.0**11), w, b, claim).radius > 0
    assert inputs_survive(TF32, np.array([2.0**11 - 1, 1]))
    assert not inputs_survive(TF32, np.array([2.0**11, 1]))


@pytest.mark.parametrize("precision", [CAST_FLOAT16, CAST_BFLOAT16, CAST_FLOAT32])
def test_what_is_passed_on_is_rounded_where_whole_tensors_are_cast(precision: Precision) -> None:
    """An infinity stays one."""
    value = np.array([3.0, -5.0, np.inf, 0.0])
    due = [3 * precision.u_in, 5 * precision.u_in, 0, 0]
    assert copy_radius(value, Claim({"float32": precision}), np.dtype("float32")).tolist() == due


@pytest.mark.parametrize("precision", [TF32, FLOAT16_FLOAT32, *NATIVE.values()])
def test_what_is_passed_on_is_due_exactly_otherwise(precision: Precision) -> None:
    """TF32 rounds its factors and no tensor."""
    assert not precision.casts
    assert not copy_radius(np.array([3.0, -5.0]), Claim({"float32": precision}), np.dtype("float32")).any()


CASTING = [CAST_FLOAT16, CAST_FLOAT16_THROUGHOUT, CAST_BFLOAT16, CAST_BFLOAT16_THROUGHOUT]


@pytest.mark.parametrize("precision", CASTING)
@pytest.mark.parametrize("data", ["grid", "positive", "cancelling"])
def test_whole_sums_of_cast_tensors_are_inside(data: str, precision: Precision) -> None:
    """Operands and bias cast down, sums in float32 or in the narrow type, the result of the narrow type."""
    x, w, b = operands(data, "float32", 147)
    small = np.dtype(precision.cast)
    left, right, last = (a.astype(small) for a in (x, w, b))
    kind = small if precision.u_acc == precision.u_out else np.dtype("float32")
    terms = np.concatenate([left.astype(kind) * right.astype(kind), np.broadcast_to(last.astype(kind), (ROWS, 1))], 1)
    expected = ball_of(x, w, b, Claim({"float32": precision}))
    for name, order in ORDERS.items():
        assert_inside(expected, order(terms).astype(small).astype(np.float32), name)


@pytest.mark.parametrize(
    ("precision", "bad"), [(CAST_FLOAT16, 65520.0), (CAST_FLOAT16, 2.0**-15), (CAST_BFLOAT16, 3.4e38)]
)
def test_what_a_cast_cannot_hold_is_refused(precision: Precision, bad: float) -> None:
    """Overflow or underflow of an operand; infinities and zeros are held by every format."""
    claim, x = Claim({"float32": precision}), np.array([1, 0, np.inf, bad], np.float32)
    with pytest.raises(OverflowError, match=f"is cast to {precision.cast}"):
        refuse_cast(x, claim)
    refuse_cast(x[:3], claim)
    refuse_cast(x, Claim())
    refuse_cast(np.array([2**20]), claim)


def test_underflow_and_overflow_are_those_of_the_cast() -> None:
    """2^-14 squared is below float16's last number, 300 squared above: one widens the ball, the other is refused."""
    claim, b = Claim({"float32": CAST_FLOAT16}), np.zeros(1, np.float32)
    tiny = np.full((1, 1), 2.0**-14, np.float32)
    assert ball_of(tiny, tiny[0], b, claim).radius >= 2.0**-25
    assert ball_of(tiny, tiny[0], b).radius == 0
    large = np.full((1, 1), 300, np.float32)
    with pytest.raises(OverflowError, match="float16 ends at 65504"):
        ball_of(large, large[0], b, claim)


def test_float16_with_a_wide_accumulator_is_a_smaller_ball() -> None:
    """Both claims hold what a float32 accumulator gives; only the wide one holds a float16 accumulator's worst."""
    x, w, b = operands("positive", "float16", 2048)
    wide = ball_of(x, w, b, Claim({"float16": FLOAT16_FLOAT32}))
    narrow = ball_of(x, w, b)
    y = forward(np.concatenate([x.astype(np.float32) * w.astype(np.float32), np.full((ROWS, 1), b[0], "f4")], axis=1))
    assert_inside(wide, y.astype(np.float16), "float32 accumulator")
    assert_inside(narrow, y.astype(np.float16), "float32 accumulator")
    stagnating = forward(np.concatenate([x * w, np.broadcast_to(b, (ROWS, 1))], axis=1))
    assert not inside(wide, stagnating.reshape(wide.value.shape)).any()


def test_underflowing_products_are_inside() -> None:
    """Each product loses up to half of the smallest subnormal number; a flushing unit loses all of it."""
    x = np.random.default_rng(13).integers(1, 2**12, (ROWS, 9)).astype(np.float32) * np.float32(2.0**-76)
    w, b = np.full(9, 3 * 2.0**-75, np.float32), np.zeros(1, np.float32)
    products = x * w
    assert (products[products > 0] < np.finfo(np.float32).tiny).any()
    gradual, flushed = ball_of(x, w, b), ball_of(x, w, b, Claim(flush_to_zero=True))
    for name, order in ORDERS.items():
        assert_inside(gradual, order(products), name)
        assert_inside(flushed, order(products), name)
    zeros = np.zeros(gradual.value.shape)
    assert inside(flushed, zeros).all()
    assert not inside(gradual, zeros).any()


@pytest.mark.parametrize(
    ("precision", "bits", "input_bits"),
    [(TF32, 23, 11), (CAST_BFLOAT16, 8, 8), (FLOAT16_FLOAT32, 11, 53), (CLAIM.at("float32"), 24, 53)],
)
def test_significand_bits(precision: Precision, bits: int, input_bits: int) -> None:
    assert (precision.bits, precision.input_bits) == (bits, input_bits)


def test_subnormal_operands_are_refused_under_tf32() -> None:
    """Of its 11 bits they have fewer, so that u_in says nothing of them."""
    x = np.array([1, 2.0**-127], np.float32)
    with pytest.raises(OverflowError, match="is read as TF32"):
        refuse_cast(x, Claim({"float32": TF32}), multiplied=True)
    refuse_cast(x[:1], Claim({"float32": TF32}), multiplied=True)
    refuse_cast(x, Claim({"float32": TF32}))  # of what is handed on
    refuse_cast(x, Claim(), multiplied=True)


def test_a_truncated_product_may_lose_a_whole_subnormal_number() -> None:
    """Eight times 3.99 units, each truncated to 3: inside under TF32, not under float32."""
    x, w, b = (
        np.full((1, 8), 3.9921875 * 2.0**-75, np.float32),
        np.full(8, 2.0**-74, np.float32),
        np.zeros(1, np.float32),
    )
    got = np.full((1, 1, 1), 24 * 2.0**-149)
    assert inside(ball_of(x, w, b, Claim({"float32": TF32})), got).all()
    assert not inside(ball_of(x, w, b), got).all()
