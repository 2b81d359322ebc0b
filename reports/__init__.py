"""What we say: pure functions of a result log."""

from __future__ import annotations

from collections.abc import Callable

from conformance.results import Log
from reports import as_json, as_markdown, as_text, invalid


def by_kind(grid: Callable[[Log], str], catalogue: Callable[[Log], str]) -> Callable[[Log], str]:
    """One report of a grid, another of a catalogue of invalid graphs."""
    return lambda log: (catalogue if log.header["tier"] == "invalid" else grid)(log)


RENDERERS: dict[str, Callable[[Log], str]] = {
    "text": by_kind(as_text.render, invalid.as_text),
    "markdown": by_kind(as_markdown.render, invalid.as_markdown),
    "json": as_json.render,
}
