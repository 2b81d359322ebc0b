"""No legal evaluation leaves a radius: every kernel, every claim, rounded as badly as may be, in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

import reference.claim
from reference import KERNELS, SELECTING
from reference.ball import Ball, Expected
from reference.bound import refuse_cast
from reference.claim import (
    BFLOAT16,
    BFLOAT16_FLOAT32,
    CAST_BFLOAT16,
    CAST_BFLOAT16_THROUGHOUT,
    CAST_FLOAT16,
    CAST_FLOAT16_THROUGHOUT,
    CAST_FLOAT32,
    EXACT,
    FLOAT16,
    FLOAT16_FLOAT32,
    FLOAT32,
    FLOAT64,
    NATIVE,
    TF32,
    THREE_TF32,
    Claim,
    Precision,
)
from reference.linear import LINEAR
from reference.network import MOVES
from reference.nonlinear import NONLINEAR
from reference.winograd import WINOGRAD, Winograd
from tests.reference.soundness import layers, winograd
from tests.reference.soundness.cases import EVALUATIONS
from tests.reference.soundness.draws import KINDS, Array, Draw, exact
from tests.reference.soundness.machine import ORDERS, ROUNDINGS, Machine, Way

CLAIMS: list[tuple[str, Precision]] = [
    ("float64", FLOAT64), ("float64", CAST_FLOAT32), ("float64", CAST_FLOAT16), ("float32", FLOAT32), ("float32", TF32),
    ("float32", THREE_TF32), ("float32", CAST_FLOAT16), ("float32", CAST_FLOAT16_THROUGHOUT),
    ("float32", CAST_BFLOAT16),
    ("float32", CAST_BFLOAT16_THROUGHOUT), ("float16", FLOAT16), ("float16", FLOAT16_FLOAT32), ("bfloat16", BFLOAT16),
    ("bfloat16", BFLOAT16_FLOAT32), ("float32", Precision("TF32, operands truncated", 2.0**-10, 2.0**-23, 2.0**-24)),
]  # fmt: skip
CODES = ("conv_integer", "qlinear_conv", "quantize_linear", "qdq_conv")  # codes, of which each may be right
QUANTISED = ("qlinear_conv", "qdq_conv")  # scales are of float32
REFUSED = (OverflowError, NotImplementedError)  # a case that is not planned


def test_every_kernel_is_evaluated() -> None:
    assert set(EVALUATIONS) == set(KERNELS)
    assert set(layers.OPERATORS) == set(LINEAR) | set(NONLINEAR) | set(MOVES) | {"Add", "Sub", "Concat"}
    used = {step[0] for steps, _ in [*layers.GRAPHS.values(), layers.PYRAMID] for step in steps}
    assert used == set(layers.OPERATORS)


def test_every_claim_is_met() -> None:
    named = {value for value in vars(reference.claim).values() if isinstance(value, Precision)}
    assert {precision for _, precision in CLAIMS} >= named - {EXACT}


def way_of(source: Random, precision: Precision) -> Way:
    """Any rounding and order; tensor cores truncate in blocks."""
    truncates = precision.u_acc == 2.0**-23 and not source.randrange(4)
    return Way(
        "towards zero" if truncates else source.choice(list(ROUNDINGS)), source.choice(ORDERS),
        fused=bool(source.randrange(2)), flush=source.choice(("never", "always", "either")),
        block=source.choice((1, 2, 4, 8)) if truncates else 0,
    )  # fmt: skip


def leaves(expected: Expected, got: Array) -> Fraction:
    """The largest error as a fraction of the radius, above 1 where one is outside; in exact arithmetic."""
    worst = Fraction(0)
    for at in np.ndindex(*got.shape):
        if expected.undecided is not None and expected.undecided[at]:
            continue
        y: Fraction = got.item(at)
        if not isinstance(expected, Ball):
            is_met = any(
                int(c) == y for c, ok in zip(expected.candidates[at], expected.admissible[at], strict=True) if ok
            )
            worst = max(worst, Fraction(0 if is_met else 2))
            continue
        worst = max(worst, min(share(ball, at, y) for ball in (expected, *expected.others)))
    return worst


def share(ball: Ball, at: tuple[int, ...], y: Fraction) -> Fraction:
    """An error over its radius; 2 for any error where equality is due."""
    error, radius = abs(y - Fraction(float(ball.value[at]))), Fraction(float(ball.radius[at]))
    return error / radius if radius else Fraction(2 if error else 0)


def evaluated(kernel: str, dtype: str, claim: Claim, kind: str, source: Random) -> tuple[Fraction, str] | None:
    """One drawn case in one drawn way: what it uses of the bound, and what it was; None where it is refused."""
    evaluate, make = EVALUATIONS[kernel]
    case = make(Draw(source, dtype, kind))
    try:
        for value in case.operands.values():
            refuse_cast(value, claim, multiplied=kernel not in SELECTING)
        expected = KERNELS[kernel](**case.operands, claim=claim, **case.attributes)
    except REFUSED:
        return None
    way = way_of(source, claim.at(dtype))
    machine = Machine(claim, dtype, way, source)
    operands = [value if value.dtype.kind in "iu" else exact(value) for value in case.operands.values()]
    plain = case.attributes if case.plain is None else case.plain
    found = evaluate(machine, *operands, **plain)
    assert [y.shape for y in found] == [
        (e.value if isinstance(e, Ball) else e.admissible[..., 0]).shape for e in expected
    ]
    for e in expected:
        assert not isinstance(e, Ball) or np.isfinite(e.radius[np.isfinite(e.value)]).all(), "a radius is no number"
    used = max(leaves(e, y) for e, y in zip(expected, found, strict=True))
    return used, f"{kernel} {dtype} {claim.at(dtype).name} {kind} {way} {dict(case.attributes)}"


@pytest.mark.parametrize("kernel", [kernel for kernel in EVALUATIONS if kernel not in CODES])
def test_an_evaluation_in_bfloat16_leaves_the_radius_of_float32(kernel: str) -> None:
    """So that a radius that held everything would be seen, and an evaluation that rounded nothing."""
    evaluate, make = EVALUATIONS[kernel]
    source, narrow = Random(kernel), Claim({**NATIVE, "float32": CAST_BFLOAT16_THROUGHOUT})
    found = []
    for _ in range(12):
        case = make(Draw(source, "float32", "full"))
        expected = KERNELS[kernel](**case.operands, claim=Claim(), **case.attributes)
        operands = [value if value.dtype.kind in "iu" else exact(value) for value in case.operands.values()]
        plain = case.attributes if case.plain is None else case.plain
        got = evaluate(Machine(narrow, "float32", Way(), source), *operands, **plain)
        found.append(max(leaves(e, y) for e, y in zip(expected, got, strict=True)))
        if found[-1] > 1:
            break
    assert max(found) > 1


def check(kernel: str, rounds: int, seed: str) -> None:
    """All claims and kinds of numbers, subnormal numbers kept and flushed."""
    source = Random(f"{kernel} {seed}")
    met = dict[tuple[str, str, bool], int]()
    for number, (dtype, precision) in enumerate(CLAIMS * rounds):
        if kernel in QUANTISED and dtype != "float32":
            continue
        for flushes in (False, True):
            claim = Claim({**NATIVE, dtype: precision}, flush_to_zero=flushes)
            kinds = KINDS[number % len(KINDS) :] + KINDS[: number % len(KINDS)]
            for kind in kinds:
                found = evaluated(kernel, dtype, claim, kind, source)
                if found is not None:
                    used, what = found
                    assert used <= 1, f"{float(used):.4f} of the radius: {what}"
                    met[dtype, precision.name, flushes] = met.get((dtype, precision.name, flushes), 0) + 1
                    break
    assert met


@pytest.mark.parametrize("kernel", EVALUATIONS)
def test_no_evaluation_leaves_its_radius(kernel: str) -> None:
    check(kernel, 1, "default")


@pytest.mark.long
@pytest.mark.parametrize("kernel", EVALUATIONS)
def test_no_evaluation_of_many_leaves_its_radius(kernel: str) -> None:
    check(kernel, 40, "long")


def fast_share(f: Winograd, dtype: str, rank: int, source: Random) -> Fraction:
    """What one drawn convolution of two channels by tiles uses of its radius."""
    draw = Draw(source, dtype, source.choice(("full", "cancelling", "above powers")))
    x, w, b = draw(1, 2, *[4] * rank), draw(1, 2, *[f.r] * rank), draw(1)
    claim, pads = Claim(fast={dtype: (f,)}), [1] * 2 * rank
    (ball,) = KERNELS["conv"](x, w, b, claim=claim, pads=pads)
    assert isinstance(ball, Ball)
    way = Way(source.choice(list(ROUNDINGS)), source.choice(ORDERS), fused=bool(source.randrange(2)))
    y = winograd.conv(Machine(claim, dtype, way, source), f, exact(x)[0], exact(w)[0], exact(b), pads=pads)
    return leaves(ball, y[None, None])


@pytest.mark.parametrize("f", WINOGRAD, ids=lambda f: f"F({f.m}, {f.r})")
def test_tiles_stay_inside(f: Winograd) -> None:
    """Section 18, wherever tiles begin."""
    source = Random(f.m)
    assert all(0 < fast_share(f, dtype, 1, source) <= 1 for dtype in ("float32", "float64") for _ in range(2))
    assert fast_share(f, "float32", 2, source) <= 1


@pytest.mark.long
@pytest.mark.parametrize("f", WINOGRAD, ids=lambda f: f"F({f.m}, {f.r})")
def test_many_tiles_stay_inside(f: Winograd) -> None:
    source = Random(f.m)
    for dtype, rank, rounds in (("float32", 1, 150), ("float64", 1, 150), ("float32", 2, 15)):
        assert all(fast_share(f, dtype, rank, source) <= 1 for _ in range(rounds))
