"""Invalid graphs by name: each breaks one rule of an operator, or of the IR, and has a valid twin."""

from __future__ import annotations

from graphs.invalid import activation, convolution, layer, moving, pooling, structure
from graphs.invalid.broken import Broken

CATALOGUE: tuple[Broken, ...] = (
    *convolution.ENTRIES, *pooling.ENTRIES, *activation.ENTRIES, *moving.ENTRIES, *layer.ENTRIES, *structure.ENTRIES,
)  # fmt: skip
