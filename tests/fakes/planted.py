"""Each planted fault as an `onnx.backend.base.Backend` for worker processes: ``backend:tests.fakes.planted.<name>``."""

from __future__ import annotations

import re
from typing import Any

import onnx

from tests.fakes.backends import Correct, Prepared
from tests.fakes.faults import FAULTS, Fault


def identifier(name: str) -> str:
    """A fault's name as part of a dotted one."""
    return re.sub(r"\W", "_", name)


class Planted:
    """A runtime with one fault."""

    def __init__(self, fault: Fault):
        self.runtime = fault.runtime()
        self.claim = self.runtime.claim

    def prepare(self, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """ONNX's backend interface."""
        held = {t.name for t in model.graph.initializer}
        names = [v.name for v in model.graph.input if v.name not in held]
        return Prepared(self.runtime.prepare(model.SerializeToString()), names, Correct.fault)


def __getattr__(name: str) -> Planted:
    for known, fault in FAULTS.items():
        if identifier(known) == name:
            return Planted(fault)
    raise AttributeError(name)
