"""A tier with too many cases to hold: its blocks are planned one after the other, each time they are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from graphs.grid import Case, cases


class Blockwise(Collection[Case]):
    """The cases of blocks, of which one block's are in memory at a time."""

    def __init__(self, tier: str, blocks: Sequence[str]):
        self.tier, self.blocks = tier, blocks

    def portions(self) -> Iterator[Sequence[Case]]:
        """Block after block; planning one of tier full takes seconds."""
        return (cases(block, self.tier) for block in self.blocks)

    def __iter__(self) -> Iterator[Case]:
        return (case for portion in self.portions() for case in portion)

    def __len__(self) -> int:
        return sum(map(len, self.portions()))

    def __contains__(self, case: object) -> bool:
        return any(case == one for one in self)
