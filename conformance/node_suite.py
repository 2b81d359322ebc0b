"""ONNX's own cases of one node, run and judged as ONNX's own runner does."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, numpy_helper

from conformance.runtimes.protocol import Runtime
from graphs.blocks import SINGLE

KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator")
OPERATORS = {block.op_type for block in SINGLE.values()}
Arrays = Sequence[NDArray[Any]]


@dataclass(frozen=True)
class Shipped:
    """A case: a model, its inputs by name and the outputs expected of each data set, and ONNX's tolerance."""

    name: str
    model: ModelProto
    sets: tuple[tuple[Arrays, Arrays], ...]
    rtol: float
    atol: float


@cache
def suite() -> dict[str, tuple[Shipped, ...]]:
    """Operator of a block -> ONNX's cases of one node of it; expansions of such a node into others are left out."""
    found: dict[str, list[Shipped]] = {}
    for case in _load():
        model = case.model if case.model is not None else onnx.load(Path(case.model_dir) / "model.onnx")
        if len(model.graph.node) == 1 and model.graph.node[0].op_type in OPERATORS:
            sets = case.data_sets if case.data_sets is not None else _stored(Path(case.model_dir))
            arrays = tuple((_arrays(given), _arrays(due)) for given, due in sets)
            shipped = Shipped(case.name, model, arrays, case.rtol, case.atol)
            found.setdefault(model.graph.node[0].op_type, []).append(shipped)
    return {op: tuple(cases) for op, cases in found.items()}


def _load() -> list[Any]:
    """All of ONNX's test cases; it computes some of them on import, with overflows and divisions by zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.loader import load_model_tests

        return [case for kind in KINDS for case in load_model_tests(kind=kind)]


def _stored(folder: Path) -> Iterator[tuple[Arrays, Arrays]]:
    """Data sets of a case on the disk."""
    for part in sorted(folder.glob("test_data_set_*")):
        yield _tensors(part, "input"), _tensors(part, "output")


def _arrays(values: Sequence[Any]) -> Arrays:
    """Arrays, also of types that NumPy lacks, which come as protobufs."""
    return [numpy_helper.to_array(v) if isinstance(v, onnx.TensorProto) else np.asarray(v) for v in values]


def _tensors(folder: Path, kind: str) -> list[NDArray[Any]]:
    """The arrays of ``input_0.pb``, ``input_1.pb`` and so on."""
    count = len(list(folder.glob(f"{kind}_*.pb")))
    return [numpy_helper.to_array(onnx.load_tensor(folder / f"{kind}_{i}.pb")) for i in range(count)]


def fails(case: Shipped, runtime: Runtime) -> bool:
    """Whether the runtime raises, or ONNX's runner finds its outputs apart by more than its tolerance."""
    from onnx.backend.test.runner import Runner

    held = {tensor.name for tensor in case.model.graph.initializer}
    names = [value.name for value in case.model.graph.input if value.name not in held]
    try:
        run = runtime.prepare(case.model.SerializeToString())
        for inputs, outputs in case.sets:
            got = list(run(dict(zip(names, (np.array(x) for x in inputs), strict=False))))
            Runner.assert_similar_outputs(outputs, got, case.rtol, case.atol)
    except Exception:
        return True
    return False
