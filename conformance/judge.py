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
    """``message`` is empty where everything is inside; ``fraction`` is the worst error over its bound, where one is due."""

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
    if have.dtype.name != dtype:
        return f"{name} is {have.dtype}, should be {dtype}"
    if have.shape != shape:
        return f"{name} has shape {list(have.shape)}, should be {list(shape)}"
    return ""


def in_ball(name: str, ball: Ball, have: NDArray[Any]) -> Judgement:
    """Compare with a ball; +0 and -0 are equal, a NaN or an infinity must be met by the same."""
    got = have.astype(np.float64, copy=False)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        error = np.abs(got - ball.value)
        inside = error <= ball.radius
        if not inside.all():
            inside |= (got == ball.value) | (np.isnan(got) & np.isnan(ball.value))
        ratio = error / ball.radius
    if ball.undecided is not None:
        inside |= ball.undecided
        ratio = ratio[~ball.undecided]
    within = ratio[np.isfinite(ratio)]
    fraction = float(within.max()) if within.size else None
    message = "" if inside.all() else worst(name, ball, got, error, ~inside)
    return Judgement(message, fraction, *tabulate(ball, got))


def worst(name: str, ball: Ball, got: NDArray[Any], error: NDArray[Any], outside: NDArray[Any]) -> str:
    """The message for the element furthest out: what is, what should be, where, and by how much."""
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = np.where(outside, np.where(np.isnan(error), np.inf, error / ball.radius), -1)
        excess = np.where(np.isinf(excess), np.finfo(float).max, excess)
    # Among elements that must be met exactly the largest error is the most telling one.
    tie = np.where(excess == excess.max(), np.nan_to_num(error, nan=np.inf), -1)
    at = np.unravel_index(int(tie.argmax()), got.shape)
    place = f"{name}[{','.join(map(str, at))}]" if at else name
    return (
        f"{place} is {got[at]:.9g}, should be {ball.value[at]:.9g} "
        f"(error {error[at]:.3g}, bound {ball.radius[at]:.3g}, {int(outside.sum())} of {got.size} outside)"
    )


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
    open_values = got[ball.undecided]
    nans = int(np.isnan(open_values).sum())
    parts = [f"{nans} NaN"] * (nans > 0) + [f"{open_values.size - nans} numbers"] * (nans < open_values.size)
    return open_values.size, f"{open_values.size} undecided elements: {', '.join(parts)}", ball.sentence


def merge(found: Sequence[Judgement]) -> Judgement:
    """One judgement for all results: the first message, the worst fraction."""
    if len(found) == 1:
        return found[0]
    fractions = [f.fraction for f in found if f.fraction is not None]
    first = next((f for f in found if f.message), found[0])
    return Judgement(
        first.message, max(fractions, default=None), found[0].undecided, found[0].outcome, found[0].sentence
    )
