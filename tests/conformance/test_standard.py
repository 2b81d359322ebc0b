"""The standard tier, and tier full of small blocks, on the runtimes that are here: nothing new goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.runtimes import availability, canonical
from graphs.blocks import BLOCKS

RUNTIMES = [
    name for name in ("onnxruntime", "torch", "onnx-reference") if isinstance(availability(canonical(name)), str)
]


@pytest.mark.long
@pytest.mark.parametrize("block", BLOCKS)
def test_standard_tier_exits_0(block: str, tmp_path: Path) -> None:
    chosen = [argument for name in RUNTIMES for argument in ("--runtime", name)]
    result = CliRunner().invoke(main, ["run", "--tier", "standard", "--block", block, *chosen, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output[-3000:]


@pytest.mark.long
@pytest.mark.parametrize("block", ["relu", "copy_unpool"])
def test_tier_full_exits_0(block: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["run", "--tier", "full", "--block", block, "--runtime", RUNTIMES[0], "--out", str(tmp_path)]
    )
    assert result.exit_code == 0, result.output[-3000:]
    assert f"{block}: all " in result.output
