"""The command line; every command imports what it needs when it runs, so that --help is quick."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance import __version__
from conformance.bug_commands import fuzz, reduce, repro
from conformance.carry_out import carry_out, show
from conformance.merge_command import merge
from conformance.options import (
    UserError,
    block_option,
    case_option,
    deviations_option,
    executor_option,
    out_option,
    resume_option,
    runtime_option,
    shard_option,
    tier_option,
    timeout_option,
    user_errors,
    workers_option,
)
from conformance.version_command import versions

if TYPE_CHECKING:
    from conformance.session import Plan

OUT = Path("reports/out")


@click.group()
@click.version_option(__version__, prog_name="convformance")
def main() -> None:
    """Conformance of neural-network runtimes on the building blocks of convolutional networks."""


for command in (merge, repro, reduce, fuzz, versions):
    main.add_command(command)


@main.command()
@tier_option
@block_option
@runtime_option
@case_option
@workers_option
@timeout_option
@executor_option
@deviations_option
@out_option(OUT)
@resume_option
@shard_option
def run(
    tier: str, block: tuple[str, ...], runtime: tuple[str, ...], patterns: tuple[str, ...],
    workers: int, timeout: float, executor: str, deviations: Path | None, out: Path, resume: bool, shard: str | None,
) -> None:  # fmt: skip
    """Run the grid on the runtimes, write the log and the report, print a summary."""

    def plan() -> Plan:
        from conformance import choose, session
        from conformance.deviations import SHIPPED, load
        from conformance.fingerprint import content
        from conformance.shards import shard_of

        blocks = choose.blocks_of(block)
        part = shard_of(shard) if shard else None
        known = deviations or SHIPPED
        waivers = load(known)
        versions, unavailable = session.runtimes(runtime)
        cases = choose.plan_of(choose.tier_of(tier), blocks, patterns)
        if tier != "quick":
            click.echo(f"planning tier {tier} and counting what it covers ...", err=True)
        options = {"block": sorted(block), "case": sorted(patterns), "timeout": timeout, "deviations": content(known)}
        made = session.Plan(tier, blocks, cases, versions, unavailable, bool(patterns), waivers, options, part)
        if part and not any(made.portions()):
            raise UserError(f"--shard {part} has no case: there are {len(cases)}")
        return made

    carry_out(plan, workers, timeout, out, resume=resume, executor=executor)


@main.command()
@runtime_option
@case_option
@workers_option
@timeout_option
@executor_option
@out_option(OUT / "invalid")
@resume_option
def invalid(
    runtime: tuple[str, ...], patterns: tuple[str, ...], workers: int, timeout: float, executor: str, out: Path,
    resume: bool,
) -> None:  # fmt: skip
    """Give invalid graphs, each beside a valid twin, to ONNX's checker and the runtimes; tell where each is refused."""

    def plan() -> Plan:
        from conformance import choose
        from conformance.invalid import plan

        made = plan(choose.invalid_of(patterns), runtime)
        made.options = {"case": sorted(patterns), "timeout": timeout}
        return made

    carry_out(plan, workers, timeout, out, resume=resume, executor=executor)


@main.command()
@tier_option
@block_option
@click.option("--fault", "pattern", default="*", metavar="PATTERN", help="Faults or families, * matches anything.")
@workers_option
@click.option("--onnx", is_flag=True, help="Try ONNX's own node suite on the same faults.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file for the report as well.")
def power(tier: str, block: tuple[str, ...], pattern: str, workers: int, onnx: bool, out: Path | None) -> None:
    """Plant faults in a correct runtime and count how many the cases find; needs a checkout, for its tests/."""
    with user_errors():
        from tqdm import tqdm

        from conformance import choose
        from conformance import power as planting
        from reports.power import as_markdown

        tiers = list(dict.fromkeys(["quick", choose.tier_of(tier)]))
        todo = planting.mutants(choose.blocks_of(block), pattern)
        report_file = out.open("w", encoding="utf-8") if out else contextlib.nullcontext()
    with report_file as stream, tqdm(unit="fault", file=sys.stderr, disable=None) as bar:
        found = planting.carry_out(todo, tiers, onnx=onnx, workers=workers, tick=bar.update)
        text = as_markdown(found, [*tiers, *[planting.ONNX] * onnx])
        if stream:
            stream.write(text + "\n")
    click.echo(text)


@main.command("list")
@click.argument("what", metavar="blocks|runtimes|cases|data|invalid")
@tier_option
@block_option
def list_(what: str, tier: str, block: tuple[str, ...]) -> None:
    """List blocks, runtimes, cases, data sets or invalid graphs."""
    with user_errors():
        from conformance.listing import LISTINGS
        from conformance.runtimes import Unknown

        if what not in LISTINGS:
            raise Unknown("list", what, LISTINGS)
        for line in LISTINGS[what](tier, block):
            click.echo(line)


@main.command()
@click.argument("case")
@tier_option
@runtime_option
@timeout_option
@deviations_option
def explain(case: str, tier: str, runtime: tuple[str, ...], timeout: float, deviations: Path | None) -> None:
    """Show a case: graph, shapes by formula, inputs, expected values and bounds, each runtime's worst element."""
    with user_errors():
        from conformance import choose, session
        from conformance.deviations import SHIPPED, load
        from conformance.explain import explain as parts

        first, *others = choose.cases_of(choose.tier_of(tier), choose.blocks_of(()), [case])
        versions, _ = session.runtimes(runtime)
        if others:
            click.echo(f"{len(others) + 1} cases match, this is the first", err=True)
        for part in parts(first, versions, load(deviations or SHIPPED), timeout):
            click.echo(part)


@main.command()
@click.argument("what", required=False, metavar="[BLOCK | MODEL_DIR | onnx-node]")
@tier_option
@block_option
@click.option("--ignore", multiple=True, metavar="AXIS", help="An axis to leave out; may be repeated.")
@click.option("--all", "is_whole", is_flag=True, help="Print every missing combination.")
def cover(what: str | None, tier: str, block: tuple[str, ...], ignore: tuple[str, ...], is_whole: bool) -> None:
    """Count t-way coverage for t = 1, 2, 3: of a block's tier, a folder of ONNX models, or ONNX's own node cases."""
    with user_errors():
        from conformance.choose import blocks_of, tier_of
        from conformance.covering import FEW, View, lines

        view = View(tier_of(tier), blocks_of(block), ignore, None if is_whole else FEW)
        for line in lines(what, view):
            click.echo(line)


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--format", "form", default="text", show_default=True, help="text, markdown or json.")
def report(directory: Path, form: str) -> None:
    """Print a report of the run whose log lies in DIRECTORY."""
    with user_errors():
        from conformance.results import opened
        from conformance.runtimes import Unknown
        from reports import PIECES

        if form not in PIECES:
            raise Unknown("format", form, PIECES)
        show(PIECES[form](opened(directory)))
