"""How tight a bound is after a whole network: the radius beside the values, and how much of it each runtime uses.

One line an architecture, judged at its end and from layer to layer; pass names to choose architectures.
"""

from __future__ import annotations

import sys

import numpy as np
from tabulate import tabulate

from conformance.problem import Problem
from conformance.runtimes import canonical, open_runtime
from graphs.blocks.network import ARCHITECTURES, Network
from graphs.grid import Case
from reference.ball import Ball
from reference.claim import Claim

RUNTIMES = ("onnxruntime:cpu", "onnxruntime:cpu:noopt", "torch:cpu")


def used(problem: Problem, runtime: str, *, probes: bool) -> tuple[list[Ball], float]:
    """The balls of all results, and the largest error as a fraction of its radius."""
    found = open_runtime(canonical(runtime)).prepare(problem.model)(problem.feeds())
    came = dict(zip(problem.spec.outputs(), found, strict=True)) if probes else {}
    balls = [ball for ball in problem.expected(Claim(), **came) if isinstance(ball, Ball)]
    worst = 0.0
    for ball, result in zip(balls, found, strict=True):
        error, bounded = np.abs(result.astype(np.float64) - ball.value), ball.radius > 0
        worst = max(worst, float((error[bounded] / ball.radius[bounded]).max(initial=0)))
    return balls, worst


def line(architecture: str, *, probes: bool) -> list[str]:
    """One architecture on every runtime, random numbers in float32."""
    problem = Problem(Case(Network(architecture=architecture, probes=probes), "random"))
    relative, fractions = 0.0, []
    for runtime in RUNTIMES:
        balls, worst = used(problem, runtime, probes=probes)
        relative = max(float(ball.radius.max() / np.abs(ball.value).max()) for ball in balls)
        fractions.append(f"{worst:.2g}")
    return [architecture, "each layer" if probes else "at the end", f"{relative:.2g}", *fractions]


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(ARCHITECTURES)
    rows = [line(name, probes=probes) for name in chosen for probes in (False, True)]
    print(tabulate(rows, ["architecture", "judged", "radius / largest value", *RUNTIMES], disable_numparse=True))
