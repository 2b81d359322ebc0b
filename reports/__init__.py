"""What we say: pure functions of a result log."""

from __future__ import annotations

from collections.abc import Callable

from conformance.results import Log
from reports import as_json, as_markdown, as_text

RENDERERS: dict[str, Callable[[Log], str]] = {
    "text": as_text.render,
    "markdown": as_markdown.render,
    "json": as_json.render,
}
