"""Whether the errors of many sums, judged together, are those of rounding to nearest; derived in docs/numerics.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conformance.problem import Problem
from graphs.blocks.conv import Conv
from reference.ball import Ball, Expected, Floats
from reference.claim import Claim
from reference.fast import applicable
from reference.statistics import LEAST, SIGNIFICANCE, bias, deviations, errors, spread
from reference.window import windows_along


class Finding(NamedTuple):
    """A statistic, its limit, and what it says where it is beyond that."""

    value: float
    limit: float
    says: str

    @property
    def is_beyond(self) -> bool:
        """Whether the errors are not those of rounding to nearest."""
        return not abs(self.value) <= self.limit  # NaN is beyond


class Errors(NamedTuple):
    """Errors of results: a row for each unit, which shares no data with others, and their scale, row by row."""

    rows: Floats
    signs: Floats  # of the values that are due
    weights: Floats  # the largest of each sum's filter
    deviations: Callable[[], Floats]


def examine(problem: Problem, claim: Claim, expected: Sequence[Expected], got: Sequence[Any]) -> list[Finding]:
    """What the tests that are due say; none are due on other data, under other claims, or of too few units."""
    spec = problem.spec
    if not (isinstance(spec, Conv) and claim.at(spec.dtype).nearest and isinstance(expected[0], Ball)):
        return []
    due = (TESTS if is_direct(spec, claim) else FAST).get(problem.case.data, ())
    if not due:
        return []
    found = apart(problem, spec, claim, got[0], expected[0].value)
    if found is None:
        return []
    n = problem.operands["w"][0].size
    return [test(found, f"{len(found.rows)} independent sums of {n} products") for test in due]


def beyond(problem: Problem, claim: Claim, expected: Sequence[Expected], got: Sequence[Any]) -> str:
    """What the first of these tests says that is not passed, or nothing."""
    return next((found.says for found in examine(problem, claim, expected, got) if found.is_beyond), "")


def apart(problem: Problem, spec: Conv, claim: Claim, got: NDArray[Any], value: Floats) -> Errors | None:
    """Errors by units: windows that share no element, or else images; None where there are too few of them.

    A fast algorithm mixes the windows of an image.  None too where float64 cannot tell the errors.
    """
    x, w, attributes = problem.operands["x"], problem.operands["w"], dict[str, Any](spec.attributes())
    by_window = is_direct(spec, claim) and are_disjoint(spec)
    if (value[:, 0].size if by_window else len(x)) < LEAST:
        return None
    error = errors(got, value, x, w, **attributes)
    if error is None:
        return None

    def rows(a: NDArray[Any]) -> Floats:
        return (np.moveaxis(a, 1, -1).reshape(-1, len(w)) if by_window else a.reshape(len(a), -1)).astype(np.float64)

    largest = np.abs(w.astype(np.float64)).reshape(len(w), -1).max(axis=1)
    each = np.broadcast_to(largest.reshape(1, -1, *[1] * spec.rank), value.shape)

    def allowed() -> Floats:
        return rows(deviations(value, x, w, claim.at(spec.dtype), **attributes))

    return Errors(rows(error), rows(np.sign(value)), rows(each), allowed)


def is_direct(spec: Conv, claim: Claim) -> bool:
    """Whether sums are those of the products as written: no fast algorithm is claimed that applies."""
    attributes: dict[str, Any] = spec.attributes()
    window = {name: value for name, value in attributes.items() if name not in ("group", "kernel_shape")}
    layout = windows_along(spec.extent, spec.kernel_shape, **window)
    return not applicable(claim, np.dtype(spec.dtype), layout)


def are_disjoint(spec: Conv) -> bool:
    """Whether no two windows share an element of X, and none reaches beyond it."""
    steps, dilations = spec.strides or (1,) * spec.rank, spec.dilations or (1,) * spec.rank
    covers = ((k - 1) * d + 1 for k, d in zip(spec.kernel_shape, dilations, strict=True))
    is_padded = any(spec.pads or ()) or spec.auto_pad not in (None, "NOTSET", "VALID")
    return not is_padded and all(step >= cover for step, cover in zip(steps, covers, strict=True))


def balance(errors: Errors, of: str) -> Finding:
    """Whether errors are as often above the value as below."""
    value, limit = bias((errors.rows / errors.weights).sum(axis=1))
    return Finding(value, limit, biased(value, limit, of, "downward" if value < 0 else "upward"))


def balance_outward(errors: Errors, of: str) -> Finding:
    """Whether errors are as often away from 0 as towards it."""
    value, limit = bias((errors.rows * errors.signs / errors.weights).sum(axis=1))
    way = "towards 0, as truncation errs" if value < 0 else "away from 0"
    return Finding(value, limit, biased(value, limit, of, way))


def biased(value: float, limit: float, of: str, way: str) -> str:
    """That errors do not cancel."""
    return (
        f"y is biased {way}: the errors of {of} add up to {value:.3g} times the root of the sum of their squares, at "
        f"most {limit:.3g} under rounding to nearest (false alarm below {SIGNIFICANCE:g})"
    )


def magnitude(errors: Errors, of: str) -> Finding:
    """Whether errors are as small as those of the worst order."""
    value, limit = spread(((errors.rows / errors.deviations()) ** 2).mean(axis=1))
    return Finding(
        value, limit,
        f"y errs too much: the root mean square error of {of} is {value:.3g} times the deviation of rounding to "
        f"nearest in the worst order, at most {limit:.3g} (false alarm below {SIGNIFICANCE:g})",
    )  # fmt: skip


# The errors of a fast algorithm are symmetric where X is, and no more than that is proved of them.
Test = Callable[[Errors, str], Finding]
TESTS: dict[str, tuple[Test, ...]] = {"mirrored": (balance_outward, balance), "signed": (balance, magnitude)}
FAST: dict[str, tuple[Test, ...]] = {"signed": (balance,)}
