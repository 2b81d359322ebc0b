"""Where cases are tried: in worker processes of this machine, or on the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from conformance import runner
from conformance.execute import try_case
from conformance.options import UserError
from conformance.results import Record
from conformance.worker import Attempt
from graphs.grid import Case

if TYPE_CHECKING:
    from conformance.session import Plan

LOCAL = "local"
SCHEMES = ("dask://", "tls://")
ALLOWED = "local, dask, or dask://HOST:PORT of a scheduler"


class Run(Protocol):
    """Tries cases as `runner.run` does."""

    def __call__(
        self,
        name: str,
        cases: Sequence[Case],
        *,
        workers: int,
        limit: float,
        attempt: Attempt = try_case,
        unrepeated: list[str] | None = None,
    ) -> Iterator[Record]:
        """Every case's record, in the order they are done."""


def checked(executor: str) -> str:
    """An executor as it may be asked for; raises `UserError`."""
    is_address = executor.startswith(SCHEMES) and executor.partition("://")[2].rpartition(":")[2].isdigit()
    if executor not in (LOCAL, "dask") and not is_address:
        raise UserError(f"--executor is {executor!r:.80}, must be {ALLOWED}")
    if executor != LOCAL:
        try:
            import distributed  # noqa: F401
        except ImportError as error:
            raise UserError(
                f"--executor {executor} needs Dask, which is not installed: pip install 'convformance[dask]'"
            ) from error
    return executor


@contextlib.contextmanager
def opened(executor: str, plan: Plan, workers: int) -> Iterator[Run]:
    """What tries cases, until the block is left; raises `UserError` where it cannot be had, or is of other versions."""
    if executor == LOCAL:
        yield runner.run
        return
    from conformance import dask_executor

    address = "" if executor == "dask" else executor.replace("dask://", "tcp://", 1)
    with dask_executor.connected(address, workers, expected(plan)) as run:
        yield run


def expected(plan: Plan) -> Mapping[str, str]:
    """What another machine must have alike, lest its records be others: sources, libraries, runtimes, processor."""
    from conformance import deviations, fingerprint

    matters = {entry.processor for entry in plan.waivers if entry.processor}
    return {
        "corpus": fingerprint.corpus(),
        "judge": fingerprint.judge(),
        **fingerprint.libraries(),
        **plan.versions,
        "processor": " ".join(sorted(matters & deviations.features())),
    }
