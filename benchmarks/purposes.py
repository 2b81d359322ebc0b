"""Which planted faults each data set finds, and which it alone does: writes docs/data.md to the standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from concurrent.futures import Future, as_completed

from pebble import ProcessPool
from tabulate import tabulate
from tqdm import tqdm

from conformance.execute import try_case
from conformance.options import processors
from conformance.power import Mutant, load, mutants, planted
from graphs.blocks import BLOCKS
from graphs.data import DATA
from graphs.grid import cases

PAGE = """\
# Data sets and what they are for

Each case of the grid is a setting on a data set, and each set is there for what it shows. `convformance list data`
prints this; inputs are drawn from the case's name (graphs/data.py). A setting gets every set that suits it, and of
those marked *in turn* one: the one that cases of its block and type have met least. The sets with 0 quick cases are
those of the named cases `statistics-conv-...` (numerics.md, section 19), which are no part of the grid of settings.

{sets}

Every planted fault in every block that it suits, {tried} in all, was tried on the cases of the quick tier that have no
name of their own (docs/power.md says what a planted fault is). A fault that several sets find counts for each of them;
*alone* are those that no other set finds. Where that is 0 the set repeats what others show, on numbers that are easier
to read. Made by `python benchmarks/purposes.py > docs/data.md`.

{found}

Found by one set alone:

{alone}"""


def finders(mutant: Mutant) -> list[str]:
    """In a worker: the data sets of which some case gets the verdict due to the fault."""
    fault = planted()[mutant.fault]
    runtime = fault.runtime()
    found: dict[str, bool] = {}
    for case in cases(mutant.block, "quick"):
        if case.name is None and not found.get(case.data):
            found[case.data] = try_case(case, mutant.fault, runtime).verdict == fault.verdict
    return [name for name, is_found in found.items() if is_found]


def sets() -> str:
    """Each data set with its types, who gets it, and what it shows."""
    met = {name: [c for b in BLOCKS for c in cases(b, "quick") if c.data == name and c.name is None] for name in DATA}
    rows = [
        [
            f"`{name}`",
            data.shows,
            len({c.spec.block for c in met[name]}),
            len(met[name]),
            "" if all(data.whole(c.spec) for c in met[name]) else "in turn",
        ]
        for name, data in DATA.items()
    ]
    return tabulate(rows, ["set", "shows", "blocks", "quick cases", ""], tablefmt="github")


def page(found: dict[Mutant, list[str]]) -> str:
    """The document."""
    alone: dict[str, list[Mutant]] = {name: [] for name in DATA}
    for mutant, names in found.items():
        if len(names) == 1:
            alone[names[0]].append(mutant)
    rows = [
        [f"`{n}`", sum(n in names for names in found.values()), len(alone[n])]
        for n in DATA
        if any(n in names for names in found.values())
    ]
    table = tabulate(rows, ["set", "faults found", "alone"], tablefmt="github")
    lines = [f"- `{name}`: {listed(of)}" for name, of in alone.items() if of]
    return PAGE.format(sets=sets(), tried=len(found), found=table, alone="\n".join(lines))


def listed(found: Iterable[Mutant]) -> str:
    """Faults with their blocks."""
    blocks: dict[str, list[str]] = {}
    for mutant in found:
        blocks.setdefault(mutant.fault, []).append(mutant.block)
    return "; ".join(f"{fault} ({', '.join(names)})" for fault, names in blocks.items())


if __name__ == "__main__":
    todo = [m for m in mutants(tuple(BLOCKS), "*") if not planted()[m.fault].ends_process]
    result: dict[Mutant, list[str]] = {}
    with ProcessPool(processors(), initializer=load, initargs=["quick"]) as pool:
        tasks: dict[Future[list[str]], Mutant] = {pool.schedule(finders, args=[m]): m for m in todo}
        for task in tqdm(as_completed(tasks), total=len(tasks), file=sys.stderr, disable=None):
            result[tasks[task]] = task.result()
    print(page({m: result[m] for m in todo}))
