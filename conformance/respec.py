"""A case as plain data and back, so that one which is in no tier can be kept in a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from graphs.blocks import BLOCKS
from graphs.grid import Case
from graphs.spec import Spec


def to_plain(spec: Spec) -> dict[str, Any]:
    """Block and fields; a field that is a spec, or that holds some, the same way."""

    def plain(value: Any) -> Any:
        if isinstance(value, Spec):
            return to_plain(value)
        return [plain(each) for each in value] if isinstance(value, tuple | list) else value

    return {"block": spec.block} | {f.name: plain(getattr(spec, f.name)) for f in dataclasses.fields(spec)}


def from_plain(data: Mapping[str, Any]) -> Spec:
    """The spec; raises KeyError, TypeError or `Invalid` for data of no spec."""

    def rich(value: Any) -> Any:
        if isinstance(value, dict):
            return from_plain(value)
        return tuple(map(rich, value)) if isinstance(value, list) else value

    return BLOCKS[data["block"]](**{name: rich(value) for name, value in data.items() if name != "block"})


def case_of(manifest: Mapping[str, Any]) -> Case:
    """The case of a bundle's manifest."""
    return Case(from_plain(manifest["spec"]), manifest["data"], manifest["name"])
