"""Balls carried through networks: sound under any rounding, fused or not, exact where nothing is rounded."""

from __future__ import annotations

import warnings
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx.backend.test.loader import load_model_tests

from reference.ball import Ball
from reference.claim import Claim, NoBound, Precision
from reference.network import network
from tests.reference.rough import U, evaluate
from tests.reference.test_node_cases import TESTED_ONNX

ROUGH = Claim({"float32": Precision("rough", 0, U, U)})
SOURCE = np.random.default_rng(11)


def numbers(*shape: int, high: int = 255, shift: int = 8) -> NDArray[np.float32]:
    """Few bits, so that operands are what they are in the rough arithmetic too."""
    return np.ldexp(SOURCE.integers(-high, high + 1, shape).astype(np.float32), -shift)


def norm(channels: int) -> dict[str, NDArray[np.float32]]:
    """A batch normalisation's numbers."""
    kinds = {name: numbers(channels) for name in ("scale", "shift", "mean")}
    return kinds | {"var": np.abs(numbers(channels)) + np.float32(1)}


BN: tuple[str, list[str], list[str], dict[str, Any]] = (
    "BatchNormalization",
    ["c", "scale", "shift", "mean", "var"],
    ["n"],
    {},
)
POOL = {"kernel_shape": [2, 2], "strides": [2, 2]}
GRAPHS: dict[str, tuple[list[Any], dict[str, NDArray[np.float32]]]] = {
    "conv": (
        [("Conv", ["x", "w"], ["y"], {"pads": (1, 1, 1, 1)})], {"x": numbers(2, 3, 5, 4), "w": numbers(4, 3, 3, 3)},
    ),
    "conv, bias, batch normalisation, relu": (
        [("Conv", ["x", "w", "b"], ["c"], {"pads": (1, 0, 1, 0), "strides": (2, 1)}), BN, ("Relu", ["n"], ["y"], {})],
        {"x": numbers(2, 3, 5, 4), "w": numbers(4, 3, 3, 3), "b": numbers(4), **norm(4)},
    ),
    "two convolutions": (
        [("Conv", ["x", "w"], ["c"], {}), BN, ("Relu", ["n"], ["r"], {}), ("Conv", ["r", "v", "b"], ["y"], {})],
        {"x": numbers(1, 2, 6, 6), "w": numbers(3, 2, 3, 3), "v": numbers(2, 3, 2, 2), "b": numbers(2), **norm(3)},
    ),
    "a step between convolutions": (
        [
            ("Conv", ["x", "w"], ["c"], {}), ("ThresholdedRelu", ["c"], ["s"], {"alpha": 0.25}),
            ("Conv", ["s", "v"], ["y"], {}),
        ],
        {"x": numbers(1, 2, 6, 6), "w": numbers(3, 2, 3, 3), "v": numbers(2, 3, 2, 2)},
    ),
    "residual": (
        [
            ("Conv", ["x", "w"], ["c"], {"pads": (1, 1, 1, 1)}), BN, ("Add", ["n", "x"], ["a"], {}),
            ("Relu", ["a"], ["y"], {}),
        ],
        {"x": numbers(1, 3, 5, 4), "w": numbers(3, 3, 3, 3), **norm(3)},
    ),
    "pools, gemm, softmax": (
        [
            ("AveragePool", ["x"], ["a"], POOL), ("MaxPool", ["a"], ["m"], POOL), ("Flatten", ["m"], ["f"], {}),
            ("Gemm", ["f", "w", "b"], ["g"], {"transB": 1}), ("Softmax", ["g"], ["y"], {}),
        ],
        {"x": numbers(2, 3, 8, 8), "w": numbers(5, 12), "b": numbers(5)},
    ),
    "lrn": ([("LRN", ["x"], ["y"], {"size": 5, "bias": 2.0})], {"x": numbers(2, 7, 2, 2, shift=2)}),
    "lrn of a convolution": (
        [("Conv", ["x", "w"], ["c"], {}), ("LRN", ["c"], ["y"], {"size": 3})],
        {"x": numbers(1, 2, 4, 4, shift=3), "w": numbers(6, 2, 3, 3)},
    ),
    "halved, doubled, difference": (
        [("AveragePool", ["x"], ["g"], POOL), ("Repeat", ["g"], ["u"], {}), ("Sub", ["x", "u"], ["y"], {})],
        {"x": numbers(1, 2, 6, 4, high=1023)},
    ),
}  # fmt: skip


def ball_of(name: str, claim: Claim) -> Ball:
    """The result of a graph."""
    steps, operands = GRAPHS[name]
    (ball,) = network(claim=claim, steps=steps, results=["y"], **operands)
    return ball


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("name", GRAPHS)
def test_any_rounding_stays_inside(name: str, fused: bool) -> None:
    """Every operation rounded up or down by chance, sums in any order, 40 times."""
    steps, operands = GRAPHS[name]
    ball = ball_of(name, ROUGH)
    wide = {key: value.astype(np.float64) for key, value in operands.items()}
    worst = 0.0
    for seed in range(40):
        got = evaluate(steps, wide, np.random.default_rng(seed), fused=fused)
        error = np.abs(got - ball.value)
        assert (error <= ball.radius).all(), f"{name}, seed {seed}: {(error / ball.radius).max()}"
        worst = max(worst, float((error[ball.radius > 0] / ball.radius[ball.radius > 0]).max(initial=0)))
    assert worst > 1e-3, "the bound is a thousand times what was seen"


def test_the_bound_would_not_hold_for_a_coarser_arithmetic() -> None:
    """With a unit roundoff of a fraction of that of the rough arithmetic some result of every graph lies outside."""
    fine = Claim({"float32": Precision("fine", 0, U / 256, U / 256)})
    for name, (steps, operands) in GRAPHS.items():
        ball = ball_of(name, fine)
        wide = {key: value.astype(np.float64) for key, value in operands.items()}
        got = [evaluate(steps, wide, np.random.default_rng(seed), fused=False) for seed in range(40)]
        assert any((np.abs(y - ball.value) > ball.radius).any() for y in got), name


def test_a_chain_is_exact_in_rationals() -> None:
    """The centre is the exact value, up to the reference's own rounding, by sums of fractions."""
    steps, operands = GRAPHS["two convolutions"]
    plain = [steps[0], ("Relu", ["c"], ["r"], {}), steps[3]]
    (ball,) = network(claim=Claim(), steps=plain, results=["y"], **operands)
    x, w, v, b = ([Fraction(float(f)) for f in operands[name].ravel()] for name in ("x", "w", "v", "b"))

    def at(values: list[Fraction], shape: tuple[int, ...], *index: int) -> Fraction:
        return values[int(np.ravel_multi_index(index, shape))]

    hidden: dict[tuple[int, int, int], Fraction] = {}
    for m, i, j in np.ndindex(3, 4, 4):
        terms = (at(x, (2, 6, 6), c, i + k, j + n) * at(w, (3, 2, 3, 3), m, c, k, n) for c, k, n in np.ndindex(2, 3, 3))
        hidden[m, i, j] = max(Fraction(0), sum(terms, Fraction(0)))
    for m, i, j in np.ndindex(2, 3, 3):
        terms = (hidden[c, i + k, j + n] * at(v, (2, 3, 2, 2), m, c, k, n) for c, k, n in np.ndindex(3, 2, 2))
        due = sum(terms, b[m])
        assert abs(Fraction(float(ball.value[0, m, i, j])) - due) <= Fraction(2) ** -40


def test_small_integers_are_exact_through_a_chain() -> None:
    x = SOURCE.integers(-8, 9, (1, 2, 6, 6)).astype(np.float32)
    w = SOURCE.integers(-3, 4, (3, 2, 3, 3)).astype(np.float32)
    steps: list[Any] = [
        ("Conv", ["x", "w"], ["c"], {}), ("AveragePool", ["c"], ["a"], POOL), ("Repeat", ["a"], ["u"], {}),
        ("Sub", ["c", "u"], ["y"], {}),
    ]  # fmt: skip
    (ball,) = network(claim=Claim(), steps=steps, results=["y"], x=x, w=w)
    assert not ball.radius.any()
    (three,) = network(
        claim=Claim(), steps=[("AveragePool", ["x"], ["y"], {"kernel_shape": [3, 3]})], results=["y"], x=x
    )
    assert three.radius.any(), "a third is no number of any binary format"


@pytest.mark.parametrize(
    ("alpha", "sides"), [(0.25, [(0.25, 0.0), (0.2500001, 0.2500001)]), (-0.5, [(-0.5, 0.0), (-0.4999999, -0.4999999)])]
)
def test_an_element_near_a_step_may_fall_on_either_side(alpha: float, sides: list[tuple[float, float]]) -> None:
    """Elements elsewhere are what they are."""
    x = np.array([[[[alpha, 1.0, -2.0]]]], np.float32)
    w = np.array([[[[1 / 3]]], [[[2 / 3]]]], np.float32)
    steps: list[Any] = [
        ("Conv", ["x", "w"], ["c"], {}), ("Conv", ["c", "ones"], ["s"], {}),
        ("ThresholdedRelu", ["s"], ["y"], {"alpha": alpha}),
    ]  # fmt: skip
    ones = np.ones((1, 2, 1, 1), np.float32)
    (ball,) = network(claim=Claim(), steps=steps, results=["y"], x=x, w=w, ones=ones)
    low, high = ball.value - ball.radius, ball.value + ball.radius
    for _, due in sides:
        assert low[0, 0, 0, 0] <= due <= high[0, 0, 0, 0]
    assert 0 < ball.radius[0, 0, 0, 1] < 1e-6
    assert (ball.value[0, 0, 0, 2], ball.radius[0, 0, 0, 2]) == (0, 0)


def test_near_ties_leave_several_places_open() -> None:
    """An element whose interval reaches the largest lower end may be the maximum, and land anywhere of its places."""
    x = np.array([[[[1.0, 1.0, 3.0, 0.0]]]], np.float32)
    w = np.array([[[[1 / 3]]]], np.float32)
    steps: list[Any] = [
        ("Conv", ["x", "w"], ["c"], {}),
        ("MaxPool", ["c"], ["p", "at"], {"kernel_shape": [1, 2], "strides": [1, 2], "outputs": 2}),
        ("MaxUnpool", ["p", "at"], ["y"], {"shape": (1, 1, 1, 4)}),
    ]
    (ball,) = network(claim=Claim(), steps=steps, results=["y"], x=x, w=w)
    third = float(np.float32(1 / 3))
    low, high = ball.value - ball.radius, ball.value + ball.radius
    for admissible in ([third, 0, 3 * third, 0], [0, third, 3 * third, 0]):
        assert (low[0, 0, 0] <= admissible).all()
        assert (high[0, 0, 0] >= admissible).all()
    assert high[0, 0, 0, 3] == 0
    assert low[0, 0, 0, 2] > 0.99


def test_a_result_that_is_given_is_taken_as_it_is() -> None:
    x, w = numbers(1, 2, 4, 4, high=32767), numbers(2, 2, 3, 3, high=32767)
    steps: list[Any] = [("Conv", ["x", "w"], ["h"], {}), ("Relu", ["h"], ["y"], {})]
    due, free = network(claim=Claim(), steps=steps, results=["h", "y"], x=x, w=w)
    came = due.value.astype(np.float32) + np.float32(5)
    again, after = network(claim=Claim(), steps=steps, results=["h", "y"], x=x, w=w, h=came)
    np.testing.assert_array_equal(again.value, due.value)
    np.testing.assert_array_equal(after.value, np.maximum(came, 0))
    assert not after.radius.any()
    assert free.radius.any()


def test_flushing_to_zero_is_refused() -> None:
    steps, operands = GRAPHS["conv"]
    with pytest.raises(NoBound, match="without flush-to-zero"):
        network(claim=Claim(flush_to_zero=True), steps=steps, results=["y"], **operands)


def test_overflow_inside_is_refused() -> None:
    """Though the result itself would fit."""
    big = np.full((1, 1, 2, 2), 3e38, np.float32)
    steps: list[Any] = [("AveragePool", ["x"], ["a"], POOL), ("Sub", ["a", "a"], ["y"], {})]
    with pytest.raises(OverflowError, match="partial sums may reach"):
        network(claim=Claim(), steps=steps, results=["y"], x=big)


# ONNX's own cases of the operators that are no block; those left out have attributes that no network of ours sets.
OWN = {
    "test_lrn": ("LRN", 1),
    "test_lrn_default": ("LRN", 1),
    "test_softmax_axis_0": ("Softmax", 1),
    "test_softmax_axis_1": ("Softmax", 1),
    "test_softmax_axis_2": ("Softmax", 1),
    "test_softmax_default_axis": ("Softmax", 1),
    "test_softmax_example": ("Softmax", 1),
    "test_softmax_large_number": ("Softmax", 1),
    "test_softmax_negative_axis": ("Softmax", 1),
    "test_batchnorm_example": ("BatchNormalization", 5),
    "test_batchnorm_epsilon": ("BatchNormalization", 5),
    "test_gemm_default_no_bias": ("Gemm", 2),
    "test_gemm_default_vector_bias": ("Gemm", 3),
    "test_gemm_transposeB": ("Gemm", 3),
    "test_flatten_axis1": ("Flatten", 1),
    "test_flatten_default_axis": ("Flatten", 1),
}
LEFT_OUT = {
    "training, not inference": ["test_batchnorm_epsilon_training_mode", "test_batchnorm_example_training_mode"],
    "a bias that is no row": [
        "test_gemm_default_matrix_bias", "test_gemm_default_scalar_bias", "test_gemm_default_single_elem_vector_bias",
        "test_gemm_default_zero_bias",
    ],
    "alpha, beta or transA": [
        "test_gemm_all_attributes", "test_gemm_alpha", "test_gemm_beta", "test_gemm_transposeA",
    ],
    "other axes": [
        *(f"test_flatten_axis{i}" for i in (0, 2, 3)), *(f"test_flatten_negative_axis{i}" for i in range(1, 5)),
    ],
}  # fmt: skip
OPERATORS = {op for op, _ in OWN.values()}


@cache
def shipped() -> dict[str, Any]:
    """ONNX's cases of one such node, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ONNX computes its other cases on import
        found: dict[str, Any] = {case.name: case for case in load_model_tests(kind="node")}
    return {
        name: case for name, case in found.items()
        if len(case.model.graph.node) == 1 and case.model.graph.node[0].op_type in OPERATORS
    }  # fmt: skip


def test_every_case_of_those_operators_is_listed_or_left_out_by_name() -> None:
    """Of the ONNX this was written for; another may have more."""
    listed = {*OWN, *(name for names in LEFT_OUT.values() for name in names)}
    assert listed == set(shipped()) if onnx.__version__ == TESTED_ONNX else listed <= set(shipped())


@pytest.mark.parametrize("name", OWN)
def test_what_onnx_expects_is_inside(name: str) -> None:
    op, count = OWN[name]
    case = shipped()[name]
    inputs, (due,) = case.data_sets[0]
    node = case.model.graph.node[0]
    attributes = {
        a.name: onnx.helper.get_attribute_value(a) for a in node.attribute if a.name != "axis" or op == "Softmax"
    }
    if op == "Gemm":
        attributes = {"transB": attributes.get("transB", 0)}
    names = ["x", *(f"operand{i}" for i in range(1, count))]
    step = (op, names, ["y"], attributes)
    constants = [a.reshape(-1) if op == "Gemm" and i == 2 else a for i, a in enumerate(inputs)]
    (ball,) = network(claim=Claim(), steps=[step], results=["y"], **dict(zip(names, constants, strict=True)))
    assert ball.value.shape == due.shape
    assert (np.abs(due - ball.value) <= ball.radius).all()
