"""What decides a result beside the runtime: sources of the corpus and of the judge, libraries; and the machine."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

CORPUS = ("graphs", "reference")  # packages: what is computed, on which inputs, and what the answer is
JUDGE = (  # modules and packages of this one that make a record of a runtime's results
    "checks", "deviations", "execute", "invalid", "judge", "precision", "problem", "repeat", "statistics", "runtimes",
)  # fmt: skip
LIBRARIES = ("numpy", "onnx", "ml_dtypes")


@cache
def corpus() -> str:
    """SHA-256 of the sources that cases, models, inputs, answers and bounds come from.

    Sources rather than the models themselves, which would take minutes to build: two runs with equal ones and equal
    case ids meet the same models, inputs and bounds.
    """
    return digest(path for package in CORPUS for path in sources(package))


@cache
def judge() -> str:
    """SHA-256 of the sources that turn results into verdicts, adapters included."""
    return digest(path for name in JUDGE for path in sources(f"conformance.{name}"))


def sources(name: str) -> list[Path]:
    """The Python files of a module or a package."""
    path = Path(str(import_module(name).__file__))
    return sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 of files with their names."""
    named = sorted(f"{path.parent.name}/{path.name} {content(path)}" for path in paths)
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


def content(path: Path) -> str:
    """SHA-256 of a text file; ends of lines as on Unix."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def libraries() -> dict[str, str]:
    """Versions of what builds models and computes references."""
    return {name: version(name) for name in LIBRARIES}


def host(able: Sequence[str] = ()) -> dict[str, Any]:
    """The machine; ``able`` is what its processor can do, of what matters."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "cpu": cpu(),
        "gpu": gpu(),
        "able": list(able),
    }


def cpu(path: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name, as far as the system tells."""
    try:
        found = re.search(r"^(?:model name|Hardware|cpu model)\s*:\s*(.+)$", path.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


@cache
def gpu() -> list[str]:
    """NVIDIA's devices with their drivers' versions; none where its tool is not there or does not answer."""
    tool = shutil.which("nvidia-smi")
    if not tool:
        return []
    words = [tool, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]
