"""The command line's `merge`: the logs of shards become one log and one report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.carry_out import REPORT, appended, set_aside, told, write_report
from conformance.options import UserError, deviations_option, user_errors

if TYPE_CHECKING:
    from conformance.merging import Merged


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="LOG...")
@deviations_option
def merge(out: Path, logs: tuple[Path, ...], deviations: Path | None) -> None:
    """Put logs of shards (files, or folders that hold one) together into OUT: log, report, and run's exit status."""
    with user_errors():
        from conformance import merging
        from conformance.deviations import SHIPPED, load
        from conformance.fingerprint import content
        from conformance.log_lines import LOG_NAME, place

        target = out / LOG_NAME
        if any(target.exists() and place(log).exists() and place(log).samefile(target) for log in logs):
            raise UserError(f"{target} is one of the logs, must be in another folder")
        merged = merging.gathered(logs)
        waivers = load(deviations or SHIPPED)
        known = merged.header["options"].get("deviations")
        if known and known != content(deviations or SHIPPED):
            raise UserError(f"{deviations or SHIPPED} is not the file of deviations of these logs: name it")
        out.mkdir(parents=True, exist_ok=True)
        report_file = (out / REPORT).open("w", encoding="utf-8", errors="backslashreplace")
    with told(out, "the logs given are as they were; make room and merge once more"), report_file:
        set_aside(target)
        new = target.with_suffix(".part")
        new.unlink(missing_ok=True)
        try:
            with appended(new) as stream:
                status = merging.write(merged, waivers, stream)
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)
        write_report(out, report_file)
    tell(merged)
    click.echo(f"\nlog: {target}   report: {out / REPORT}   exit status {status}")
    sys.exit(status)


def tell(merged: Merged) -> None:
    """Say on standard error what is missing, double or contradicted."""
    from conformance.merging import FEW

    for text in merged.missing():
        click.echo(text, err=True)
    for found, what in ((merged.double, "twice, and alike"), (merged.differing, "twice, and not alike")):
        if found:
            click.echo(f"{len(found)} results are there {what}, such as {', '.join(sorted(found)[:FEW])}", err=True)
