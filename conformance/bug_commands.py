"""The commands from a failure to a bug report; each imports what it needs when it runs."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.options import (
    F,
    UserError,
    block_option,
    deviations_option,
    tier_option,
    timeout_option,
    user_errors,
)

if TYPE_CHECKING:
    from conformance.deviations import Deviation
    from conformance.results import Record
    from graphs.grid import Case

OUT = Path("reports/out")
one_runtime = click.option("--runtime", required=True, help="The runtime by name, such as onnxruntime:cuda.")


def finite_seconds(context: click.Context, parameter: click.Parameter, value: float) -> float:
    """Refuse nan and inf, which no range excludes."""
    if not math.isfinite(value):
        raise UserError(f"--seconds is {value}, must be a number of seconds")
    return value


def folder_option(default: str) -> Callable[[F], F]:
    """``--out`` of a command that writes a bundle."""
    return click.option("--out", type=click.Path(path_type=Path), help=f"The folder to write.  Default: {default}")


def chosen(case: str, tier: str) -> Case:
    """The case of a bundle's folder, or the first of the tier that matches."""
    from conformance import choose
    from conformance.bundle import manifest_of
    from conformance.respec import case_of

    found = manifest_of(Path(case))
    if found is not None:
        return case_of(found)
    if Path(case).is_dir():
        raise UserError(f"{case} is a folder that holds no bundle, must be one of repro, reduce or fuzz, or a case")
    first, *others = choose.cases_of(choose.tier_of(tier), choose.blocks_of(()), [case])
    if others:
        click.echo(f"{len(others) + 1} cases match, this is the first: {first.id}", err=True)
    return first


def named(case: Case, runtime: str) -> str:
    """A folder's name."""
    return re.sub(r"[^\w.+-]+", "_", f"{case.id}-on-{runtime}")


@click.command()
@click.argument("case", metavar="CASE | FOLDER")
@one_runtime
@tier_option
@timeout_option
@deviations_option
@folder_option("reports/out/repro/CASE-on-RUNTIME")
def repro(case: str, runtime: str, tier: str, timeout: float, deviations: Path | None, out: Path | None) -> None:
    """Write a case as a folder that does without this package: model, data, script, a text for an issue."""
    with user_errors():
        from conformance import bundle, session
        from conformance.deviations import SHIPPED, load

        ((name, version),) = session.runtimes([runtime])[0].items()
        asked = chosen(case, tier)
        folder = out or OUT / "repro" / named(asked, name)
        bundle.refuse_foreign(folder)
        record = kept(asked, name, version, load(deviations or SHIPPED), timeout, folder)
    click.echo(f"{record.verdict}: {name} {asked.id} ({record.stage}): {record.message}")
    click.echo(f"{folder}: python {folder / 'repro.py'}")


@click.command()
@click.argument("case", metavar="CASE | FOLDER")
@one_runtime
@tier_option
@timeout_option
@deviations_option
@click.option("--seconds", type=click.FloatRange(1), callback=finite_seconds, default=120.0, show_default=True)
@folder_option("reports/out/reduce/CASE-on-RUNTIME")
def reduce(
    case: str, runtime: str, tier: str, timeout: float, deviations: Path | None, seconds: float, out: Path | None
) -> None:
    """Find the smallest variant of a failing case that fails in the same way, and write it as repro does."""
    with user_errors():
        from conformance import bundle, session
        from conformance.deviations import SHIPPED, load
        from conformance.reducing import hypothesis, reduced
        from conformance.results import BAD
        from conformance.trial import trial

        hypothesis()
        ((name, version),) = session.runtimes([runtime])[0].items()
        asked = chosen(case, tier)
        folder = out or OUT / "reduce" / named(asked, name)
        bundle.refuse_foreign(folder)
        waivers = load(deviations or SHIPPED)
        with trial(name, version, [], timeout) as tried:
            (first,) = tried.records([asked])
            if first.verdict not in BAD:
                raise UserError(f"{asked.id} does not fail on {name}, it is {first.verdict}: {first.message}")
            least = reduced(asked, first, lambda one: tried.records([one])[0], seconds)
        record = kept(least.case, name, version, waivers, timeout, folder)
    short = "; time or tries ran out, a smaller one may fail too" * least.is_cut_short
    click.echo(f"{asked.id}\n-> {least.case.id}, after {len(least.seen)} variants{short}")
    click.echo(f"{record.verdict}: {name} ({record.stage}): {record.message}")
    click.echo(f"{folder}: python {folder / 'repro.py'}")


@click.command()
@one_runtime
@block_option
@click.option("--seconds", type=click.FloatRange(1), callback=finite_seconds, default=600.0, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Another one draws other cases.")
@timeout_option
@deviations_option
@folder_option("reports/out/fuzz/RUNTIME, with a folder for each finding")
def fuzz(
    runtime: str, block: tuple[str, ...], seconds: float, seed: int, timeout: float, deviations: Path | None,
    out: Path | None,
) -> None:  # fmt: skip
    """Look for failures beyond the grid, reduce them, tell their causes apart; exit status 1 with a new one."""
    with user_errors():
        from conformance import bundle, choose, session
        from conformance.deviations import SHIPPED, load
        from conformance.fuzzing import Finding
        from conformance.fuzzing import fuzz as search
        from conformance.reducing import hypothesis
        from conformance.trial import trial

        hypothesis()
        blocks = choose.blocks_of(block)
        ((name, version),) = session.runtimes([runtime])[0].items()
        root = out or OUT / "fuzz" / re.sub(r"[^\w.+-]+", "_", name)
        if root.exists() and not root.is_dir():
            raise UserError(f"--out {root} is a file, must be a folder")
        waivers = load(deviations or SHIPPED)
        folders: dict[int, Path] = {}

        def tell(finding: Finding) -> None:
            click.echo(f"{finding.least.record.verdict}: {finding.least.case.id}", err=True)

        with trial(name, version, waivers, timeout) as tried:
            found = search(tried, blocks, seconds, seed, tell)
        for number, finding in enumerate(found.findings, 1):
            if finding.kind[0] != "harness-error":
                folders[number] = root / f"{number:02}-{finding.block}-{finding.kind[0]}"
                try:
                    kept(finding.least.case, name, version, waivers, timeout, folders[number])
                except bundle.CannotBundle as error:
                    click.echo(str(error), err=True)
    told = ", ".join(f"{n} {verdict}" for verdict, n in found.counts.most_common())
    total = found.counts.total()
    rate = f"{total / max(found.seconds, 1e-9):.0f} a second, {tried.tried - total} more to reduce"
    click.echo(f"{name} {version}, seed {seed}: {total} cases in {found.seconds:.0f} s, {rate}: {told or 'none'}")
    click.echo(f"{len(found.findings)} findings beside known deviations")
    for number, finding in enumerate(found.findings, 1):
        click.echo(f"{number:2} {finding.kind[0]} {finding.block}: {found.reason(finding)}")
        click.echo(f"   {finding.least.case.id}: {finding.least.record.message[:200]}")
        click.echo(f"   {folders.get(number, 'a fault of this package, no folder')}")
    sys.exit(1 if found.findings else 0)


def kept(case: Case, name: str, version: str, waivers: Sequence[Deviation], timeout: float, folder: Path) -> Record:
    """Write the case's bundle, and give its record."""
    from conformance import bundle
    from conformance.observed import observe
    from conformance.problem import Problem
    from conformance.runtimes import open_runtime

    seen = observe(case, name, version, waivers, timeout)
    bundle.write(folder, Problem(case), seen, open_runtime(name).claim, timeout)
    return seen.record
