"""What a runtime adapter is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

if TYPE_CHECKING:  # adapters are sent to other interpreters, which do without the reference
    from reference.claim import Claim

Run = Callable[[Mapping[str, NDArray[Any]]], Sequence[NDArray[Any]]]


class Unsupported(Exception):
    """The runtime, or its adapter, declines a graph, with the reason."""


class Unavailable(Exception):
    """A runtime that cannot be used here: why, and how to get it."""

    def __init__(self, reason: str, remedy: str):
        super().__init__(f"{reason}; {remedy}")
        self.reason, self.remedy = reason, remedy


class Runtime(Protocol):
    """The smallest interface that a runtime needs."""

    @property
    def claim(self) -> Claim:
        """What it says that it delivers."""

    def version(self) -> str:
        """The runtime's own version."""

    def prepare(self, model: bytes) -> Run:
        """Load a serialized ONNX model; raises `Unsupported` where the runtime declines it.

        The returned function maps input names to arrays and gives the outputs in graph order.
        """
