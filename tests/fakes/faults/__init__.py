"""Ways to be wrong, one each, family by family; and results in an unusual form, which are right."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.faults import (
    attributes,
    borders,
    chains,
    channels,
    codes,
    curves,
    defaults,
    ends,
    form,
    formula,
    fused,
    groups,
    kept,
    lanes,
    layout,
    nan,
    narrow,
    operands,
    padding,
    precision,
    quantised,
    ranges,
    resizing,
    special,
    state,
    strange_layout,
    ties,
    tiles,
    versions,
    windows,
)
from tests.fakes.faults.blocks import PADDED
from tests.fakes.faults.changes import change_tensors, flicker, on_y, round_inputs, rounded
from tests.fakes.faults.fault import INDEX, SHAPE, VALUE, Fault
from tests.fakes.faults.quirks import QUIRKS

__all__ = [
    "FAMILIES", "FAULTS", "INDEX", "PADDED", "QUIRKS", "SHAPE", "VALUE", "Fault", "change_tensors", "flicker", "on_y",
    "round_inputs", "rounded",
]  # fmt: skip
FAMILIES: dict[str, tuple[dict[str, Fault], ...]] = {
    "attributes": (attributes.FAULTS, operands.FAULTS, resizing.FAULTS, windows.ATTRIBUTES, windows.RESIZING),
    "padding": (padding.FAULTS, borders.FAULTS, windows.PADDING),
    "defaults": (defaults.FAULTS,),
    "opset confusions": (versions.FAULTS,),
    "layout": (layout.FAULTS, strange_layout.FAULTS),
    "groups": (groups.FAULTS, windows.GROUPS),
    "SIMD tails": (lanes.FAULTS,),
    "blocked channels": (channels.FAULTS,),
    "tile edges": (tiles.FAULTS,),
    "ties": (ties.FAULTS, special.TIES),
    "NaN": (nan.FAULTS, special.NAN),
    "precision": (precision.FAULTS, narrow.FAULTS),
    "range": (ranges.FAULTS,),
    "state": (state.FAULTS, kept.FAULTS),
    "fusion": (chains.FAULTS, fused.FUSION),
    "formula": (formula.FAULTS, curves.FAULTS),
    "quantisation": (quantised.FAULTS, codes.FAULTS),
    "form": (form.FAULTS,),
    "crash": (ends.CRASH,),
    "hang": (ends.HANG,),
}
FAULTS: dict[str, Fault] = {
    name: replace(fault, family=family)
    for family, tables in FAMILIES.items()
    for table in tables
    for name, fault in table.items()
}
