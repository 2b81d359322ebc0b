"""Carries out a plan on the command line: its files, progress, interrupts, full disks, report and exit status."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from conformance.options import UserError, user_errors

if TYPE_CHECKING:
    from conformance.resume import Before
    from conformance.session import Plan

REPORT = "report.md"
KEPT = "results-unfinished.jsonl"
TAIL = 1 << 20  # bytes in which a footer is looked for


def carry_out(
    planned: Callable[[], Plan],
    workers: int,
    timeout: float,
    out: Path,
    *,
    resume: bool = False,
    executor: str = "local",
) -> None:
    """Make the plan, carry it out, write log and report, print the report, and leave with the exit status."""
    with contextlib.ExitStack() as held:
        with user_errors():
            from conformance import executors
            from conformance.results import LOG_NAME

            executors.checked(executor)
            if out.exists() and not out.is_dir():
                raise UserError(f"--out {out} is a file, must be a folder")
            plan = planned()
            header = plan.header()
            plan.run = held.enter_context(executors.opened(executor, plan, workers))
            before = earlier(out / LOG_NAME, plan, header) if resume else None
            with contextlib.ExitStack() as opened:
                out.mkdir(parents=True, exist_ok=True)
                name = out / REPORT
                report_file = opened.enter_context(name.open("a", encoding="utf-8", errors="backslashreplace"))
                log = opened.enter_context(opened_log(out / LOG_NAME, before))
                report_file.truncate(0)  # only now that both can be written
                opened.pop_all()
        status = written(plan, header, log, report_file, workers, timeout, out, before)
    click.echo(f"\nlog: {out / LOG_NAME}   report: {out / REPORT}   exit status {status}")
    sys.exit(status)


def written(
    plan: Plan, header: dict[str, Any], log: TextIO, report_file: TextIO, workers: int, timeout: float, out: Path,
    before: Before | None,
) -> int:  # fmt: skip
    """Carry out the plan and write log and report; the exit status."""
    try:
        with told(Path(log.name), "what it has is kept: --resume goes on with it"):
            status = finish(plan, header, log, workers, timeout, before)
            log.close()
        with told(out / REPORT, f"the log is whole: convformance report {out} shows it"):
            write_report(out, report_file)
            report_file.close()
    except KeyboardInterrupt:  # once more, while the report was made
        sys.exit(130)
    finally:
        for file in (log, report_file):
            with contextlib.suppress(OSError):  # told already
                file.close()
    return status


def finish(plan: Plan, header: dict[str, Any], log: TextIO, workers: int, timeout: float, before: Before | None) -> int:
    """Run what is left to do, until it is done or interrupted; the exit status."""
    if before and before.status is not None:
        click.echo("the log is finished: nothing is left to do", err=True)
        return before.status
    try:
        return _execute(plan, header, log, workers, timeout, before)
    except KeyboardInterrupt:
        click.echo("interrupted: --resume goes on from here", err=True)
        return 130  # as a shell has it for an interrupt


def write_report(out: Path, report_file: TextIO) -> None:
    """Write the report of a folder's log into a file, and the summary onto the terminal."""
    from conformance.results import opened
    from reports import PIECES

    finished = opened(out)
    for piece in PIECES["markdown"](finished):
        report_file.write(piece)
    report_file.flush()
    show(PIECES["text"](finished))


def show(pieces: Iterator[str]) -> None:
    """Print pieces of a report; control characters in a stranger's log do not reach the terminal."""
    for piece in pieces:
        click.echo(piece.translate(CONTROLS).encode("utf-8", "backslashreplace").decode(), nl=False)
    click.echo()


CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


@contextlib.contextmanager
def told(path: Path, kept: str) -> Iterator[None]:
    """Turn what befalls a file while it is written, such as a full disk, into a `UserError` that says what is kept."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of the terminal has enough
    except OSError as error:
        raise UserError(f"cannot write {error.filename or path}: {error.strerror or error}; {kept}") from error


def earlier(path: Path, plan: Plan, header: dict[str, Any]) -> Before | None:
    """What the log at ``path`` has of this plan; None, and a word on it, where there is nothing to go on with."""
    from conformance.resume import before, is_torn_header

    if not path.exists():
        click.echo(f"nothing to resume at {path}: the run starts anew", err=True)
        return None
    if path.is_file() and is_torn_header(path):
        click.echo(f"{path} has no whole header: the run starts anew", err=True)
        return None
    return before(path, plan, header)


def opened_log(path: Path, before: Before | None) -> TextIO:
    """The log, at the end of its whole lines; without ``before`` empty, and an unfinished one is put aside."""
    if before is None and path.is_file():
        appended(path).close()  # nobody is writing it
        set_aside(path)
    log = appended(path)
    log.truncate(before.end if before else 0)
    return log


def set_aside(path: Path) -> None:
    """Keep a log that is not finished under another name."""
    if is_unfinished(path):
        path.replace(path.with_name(KEPT))
        click.echo(f"an unfinished log was here and is now {KEPT}; --resume would have gone on with it", err=True)


def appended(path: Path) -> TextIO:
    """A file to append lines to, each at once, which no other run is writing."""
    with contextlib.ExitStack() as undone:
        log = undone.enter_context(path.open("a", encoding="utf-8", buffering=1))  # a kill loses one line
        claim(log, path)
        undone.pop_all()
    return log


def claim(log: TextIO, path: Path) -> None:
    """Keep other runs from writing this log until it is closed or this process ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UserError(f"another run is writing {path}: wait for it, or choose another --out") from error
    except OSError:  # a file system without locks
        return


def is_unfinished(path: Path) -> bool:
    """Whether a file is a log with results and without a footer."""
    from conformance.log_lines import START

    if not path.is_file():
        return False
    with path.open("rb") as stream:
        is_log, has_more = stream.readline(TAIL).startswith(START), bool(stream.read(1))
        stream.seek(max(0, path.stat().st_size - TAIL))
        return is_log and has_more and b'\n{"end":true' not in stream.read()


def _execute(
    plan: Plan, header: dict[str, Any], log: TextIO, workers: int, timeout: float, before: Before | None
) -> int:
    """Run with a live progress bar on standard error."""
    from tqdm import tqdm

    from conformance import session
    from conformance.results import BAD, Record

    total, done = plan.size * len(plan.versions), before.counts if before else {}
    with tqdm(total=total, initial=sum(done.values()), unit="case", file=sys.stderr, disable=None) as bar:
        bad = sum(done.get(verdict, 0) for verdict in BAD)

        def on_result(record: Record) -> None:
            nonlocal bad
            bad += record.verdict in BAD
            bar.set_description(record.runtime, refresh=False)
            bar.set_postfix_str(f"{bad} bad", refresh=False)
            bar.update()

        return session.execute(plan, header, log, workers=workers, limit=timeout, on_result=on_result, before=before)
