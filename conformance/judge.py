"""Whether a runtime's results lie where the reference says they must, and if not, where and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Expected, Members

Declared = Mapping[str, tuple[str, tuple[int, ...]]]  # output name -> (dtype, shape)


@dataclass(frozen=True)
class Judgement:
    """``message`` is empty where everything is inside; ``fraction`` is the worst error over its bound, if any."""

    message: str = ""
    fraction: float | None = None
    undecided: int = 0  # elements that the operator's text leaves open
    outcome: str = ""  # what the runtime made of them
    sentence: str = ""


def judge(declared: Declared, expected: Sequence[Expected], got: Sequence[Any]) -> Judgement:
    """Compare all results of a run: number, kind, dtype and shape first, then every element."""
    if len(got) != len(declared):
        return Judgement(f"{len(got)} results, should be {len(declared)} ({', '.join(declared)})")
    found = []
    for (name, (dtype, shape)), want, have in zip(declared.items(), expected, got, strict=True):
        wrong = form(name, dtype, shape, have)
        if wrong:
            return Judgement(wrong)
        found.append(in_ball(name, want, have) if isinstance(want, Ball) else in_set(name, want, have))
    return merge(found)


def form(name: str, dtype: str, shape: tuple[int, ...], have: Any) -> str:
    """What is wrong with the kind, dtype or shape of a result, or nothing."""
    if not isinstance(have, np.ndarray):
        return f"{name} is a {type(have).__name__}, should be an array"
    if have.dtype != np.dtype(dtype):
        return f"{name} is {have.dtype}, should be {dtype}"
    if have.shape != shape:
        return f"{name} has shape {list(have.shape)}, should be {list(shape)}"
    return ""


def formed(declared: Declared, got: Sequence[Any]) -> bool:
    """Whether number, kind, dtype and shape of all results are right."""
    return len(got) == len(declared) and not any(
        form(name, dtype, shape, have) for (name, (dtype, shape)), have in zip(declared.items(), got, strict=True)
    )


def in_ball(name: str, ball: Ball, have: NDArray[Any]) -> Judgement:
    """Compare with a ball; +0 and -0 are equal, a NaN or an infinity must be met by the same."""
    with np.errstate(invalid="ignore"):  # a signalling NaN
        got = have.astype(np.float64, copy=False)
    every, ball = ball, nearest(ball, got)
    if ball.undecided is None and not ball.radius.any() and (got == ball.value).all():
        return Judgement()  # nothing but equality is due, and it holds
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        error = np.abs(got - ball.value)
        inside = np.isfinite(error) & (error <= ball.radius)  # a radius beside an infinite value may be infinite too
        if not inside.all():
            inside |= (got == ball.value) | (np.isnan(got) & np.isnan(ball.value))
        bounded = np.isfinite(error) & (ball.radius > 0)
        if ball.undecided is not None:
            inside |= ball.undecided
            bounded &= ~ball.undecided
        fraction = float((error[bounded] / ball.radius[bounded]).max()) if bounded.any() else None
    message = ""
    if not inside.all():
        message = f"{furthest(name, every, got, ~inside)[:-1]}, {int((~inside).sum())} of {got.size} outside)"
    return Judgement(message, fraction, *tabulate(ball, got))


def nearest(ball: Ball, got: NDArray[Any]) -> Ball:
    """For each element the one of several balls that holds the result, or else the first."""
    value, radius = ball.value, ball.radius
    for other in ball.others:
        is_better = holds(other.value, other.radius, got) & ~holds(value, radius, got)
        value, radius = np.where(is_better, other.value, value), np.where(is_better, other.radius, radius)
    return Ball(value, radius, ball.undecided, ball.sentence) if ball.others else ball


def holds(value: NDArray[Any], radius: NDArray[Any], got: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each element is inside; NaN and infinities are met by themselves alone."""
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(got - value)
        is_near = np.isfinite(error) & (error <= radius)
    return np.asarray(is_near | (got == value) | (np.isnan(got) & np.isnan(value)))


def excess(ball: Ball, have: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Every element's error, and the error over its bound; infinite where an infinity or a NaN is not met."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        got = have.astype(np.float64, copy=False)
        near = nearest(ball, got)
        error = np.where((got == near.value) | (np.isnan(got) & np.isnan(near.value)), 0, np.abs(got - near.value))
        error = np.nan_to_num(error, nan=np.inf, posinf=np.inf)  # a NaN on one side only
        # 0 / 0 where equality is due and holds; inf / inf where an infinity is not met
        over = np.where(np.isinf(error), np.inf, np.nan_to_num(error / near.radius, nan=0, posinf=np.inf))
    return error, over


def furthest(name: str, ball: Ball, have: NDArray[Any], among: NDArray[np.bool_] | None = None) -> str:
    """The element with the largest error for its bound: what is, what should be, where, and by how much."""
    with np.errstate(invalid="ignore"):
        got = have.astype(np.float64, copy=False)
    error, over = excess(ball, have)
    every, ball = (ball, *ball.others), nearest(ball, got)
    among = np.ones(got.shape, bool) if among is None else among
    # Among elements that must be met exactly the largest error is the most telling one.
    most = over == over.max(where=among, initial=0)
    at = np.unravel_index(int(np.where(among & most, error, -1).argmax()), got.shape)
    place = f"{name}[{','.join(map(str, at))}]" if at else name
    due = " or ".join(dict.fromkeys(f"{one.value[at]:.9g}" for one in (ball, *every)))
    return f"{place} is {got[at]:.9g}, should be {due} (error {error[at]:.3g}, bound {ball.radius[at]:.3g})"


def in_set(name: str, members: Members, have: NDArray[Any]) -> Judgement:
    """Compare with the admissible members."""
    inside = ((have[..., None] == members.candidates) & members.admissible).any(axis=-1)
    if members.undecided is not None:
        inside |= members.undecided
    if inside.all():
        return Judgement()
    at = np.unravel_index(int((~inside).argmax()), have.shape)
    allowed = members.candidates[at][members.admissible[at]]
    return Judgement(
        f"{name}[{','.join(map(str, at))}] is {have[at]}, should be {' or '.join(map(str, allowed))} "
        f"({int((~inside).sum())} of {have.size} outside)"
    )


def tabulate(ball: Ball, got: NDArray[Any]) -> tuple[int, str, str]:
    """How many elements are undecided, what they came out as, and the sentence that leaves them open."""
    if ball.undecided is None or not ball.undecided.any():
        return 0, "", ""
    is_nan = np.isnan(got[ball.undecided])
    outcome = "NaN" if is_nan.all() else "NaN here, a number there" if is_nan.any() else "a number"
    return is_nan.size, f"undecided elements come out as {outcome}", ball.sentence


def merge(found: Sequence[Judgement]) -> Judgement:
    """One judgement for all results: the first message, the worst fraction, all that is undecided."""
    if len(found) == 1:
        return found[0]
    fractions = [f.fraction for f in found if f.fraction is not None]
    first = next((f for f in found if f.message), found[0])
    is_open = next((f for f in found if f.undecided), found[0])
    return Judgement(
        first.message, max(fractions, default=None), sum(f.undecided for f in found), is_open.outcome, is_open.sentence
    )
