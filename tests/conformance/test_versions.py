"""Versions side by side: the environments, what changed in which version, and the command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance import environments
from conformance.cli import main
from conformance.environments import CannotInstall, Installed, checked, environment, requirements
from conformance.results import LOG_NAME, Record
from conformance.runtimes import Unknown
from conformance.version_changes import Compared, changes
from reports.versions import render


@pytest.mark.parametrize(
    ("package", "version", "expected"),
    [
        ("onnxruntime", "1.15.1", ["onnxruntime==1.15.1", "numpy<2"]),
        ("onnxruntime", "1.18.1", ["onnxruntime==1.18.1", "numpy<2"]),
        ("onnxruntime", "1.19.0", ["onnxruntime==1.19.0", "numpy"]),
        ("onnxruntime", "newest", ["onnxruntime", "numpy"]),
    ],
)
def test_an_old_version_has_an_old_numpy(package: str, version: str, expected: list[str]) -> None:
    assert requirements(package, version, ("numpy",)) == expected


@pytest.mark.parametrize("version", ["", "latest", "1.2;rm", "--index-url=x", "1.2 1.3", "==1.2"])
def test_versions_are_numbers(version: str) -> None:
    with pytest.raises(Unknown, match=r"must be one of a number such as 1\.20\.1, newest"):
        checked("onnxruntime:cpu", version)


@pytest.mark.parametrize("runtime", ["backend:my.own", "backend"])
def test_a_backend_has_no_versions(runtime: str) -> None:
    with pytest.raises(Unknown, match="must be one of onnx-reference, onnxruntime, torch"):
        checked(runtime, "1.0")


def test_an_environment_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made once; what failed, or was killed long ago, leaves nothing."""
    made: list[Path] = []

    def install(folder: Path, wanted: list[str]) -> None:
        made.append(folder)
        python = environments.interpreter(folder)
        python.parent.mkdir(parents=True)
        python.write_text(wanted[0])
        if "9.9" in wanted[0]:
            raise CannotInstall("no such version")

    monkeypatch.setattr(environments, "install", install)
    monkeypatch.setattr(environments, "installed_version", lambda python, package: "1.20.1")
    first = environment("onnxruntime:cpu:noopt", "1.20.1", tmp_path)
    assert first.version == "1.20.1"
    assert first.python.read_text() == "onnxruntime==1.20.1"
    assert environment("onnxruntime:cpu", "1.20.1", tmp_path) == first
    assert len(made) == 1
    assert environment("onnxruntime:cpu", "newest", tmp_path) == first, "that version is there"
    with pytest.raises(CannotInstall, match="no such version"):
        environment("onnxruntime:cpu", "9.9", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [first.python.parent.parent.name]
    monkeypatch.setattr(environments, "ABANDONED", -1.0)
    (tmp_path / ".making-killed").mkdir()
    with pytest.raises(CannotInstall):
        environment("onnxruntime:cpu", "9.9", tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def failing(path: Path, said: str) -> None:
    """A command that fails."""
    path.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n", encoding="utf-8")
    path.chmod(0o755)


def test_uv_comes_first_and_the_last_error_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def said_by(command: list[str]) -> str:
        commands.append(command)
        return "ERROR: no 0.0.1" if "install" in command else ""

    monkeypatch.setattr(environments, "said_by", said_by)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    with pytest.raises(CannotInstall, match=r"cannot install onnxruntime==0\.0\.1: ERROR: no 0\.0\.1"):
        environments.install(tmp_path / "e", ["onnxruntime==0.0.1"])
    assert [Path(command[0]).name for command in commands] == ["uv", "uv", Path(sys.executable).name, "python"]


def test_what_an_installer_says(tmp_path: Path) -> None:
    failing(tmp_path / "pip", "ERROR: one\nERROR: no matching distribution\nhint")
    assert environments.said_by([str(tmp_path / "pip")]) == "ERROR: no matching distribution"
    assert environments.said_by([sys.executable, "-c", ""]) == ""


def record(case: str, verdict: str, **traits: Any) -> Record:
    """One result of the block relu."""
    return Record(case=case, block="relu", runtime="r", verdict=verdict, message=f"as {verdict}", traits=traits)


def compared() -> Compared:
    """Three versions: in the second float16 goes wrong, in the third it is right again and int8 is declined."""
    found = Compared(["1", "2", "3"])
    for number in range(4):
        for dtype, verdicts in {
            "float16": ("pass", "fail", "pass"),
            "float32": ("pass", "pass", "pass"),
            "int8": ("pass", "pass", "unsupported"),
        }.items():
            for version, verdict in zip("123", verdicts, strict=True):
                found.add(version, record(f"{dtype}-{number}", verdict, dtype=dtype, extent=number))
    return found


def test_changes_are_grouped_and_explained() -> None:
    found = changes(compared())
    assert [(c.version, c.before, c.verdicts, len(c.cases), c.common) for c in found] == [
        ("2", "1", ("pass", "fail"), 4, "dtype=float16"),
        ("3", "2", ("fail", "pass"), 4, "every case"),
        ("3", "2", ("pass", "unsupported"), 4, "dtype=int8"),
    ]
    assert [c.is_news for c in found] == [True, True, False]
    assert found[0].stayed == 8


def test_the_table() -> None:
    text = render(compared(), runtime="r", tier="quick", whole=False)
    cells = next(line for line in text.splitlines() if line.startswith("relu"))
    assert " ".join(cells.split()) == "relu 12 / 0 / 0 8 / 4 / 0 8 / 0 / 4"
    assert "8 cases change their verdict, in 3 groups" in text
    assert "2 (after 1) relu: 4 from pass to fail, 8 stay pass; in common: dtype=float16; such as float16-0" in text
    assert "float16-3" not in text
    assert "    float16-3" in render(compared(), runtime="r", tier="quick", whole=True)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own interpreter stands for each environment, as nothing is downloaded here."""
    asked: list[str] = []

    def found(runtime: str, version: str, cache: Path) -> Installed:
        asked.append(version)
        return Installed(Path(sys.executable), version)

    monkeypatch.setattr(environments, "environment", found)
    arguments = ["versions", "onnx-reference", "newest", "newest", "--block", "relu", "--case", "*-f32-*", "-j", "1"]
    done = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert asked == ["newest"]
    assert "0 cases change their verdict" in done.output
    assert (tmp_path / LOG_NAME).read_text(encoding="utf-8").count('"verdict":"pass"') > 10
    assert "| relu" in (tmp_path / "versions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["onnxruntime", "latest"], "unknown version 'latest'"),
        (["onnxruntme", "1.20.1"], "did you mean onnxruntime?"),
        (["onnxruntime@x", "1.20.1"], "unknown"),
        (["onnxruntime", "1.20.1", "--block", "rely"], "unknown block 'rely'"),
    ],
)
def test_mistakes_end_before_anything_is_made(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = CliRunner(env={"CONVFORMANCE_CACHE": str(tmp_path / "c")}).invoke(main, ["versions", *arguments])
    assert done.exit_code == 2
    assert said in done.output
    assert not (tmp_path / "c").exists()


@pytest.mark.long
def test_a_real_old_version(tmp_path: Path) -> None:
    """Needs an index of packages."""
    try:
        first = environment("onnxruntime:cpu", "1.18.1", tmp_path)
    except CannotInstall as error:
        pytest.skip(str(error))
    done = subprocess.run(
        [first.python, "-c", "import numpy; print(numpy.__version__)"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("1.")
    command = [sys.executable, "-m", "conformance", "run", "--runtime", f"onnxruntime@{first.python}"]
    command += ["--case", "lecture-max-pool*", "--out", str(tmp_path / "out")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "1.18.1" in ran.stdout
    with pytest.raises(CannotInstall, match=r"0\.0\.1"):
        environment("onnxruntime:cpu", "0.0.1", tmp_path)
    assert [path.name for path in tmp_path.glob("onnxruntime-*")] == [first.python.parent.parent.name]
