"""Values of grid axes that hold for any rank: patterns over three axes, cut to the rank and resolved by name."""

from __future__ import annotations

from typing import Any

from graphs.geometry import Ints

# The first value of an axis fills the rows that need no particular one: the first ones here leave the most to go wrong.
KERNELS: tuple[Ints, ...] = ((3, 3, 3), (2, 2, 2), (4, 3, 1), (5, 2, 3), (1, 1, 1))
STRIDES = ((2, 2, 2), (1, 1, 1), (3, 1, 2), None, "above kernel")
DILATIONS: tuple[Ints | None, ...] = (None, (1, 1, 1), (2, 2, 2), (3, 1, 2))
PADS = ("asymmetric", "one", None, "zero", "end only", "up to kernel", "past kernel")
AUTO_PAD = (None, "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")
SLACK: tuple[Ints, ...] = ((3, 4, 2), (6, 3, 4), (0, 0, 0))  # pixels by which the input exceeds the dilated kernel

# The axes of a window but for its pads, of which not every block has all patterns.
WINDOW: dict[str, tuple[Any, ...]] = {
    "kernel_shape": KERNELS,
    "strides": STRIDES,
    "auto_pad": AUTO_PAD,
    "dilations": DILATIONS,
    "rank": (2, 1, 3),
    "extent": SLACK,
}
# Those of a graph around a windowed operator, whose own block tells NOTSET from an omitted attribute.
INNER_PADS = ("asymmetric", "one", None, "zero", "end only")
INNER_WINDOW = WINDOW | {"auto_pad": tuple(mode for mode in AUTO_PAD if mode != "NOTSET")}


def window(values: dict[str, Any], *, pads_below_kernel: bool = False) -> dict[str, Any]:
    """Spec fields for the window axes ``rank, kernel_shape, strides, pads, dilations, auto_pad, extent``.

    With ``pads_below_kernel`` the small pad patterns stay below the kernel, so that what some runtimes
    refuse altogether takes two axis values and not five.
    """
    rank = values["rank"]
    kernel = values["kernel_shape"][:rank]
    dilations = values["dilations"] and values["dilations"][:rank]
    reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilations or (1,) * rank, strict=True))
    strides = values["strides"]
    return {
        "extent": tuple(r + s for r, s in zip(reach, values["extent"][:rank], strict=True)),
        "kernel_shape": kernel,
        "strides": tuple(k + 1 for k in kernel) if strides == "above kernel" else strides and strides[:rank],
        "pads": pads(values["pads"], reach, kernel if pads_below_kernel else (9,) * rank),
        "dilations": dilations,
        "auto_pad": values["auto_pad"],
    }


def pads(pattern: str | None, reach: Ints, below: Ints) -> Ints | None:
    """Begin and end pads for a named pattern; small ones stay ``below``, large ones follow the dilated kernel."""
    rank = len(reach)
    small: dict[str | None, Ints] = {
        "zero": (0,) * (2 * rank),
        "one": (1,) * (2 * rank),
        "asymmetric": (1, 0, 2)[:rank] + (0, 2, 1)[:rank],
        "end only": (0,) * rank + (2, 1, 1)[:rank],
    }
    if pattern in small:
        return tuple(min(p, limit - 1) for p, limit in zip(small[pattern], below * 2, strict=True))
    large = {"up to kernel": tuple(r - 1 for r in reach) * 2, "past kernel": reach + tuple(r + 1 for r in reach)}
    return large[pattern] if pattern else None
