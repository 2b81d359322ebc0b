"""How much of each bound a legal evaluation can use: a table and a plot, by search in exact rational arithmetic.

Sums of each length meet data that lose half a unit, or a whole one where sums are truncated, at every step; every other
kernel meets drawn settings and drawn ways to round.  Writes docs/tightness.md and docs/tightness.svg, which needs
matplotlib (the extra ``plot``); ``--rounds`` sets how many settings are drawn for each kernel and claim.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import ml_dtypes  # noqa: F401  # makes bfloat16 a name that NumPy knows
import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate

from reference import KERNELS
from reference.claim import (
    BFLOAT16,
    CAST_FLOAT16,
    FLOAT16,
    FLOAT16_FLOAT32,
    FLOAT32,
    NATIVE,
    TF32,
    Claim,
    Precision,
)
from reference.formats import FORMATS
from tests.reference.soundness import curves, linear
from tests.reference.soundness.cases import EVALUATIONS
from tests.reference.soundness.machine import Machine, Way, bits_of
from tests.reference.test_soundness import evaluated

Array = NDArray[Any]
LENGTHS = (1, 9, 27, 64, 576, 2304)
CLAIMS: dict[str, tuple[str, Precision]] = {
    "float32": ("float32", FLOAT32), "TF32": ("float32", TF32),
    "float16, float32 accumulator": ("float16", FLOAT16_FLOAT32),
    "float16": ("float16", FLOAT16), "bfloat16": ("bfloat16", BFLOAT16),
    "float32 cast to float16": ("float32", CAST_FLOAT16),
}  # fmt: skip
KINDS = ("full", "whole", "cancelling", "above powers", "far")
PAGE = Path(__file__).parent.parent / "docs" / "tightness.md"


# ---- sums of a length: the ball of one result, and its evaluation from factors x and w


def first(balls: Sequence[Any], *at: int) -> tuple[float, float]:
    """Value and radius of one element."""
    ball = balls[0]
    return float(ball.value[at]), float(ball.radius[at])


def conv(x: Array, w: Array, claim: Claim) -> tuple[float, float]:
    """One window."""
    return first(KERNELS["conv"](x[None, None], w[None, None], claim=claim), 0, 0, 0)


def conv_transpose(x: Array, w: Array, claim: Claim) -> tuple[float, float]:
    """One pixel of as many channels."""
    return first(KERNELS["conv_transpose"](x[None, :, None], w[:, None, None], claim=claim), 0, 0, 0)


def conv_gradient(x: Array, w: Array, claim: Claim) -> tuple[float, float]:
    """By W, over as many pixels."""
    balls = KERNELS["conv_gradient"](x[None, None], np.ones((1, 1, 1), x.dtype), w[None, None], claim=claim)
    return first(balls[1:], 0, 0, 0)


def average(x: Array, w: Array, claim: Claim) -> tuple[float, float]:
    """One channel."""
    return first(KERNELS["global_average_pool"](x[None, None], claim=claim), 0, 0, 0)


def average_gradient(x: Array, w: Array, claim: Claim) -> tuple[float, float]:
    """The element that all windows hold."""
    n = len(x)
    balls = KERNELS["average_pool_gradient"](x[None, None], claim=claim, extent=(2 * n - 1,), kernel_shape=(n,))
    return first(balls, 0, 0, n - 1)


def max_gradient(x: Array, w: Array, claim: Claim) -> tuple[float, float]:
    """The element that is the maximum of all windows."""
    n = len(x)
    image = np.eye(1, 2 * n - 1, n - 1).astype(x.dtype)[None]
    return first(KERNELS["max_pool_gradient"](image, x[None, None], claim=claim, kernel_shape=(n,)), 0, 0, n - 1)


def unpooled(x: Array, w: Array, claim: Claim) -> tuple[float, float]:
    """The place where all elements land."""
    n = len(x)
    return first(KERNELS["copy_unpool"](x[None, None], claim=claim, kernel_shape=(n,), strides=(1,)), 0, 0, n - 1)


def norm(p: int) -> Callable[[Array, Array, Claim], tuple[float, float]]:
    """One channel's."""
    return lambda x, w, claim: first(KERNELS["global_lp_pool"](x[None, None], claim=claim, p=p), 0, 0, 0)


def products(m: Machine, x: list[Fraction], w: list[Fraction]) -> Fraction:
    """Their sum."""
    return m.store(m.dot([(m.read(a), m.read(b)) for a, b in zip(x, w, strict=True)]))


def averages(m: Machine, x: list[Fraction], w: list[Fraction]) -> Fraction:
    """The mean of x, in one of three ways."""
    return m.store(linear.mean(m, x, len(x), m.source.randrange(3)))


def shares(m: Machine, x: list[Fraction], w: list[Fraction]) -> Fraction:
    """Each share a stored result, then their sum."""
    count = Fraction(len(x))
    return m.store(m.sum([m.store(m.over(m.read(a), count)) for a in x]))


def sums(m: Machine, x: list[Fraction], w: list[Fraction]) -> Fraction:
    """No products."""
    return m.store(m.sum(list(map(m.cast, x)))) if len(x) > 1 else m.cast(x[0])


Evaluate = Callable[[Machine, list[Fraction], list[Fraction]], Fraction]
SUMS: dict[str, tuple[Callable[[Array, Array, Claim], tuple[float, float]], Evaluate]] = {
    "Conv": (conv, products),
    "ConvTranspose": (conv_transpose, products),
    "Conv, derivative by W": (conv_gradient, products),
    "AveragePool": (average, averages),
    "AveragePool, derivative": (average_gradient, shares),
    "MaxPool, derivative": (max_gradient, sums),
    "un-pooling by copies": (unpooled, lambda m, x, w: averages(m, x, w) if len(x) > 1 else m.store(m.cast(x[0]))),
    "LpPool, p = 1": (norm(1), lambda m, x, w: m.store(m.sum([abs(m.read(a)) for a in x]))),
    "LpPool, p = 2": (norm(2), lambda m, x, w: curves.norm(m, x, 2)),
}


def data(n: int, dtype: str, precision: Precision, power: int) -> Iterator[tuple[Array, Array]]:
    """Factors whose sum errs as it should not: one large term and many that it loses, or every one rounded alike.

    The large one is a product that is rounded by half a unit, of factors that are read with their largest error;
    the small ones are lost as their ``power``, which is summed.
    """
    p, stored = FORMATS[dtype].bits, bits_of(precision.u_out)
    short = bits_of(precision.u_in) if precision.u_in else 0
    read = 2.0**-short if short else 0.0  # lost by each factor
    heads = [
        (1 + 2.0 ** -(stored // 2) + read, 1 + 2.0 ** -(stored - stored // 2) + read),
        (1 + read, 1 + read),
        (1.0, 1.0),
    ]
    least = precision.u_acc * (1 - 2.0 ** (1 - min(p, short or p)))
    tails = (least, precision.u_acc, precision.u_acc / 2, -least, precision.u_out / max(n - 1, 1))
    for (left, right), tail in product(heads, tails):
        x, w = np.full(n, np.copysign(abs(tail) ** (1 / power), tail)), np.ones(n)
        x[0], w[0] = left, right
        yield x.astype(dtype), w.astype(dtype)
    source = Random(n)
    for _ in range(2):
        found = [(1 + source.randrange(1, 4) * 2.0 ** -(p // 2)) * 2.0 ** source.randrange(2) for _ in range(2 * n)]
        yield np.array(found[:n]).astype(dtype), np.array(found[n:]).astype(dtype)


def ways(precision: Precision, n: int) -> Iterator[Way]:
    """Roundings as hardware has them: to nearest, and in the float32 accumulators of tensor cores truncated."""
    roundings = ["nearest, ties down", "nearest, ties up"] + ["towards zero"] * (precision.u_acc == 2.0**-23)
    orders = (
        ("forward", "smallest first", "pairwise", "greedy up", "greedy down") if n < 32 else ("forward", "pairwise")
    )
    for rounding in roundings:
        for order in orders:
            yield Way(rounding, order)


def fraction(operator: str, n: int, dtype: str, precision: Precision) -> float:
    """The largest share of the radius that the search finds."""
    judge, evaluate = SUMS[operator]
    claim, worst = Claim({**NATIVE, dtype: precision}), Fraction(0)
    for x, w in data(n, dtype, precision, 2 if operator == "LpPool, p = 2" else 1):
        try:
            value, radius = judge(x, w, claim)
        except OverflowError:
            continue
        operands = [[Fraction(float(v)) for v in a] for a in (x, w)]
        for way in ways(precision, n):
            machine = Machine(claim, dtype, way, Random(0))
            for _ in range(3 if evaluate is averages and n <= 64 else 1):
                error = abs(evaluate(machine, *operands) - Fraction(value))
                assert error <= Fraction(radius), f"{operator} of {n} in {precision.name} leaves its ball: {way}"
                worst = max(worst, error / Fraction(radius) if radius else Fraction(0))
    return float(worst)


def by_length(lengths: Sequence[int] = LENGTHS) -> dict[tuple[str, str], list[float]]:
    """For each operator and claim one fraction a length."""
    return {
        (operator, name): [fraction(operator, n, *of) for n in lengths]
        for operator in SUMS
        for name, of in CLAIMS.items()
    }


def drawn(kernel: str, dtype: str, precision: Precision, rounds: int) -> float | None:
    """The largest share over drawn settings; None where equality was due in all of them."""
    source, claim = Random(f"{kernel} {dtype} {precision.name}"), Claim({**NATIVE, dtype: precision})
    worst, rounds_any = 0.0, False
    for k in range(rounds):
        found = evaluated(kernel, dtype, claim, KINDS[k % len(KINDS)], source)
        if found:
            worst, rounds_any = max(worst, float(found[0])), True
    return worst if rounds_any and worst else None


# ---- the page


def table(lengths: Mapping[tuple[str, str], list[float]]) -> str:
    """Fractions by length."""
    rows = [[operator, claim, *(f"{f:.3f}" for f in found)] for (operator, claim), found in lengths.items()]
    return tabulate(rows, ["operator", "claim", *map(str, LENGTHS)], tablefmt="github", disable_numparse=True)


def others(rounds: int) -> str:
    """Every kernel of floating point once more, over drawn settings."""
    rows = []
    for kernel in EVALUATIONS:
        found = [drawn(kernel, *of, rounds) if kernel not in CODES else None for of in CLAIMS.values()]
        rows.append([kernel, *("equal" if f is None else f"{f:.3f}" for f in found)])
    return tabulate(rows, ["kernel", *CLAIMS], tablefmt="github", disable_numparse=True)


CODES = ("conv_integer", "qlinear_conv", "quantize_linear", "qdq_conv")  # sets of codes, each of which is met exactly


def plot(lengths: Mapping[tuple[str, str], list[float]], to: Path) -> None:
    """One panel a claim, one line an operator."""
    import matplotlib  # an extra

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"svg.hashsalt": "tightness", "font.size": 9})
    figure, panels = pyplot.subplots(2, 3, figsize=(11, 6.4), sharex=True, sharey=True, layout="constrained")
    markers = "os^vDP*Xd"
    for panel, claim in zip(panels.flat, CLAIMS, strict=True):
        for marker, operator in zip(markers, SUMS, strict=True):
            panel.plot(LENGTHS, lengths[operator, claim], marker=marker, markersize=4, linewidth=1, label=operator)
        panel.set(title=claim, xscale="log", ylim=(0, 1.02), xticks=LENGTHS, xticklabels=map(str, LENGTHS))
        panel.minorticks_off()
        panel.grid(alpha=0.3)
    figure.supxlabel("terms of the sum")
    figure.supylabel("largest error found / bound")
    figure.legend(*panels.flat[0].get_legend_handles_labels(), loc="outside right center", frameon=False)
    figure.savefig(to, metadata={"Date": None})


TEXT = """# Tightness: how much of each bound can be used

The largest error that a legal evaluation was found to have, as a fraction of the radius. A fraction of 1 would be a
radius that could not be any smaller. Made by `python -m benchmarks.tightness`, in exact rational arithmetic;
[numerics.md](numerics.md), section 20, explains what is lost where.

## Sums, by length

One large term and many that it loses, or all rounded alike, in several orders; rounded to nearest, with ties either
way, and truncated where the claim is one of tensor cores (accumulators of float32 under TF32 and float16).

{sums}

![The same as a plot](tightness.svg)

## Every kernel

{rounds} small settings drawn for each claim, and as many ways to round: to nearest in the claim's format, or in any
direction in one bit more; *equal* where equality, or one of a set of codes, was due each time.

{kernels}
"""


def main() -> None:
    """Search, and write the page and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300, help="settings drawn for each kernel and claim")
    rounds = parser.parse_args().rounds
    lengths = by_length()
    page = TEXT.format(sums=table(lengths), kernels=others(rounds), rounds=rounds)
    PAGE.write_text(page, encoding="utf-8")
    plot(lengths, PAGE.with_suffix(".svg"))


if __name__ == "__main__":
    main()
