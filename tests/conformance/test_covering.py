"""The command that counts coverage: of our tiers and of models from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.covering import FEW
from graphs.blocks import AXES
from graphs.blocks.conv import Conv
from graphs.coverage import count
from graphs.data import operands
from graphs.grid import cases, is_valid, rows
from graphs.model import to_model


def call(*words: str | Path) -> str:
    """What the command prints."""
    result = CliRunner().invoke(main, ["cover", *map(str, words)])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def counts(text: str) -> list[tuple[int, int]]:
    """Covered and due, for each number of axes."""
    found = re.findall(r"^  ([\d,]+) of ([\d,]+) .*-way", text, re.MULTILINE)
    return [(int(a.replace(",", "")), int(b.replace(",", ""))) for a, b in found]


@pytest.mark.parametrize("block", ["leaky_relu", "depth_to_space", "copy_unpool"])
@pytest.mark.parametrize("tier", ["quick", "standard"])
def test_a_tier_as_by_the_independent_count(block: str, tier: str) -> None:
    """Of blocks whose every valid triple shows in the context of some row."""
    found = [count(AXES[block], rows(block, tier), lambda values: is_valid(block, values), t) for t in (1, 2, 3)]
    text = call(block, "--tier", tier, "--all")
    assert counts(text) == [(one.covered, one.covered + len(one.missing)) for one in found]
    assert text.count("missing: ") == sum(len(one.missing) for one in found)


def test_missing_combinations_are_few_unless_asked_for() -> None:
    few, every = call("leaky_relu"), call("leaky_relu", "--all")
    (_, _, (covered, due)) = counts(few)
    assert few.count("missing: ") == FEW
    assert f"and {due - covered - FEW:,} more (--all prints them)" in few
    assert every.count("missing: ") == due - covered
    assert "more (--all" not in every


def test_what_is_ignored_is_left_out() -> None:
    assert counts(call("relu", "--ignore", "dtype"))[0] == (10, 10)
    assert counts(call("relu"))[0] == (14, 14)


def test_tier_full_covers_every_triple() -> None:
    assert [covered == due > 0 for covered, due in counts(call("relu", "--tier", "full"))] == [True] * 3


def cut_short() -> onnx.ModelProto:
    """A Conv whose weights have fewer bytes than their extents ask for."""
    model = to_model(Conv(batch=1, channels=1, extent=(3,), kernel_shape=(2,)), {"w": np.ones((1, 1, 2), np.float32)})
    model.graph.initializer[0].raw_data = b"few"
    return model


def test_a_folder_of_our_own_quick_tier(tmp_path: Path) -> None:
    """Has what the tier has, at any depth; one model of each kind has less."""
    chosen = [case for case in cases("global_max_pool", "quick") if case.name is None and case.data == "small"]
    for number, case in enumerate(chosen):
        (tmp_path / str(number % 3)).mkdir(exist_ok=True)
        onnx.save(
            to_model(case.spec, operands(case.spec, case.data, case.id)), tmp_path / str(number % 3) / f"{case.id}.onnx"
        )
    lines = call(tmp_path).splitlines()
    block, nodes, *shares = (part.strip() for part in re.split(r"  +", lines[1]))
    assert (block, int(nodes)) == ("global_max_pool", len(chosen))
    assert shares[:3] == shares[3:]
    assert any(line.startswith("no node of: conv, ") for line in lines)
    (tmp_path / "test_data_set_0").mkdir()
    (tmp_path / "test_data_set_0" / "input_0.pb").write_text("nothing")
    onnx.save(cut_short(), tmp_path / "cut-short.onnx")
    (tmp_path / "broken.onnx").write_text("nothing")
    assert "  1 of models: no ONNX model (broken.onnx)" in call(tmp_path)
    only = call(tmp_path, "--block", "relu")
    assert "global_max_pool" not in only
    assert "no node of: relu" in only


def test_onnx_s_own_node_cases() -> None:
    """More of each kind, not all of any; and none of them beyond reading but with a reason."""
    text = call("onnx-node", "--block", "max_pool", "--block", "space_to_depth")
    found = counts(text)
    assert len(found) == 6
    assert all(0 < covered < due for covered, due in found)
    assert re.search(r"^max_pool +(\d+) ", text, re.MULTILINE)
    assert "of space_to_depth: unknown attribute mode" in text or onnx.__version__ < "1.23"


def test_a_word_that_is_nothing(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["cover", str(tmp_path)])
    assert result.exit_code == 2
    assert "unknown block or folder with .onnx files" in result.stderr
    assert "onnx-node" in result.stderr
