"""Judgements: what is inside, and messages that say what is, what should be, where, and by how much."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from conformance.judge import Judgement, judge
from reference.ball import Ball, Expected, Members

NAN, INF = np.nan, np.inf


def ball(value: Any, radius: Any = 0.0, undecided: Any = None) -> Ball:
    """A ball from plain lists."""
    v = np.asarray(value, np.float64)
    mask = None if undecided is None else np.asarray(undecided, bool)
    return Ball(v, np.broadcast_to(np.asarray(radius, np.float64), v.shape).copy(), mask, "the sentence at issue")


def judged(want: Expected, got: Any, dtype: str = "float32", name: str = "y") -> Judgement:
    """One result against what is expected of it."""
    shape = want.value.shape if isinstance(want, Ball) else want.candidates.shape[:-1]
    return judge({name: (dtype, shape)}, [want], [got])


def f32(*values: float) -> NDArray[np.float32]:
    """A vector of float32."""
    return np.array(values, np.float32)


def test_the_message_of_the_design() -> None:
    """784 elements that are all 1 and should be near 0.081: the place is that of the worst."""
    value = np.full((2, 8, 7, 7), 0.09)
    value[1, 4, 3, 0] = 0.081
    got = judged(ball(value, 4.75e-8), np.ones((2, 8, 7, 7), np.float32))
    assert got.message == "y[1,4,3,0] is 1, should be 0.081 (error 0.919, bound 4.75e-08, 784 of 784 outside)"


def test_a_scalar_has_no_place() -> None:
    got = judged(ball(2.0), np.asarray(3, np.float32))
    assert got.message == "y is 3, should be 2 (error 1, bound 0, 1 of 1 outside)"


def test_the_worst_element_is_the_one_furthest_out_by_its_own_bound() -> None:
    got = judged(ball([100.0, 1.0], [10.0, 0.001]), f32(130, 1.5))
    assert got.message.startswith("y[1] is 1.5, should be 1 (error 0.5, bound 0.001, 2 of 2 outside)")


def test_among_elements_that_must_be_equal_the_largest_error_is_named() -> None:
    assert judged(ball([1.0, 2.0, 3.0]), f32(2, 9, 3)).message.startswith(
        "y[1] is 9, should be 2 (error 7, bound 0, 2 of 3"
    )


FORMS = {
    "dtype": (np.zeros(3), "y is float64, should be float32"),
    "rank": (np.zeros((1, 3), np.float32), "y has shape [1, 3], should be [3]"),
    "size": (np.zeros(0, np.float32), "y has shape [0], should be [3]"),
    "list": ([0.0, 0.0, 0.0], "y is a list, should be an array"),
    "nothing": (None, "y is a NoneType, should be an array"),
    "objects": (np.array([None] * 3), "y is object, should be float32"),
    "integers": (np.zeros(3, np.int32), "y is int32, should be float32"),
}


@pytest.mark.parametrize("form", FORMS)
def test_form(form: str) -> None:
    got, message = FORMS[form]
    assert judged(ball([0.0] * 3), got) == Judgement(message)


@pytest.mark.parametrize(("count", "message"), [
    (0, "0 results, should be 2 (y, indices)"), (1, "1 results, should be 2 (y, indices)"),
    (3, "3 results, should be 2 (y, indices)"),
])  # fmt: skip
def test_number_of_results(count: int, message: str) -> None:
    declared = {"y": ("float32", (1,)), "indices": ("int64", (1,))}
    assert judge(declared, [ball([0.0]), ball([0.0])], [f32(0)] * count).message == message


SPECIAL = [  # value, radius, got, is inside
    (0.0, 0.0, -0.0, True),
    (-0.0, 0.0, 0.0, True),
    (NAN, 0.0, NAN, True),
    (NAN, NAN, NAN, True),
    (NAN, NAN, 0.0, False),
    (NAN, INF, 0.0, False),
    (1.0, 0.5, NAN, False),
    (1.0, 0.5, INF, False),
    (1.0, 0.5, -INF, False),
    (INF, 0.0, INF, True),
    (INF, INF, INF, True),
    (INF, NAN, INF, True),
    (INF, INF, -INF, False),
    (INF, INF, 3.0, False),
    (INF, INF, NAN, False),
    (-INF, INF, INF, False),
    (-INF, INF, -3.4028235e38, False),
    (-INF, NAN, -INF, True),
    (3.4e38, 1e31, INF, False),
]


@pytest.mark.parametrize(("value", "radius", "got", "is_inside"), SPECIAL)
def test_special_values(value: float, radius: float, got: float, is_inside: bool) -> None:
    """A NaN or an infinity must be met by the same, whatever its radius has become; zeros are alike."""
    message = judged(ball([value, 1.0], [radius, 0.0]), f32(got, 1)).message
    assert (message == "") == is_inside, message
    if message:
        assert message.startswith(f"y[0] is {np.float32(got):.9g}, should be {value:.9g} (")
        assert message.endswith("1 of 2 outside)")


@pytest.mark.parametrize("quiet", [1, 0x400000, 0x7FFFFF])
def test_payloads_of_nan_do_not_matter(quiet: int) -> None:
    odd = np.array([0xFF800000 | quiet], np.uint32).view(np.float32)
    assert judged(ball([NAN]), odd).message == ""


def test_fraction_is_the_worst_error_over_its_bound() -> None:
    got = judged(ball([1.0, 2.0, 3.0], [0.5, 0.5, 0.0]), f32(1.25, 2.125, 3))
    assert (got.message, got.fraction) == ("", 0.5)


@pytest.mark.parametrize(("want", "got"), [
    (ball([1.0, 2.0]), f32(1, 2)), (ball([1.0, NAN], [0.0, NAN]), f32(1, NAN)),
    (ball(np.zeros((0, 3))), np.zeros((0, 3), np.float32)),
])  # fmt: skip
def test_without_a_bound_there_is_no_fraction(want: Ball, got: NDArray[Any]) -> None:
    assert judged(want, got) == Judgement()


def test_fraction_does_not_count_undecided_elements() -> None:
    got = judged(ball([1.0, 1.0], 1.0, [True, False]), f32(9, 1.5))
    assert (got.message, got.fraction) == ("", 0.5)


@pytest.mark.parametrize(("values", "outcome"), [
    ((NAN, 5), "undecided elements come out as NaN here, a number there"),
    ((NAN, NAN), "undecided elements come out as NaN"),
    ((1, INF), "undecided elements come out as a number"),
])  # fmt: skip
def test_undecided_elements_are_tabulated(values: tuple[float, float], outcome: str) -> None:
    got = judged(ball([0.0, 0.0, 7.0], 0.0, [True, True, False]), f32(*values, 7))
    assert got == Judgement("", None, 2, outcome, "the sentence at issue")


def test_a_decided_element_fails_beside_undecided_ones() -> None:
    got = judged(ball([0.0, 7.0], 0.0, [True, False]), f32(NAN, 8))
    assert got.message == "y[1] is 8, should be 7 (error 1, bound 0, 1 of 2 outside)"


def test_a_mask_that_is_empty_leaves_nothing_open() -> None:
    assert judged(ball([1.0], 0.0, [False]), f32(1)) == Judgement()


def members(undecided: Any = None) -> Members:
    """Two elements; the first may be 4 or 7, the second only 2."""
    mask = None if undecided is None else np.asarray(undecided, bool)
    return Members(np.array([[4, 7, 9], [-1, 2, 3]]), np.array([[True, True, False], [False, True, False]]), mask)


@pytest.mark.parametrize(("got", "message"), [
    ([4, 2], ""), ([7, 2], ""),
    ([9, 2], "indices[0] is 9, should be 4 or 7 (1 of 2 outside)"),
    ([5, 5], "indices[0] is 5, should be 4 or 7 (2 of 2 outside)"),
    ([7, -1], "indices[1] is -1, should be 2 (1 of 2 outside)"),
])  # fmt: skip
def test_members(got: list[int], message: str) -> None:
    assert judged(members(), np.array(got), "int64", "indices").message == message


def either(*values: list[float], radius: float = 0.0) -> Ball:
    """One ball for each list of values, any of which will do."""
    first, *others = (ball(v, radius) for v in values)
    return dataclasses.replace(first, others=tuple(others))


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (f32(1, 2), ""),
        (f32(5, 2), ""),
        (f32(7, 2), ""),
        (f32(6, 2), "y[0] is 6, should be 1 or 5 or 7 (error 5, bound 0, 1 of 2 outside)"),
        (f32(5, 3), "y[1] is 3, should be 2 (error 1, bound 0, 1 of 2 outside)"),
        (f32(NAN, 2), "y[0] is nan, should be 1 or 5 or 7 (error inf, bound 0, 1 of 2 outside)"),
    ],
)
def test_one_of_a_few_values_is_due_and_nothing_between(got: NDArray[Any], message: str) -> None:
    assert judged(either([1, 2], [5, 2], [7, 2]), got).message == message


def test_one_of_a_few_balls_is_due() -> None:
    """A NaN and an infinity may be among them; the fraction is that of the ball which holds the result."""
    want = either([1, NAN], [5, INF], radius=0.5)
    assert judged(want, f32(5.25, INF)) == Judgement(fraction=0.5)
    assert judged(want, f32(1.5, NAN)) == Judgement(fraction=1.0)
    assert judged(want, f32(3, NAN)).message.startswith("y[0] is 3, should be 1 or 5 (error 2, bound 0.5, 1 of 2")
    assert judged(want, f32(1, 2)).message.startswith("y[1] is 2, should be nan or inf")


def test_undecided_members_may_be_anything() -> None:
    assert judged(members([True, False]), np.array([-5, 2]), "int64", "indices").message == ""
    assert judged(members([True, False]), np.array([-5, 5]), "int64", "indices").message.startswith("indices[1] is 5")


def test_several_results_give_the_first_message_and_the_worst_fraction() -> None:
    declared = {"y": ("float32", (1,)), "z": ("float32", (1,))}
    want = [ball([1.0], 1.0), ball([5.0], 1.0)]
    assert judge(declared, want, [f32(1.25), f32(5.75)]) == Judgement("", 0.75)
    assert judge(declared, want, [f32(1), f32(7)]).message.startswith("z[0] is 7")


finite = st.floats(-(2.0**99), 2.0**99, width=32)
vectors = hnp.arrays(np.float32, 6, elements=finite)


@given(
    vectors,
    hnp.arrays(np.float64, 6, elements=st.floats(0, 1e30)),
    hnp.arrays(np.float64, 6, elements=st.floats(-1, 1)),
)
def test_inside_iff_each_element_is(got: NDArray[np.float32], radius: NDArray[Any], share: NDArray[Any]) -> None:
    """Against the definition, element by element in exact comparison of float64 numbers."""
    value = got + radius * share
    inside = [abs(float(g) - float(v)) <= float(r) for g, v, r in zip(got, value, radius, strict=True)]
    message = judged(ball(value, radius), got).message
    assert (message == "") == all(inside)
    assert all(inside) or f"{inside.count(False)} of 6 outside" in message


@given(vectors, st.integers(0, 5))
def test_any_change_of_an_element_that_must_be_equal_is_found(value: NDArray[np.float32], at: int) -> None:
    got = value.copy()
    got[at] = np.nextafter(got[at], np.float32(np.inf))
    message = judged(ball(value), got).message
    assert (message == "") == (got[at] == value[at])
    assert not message or message.startswith(f"y[{at}] is ")


def test_undecided_elements_of_any_result_count() -> None:
    """Also where the first result is decided throughout."""
    declared = {"dx": ("float32", (2,)), "dw": ("float32", (2,))}
    found = judge(declared, [ball([1, 2]), ball([3, 4], undecided=[False, True])], [f32(1, 2), f32(3, 123)])
    assert (found.message, found.undecided, found.sentence) == ("", 1, "the sentence at issue")
    both = judge(
        declared, [ball([1, 2], undecided=[True, True]), ball([3, 4], undecided=[False, True])], [f32(1, 2)] * 2
    )
    assert both.undecided == 3
