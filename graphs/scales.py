"""The grid's part of scales and zero points: patterns of numbers, for a tensor, an axis, or blocks."""

from __future__ import annotations

from collections.abc import Callable
from math import ldexp, prod
from typing import Any

import numpy as np

from graphs.geometry import Ints
from graphs.numbers import ends_of
from graphs.spec import Invalid

SHAPES: tuple[Ints, ...] = ((3, 17), (2, 5, 9), (1, 3, 8, 7), (7,), (2, 2, 3, 3, 5), ())
GRANULARITIES = ("tensor", "axis", "blocks of 2", "blocks of 3")
# The i-th scale.  Quotients by a power of two are exact, so that ties are ties; others have no short form.
SCALES: dict[str, Callable[[int], float]] = {
    "half": lambda i: 0.5,
    "tenth": lambda i: 0.1,
    "powers": lambda i: ldexp(1.0, -(i % 4) - 1),
    "fractions": lambda i: (3 + i % 5) / 17,
}
LISTED = "zero in a list"  # beside a scalar scale, as ONNX's own cases have it
ZERO_POINTS = ("middle", "zero", "lowest", "highest", "several", None, LISTED)


def zero_points(pattern: str, code: str, count: int) -> tuple[float, ...]:
    """Zero points of a type; a minifloat's are 0, for the text does not say what another one does."""
    low, high = ends_of(code)
    if code.startswith("float"):
        if pattern not in ("zero", LISTED):
            raise Invalid(
                f"a zero point of {code} is 0", "zero_point", "code", "dtype"
            )  # as the axis is called here, there
        return (0.0,) * count
    near = [(low + high + 1) // 2 + 1, low, high, 0.0, (low + 3 * high) // 4]  # one of them odd and near the middle
    kinds = {"middle": near[:1], "zero": [0.0], LISTED: [0.0], "lowest": [low], "highest": [high], "several": near}
    return tuple(kinds[pattern][i % len(kinds[pattern])] for i in range(count))


def parameters(values: dict[str, Any], code: str, scale_dtype: str) -> dict[str, Any]:
    """Spec fields of the axes that both operators have."""
    shape, kind, axis = values["shape"], values["granularity"], values["axis"]
    rank = len(shape)
    place = 1 if axis is None else axis
    size = int(kind[-1]) if kind.startswith("blocks") else None
    if kind == "tensor":
        scale_shape: Ints = ()
    elif not -rank <= place < rank:
        raise Invalid("x has no such axis", "granularity", "shape", "axis")
    elif size is None:
        scale_shape = (shape[place],)
    else:
        scale_shape = tuple(-(-d // size) if i == place % rank else d for i, d in enumerate(shape))
    count = prod(scale_shape)
    if values["zero_point"] == "several" and count == 1:
        raise Invalid("several zero points need several scales", "zero_point", "granularity", "shape", "axis")
    scale = tuple(float(np.array(SCALES[values["scale"]](i)).astype(scale_dtype)) for i in range(count))
    zero, own = values["zero_point"], (1,) if values["zero_point"] == LISTED else None
    if own is not None and scale_shape:
        raise Invalid("one zero point in a list is beside one scale", "zero_point", "granularity")
    return {
        "shape": shape, "opset": values["opset"], "scale": scale, "scale_shape": scale_shape, "axis": axis,
        "scale_dtype": scale_dtype, "block_size": size, "operands_as": values["operands_as"],
        "zero_point_shape": own, "zero_point": None if zero is None else zero_points(zero, code, count),
    }  # fmt: skip
