"""LpPool against nested loops, in exact fractions for p = 1, and under adversarial powers and roots for others."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference.claim import NATIVE, TF32, Claim
from reference.lp_pool import lp_pool
from reference.ulps import ULPS
from tests.reference.inside import inside
from tests.reference.loops import Ints, shape_of, windows

CLAIM = Claim()
SETTINGS: dict[str, tuple[Ints, dict[str, Any]]] = {
    "1d": ((2, 3, 7), {"kernel_shape": (3,)}),
    "1d stride above kernel": ((1, 1, 9), {"kernel_shape": (2,), "strides": (4,)}),
    "1d window of padding": ((1, 1, 3), {"kernel_shape": (2,), "pads": (3, 2)}),
    "1d ceil, hanging": ((1, 2, 6), {"kernel_shape": (3,), "strides": (2,), "ceil_mode": 1}),
    "2d four pads": ((1, 2, 4, 5), {"kernel_shape": (4, 3), "pads": (1, 0, 3, 2)}),
    "2d dilations differ": ((1, 1, 7, 6), {"kernel_shape": (2, 3), "dilations": (3, 2)}),
    "2d VALID": ((1, 1, 7, 6), {"kernel_shape": (3, 2), "strides": (2, 2), "auto_pad": "VALID"}),
    "2d SAME_LOWER": ((1, 1, 5, 6), {"kernel_shape": (2, 4), "auto_pad": "SAME_LOWER"}),
    "3d all at once": (
        (2, 1, 5, 4, 6),
        {"kernel_shape": (2, 2, 3), "strides": (2, 1, 3), "pads": (1, 0, 2, 0, 1, 1), "ceil_mode": 1},
    ),
}  # fmt: skip


def elements(x: NDArray[Any], **attributes: Any) -> NDArray[Any]:
    """The elements inside each window, as lists."""
    layout = dict(windows(x.shape[2:], **attributes))
    y = np.empty((*x.shape[:2], *shape_of(list(layout))), dtype=object)
    for n, c in np.ndindex(*x.shape[:2]):
        for position, taps in layout.items():
            y[(n, c, *position)] = [float(x[(n, c, *tap.point)]) for tap in taps if tap.is_inside]
    return y


def exact(values: list[float], p: float) -> Decimal:
    """The norm to 60 digits."""
    with localcontext() as context:
        context.prec = 60
        total = sum((abs(Decimal(v)) ** Decimal(p) for v in values), Decimal())
        return total ** (1 / Decimal(p)) if total else total


def drawn(shape: Ints, dtype: str, seed: int = 8) -> NDArray[Any]:
    """Full significands, wide exponents, some zeros."""
    source = np.random.default_rng(seed)
    x = np.ldexp(source.standard_normal(shape), source.integers(-6, 1, shape))
    return np.where(source.integers(0, 9, shape) == 0, 0, x).astype(dtype)


@pytest.mark.parametrize("name", SETTINGS)
def test_sum_of_absolute_values_is_exact(name: str) -> None:
    """P = 1 on integers admits nothing but equality."""
    shape, attributes = SETTINGS[name]
    x = np.random.default_rng(7).integers(-99, 100, shape).astype(np.float32)
    (ball,) = lp_pool(x, claim=CLAIM, p=1, **attributes)
    due = elements(x, **attributes)
    assert ball.value.shape == due.shape
    assert [Fraction(v) for v in ball.value.flat] == [sum(map(Fraction, map(abs, vs)), Fraction()) for vs in due.flat]
    assert not ball.radius.any()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [1, 1.5, 2, 3, 5])
@pytest.mark.parametrize("name", SETTINGS)
def test_ball_holds_the_exact_norm(name: str, p: float, dtype: str) -> None:
    """To 60 digits; and it is narrow enough for an error of a tenth, or 1e-4 in wider types, to show."""
    shape, attributes = SETTINGS[name]
    x = drawn(shape, dtype)
    (ball,) = lp_pool(x, claim=CLAIM, p=p, **attributes)
    due = elements(x, **attributes)
    assert ball.value.shape == due.shape
    for v, r, values in zip(ball.value.flat, ball.radius.flat, due.flat, strict=True):
        assert abs(Decimal(float(v)) - exact(values, p)) <= Decimal(float(r))
    large = ball.value > 0.5
    assert (ball.radius[large] < (0.1 if dtype == "float16" else 1e-4) * ball.value[large]).all()


def off(x: NDArray[Any], sign: int) -> NDArray[Any]:
    """Wrong by the declared ulps of a power, all in one direction, at normal numbers."""
    return np.asarray(x + sign * ULPS["pow"] * np.spacing(x) * (np.abs(x) >= np.finfo(x.dtype).tiny * 64))


@pytest.mark.parametrize("sign", [-1, 0, 1])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [1.5, 2, 3, 5])
def test_every_order_and_the_worst_power_are_inside(p: float, dtype: str, sign: int) -> None:
    """Powers and the root off by the stated ulps, sums one by one in three orders, the exponent rounded."""
    x = np.ldexp(np.random.default_rng(5).standard_normal((1, 40, 33)), -1).astype(dtype)
    (ball,) = lp_pool(x, claim=CLAIM, p=p, kernel_shape=(33,))
    powers = off((np.abs(x).astype(np.longdouble) ** p).astype(dtype), sign)
    shuffled = np.random.default_rng(1).permuted(np.argsort(powers), axis=-1)
    for order in (np.argsort(powers), np.argsort(-powers), shuffled):
        total = np.zeros((1, 40, 1), dtype)
        for k in range(33):
            total = total + np.take_along_axis(powers, order, -1)[..., k : k + 1]
        exponent = np.longdouble(x.dtype.type(1) / x.dtype.type(p))
        assert inside(ball, off((total.astype(np.longdouble) ** exponent).astype(dtype), sign)).all()


@pytest.mark.parametrize("p", [1, 2, 3])
def test_rounded_inputs_are_inside_a_rounding_claim(p: int) -> None:
    x = drawn((1, 1, 60), "float32")
    cut = (x.view(np.uint32) & np.uint32(0xFFFFE000)).view(np.float32)  # towards zero, at most two roundings
    claim = Claim({**NATIVE, "float32": TF32})
    (near,), (wide,) = (lp_pool(x, claim=c, p=p, kernel_shape=(5,), strides=(5,)) for c in (CLAIM, claim))
    (moved,) = lp_pool((x + cut) / 2, claim=CLAIM, p=p, kernel_shape=(5,), strides=(5,))
    assert inside(wide, moved.value).all()
    assert not inside(near, moved.value).all()


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize(
    ("x", "due"),
    [([np.nan, 1.0], np.nan), ([np.inf, 1.0], np.inf), ([np.inf, -np.inf], np.inf), ([-0.0, -0.0], 0.0)],
)
def test_special_values(x: list[float], due: float, p: int) -> None:
    """Arithmetic on absolute values defines them: swallowing a NaN is a fault."""
    (ball,) = lp_pool(np.array([[x]], np.float32), claim=CLAIM, kernel_shape=(2,), p=p)
    assert ball.undecided is None
    assert inside(ball, np.full((1, 1, 1), due)).all()
    assert not inside(ball, np.full((1, 1, 1), 1.0)).any()


def test_infinity_beside_nan_is_undecided_but_in_a_sum() -> None:
    x = np.array([[[np.inf, np.nan]]], np.float32)
    assert inside(lp_pool(x, claim=CLAIM, kernel_shape=(2,), p=2)[0], np.full((1, 1, 1), np.inf)).all()
    assert not inside(lp_pool(x, claim=CLAIM, kernel_shape=(2,), p=1)[0], np.full((1, 1, 1), np.inf)).any()


def test_powers_that_underflow_widen_the_ball() -> None:
    """In float16 the square of 2^-13 is 2^-26, which may become 0 or the least subnormal number."""
    x = np.full((1, 1, 4), 2.0**-13, np.float16)
    (ball,) = lp_pool(x, claim=CLAIM, kernel_shape=(4,))
    assert inside(ball, np.zeros((1, 1, 1))).all()
    (zero,) = lp_pool(np.zeros((1, 1, 4), np.float16), claim=CLAIM, kernel_shape=(4,))
    assert zero.radius.max() < 2.0**-24


def test_powers_that_might_overflow_are_refused() -> None:
    with pytest.raises(OverflowError):
        lp_pool(np.full((1, 1, 4), 200, np.float16), claim=CLAIM, kernel_shape=(4,))
