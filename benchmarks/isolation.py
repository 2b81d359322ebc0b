"""The price of isolation: one worker process through the runner against the same cases in this process.

Rounds of the two alternate, so that a busy machine slows both.  Prints for each the ratio with the
start of the pool and without it (from the first record on), and the medians.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in the runner's workers; read when NumPy is imported

import statistics
import time

from conformance.execute import try_case
from conformance.runner import run
from conformance.runtimes import open_runtime
from graphs.grid import plan

ROUNDS = 5
RUNTIME = "onnxruntime:cpu"


def main() -> None:
    """Every tenth case of the quick tier."""
    cases = plan("quick")[::10]
    runtime = open_runtime(RUNTIME)
    for case in cases:  # warms up
        try_case(case, RUNTIME, runtime)
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for case in cases:
            try_case(case, RUNTIME, runtime)
        alone = time.perf_counter() - start
        start = time.perf_counter()
        records = run(RUNTIME, cases, workers=1, limit=60)
        next(records)
        first = time.perf_counter()
        number = 1 + sum(1 for _ in records)
        end = time.perf_counter()
        assert number == len(cases)
        found.append(((end - start) / alone, (end - first) / alone))
        print(f"{number} cases: {alone:.2f} s here, {end - start:.2f} s isolated, {end - first:.2f} s after the first")
    whole, after = map(statistics.median, zip(*found, strict=True))
    print(f"isolated / not: {whole:.2f} with the start of the pool, {after:.2f} without")


if __name__ == "__main__":
    main()
