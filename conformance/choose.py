"""Turns what the user asked for into blocks and cases; an unknown name is an error that lists the known ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from conformance.blockwise import Blockwise
from conformance.runtimes import Unknown
from graphs.blocks import BLOCKS
from graphs.grid import FULL, NAMED, TIERS, Case, plan
from graphs.invalid import CATALOGUE
from graphs.invalid.broken import Broken
from graphs.lecture import LARGE


def tier_of(name: str) -> str:
    """The tier, or `Unknown`."""
    if name not in (*TIERS, FULL):
        raise Unknown("tier", name, (*TIERS, FULL))
    return name


def blocks_of(names: Sequence[str]) -> list[str]:
    """The blocks asked for, all of them without a wish; raises `Unknown`."""
    for name in names:
        if name not in BLOCKS:
            raise Unknown("block", name, BLOCKS)
    return [name for name in BLOCKS if name in names] if names else list(BLOCKS)


def cases_of(tier: str, blocks: Sequence[str], patterns: Sequence[str]) -> list[Case]:
    """The tier's cases whose id matches one of the shell-style patterns; one without a match raises `UnknownCase`."""
    if tier == FULL and patterns:  # hundreds of thousands of cases are not made to be left out
        blocks = [block for block in blocks if any(may_match(block, pattern) for pattern in patterns)]
    cases = plan(tier, blocks)
    if not patterns:
        return cases
    for pattern in patterns:
        if not any(fnmatchcase(case.id, pattern) for case in cases):
            close = difflib.get_close_matches(pattern, [case.id for case in cases], 3, 0.5)
            is_large = tier == "quick" and any(fnmatchcase(name, pattern) for name in LARGE)
            raise UnknownCase(pattern, tier, len(cases), close, is_large=is_large)
    return [case for case in cases if any(fnmatchcase(case.id, pattern) for pattern in patterns)]


def plan_of(tier: str, blocks: Sequence[str], patterns: Sequence[str]) -> Collection[Case]:
    """The same; those of tier full, unless patterns choose, block after block instead of all together."""
    return Blockwise(tier, blocks) if tier == FULL and not patterns else cases_of(tier, blocks, patterns)


def invalid_of(patterns: Sequence[str]) -> list[Broken]:
    """The invalid graphs whose name matches one of the shell-style patterns; one without a match raises `Unknown`."""
    for pattern in patterns:
        if not any(fnmatchcase(entry.id, pattern) for entry in CATALOGUE):
            raise Unknown("invalid graph", pattern, [entry.id for entry in CATALOGUE])
    return [e for e in CATALOGUE if not patterns or any(fnmatchcase(e.id, pattern) for pattern in patterns)]


def may_match(block: str, pattern: str) -> bool:
    """Whether a pattern can match a case of the block, by its beginning or by the names of its named cases."""
    start, begin = re.split(r"[*?[]", pattern)[0], block.replace("_", "") + "-"
    named = (name for name, (spec, _) in (NAMED | LARGE).items() if spec.block == block)
    return start.startswith(begin) or begin.startswith(start) or any(fnmatchcase(name, pattern) for name in named)


class UnknownCase(ValueError):
    """A pattern that no case matches."""

    def __init__(self, pattern: str, tier: str, count: int, close: Sequence[str], *, is_large: bool):
        hint = f"; close ones: {', '.join(close)}" if close else ""
        hint = "; tier standard has it: add --tier standard" if is_large else hint
        super().__init__(
            f"no case {f'of the {count} ' if count else ''}in tier {tier} matches {pattern!r}, "
            f"must be an id or a pattern with * (see: convformance list cases){hint}"
        )
