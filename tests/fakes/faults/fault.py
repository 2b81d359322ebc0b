"""What a planted fault is: what it does to a run, where it applies, and the verdict and message that it must get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reference.claim import Claim
from tests.fakes.arithmetic import PLAIN
from tests.fakes.executor import Arithmetic
from tests.fakes.fake import After, Before, Fake, hand_over, leave

TAIL = "(, as in the run before, which had other inputs)?$"
DUE = r"should be \S+( or \S+)* \(error \S+, bound \S+, [1-9]\d* of [1-9]\d* outside\)" + TAIL
VALUE = r"^(y|d[xwb])(\[[\d,]+\])? is \S+, " + DUE
ANY_VALUE = r"^\w+(\[[\d,]+\])? is \S+, " + DUE
SHAPE = r"^(y|d[xwb]) has shape \[[\d, ]+\], should be \[[\d, ]+\]" + TAIL
INDEX = r"^indices\[[\d,]+\] is -?\d+, should be \d+( or \d+)* \([1-9]\d* of [1-9]\d* outside\)" + TAIL
INFINITE = r"^(y|dx)\[[\d,]+\] is \S+, should be -?inf \(.* of [1-9]\d* outside\)" + TAIL
TWICE = r"^y(\[[\d,]+\])? is \S+, then \S+ when the run is repeated \([1-9]\d* of [1-9]\d*\)$"


@dataclass(frozen=True)
class Fault:
    """One fault, in the blocks it applies to; ``message`` is how at least one bad result must read."""

    blocks: tuple[str, ...]
    before: Before = leave
    after: After = hand_over
    message: str = VALUE
    verdict: str = "fail"
    claim: Claim | None = None
    bends: tuple[str, ...] = ()  # operators that ``before`` changes, where not the block's own
    how: Arithmetic = PLAIN
    source: str = ""  # the operator's sentence, or the report of such a fault
    family: str = ""  # set by the table of all
    is_standard: bool = False  # needs the standard tier
    make: Callable[[], Before] | None = None  # in place of ``before``, where it keeps something for a whole runtime

    def runtime(self) -> Fake:
        """The faulty runtime."""
        before = self.make() if self.make else self.before
        return Fake(before, self.after, claim=self.claim, bends=self.bends, how=self.how)

    @property
    def ends_process(self) -> bool:
        """Whether it takes its process down, or never comes back."""
        return self.verdict in ("crash", "timeout")
