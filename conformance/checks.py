"""ONNX's checker as two runtimes that compute nothing, so that a crash of it costs one graph like any other."""

from __future__ import annotations

from typing import Any

import onnx

NAMES = {"checker": "backend:conformance.checks.Checker", "full check": "backend:conformance.checks.FullCheck"}


class Checked:
    """A model that the checker has accepted."""

    def run(self, inputs: Any) -> tuple[()]:
        """No result."""
        return ()


class Checker:
    """`onnx.checker.check_model`, as ONNX's backend interface has it."""

    full_check = False

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Checked:
        """Check the model; whatever the checker raises is its refusal."""
        onnx.checker.check_model(model, full_check=cls.full_check)
        return Checked()


class FullCheck(Checker):
    """The same with strict inference of types and shapes."""

    full_check = True
