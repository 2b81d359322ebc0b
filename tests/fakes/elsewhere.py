"""`onnx.backend.base.Backend`s for other interpreters; they need NumPy alone."""

from __future__ import annotations

import ctypes
import os
from typing import Any


class Overwriting:
    """Writes into its input, and prints more than a pipe holds."""

    @classmethod
    def prepare(cls, model: Any, device: str = "CPU") -> Any:
        """ONNX's interface."""
        return cls

    @staticmethod
    def run(inputs: list[Any]) -> tuple[Any]:
        """Through the file descriptors, as C++ does."""
        for fd in (1, 2):
            os.write(fd, b"x" * 200_000)
        inputs[0] += 1
        return (inputs[0],)


class Stuck(Overwriting):
    """Hangs in native code without letting go of the interpreter's lock."""

    @staticmethod
    def run(inputs: list[Any]) -> tuple[Any]:
        """Sleep in C; PyDLL keeps the lock."""
        ctypes.PyDLL(None).sleep(600)
        return (inputs[0],)
