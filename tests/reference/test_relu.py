"""Relu element by element, and the one element its text leaves open."""

from __future__ import annotations

import numpy as np
import pytest

from reference.claim import CAST_FLOAT16, TF32, Claim
from reference.relu import relu
from tests.reference.inside import inside


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 17), (2, 3, 4, 5)])
def test_equals_a_loop(shape: tuple[int, ...], dtype: str) -> None:
    """Selecting operators return one of their inputs: the radius is 0."""
    x = np.random.default_rng(1).standard_normal(shape).astype(dtype)
    (ball,) = relu(np.asarray(x), claim=Claim())
    assert ball.value.shape == shape
    assert [float(v) for v in ball.value.flat] == [float(v) if v > 0 else 0.0 for v in np.asarray(x).flat]
    assert not ball.radius.any()
    assert ball.undecided is None


@pytest.mark.parametrize(("x", "due"), [(np.inf, np.inf), (-np.inf, 0.0), (-0.0, 0.0), (0.0, 0.0), (1e-45, 1e-45)])
def test_special_values(x: float, due: float) -> None:
    operand = np.array([x], np.float32)
    (ball,) = relu(operand, claim=Claim())
    assert inside(ball, np.array([due], np.float32)).all()
    assert not inside(ball, np.array([due + 1 if np.isfinite(due) else 0], np.float32)).any()


def test_nan_is_undecided_alone() -> None:
    (ball,) = relu(np.array([np.nan, -1.0, 2.0], np.float32), claim=Claim())
    np.testing.assert_array_equal(inside(ball, np.array([5.0, 5.0, 5.0])), [True, False, False])
    assert "NaN" in ball.sentence


def test_rounded_input_is_inside_a_casting_claim_alone() -> None:
    """TF32 rounds the factors of products, and there are none here."""
    x = np.array([1 + 2.0**-13], np.float32)
    assert not inside(relu(x, claim=Claim())[0], np.ones(1)).any()
    assert not inside(relu(x, claim=Claim({"float32": TF32}))[0], np.ones(1)).any()
    assert inside(relu(x, claim=Claim({"float32": CAST_FLOAT16}))[0], np.ones(1)).all()
