"""How many planted faults the cases find: each fault, in each block, against a tier and against ONNX's own suite."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from pebble import ProcessExpired, ProcessPool

from conformance import node_suite, runner
from conformance.execute import try_case
from conformance.runtimes import Unknown
from conformance.runtimes.protocol import Unavailable
from conformance.scores import Outcome
from graphs.blocks import BLOCKS, SINGLE
from graphs.grid import cases

ONNX = "ONNX's node suite"
LIMIT = 2.0  # seconds that a case may take where a fault may hang
HANGS = 10.0  # seconds that a fault may take over ONNX's cases of an operator, where it may hang
PATIENCE = 900.0  # seconds that one fault may take over all cases of a block


class Mutant(NamedTuple):
    """One fault in one block."""

    fault: str
    block: str


@cache
def planted() -> Mapping[str, Any]:
    """The faults by name, from tests/ of a checkout; raises `Unavailable`."""
    root = str(Path(__file__).resolve().parent.parent)
    for folder in (root, str(Path.cwd())):
        if (Path(folder) / "tests" / "fakes" / "faults").is_dir():
            if folder not in sys.path:
                sys.path.append(folder)
            found: Mapping[str, Any] = import_module("tests.fakes.faults").FAULTS
            return found
    raise Unavailable(
        "the planted faults are in tests/ of a checkout, which is not here", "run this in a clone's root folder"
    )


def mutants(blocks: Sequence[str], pattern: str) -> list[Mutant]:
    """Each fault whose name or family matches, in each of its blocks; raises `Unknown` where there is none."""
    found = [
        Mutant(name, block)
        for name, fault in planted().items()
        if fnmatchcase(name, pattern) or fnmatchcase(fault.family, pattern)
        for block in fault.blocks
        if block in blocks
    ]
    if not found:
        raise Unknown("fault", pattern, {fault.family for fault in planted().values()})
    return found


def killer(mutant: Mutant, suite: str) -> str:
    """In a worker: the first case of a tier, or of ONNX's suite, that gets the verdict due to the fault."""
    fault = planted()[mutant.fault]
    runtime = fault.runtime()
    if suite == ONNX:
        found = node_suite.suite().get(BLOCKS[mutant.block].op_type, ())
        return next((c.name for c in found if c.name in sound(mutant.block) and node_suite.fails(c, runtime)), "")
    for case in cases(mutant.block, suite):
        if try_case(case, mutant.fault, runtime).verdict == fault.verdict:
            return case.id
    return ""


def load(suite: str) -> None:
    """In a worker, before a task's clock runs: what takes long to import."""
    planted()
    if suite == ONNX:
        node_suite.suite()


@cache
def sound(block: str) -> frozenset[str]:
    """ONNX's cases of the block's operator that the correct executor passes."""
    correct = import_module("tests.fakes.fake").Fake()
    found = node_suite.suite().get(BLOCKS[block].op_type, ())
    return frozenset(case.name for case in found if not node_suite.fails(case, correct))


def ended_by(mutant: Mutant, suite: str) -> str:
    """The same where the fault ends its process or never comes back: through the runner's isolation."""
    name = import_module("tests.fakes.planted").identifier(mutant.fault)
    records = runner.run(
        f"backend:tests.fakes.planted.{name}", cases(mutant.block, suite), workers=1, limit=LIMIT, most=1
    )
    verdict = planted()[mutant.fault].verdict
    return next((record.case for record in records if record.verdict == verdict), "")


def attack(todo: Sequence[Mutant], suite: str, workers: int) -> Iterator[tuple[Mutant, str]]:
    """Each mutant and the case that kills it, in the order in which they are done."""
    ends = [m for m in todo if planted()[m.fault].ends_process]
    others = [m for m in todo if m not in ends] + (ends if suite == ONNX else [])
    with ProcessPool(workers, initializer=load, initargs=[suite]) as pool:
        tasks: dict[Future[str], Mutant] = {
            pool.schedule(killer, args=[m, suite], timeout=HANGS if m in ends else PATIENCE): m for m in others
        }
        for task in as_completed(tasks):
            try:
                yield tasks[task], task.result()
            except (TimeoutError, ProcessExpired) as error:
                if tasks[task] not in ends:
                    raise
                yield tasks[task], f"a {type(error).__name__}"
    if suite != ONNX:
        yield from ((mutant, ended_by(mutant, suite)) for mutant in ends)


def carry_out(
    todo: Sequence[Mutant], tiers: Sequence[str], *, onnx: bool, workers: int, tick: Callable[[], Any] = lambda: None
) -> list[Outcome]:
    """Try the mutants on a tier, what survives it on the next one, and, with ``onnx``, all on ONNX's own suite."""
    killers: dict[Mutant, dict[str, str]] = {mutant: {} for mutant in todo}
    left = list(todo)
    for tier in tiers:
        for mutant, found in attack(left, tier, workers):
            killers[mutant][tier] = found
            tick()
        for mutant in set(todo) - set(left):
            killers[mutant][tier] = next(filter(None, killers[mutant].values()))
        left = [mutant for mutant in left if not killers[mutant][tier]]
    if onnx:
        known = [m for m in todo if m.block in SINGLE and node_suite.suite().get(BLOCKS[m.block].op_type)]
        for mutant, found in attack(known, ONNX, workers):
            killers[mutant][ONNX] = found
            tick()
    faults = planted()
    return [
        Outcome(
            fault=m.fault, family=faults[m.fault].family, block=m.block, killers=killers[m],
            source=faults[m.fault].source,
        )
        for m in todo
    ]  # fmt: skip
