"""On a Dask cluster the results are those of this machine, whatever workers are lost in mid-run."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("distributed")

from conformance.cli import main
from conformance.dask_executor import connected
from conformance.execute import try_case
from conformance.executors import expected, opened
from conformance.options import UserError
from conformance.results import Record, canonical, read
from conformance.runtimes.protocol import Runtime
from conformance.session import Plan, runtimes
from graphs.grid import Case, cases

NAME = "onnx-reference"
ENVIRONMENT = os.environ | {"DASK_DISTRIBUTED__WORKER__DAEMON": "False", "OMP_NUM_THREADS": "1"}


def started(module: str, *words: str) -> subprocess.Popen[bytes]:
    """A process of Dask's own command line."""
    command = [sys.executable, "-c", f"from distributed.cli.{module} import main; main()", *words]
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=silent, stderr=silent, start_new_session=True)


def stop(process: subprocess.Popen[bytes]) -> None:
    """It and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def address_in(file: Path) -> str:
    """A scheduler's, once it has written it."""
    while not (file.exists() and file.read_text()):
        time.sleep(0.05)
    return str(json.loads(file.read_text())["address"]).replace("tcp://", "dask://")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with two worker processes."""
    file = tmp_path_factory.mktemp("dask") / "scheduler.json"
    running = [
        started(
            "dask_scheduler", "--scheduler-file", str(file), "--port", "0", "--dashboard-address", ":0", "--no-show"
        )
    ]
    running += [
        started("dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard") for _ in range(2)
    ]
    yield address_in(file)
    for process in running:
        stop(process)


def plan(count: int = 40) -> Plan:
    """A few cases on one runtime."""
    return Plan("quick", ["relu"], cases("relu", "quick")[:count], runtimes([NAME])[0], {}, is_filtered=True)


def records(run: Any, made: Plan, limit: float = 20.0) -> list[str]:
    """What becomes of the plan's cases."""
    name = next(iter(made.versions))
    return canonical(run(name, list(made.cases), workers=2, limit=limit, unrepeated=[]))


def test_results_are_those_of_this_machine_though_a_worker_is_killed(address: str) -> None:
    made = plan(160)
    with opened("local", made, 2) as run:
        due = records(run, made)
    with opened(address, made, 2) as run:
        client = run.args[0]  # type: ignore[attr-defined]
        victim = next(iter(client.run(os.getpid).values()))
        threading.Timer(0.5, os.kill, (victim, signal.SIGKILL)).start()
        assert records(run, made) == due
        assert victim not in client.run(os.getpid).values()


def test_the_command_on_a_cluster_of_its_own(tmp_path: Path) -> None:
    """Its log is that of a local run."""
    words = ["run", "--block", "relu", "--case", "relu-*-f16-*", "--runtime", NAME]
    done = [
        CliRunner().invoke(main, [*words, "--executor", where, "--out", str(tmp_path / where)])
        for where in ("local", "dask")
    ]
    assert done[0].exit_code == done[1].exit_code, done[1].output
    assert canonical(read(tmp_path / "dask").records) == canonical(read(tmp_path / "local").records)


def test_a_worker_of_other_versions_is_refused(address: str) -> None:
    due = {**expected(plan()), "numpy": "0.1"}
    said = r"the Dask worker at tcp://.* has numpy [0-9.]+, this run has 0\.1: they must be alike"
    with pytest.raises(UserError, match=said), connected(address.replace("dask", "tcp"), 1, due):
        pass


@pytest.mark.parametrize(
    ("executor", "said"),
    [
        ("spark", "--executor is 'spark', must be local, dask, or dask://HOST:PORT"),
        ("dask://here", "--executor is 'dask://here', must be"),
        ("dask://127.0.0.1:9", "no Dask scheduler with a worker at tcp://127.0.0.1:9: "),
    ],
)
def test_a_wrong_executor_ends_before_the_first_case(
    executor: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.dask_executor.PATIENCE", 1.0)
    words = ["run", "--block", "relu", "--runtime", NAME, "--executor", executor, "--out", str(tmp_path / "o")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "o").exists()


def take_along(case: Case, name: str, runtime: Runtime) -> Record:
    """End the Dask worker that tries one certain case."""
    parent = multiprocessing.parent_process()
    if case.id == next(iter(plan().cases)).id and parent is not None and parent.pid is not None:
        os.kill(parent.pid, signal.SIGKILL)
        time.sleep(60)
    return try_case(case, name, runtime)


@pytest.mark.long
def test_a_case_that_takes_dask_workers_along_is_told_and_the_others_are_done() -> None:
    """Of two, whose tasks a lost worker has both; the scheduler suspects both, and each is then tried alone."""
    made = plan(2)
    with opened("dask", made, 1) as run:
        found = list(run(NAME, list(made.cases), workers=1, limit=20.0, attempt=take_along))
    first, second = (case.id for case in made.cases)
    said = {record.case: (record.verdict, record.message) for record in found}
    assert said[first][0] == "harness-error"
    assert said[first][1].startswith("Dask workers are lost at this case: ")
    assert said[second] == ("pass", "")


def test_a_lost_scheduler_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, and what was done before it is kept."""
    file, silent = tmp_path / "scheduler.json", ("--dashboard-address", ":0", "--no-show")
    running = [
        started("dask_scheduler", "--scheduler-file", str(file), "--port", "0", *silent),
        started("dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", "--no-nanny"),
    ]
    monkeypatch.setattr("conformance.dask_executor.CHUNK", 2)
    try:
        made = plan()
        with opened(address_in(file), made, 1) as run:
            found = run(NAME, list(made.cases), workers=1, limit=20.0)
            assert next(found).verdict == "pass"
            stop(running[0])
            with pytest.raises(UserError, match="the Dask scheduler cannot be reached any more"):
                list(found)
    finally:
        for process in running:
            stop(process)
