"""The command that runs versions of a runtime side by side; it imports what it needs when it runs."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from conformance.carry_out import opened_log, told
from conformance.options import (
    UserError,
    block_option,
    case_option,
    tier_option,
    timeout_option,
    user_errors,
    workers_option,
)

OUT = Path("reports/out/versions")


@click.command()
@click.argument("runtime")
@click.argument("wanted", metavar="VERSION...", nargs=-1, required=True)
@tier_option
@block_option
@case_option
@workers_option
@timeout_option
@click.option("--all", "whole", is_flag=True, help="Print every group of changed cases, with its cases.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=OUT, show_default=True,
    help="Folder for the log and versions.md; those there are replaced.",
)  # fmt: skip
def versions(
    runtime: str, wanted: tuple[str, ...], tier: str, block: tuple[str, ...], patterns: tuple[str, ...],
    workers: int, timeout: float, whole: bool, out: Path,
) -> None:  # fmt: skip
    """Run versions of RUNTIME, each in an environment of its own, and tell what changed in which.

    Each VERSION is a release, or newest.  Environments are made by uv, or venv and pip, and kept in the user's cache
    folder (CONVFORMANCE_CACHE).  The exit status is 0 when the table could be made, whatever it shows, 1 where results
    are lacking or a fault is ours, 2 for a version that cannot be had.
    """
    with user_errors():
        from tqdm import tqdm

        from conformance import choose, environments, session
        from conformance.deviations import SHIPPED, load
        from conformance.results import LOG_NAME, Record
        from conformance.runtimes import canonical_here
        from conformance.version_changes import Compared
        from reports.versions import render

        name = canonical_here(runtime)
        asked = [environments.checked(name, version) for version in dict.fromkeys(wanted)]
        blocks = choose.blocks_of(block)
        cases = choose.cases_of(choose.tier_of(tier), blocks, patterns)
        places: dict[str, str] = {}  # the runtime's full name -> version
        try:
            for version in asked:
                click.echo(f"{name} {version}: looking for its environment ...", err=True)
                found = environments.environment(name, version, environments.cache_folder())
                places[f"{name}@{found.python}"] = found.version
        except environments.CannotInstall as error:
            raise UserError(str(error)) from error
        at, _ = session.runtimes(list(places))
        # An old version may go wrong as a newer one is known to: an entry's `since` is only where it was seen.
        waivers = [replace(waiver, since="") for waiver in load(SHIPPED)]
        plan = session.Plan(tier, blocks, cases, at, {}, bool(patterns), waivers)
        header = plan.header()
        out.mkdir(parents=True, exist_ok=True)
        log = opened_log(out / LOG_NAME, None)
    compared = Compared([at[place] for place in at])
    with log, tqdm(total=len(cases) * len(at), unit="case", file=sys.stderr, disable=None) as bar:

        def on_result(record: Record) -> None:
            compared.add(at[record.runtime], record)
            bar.set_description(at[record.runtime], refresh=False)
            bar.update()

        try:
            with told(out / LOG_NAME, "what it has is kept"):
                session.execute(plan, header, log, workers=workers, limit=timeout, on_result=on_result)
        except KeyboardInterrupt:
            sys.exit(130)
    command = f"convformance versions {runtime} {' '.join(wanted)}"
    page = render(compared, runtime=name, tier=tier, whole=whole, form="github")
    with told(out / "versions.md", "the log is whole"):
        (out / "versions.md").write_text(f"# Versions of {name}\n\n`{command}`\n\n{page}\n", encoding="utf-8")
    click.echo(render(compared, runtime=name, tier=tier, whole=whole))
    click.echo(f"\nlog: {out / LOG_NAME}   report: {out / 'versions.md'}")
    is_whole = all(len(compared.of(version)) == len(cases) for version in compared.versions)
    ours = any(compared.counts(version)["harness-error"] for version in compared.versions)
    sys.exit(1 if ours or not is_whole else 0)
