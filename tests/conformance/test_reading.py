"""What a model does to the process that reads it costs that model alone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import onnx
import pytest

from conformance import reading
from graphs.data import operands
from graphs.foreign import Reading
from graphs.lecture import LECTURE
from graphs.model import to_model


def hostile(file: Path) -> list[Reading]:
    """A reader that some models get the better of."""
    if file.stem == "abort":
        os.abort()
    if file.stem == "hang":
        time.sleep(60)
    if file.stem == "memory":
        bytearray(reading.MEMORY)
    if file.stem == "odd":
        raise KeyError("a word")
    return [Reading("", None, "read")]


def test_the_others_are_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("abort", "first", "hang", "last", "memory", "odd"):
        (tmp_path / f"{name}.onnx").touch()
    monkeypatch.setattr(reading, "read_file", hostile)
    assert {name: found.reason for name, found in reading.read_folder(tmp_path, limit=1.0)} == {
        "abort.onnx": "cannot be read: the process ended by SIGABRT",
        "first.onnx": "read",
        "hang.onnx": "not read within 1 s",
        "last.onnx": "read",
        "memory.onnx": "cannot be read within 8 GiB of memory",
        "odd.onnx": "cannot be read: KeyError: 'a word'",
    }


def test_models_are_read_in_order_of_their_names(tmp_path: Path) -> None:
    spec, data = next((spec, data) for spec, data in LECTURE.values() if spec.block == "conv")
    for name in ("b", "a"):
        onnx.save(to_model(spec, operands(spec, data, name)), tmp_path / f"{name}.onnx")
    assert [(name, found.spec) for name, found in reading.read_folder(tmp_path)] == [("a.onnx", spec), ("b.onnx", spec)]
