"""Virtual environments that hold one version of a runtime each, made once and kept in the user's cache folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from conformance.deviations import release
from conformance.runtimes import Unknown, plain

NEWEST = "newest"
VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc|\.post|\.dev)\d+)*(\+[\w.]+)?")
PACKAGES = {  # runtime -> the package whose version counts, and what else its adapter needs there
    "onnxruntime": ("onnxruntime", ("numpy",)),
    "torch": ("torch", ("numpy", "onnx", "ml_dtypes")),
    "onnx-reference": ("onnx", ("numpy", "ml_dtypes")),
}
NUMPY_2 = {"onnxruntime": (1, 19), "torch": (2, 3), "onnx": (1, 17)}  # the first version that works with NumPy 2
ABANDONED = 86_400.0  # seconds after which what a killed run left half made is removed


class CannotInstall(ValueError):
    """A version that cannot be had, with the installer's reason."""


class Installed(NamedTuple):
    """An environment's interpreter, and the version that it holds."""

    python: Path
    version: str


def cache_folder() -> Path:
    """Where environments are kept: by CONVFORMANCE_CACHE, or the platform's custom."""
    given = os.environ.get("CONVFORMANCE_CACHE")
    if given:
        return Path(given)
    custom = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}
    variable, below = custom.get(sys.platform, ("XDG_CACHE_HOME", ".cache"))
    return Path(os.environ.get(variable) or Path.home() / below) / "convformance" / "environments"


def checked(runtime: str, version: str) -> str:
    """A version as it may be asked for; raises `Unknown`."""
    base = plain(runtime).partition(":")[0]
    if base not in PACKAGES:
        raise Unknown("runtime with versions", runtime, PACKAGES)
    if version != NEWEST and not VERSION.fullmatch(version):
        raise Unknown("version", version, [NEWEST, "a number such as 1.20.1"])
    return version


def environment(runtime: str, version: str, cache: Path) -> Installed:
    """The environment with a version of a runtime, made where there is none yet; raises `CannotInstall`.

    It is made under another name and renamed when it is whole, so that nothing half made is ever used; of two
    runs that make the same one at once the first one's is kept.
    """
    package, others = PACKAGES[plain(runtime).partition(":")[0]]
    if version != NEWEST and interpreter(folder_of(cache, package, version)).exists():
        return Installed(interpreter(folder_of(cache, package, version)), version)
    cache.mkdir(parents=True, exist_ok=True)
    remove_abandoned(cache)
    made = Path(tempfile.mkdtemp(prefix=".making-", dir=cache))
    try:
        install(made, requirements(package, version, others))
        found = installed_version(interpreter(made), package)
        place = folder_of(cache, package, found)
        with contextlib.suppress(OSError):  # there is one already
            made.rename(place)
        return Installed(interpreter(place), found)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def requirements(package: str, version: str, others: tuple[str, ...]) -> list[str]:
    """What is asked of the installer."""
    if version == NEWEST:
        return [package, *others]
    is_old = release(version) < NUMPY_2[package]
    return [f"{package}=={version}", *(f"{o}<2" if o == "numpy" and is_old else o for o in others)]


def folder_of(cache: Path, package: str, version: str) -> Path:
    """An environment's place, by all that it depends on: the interpreter too."""
    key = hashlib.sha256(f"{sys.base_prefix} {sys.version}".encode()).hexdigest()[:8]
    return cache / f"{package}-{version}-python{sys.version_info[0]}.{sys.version_info[1]}-{key}"


def interpreter(folder: Path) -> Path:
    """Its Python."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def install(folder: Path, wanted: list[str]) -> None:
    """Make the environment by uv, else by venv and pip; raises `CannotInstall`."""
    uv = shutil.which("uv")
    said = ""
    if uv:
        made = said_by([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)])
        said = made or said_by([uv, "pip", "install", "--quiet", "--python", str(interpreter(folder)), *wanted])
        if not said:
            return
    # pip may be told of an index that uv does not know
    made = said_by([sys.executable, "-m", "venv", "--clear", str(folder)])
    pip = [str(interpreter(folder)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    failed = made or said_by(pip)
    if failed:
        raise CannotInstall(f"cannot install {' '.join(wanted)}: {failed}")


def said_by(command: list[str]) -> str:
    """What a command that failed says last; nothing where it did not."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if not done.returncode:
        return ""
    errors = [line for line in done.stderr.splitlines() if line.startswith(("ERROR", "error"))]
    return " ".join((errors or [done.stderr or done.stdout or f"exit status {done.returncode}"])[-1].split())[-300:]


def installed_version(python: Path, package: str) -> str:
    """The version of a package in an environment."""
    text = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([python, "-c", text], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def remove_abandoned(cache: Path) -> None:
    """Remove what killed runs left half made."""
    for path in cache.glob(".making-*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                shutil.rmtree(path, ignore_errors=True)
