"""Models that are truncated, corrupt, huge or hostile: each has a reason, and no file but their own is read."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from graphs import model_file
from graphs.data import operands
from graphs.foreign import Reading, read, read_file
from graphs.grid import plan
from graphs.model import to_model
from graphs.model_file import MOST_BYTES, BadModel, load_model, load_tensor
from graphs.shown import shown

WEIGHTS = np.arange(16 * 9, dtype=np.float32).reshape(4, 4, 3, 3)
BYTES = WEIGHTS.nbytes


def external(folder: Path, **said: str) -> Path:
    """A Conv whose weights lie in another file, as ``said``."""
    weights = TensorProto(name="w", dims=WEIGHTS.shape, data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    for key, value in said.items():
        weights.external_data.add(key=key, value=value)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 8, 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node("Conv", ["x", "w"], ["y"])], "g", [x], [y], [weights])
    path = folder / "model.onnx"
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)]).SerializeToString())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder with weights, and a secret outside."""
    inside = tmp_path / "models"
    (inside / "data").mkdir(parents=True)
    (inside / "data" / "w.bin").write_bytes(b"lead" + WEIGHTS.tobytes())
    (tmp_path / "secret").write_bytes(WEIGHTS.tobytes())
    return inside


@pytest.mark.parametrize("length", [{}, {"length": str(BYTES)}])
def test_external_data_in_the_model_s_folder_are_read(folder: Path, length: dict[str, str]) -> None:
    path = external(folder, location="data/w.bin", offset="4", **length)
    (tensor,) = load_model(path).graph.initializer
    np.testing.assert_array_equal(numpy_helper.to_array(tensor), WEIGHTS)
    (found,) = read_file(path)
    assert found.spec is not None


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"location": "../secret"}, "which leaves the model's folder"),
        ({"location": "data/../../secret"}, "which leaves the model's folder"),
        ({"location": "link"}, "which leaves the model's folder"),
        ({"location": "/etc/passwd"}, "must be a path in the model's folder"),
        ({"location": "C:\\secret"}, "must be a path in the model's folder"),
        ({}, "must be a path in the model's folder"),
        ({"location": "a\0b"}, "must be a path in the model's folder"),
        ({"location": "data"}, "where no ordinary file is"),
        ({"location": "pipe"}, "where no ordinary file is"),
        ({"location": "absent"}, "where no ordinary file is"),
        ({"location": "x" * 5000}, "cannot be read: "),
        ({"location": "circle"}, ""),
        ({"location": "data/w.bin", "offset": "-4"}, "have offset '-4', must be a number of bytes"),
        ({"location": "data/w.bin", "length": "9" * 5000}, "must be a number of bytes"),
        ({"location": "data/w.bin", "length": "9999"}, f"the file has {BYTES + 4} from there"),
        ({"location": "data/w.bin", "offset": "9999"}, "are -9,419 bytes"),
    ],
)
def test_external_data_elsewhere_are_refused(folder: Path, said: dict[str, str], reason: str) -> None:
    (folder / "link").symlink_to("../secret")
    (folder / "circle").symlink_to("circle")
    os.mkfifo(folder / "pipe")
    path = external(folder, **said)
    with pytest.raises(BadModel) as error:
        load_model(path)
    assert str(error.value).startswith("external data of 'w' ")
    assert reason in str(error.value)
    assert read_file(path) == [Reading("", None, str(error.value))]


def test_an_input_s_data_elsewhere_are_refused(folder: Path) -> None:
    tensor = TensorProto(dims=[4], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../secret")
    (folder / "input_0.pb").write_bytes(tensor.SerializeToString())
    with pytest.raises(BadModel, match="leaves the model's folder"):
        load_tensor(folder / "input_0.pb")


def test_tensors_of_attributes_and_of_graphs_within_are_refused_too(folder: Path) -> None:
    """A Constant's, a branch's, a function's, and both parts of a sparse one."""

    def tensor() -> TensorProto:
        found = TensorProto(dims=[1], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
        found.external_data.add(key="location", value="../secret")
        return found

    sparse = onnx.SparseTensorProto(values=tensor(), dims=[4])
    branch = helper.make_graph([helper.make_node("Constant", [], ["c"], value=tensor())], "b", [], [])
    nodes = [
        helper.make_node("Constant", [], ["a"], value=tensor()),
        helper.make_node("If", ["q"], ["r"], then_branch=branch),
        helper.make_node("Constant", [], ["s"], sparse_value=sparse),
    ]
    for node in nodes:
        for model in (
            helper.make_model(helper.make_graph([node], "g", [], [])),
            helper.make_model(
                helper.make_graph([], "g", [], []),
                functions=[helper.make_function("d", "f", [], [], [node], [helper.make_opsetid("", 22)])],
            ),
        ):
            (folder / "m.onnx").write_bytes(model.SerializeToString())
            with pytest.raises(BadModel, match="leaves the model's folder"):
                load_model(folder / "m.onnx")


def test_what_is_no_ordinary_file_is_refused(tmp_path: Path) -> None:
    """A pipe would never end, a device neither."""
    os.mkfifo(tmp_path / "pipe.onnx")
    (tmp_path / "zero.onnx").symlink_to("/dev/zero")
    (tmp_path / "folder.onnx").mkdir()
    for path in tmp_path.iterdir():
        assert read_file(path) == [Reading("", None, "no ordinary file")]
    assert read_file(tmp_path / "none.onnx") == [Reading("", None, "cannot be opened: No such file or directory")]


def test_more_bytes_than_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the file, which takes no place on the disk; of external data, with a lower limit."""
    huge = folder / "huge.onnx"
    with huge.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    assert read_file(huge) == [Reading("", None, "2,147,483,648 bytes, at most 2,147,483,647 are read")]
    path = external(folder, location="data/w.bin", offset="4")
    monkeypatch.setattr(model_file, "MOST_BYTES", path.stat().st_size + 1)
    (found,) = read_file(path)
    assert "bytes of external data, which is the most that is read" in found.reason


def test_a_tensor_that_is_too_large_has_a_reason() -> None:
    """Its extents alone: there is no such tensor."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1 << 20, 1 << 20])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [x], [y])
    (found,) = read(helper.make_model(graph), {})
    assert found == Reading("relu", None, "x has 1048576x1048576 elements, at most 67,108,864 are allowed")


def mutated(raw: bytes, random: Random) -> bytes:
    """The bytes with one to four places changed, cut out, filled in, or all behind cut off."""
    found = bytearray(raw)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(found) if random.random() < 0.5 else min(len(found), 300))
        kind = random.randrange(5)
        if kind == 0:
            found[at] = random.randrange(256)
        elif kind == 1:
            found[at] ^= 1 << random.randrange(8)
        elif kind == 2:
            del found[at : at + random.randint(1, 5)]
        elif kind == 3:
            found[at:at] = random.randbytes(random.randint(1, 9))
        else:
            del found[at + 1 :]
        if not found:
            break
    return bytes(found)


def fuzz(seed: int, models: int, each: int) -> tuple[int, int]:
    """Read mutated models of the quick tier; how many had a node with a spec, how many one without."""
    random = Random(seed)
    single = [case for case in plan("quick") if case.name is None and len(case.spec.nodes) == 1]
    good = bad = 0
    for case in random.choices(single, k=models):
        raw = to_model(case.spec, operands(case.spec, case.data, case.id)).SerializeToString()
        for _ in range(each):
            model = ModelProto()
            try:
                model.ParseFromString(mutated(raw, random))
            except Exception:  # protobuf's own, which it does not let one name
                continue
            for found in read(model, {}):
                good += found.spec is not None
                bad += bool(found.reason)
                if found.spec is not None:
                    assert shown(found.spec)
    return good, bad


def test_a_corrupt_model_is_read_or_has_a_reason() -> None:
    good, bad = fuzz(1, 100, 60)
    assert min(good, bad) > 200


@pytest.mark.long
def test_many_corrupt_models_are_read_or_have_a_reason() -> None:
    good, bad = fuzz(2, 3_000, 100)
    assert min(good, bad) > 10_000
