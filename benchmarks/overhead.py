"""What the suite adds to a runtime's own work: building, reference, comparison and recording against session and run.

Both are timed on the same models in the same process, case after case, so that a busy machine slows
both.  Prints the ratio of the sums for each round and their median; 1.0 means the suite costs as
much as the runtime's own session creation and single run.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in the runner's workers; read when NumPy is imported

import io
import statistics
import time

from conformance.execute import conclude, traits
from conformance.judge import judge
from conformance.problem import Problem
from conformance.results import Record, Writer
from conformance.runtimes import open_runtime
from graphs.blocks import BLOCKS
from graphs.grid import Case, plan
from reference.claim import Claim

ROUNDS = 7
RUNTIME = "onnxruntime:cpu"


def once(case: Case, runtime: object, claim: Claim, log: Writer) -> tuple[float, float] | None:
    """Seconds of ours and of the runtime's for one case, or None where the runtime declines it."""
    t0 = time.perf_counter()
    problem = Problem(case)
    model, feeds = problem.model, problem.feeds()
    expected = problem.expected(claim)
    t1 = time.perf_counter()
    try:
        got = list(runtime.prepare(model)(feeds))  # type: ignore[attr-defined]
    except Exception:  # declined or refused: there is nothing to compare with
        return None
    t2 = time.perf_counter()
    record = Record(case=case.id, block=case.spec.block, runtime=RUNTIME, verdict="pass", traits=traits(case))
    conclude(record, problem, judge(case.spec.outputs(), expected, got), claim, expected, got)
    log.add(record)
    t3 = time.perf_counter()
    return (t1 - t0) + (t3 - t2), t2 - t1


def main() -> None:
    """Print the ratio block by block and over all, the median of several rounds."""
    runtime = open_runtime(RUNTIME)
    cases = plan("quick")
    ratios: dict[str, list[float]] = {block: [] for block in (*BLOCKS, "all")}
    for _ in range(ROUNDS + 1):
        sums = {block: [0.0, 0.0] for block in ratios}
        log = Writer(io.StringIO(), {})
        for case in cases:
            found = once(case, runtime, runtime.claim, log)
            for block in (case.spec.block, "all") if found else ():
                sums[block] = [a + b for a, b in zip(sums[block], found or (), strict=True)]
        for block, (ours, theirs) in sums.items():
            ratios[block].append(ours / theirs)
            if block == "all":
                print(f"ours {ours * 1e3:.0f} ms, {RUNTIME} {theirs * 1e3:.0f} ms, {ours / theirs:.2f}")
    for block, found_ratios in ratios.items():  # the first round warms up
        print(f"{block}: {statistics.median(found_ratios[1:]):.2f} (ours / session creation and run)")


if __name__ == "__main__":
    main()
