"""What is sent to another interpreter: the sources of an adapter and of all of ours that it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

PARENTS = ("conformance", "conformance.runtimes")  # which are empty elsewhere


def sources_of(module: str) -> tuple[dict[str, str], list[str]]:
    """The sources of an adapter and of all of ours that it imports when it is imported; which are packages."""
    sources, packages, todo = dict.fromkeys(PARENTS, ""), list(PARENTS), [module, "conformance.runtimes.wire"]
    while todo:
        name = todo.pop()
        spec = None if name in sources else located(name)
        if spec is None:
            continue
        sources[name] = spec.loader.get_source(name)  # type: ignore[union-attr]  # any loader of sources has it
        packages += [name] * (spec.submodule_search_locations is not None)
        todo += imported(sources[name])
    return sources, packages


def located(name: str) -> ModuleSpec | None:
    """Where a module is; None for what a module holds."""
    try:
        return find_spec(name)
    except ModuleNotFoundError:
        return None


def imported(source: str) -> Iterator[str]:
    """Our modules, and what may be some, that a source imports at once: not under ``if``, not in a function."""
    top = ast.parse(source).body
    for node in [*top, *(inner for outer in top if isinstance(outer, ast.Try) for inner in outer.body)]:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("conformance."):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
