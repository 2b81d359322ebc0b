"""What we say: pure functions of a result log."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.results import Results
from reports import as_json, as_markdown, as_text, invalid

Pieces = Callable[[Results], Iterator[str]]


def by_kind(grid: Pieces, catalogue: Callable[[Results], str]) -> Pieces:
    """One report of a grid, another of a catalogue of invalid graphs."""
    return lambda log: iter([catalogue(log)]) if log.header["tier"] == "invalid" else grid(log)


def joined(pieces: Pieces) -> Callable[[Results], str]:
    """A whole report as one text."""
    return lambda log: "".join(pieces(log))


# A report in pieces, so that a long one is never in memory as a whole.
PIECES: dict[str, Pieces] = {
    "text": by_kind(as_text.pieces, invalid.as_text),
    "markdown": by_kind(as_markdown.pieces, invalid.as_markdown),
    "json": as_json.pieces,
}
RENDERERS: dict[str, Callable[[Results], str]] = {name: joined(pieces) for name, pieces in PIECES.items()}
