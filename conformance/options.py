"""What the commands share: options, and how a user's mistake is told."""

from __future__ import annotations

import contextlib
import math
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class UserError(click.ClickException):
    """A user's mistake: one line on standard error, exit status 2."""

    exit_code = 2


@contextlib.contextmanager
def user_errors() -> Iterator[None]:
    """Turn what a user can get wrong into `UserError`, before the first case."""
    from conformance.bundle import CannotBundle
    from conformance.choose import UnknownCase
    from conformance.deviations import BadDeviation
    from conformance.results import BadLog
    from conformance.runtimes import Unknown
    from conformance.runtimes.protocol import Unavailable
    from conformance.shards import BadShard
    from graphs.size import TooLarge

    try:
        yield
    except (Unknown, UnknownCase, CannotBundle, Unavailable, BadDeviation, BadLog, BadShard, TooLarge) as error:
        raise UserError(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(130)  # nothing has been written yet
    except BrokenPipeError:
        raise  # the reader has enough, as head does
    except OSError as error:
        raise UserError(f"{error.filename or 'output'}: {error.strerror or error}") from error


def finite(context: click.Context, parameter: click.Parameter, value: float) -> float:
    """Refuse nan and inf, which no range excludes."""
    if not math.isfinite(value):
        raise UserError(f"--timeout is {value}, must be a number of seconds")
    return value


tier_option = click.option(
    "--tier",
    default="quick",
    show_default=True,
    help="quick (every pair of settings), standard (every triple) or full (all, or 20,000 drawn ones a block).",
)
block_option = click.option("--block", multiple=True, help="A block by name; may be repeated.  Default: all.")
runtime_option = click.option(
    "--runtime",
    multiple=True,
    help="A runtime by name, such as onnxruntime:cuda or backend:my.package; may be repeated.  "
    "Default: onnxruntime and torch, on CUDA too where there is one.  "
    "NAME@PYTHON runs it in another interpreter, NAME@ssh=HOST//python=PYTHON on another host.",
)
timeout_option = click.option(
    "--timeout", type=click.FloatRange(0.1), callback=finite, default=20.0, show_default=True, help="Seconds per case."
)
deviations_option = click.option(
    "--deviations", type=click.Path(path_type=Path), help="TOML of known deviations instead of the shipped one."
)


case_option = click.option(
    "--case", "patterns", multiple=True, metavar="PATTERN", help="Ids to run, * matches anything; may be repeated."
)
workers_option = click.option(
    "-j", "workers", type=click.IntRange(1), default=processors(), show_default=True, help="Worker processes."
)

resume_option = click.option(
    "--resume", is_flag=True, help="Go on with the unfinished log in --out, of the same cases, versions and options."
)
executor_option = click.option(
    "--executor", default="local", show_default=True, metavar="EXECUTOR",
    help="local, dask (a cluster of -j workers on this machine), or dask://HOST:PORT of a scheduler.",
)  # fmt: skip
shard_option = click.option(
    "--shard", metavar="I/N", help="Every N-th case from the I-th on; convformance merge puts the logs together."
)


def out_option(default: Path) -> Callable[[F], F]:
    """``--out``."""
    return click.option(
        "--out", type=click.Path(path_type=Path), default=default, show_default=True,
        help="Folder for results.jsonl and report.md; those there are replaced.",
    )  # fmt: skip
