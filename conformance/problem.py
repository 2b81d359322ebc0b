"""A case made ready to run: the model's bytes, its inputs, and what the reference expects under a claim."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.data import operands
from graphs.grid import Case
from graphs.model import feeds, to_model
from reference import KERNELS, SELECTING
from reference.ball import Expected
from reference.bound import refuse_cast
from reference.claim import Claim


class Problem:
    """Binds the builder and the reference, which do not know each other."""

    def __init__(self, case: Case):
        self.case = case
        self.spec = case.spec
        self.operands: dict[str, NDArray[Any]] = operands(case.spec, case.data, case.id)

    @cached_property
    def model(self) -> bytes:
        """The serialized ONNX model."""
        return bytes(to_model(self.spec, self.operands).SerializeToString())

    def feeds(self) -> dict[str, NDArray[Any]]:
        """The model's inputs, copied afresh so that a runtime that writes into them is found out."""
        return {name: value.copy() for name, value in feeds(self.spec, self.operands).items()}

    def decoy(self) -> dict[str, NDArray[Any]]:
        """Other inputs of the same shapes, so that what a run keeps of any of them shows in the next one's results."""
        given = self.spec.given()
        with np.errstate(over="ignore"):  # a scalar of an integer type wraps around as arrays do, and says so
            return {
                name: value
                if name in given
                else np.asarray(-(value + value) if name == "x" else value + 1, value.dtype)
                for name, value in self.feeds().items()
            }

    def expected(self, claim: Claim, **others: NDArray[Any]) -> tuple[Expected, ...]:
        """One ball or set for each of the model's outputs; ``others`` take the place of operands of that name.

        Raises OverflowError where numbers may leave the type, or the format to which the claim casts tensors.
        """
        for name, value in self.operands.items():
            if name not in self.spec.coordinates:
                refuse_cast(value, claim, multiplied=self.spec.block not in SELECTING)
        attributes: dict[str, Any] = dict(self.spec.meaning())
        if len(self.spec.outputs()) > 1 and "results" not in attributes:
            attributes["outputs"] = len(self.spec.outputs())
        return KERNELS[self.spec.block](**{**self.operands, **others}, claim=claim, **attributes)
