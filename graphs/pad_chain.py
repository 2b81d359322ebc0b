"""Padding in front of a window: what chains of Pad and convolution or pooling share, and the grid's part of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from graphs import patterns
from graphs.chain import Chain
from graphs.geometry import Axis, Ints
from graphs.spec import Invalid
from graphs.windowed import Windowed

if TYPE_CHECKING:
    from graphs.blocks.pad import Pad

Sides = list[Ints]  # begin and end of each axis


@dataclass(frozen=True, kw_only=True)
class PadThenWindow(Chain):
    """Pad and a window."""

    follows: ClassVar[Mapping[str, tuple[str, ...]]] = dict.fromkeys(("pad.mode", "pad.axes"), ("pad.kind",))

    @property
    def pad(self) -> Pad:
        """The first link."""
        return cast("Pad", self.links[0])

    @property
    def window(self) -> Windowed:
        """The last link."""
        return cast(Windowed, self.links[-1])

    @property
    def adds_zeros(self) -> bool:
        """Whether Pad adds zeros around images and nothing else, as constants of the graph say, and pads are explicit.

        Runtimes take that for the window's own pads.
        """
        pad = self.pad
        return (
            pad.mode in (None, "constant")
            and pad.value in (None, 0.0)
            and (pad.axes, pad.pads_as) == (None, "initializer")
            and min(pad.pads) >= 0 < max(pad.pads)
            and {side.length - side.size for side in pad.sides[:2]} == {0}
            and self.window.auto_pad in (None, "NOTSET")
        )

    @cached_property
    def fused(self) -> list[Axis]:
        """The window's axes if its own pads stood for the padding as well."""
        return [
            replace(axis, size=side.size, begin=axis.begin + side.begin, end=axis.end + side.end)
            for axis, side in zip(self.window.axes, self.pad.sides[2:], strict=True)
        ]

    def traits(self) -> dict[str, Any]:
        """Those of the links, and what would become of the window whose own pads stood for the padding."""
        reach = [max(a.begin, a.end) >= k for a, k in zip(self.fused, self.window.kernel_shape, strict=True)]
        return super().traits() | {
            "adds_zeros": self.adds_zeros,
            "fused_pads_reach_kernel": any(reach),
            "fused_window_ignored": any(a.count < b.count for a, b in zip(self.fused, self.window.axes, strict=True)),
        }


# Amounts along the i-th spatial axis, whose kernel has k elements.
SPATIAL: dict[str, Callable[[int, int], Ints]] = {
    "asymmetric": lambda i, k: ((1, 0, 2)[i], (0, 2, 1)[i]),
    "both": lambda i, k: (1, 1),
    "begin": lambda i, k: (2 - i % 2, 0),
    "kernel": lambda i, k: (k, 0) if i == 0 else (0, k - 1),
    "zero": lambda i, k: (0, 0),
    "removed": lambda i, k: (-(i % 2), i % 2 - 1),
    "removed and added": lambda i, k: (-1, 1),
    "leading added": lambda i, k: (1, 1),
    "leading removed": lambda i, k: (1, 1),
}
# Amounts of batch and channels, for which no window's pads can stand.
LEADING: dict[str, Sides] = {"leading added": [(1, 0), (0, 1)], "leading removed": [(-1, 0), (0, -1)]}

# Each sets one thing that keeps a runtime from leaving the padding to the window, or nothing.
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "zero": {"mode": "constant", "value": 0.0},
    "number": {"value": 3.0},
    "lowest": {"value": -math.inf},  # what MaxPool pads with
    "reflect": {"mode": "reflect"},
    "edge": {"mode": "edge"},
    "wrap": {"mode": "wrap"},
    "inputs": {"value": 0.0, "pads_as": "input"},
    "spatial axes": {"axes": lambda rank: range(2, 2 + rank)},
    "axes reversed": {"axes": lambda rank: range(-1, -3 - rank, -1)},
}

AXES: dict[str, tuple[Any, ...]] = {
    "pad.pads": tuple(SPATIAL),
    "pad.kind": tuple(kind for kind in KINDS if kind != "lowest"),
    "opset": (22, 19, 18, 13, 11),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "rank": (2, 1, 3),
}
# By how much the padded input exceeds the window: by more than any pattern adds, or not at all.
SLACK: tuple[Ints, ...] = ((7, 6, 7), (6, 8, 6), (0, 0, 0))


def window_axes(block: str) -> dict[str, tuple[Any, ...]]:
    """The axes of the window behind the padding."""
    values: dict[str, tuple[Any, ...]] = {
        "kernel_shape": ((3, 3, 3), (2, 2, 2), (4, 1, 2), (1, 1, 1)),
        "strides": ((2, 2, 2), (3, 1, 2), None),
        "pads": (None, "one", "asymmetric"),
        "auto_pad": (None, "VALID", "SAME_UPPER", "SAME_LOWER"),
        "dilations": (None, (2, 2, 2)),
        "extent": SLACK,
        "batch": (1, 3),
    }
    return {f"{block}.{name}": of for name, of in values.items()}


def window_fields(block: str, values: dict[str, Any]) -> dict[str, Any]:
    """Fields of the window, pads below its kernel."""
    own = {name.removeprefix(f"{block}."): value for name, value in values.items()}
    shared = {name: values[name] for name in ("opset", "dtype")}
    return shared | {"batch": own["batch"]} | patterns.window(own, pads_below_kernel=True)


def fitted(side: Ints, length: int) -> Ints:
    """Amounts of an axis that is ``length`` long afterwards: fewer where less than a reflection needs would be kept."""
    begin, end = side
    added = max(begin, 0), max(end, 0)
    if sum(added) + max(added) < length:
        return begin, end
    limit = (length - 1) // 3
    return min(begin, limit), min(end, limit)


def pad_before(chain: type[PadThenWindow], window: Windowed, values: dict[str, Any]) -> Pad:
    """The Pad whose result is the window's x."""
    pattern, rank, shape = values["pad.pads"], window.rank, window.inputs()["x"]
    wanted = LEADING.get(pattern, [(0, 0)] * 2) + [SPATIAL[pattern](i, window.kernel_shape[i]) for i in range(rank)]
    sides = [fitted(side, length) for side, length in zip(wanted, shape, strict=True)]
    own = KINDS[values["pad.kind"]]
    axes = tuple(own["axes"](rank)) if "axes" in own else None
    if axes is not None and len(axes) == rank and pattern in LEADING:
        raise Invalid("batch and channels are padded and must be named", "pad.kind", "pad.pads")
    if values["pad.kind"] == "wrap" and pattern == "removed and added":  # Pad's own grid has it
        raise Invalid("no text says which of removing and adding comes first", "pad.kind", "pad.pads")
    listed = sides if axes is None else [sides[axis] for axis in axes]
    fields = own | {"axes": axes, "opset": values["opset"], "dtype": values["dtype"]}
    kind = cast("type[Pad]", chain.kinds[0])
    return chain.link(
        kind, shape=tuple(n - begin - end for n, (begin, end) in zip(shape, sides, strict=True)),
        pads=tuple(begin for begin, _ in listed) + tuple(end for _, end in listed), **fields,
    )  # fmt: skip
