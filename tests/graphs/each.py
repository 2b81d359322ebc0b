"""Tests of every spec as one item a block: thousands of items cost more than what they check."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from graphs.spec import Spec

Check = Callable[[str], None]


def each(specs: Mapping[str, Spec]) -> Callable[[Check], Check]:
    """Call the test with the name of every spec; what goes wrong carries that name as a note."""
    blocks: dict[str, list[str]] = {}
    for name, spec in specs.items():
        blocks.setdefault(spec.block, []).append(name)

    def decorate(check: Check) -> Check:
        @pytest.mark.parametrize("block", blocks)
        def test(block: str) -> None:
            for name in blocks[block]:
                try:
                    check(name)
                except Exception as error:
                    error.add_note(f"of {name}")
                    raise

        test.__doc__ = check.__doc__
        return test

    return decorate
