"""`onnx.backend.base.Backend`s that are right about valid graphs, each with its own way with invalid ones."""

from __future__ import annotations

import os
import time
from typing import Any

import onnx

from reference.claim import Claim
from tests.fakes.backends import Correct, Declines, Prepared

__all__ = ["Aborts", "AddsAnAxis", "Correct", "Declines", "Hangs", "RefusesAll", "Strict", "Trusting"]


def is_victim(model: onnx.ModelProto) -> bool:
    """Whether a float is given as an integer: leaky-relu-alpha-int, and no twin."""
    return any(a.name == "alpha" and a.type == onnx.AttributeProto.INT for n in model.graph.node for a in n.attribute)


class Trusting(Correct):
    """Says that it refuses invalid graphs, and computes them."""

    claim = Claim(deterministic=True, validates=True)


class Strict(Trusting):
    """Says so, and asks ONNX's checker first."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """With strict inference."""
        onnx.checker.check_model(model, full_check=True)
        return super().prepare(model, device, **options)


class Aborts(Correct):
    """SIGABRT on one graph."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """As a failed assertion in C++."""
        if is_victim(model):
            os.abort()
        return super().prepare(model, device, **options)


class Hangs(Correct):
    """Never done with one graph."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """Longer than any limit."""
        if is_victim(model):
            time.sleep(3600)
        return super().prepare(model, device, **options)


class RefusesAll(Correct):
    """Refuses valid graphs too."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """No, whatever it is."""
        raise ValueError("no such graph")


class AddsAnAxis(Correct):
    """Gives results of another shape than a valid graph has."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """One axis more."""
        right = super().prepare(model, device, **options)
        return Prepared(lambda feeds: [r[None] for r in right.run_model(feeds)], right.names, Correct.fault)
