"""ThresholdedRelu element by element, and what rounding may do at its step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reference.claim import TF32, Claim
from reference.thresholded_relu import thresholded_relu
from tests.reference.inside import inside

CAST = Claim({"float32": replace(TF32, cast="TF32")})

TENTH = float(np.float32(0.1))


@pytest.mark.parametrize("alpha", [1.0, 0.0, -0.5])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (3, 17), (2, 3, 4, 5)])
def test_equals_a_loop(shape: tuple[int, ...], dtype: str, alpha: float) -> None:
    x = np.asarray(np.random.default_rng(1).standard_normal(shape).astype(dtype))
    (ball,) = thresholded_relu(x, claim=Claim(), alpha=alpha)
    assert [float(v) for v in ball.value.flat] == [float(a) if a > alpha else 0.0 for a in x.flat]
    assert ball.value.shape == shape
    assert not ball.radius.any()
    assert ball.undecided is None


@pytest.mark.parametrize(
    ("x", "due"),
    [(np.nan, 0.0), (np.inf, np.inf), (-np.inf, 0.0), (-0.0, 0.0), (1.0, 0.0), (1 + 2.0**-23, 1 + 2.0**-23)],
)
def test_special_values_and_the_step_itself(x: float, due: float) -> None:
    """'y = 0 otherwise' decides NaN as well, and alpha itself is not above alpha."""
    (ball,) = thresholded_relu(np.array([x], np.float32), claim=Claim())
    assert inside(ball, np.array([due], np.float32)).all()
    assert not inside(ball, np.array([0.5])).any()


def test_either_side_is_admissible_where_a_rounding_crosses_the_step() -> None:
    x = np.array([1 + 2.0**-13, 1, 1 - 2.0**-13, 1.01, 0.99], np.float32)
    (ball,) = thresholded_relu(x, claim=CAST)
    np.testing.assert_array_equal(inside(ball, np.zeros(5)), [True, True, True, False, True])
    np.testing.assert_array_equal(inside(ball, x), [True, True, True, True, False])
    for exact in (Claim(), Claim({"float32": TF32})):  # the latter rounds operands of products alone
        assert not inside(thresholded_relu(x, claim=exact)[0], np.zeros(5))[0]


def test_float16_alpha_may_be_rounded() -> None:
    """0.1 as float16 is below the attribute's number: cast or not, what is compared differs."""
    x = np.array([np.float16(TENTH)])
    assert float(x[0]) < TENTH
    (ball,) = thresholded_relu(x, claim=Claim(), alpha=TENTH)
    assert inside(ball, np.zeros(1)).all()
    beyond = np.nextafter(x, np.float16(np.inf))
    assert inside(thresholded_relu(beyond, claim=Claim(), alpha=TENTH)[0], beyond).all()


def test_flushed_subnormals() -> None:
    x = np.array([1e-39], np.float32)
    assert not inside(thresholded_relu(x, claim=Claim(), alpha=0.0)[0], np.zeros(1)).any()
    assert inside(thresholded_relu(x, claim=Claim(flush_to_zero=True), alpha=0.0)[0], np.zeros(1)).all()
