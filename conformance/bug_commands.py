"""The commands from a failure to a bug report; each imports what it needs when it runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.options import F, UserError, deviations_option, tier_option, timeout_option, user_errors

if TYPE_CHECKING:
    from graphs.grid import Case

OUT = Path("reports/out")
one_runtime = click.option("--runtime", required=True, help="The runtime by name, such as onnxruntime:cuda.")


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
        from conformance.observed import observe
        from conformance.problem import Problem
        from conformance.runtimes import open_runtime

        ((name, version),) = session.runtimes([runtime])[0].items()
        asked = chosen(case, tier)
        folder = out or OUT / "repro" / named(asked, name)
        bundle.refuse_foreign(folder)
        seen = observe(asked, name, version, load(deviations or SHIPPED), timeout)
        bundle.write(folder, Problem(asked), seen, open_runtime(name).claim, timeout)
    click.echo(f"{seen.record.verdict}: {name} {asked.id} ({seen.record.stage}): {seen.record.message}")
    click.echo(f"{folder}: python {folder / 'repro.py'}")
