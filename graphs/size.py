"""How large a tensor of a case may be: planning refuses what is larger, before anything is drawn or computed."""

from __future__ import annotations

from math import prod

from graphs.spec import Spec

MOST_ELEMENTS = 1 << 26  # 512 MiB of float64; the largest of ours, AlexNet's first dense layer, has 37,748,736


class TooLarge(ValueError):
    """A case with a tensor that is larger than planning allows."""


def too_large(spec: Spec) -> str:
    """Which operand or result, or value between two nodes, is larger than `MOST_ELEMENTS`; empty where none is."""
    for name, shape in spec.all_shapes().items():
        if prod(shape) > MOST_ELEMENTS:
            return f"{name} has {'x'.join(map(str, shape))} elements, at most {MOST_ELEMENTS:,} are allowed"
    return ""


def refuse(spec: Spec, case: str) -> None:
    """Raise `TooLarge` where a tensor is."""
    found = too_large(spec)
    if found:
        raise TooLarge(f"case {case}: {found}")
