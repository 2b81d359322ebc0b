"""Integers drawn from a case's id with integer arithmetic alone: the same on every machine and numpy version."""

from __future__ import annotations

import hashlib
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.geometry import Ints

Tensor = NDArray[Any]


class Digest(np.random.bit_generator.ISeedSequence):
    """SHA-256 of a case's id as the 256 bits of a generator's first state."""

    def __init__(self, case_id: str):
        self.digest = hashlib.sha256(case_id.encode()).digest()

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """The digest as little-endian words, however many were asked for."""
        return np.frombuffer(self.digest, "<u8", n_words).astype(dtype)


class Draw:
    """Integers from SHA-256(case id) -> PCG64; `random_raw` is the same in every numpy version."""

    def __init__(self, case_id: str):
        self.bits = np.random.PCG64(Digest(case_id))  # type: ignore[arg-type]  # numpy's stub knows no ISeedSequence

    def integers(self, low: int, high: int, shape: Ints) -> NDArray[np.int64]:
        """Over low..high, both included, at most 2^31 apart; each as likely as any other up to 2^-32."""
        raw = self.bits.random_raw(prod(shape)) >> np.uint64(32)
        scaled = (raw * np.uint64(high - low + 1)) >> np.uint64(32)
        return scaled.astype(np.int64).reshape(shape) + low
