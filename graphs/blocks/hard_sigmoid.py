"""The logistic function in three straight pieces: ONNX ``HardSigmoid``, versions 1, 6 and 22."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import single


@dataclass(frozen=True, kw_only=True)
class HardSigmoid(Elementwise):
    """``y = max(0, min(1, alpha x + beta))``; alpha is 0.2 and beta 0.5 where omitted."""

    alpha: float | None = None
    beta: float | None = None

    block: ClassVar[str] = "hard_sigmoid"
    op_type: ClassVar[str] = "HardSigmoid"
    versions: ClassVar[Ints] = (1, 6, 22)
    attribute_names: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    @property
    def bends(self) -> Sequence[float]:
        """Where alpha x + beta is 0, and where it is 1."""
        alpha, beta = 0.2 if self.alpha is None else self.alpha, 0.5 if self.beta is None else self.beta
        return (-beta / alpha, (1 - beta) / alpha) if alpha else ()

    @property
    def tells_precision(self) -> bool:
        """Not at all: of wide integers it gives 0 and 1, however they were read."""
        return False


AXES: dict[str, tuple[Any, ...]] = {
    "shape": SHAPES,
    "opset": (22, 7, 5),
    "dtype": DTYPES,
    "alpha": (None, 0.25, 2.0, -0.5, 0.0),
    "beta": (None, single(0.1), 0.0, -1.0, 1.5),
}


def build(values: dict[str, Any]) -> HardSigmoid:
    """The spec for one value of every axis."""
    return HardSigmoid(**values)
