"""Invalid graphs by family: each breaks one rule of an operator, or of the IR, and has a valid twin."""

from __future__ import annotations

from graphs.invalid import activation, convolution, layer, moving, pooling, quantised, quantising, structure
from graphs.invalid.broken import Broken

FAMILIES: dict[str, tuple[Broken, ...]] = {
    "convolution": convolution.ENTRIES,
    "pooling": pooling.ENTRIES,
    "activation": activation.ENTRIES,
    "moving": moving.ENTRIES,
    "layer": layer.ENTRIES,
    "quantised": (*quantised.ENTRIES, *quantising.ENTRIES),
    "structure": structure.ENTRIES,
}
CATALOGUE = tuple(entry for entries in FAMILIES.values() for entry in entries)
FAMILY_OF = {entry.id: family for family, entries in FAMILIES.items() for entry in entries}
