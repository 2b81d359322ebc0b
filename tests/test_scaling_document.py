"""What docs/scaling.md tells people to run is understood by what they run it with."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from conformance.cli import main

TEXT = (Path(__file__).parent.parent / "docs" / "scaling.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Its code in a language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_every_option_exists() -> None:
    found = re.findall(r"convformance (run|merge)\b([^\n|'#`]*)", TEXT)
    assert len(found) >= 6
    for command, words in found:
        known = {name for parameter in main.commands[command].params for name in parameter.opts}
        assert set(re.findall(r"(?<!\w)--?[a-z][\w-]*", words)) <= known, words


def test_yaml_and_python_are_such() -> None:
    yaml = pytest.importorskip("yaml")
    actions, job = (yaml.safe_load(text) for text in blocks("yaml"))
    parts = actions["jobs"]["shard"]["strategy"]["matrix"]["part"]
    assert parts == list(range(1, len(parts) + 1))
    assert f"/{len(parts)} " in actions["jobs"]["shard"]["steps"][3]["run"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert f"/{job['spec']['completions']} " in container["args"][0]
    for text in blocks("python"):
        ast.parse(text)
