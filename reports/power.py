"""How many planted faults are found: a table of families, and survivors by name."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from conformance.scores import EVERY, Outcome, by_family, share, share_of_faults, survivors

HEADINGS = {"quick": "quick", "standard": "quick, then standard"}


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
    parts = [tabulate([*rows, whole], headers, tablefmt="github", disable_numparse=True)]
    if outside:
        parts.append(
            f"{outside} mutants are of composites, graphs of several operators, of which that suite has no case: they are "
            "left out of its column."
        )
    for suite in suites:
        parts.append(_survivors(outcomes, suite, names[suite], is_short=suite == own))
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
