"""How many planted faults are found: a table of families, and survivors by name."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from conformance.scores import EVERY, Outcome, by_family, share, share_of_faults, survivors

HEADINGS = {"quick": "quick", "standard": "quick, then standard", "full": "quick, then full"}
PAGE = """\
# What the cases find: planted faults

A correct runtime of the suite's own (tests/fakes/executor.py) is bent in one way at a time, and the cases are tried on
it. A *mutant* is one fault in one block; it is killed where one case gets the verdict that is due to the fault: fail,
error, crash or timeout, the last two in worker processes of their own. Each fault is written from an operator's text
or from a report of such a fault, which it names (`source`, tests/fakes/faults/).

    convformance power                           # the quick tier, some minutes
    convformance power --tier standard --onnx    # this page: what survives quick meets standard; ONNX's own suite
    convformance power --fault 'tile edges' --block conv

It needs a checkout, because the faults are part of tests/."""
OWN = """\
ONNX's column is of its shipped cases of one node (node, simple, pytorch-converted, pytorch-operator), run as its own
runner does, by its own tolerance: rtol 1e-3 and atol 1e-7 unless a case has others. A case that the correct runtime
fails does not count. {outside} mutants are of blocks of which it has no case, composites above all, and are left out.
Most precision faults lie inside that tolerance or in types that it does not try, and it runs each model once."""


def as_markdown(outcomes: Sequence[Outcome], suites: Sequence[str]) -> str:
    """One column a suite; a suite that is no tier is ONNX's own."""
    names = {suite: HEADINGS.get(suite, suite) for suite in suites}
    own = next((suite for suite in suites if suite not in HEADINGS), None)
    outside = sum(own not in o.killers for o in outcomes) if own else 0
    rows = [
        [family, len({o.fault for o in found}), *(str(share(found, suite)) for suite in suites)]
        for family, found in by_family(outcomes).items()
    ]
    whole = [f"{EVERY}, by fault", rows[-1][1], *(str(share_of_faults(outcomes, suite)) for suite in suites)]
    headers = ["family", "faults", *(names[suite] for suite in suites)]
    parts = [PAGE, tabulate([*rows, whole], headers, tablefmt="github", disable_numparse=True)]
    if own:
        parts.append(OWN.format(outside=outside))
    parts += [_survivors(outcomes, suite, names[suite], is_short=suite == own) for suite in suites]
    return "\n\n".join(parts)


def _survivors(outcomes: Sequence[Outcome], suite: str, name: str, *, is_short: bool) -> str:
    """A list of what a suite lets pass, each fault with its blocks, and, unless it is short, where it is from."""
    found: dict[str, list[str]] = {}
    source = {o.fault: o.source for o in outcomes}
    for o in survivors(outcomes, suite):
        found.setdefault(o.fault, []).append(o.block)
    if not found:
        return f"Survivors of {name}: none."
    lines = [
        f"- {fault} ({', '.join(f'`{b}`' for b in blocks)})" + ("" if is_short else f": {source[fault]}")
        for fault, blocks in found.items()
    ]
    return f"Survivors of {name}:\n\n" + "\n".join(lines)
