"""Data sets by purpose: which inputs a case gets, drawn from its id with integer arithmetic alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graphs import addends, codes, integers, magnitudes, probes
from graphs.draw import Draw, Tensor
from graphs.geometry import Ints
from graphs.numbers import FLOATS
from graphs.spec import Spec


def always(spec: Spec) -> bool:
    """Every spec."""
    return True


def among(*blocks: str) -> Callable[[Spec], bool]:
    """Some blocks' specs."""
    return lambda spec: spec.block in blocks


def told(spec: Spec) -> bool:
    """Whether a single number can tell: what errors add up to in a network of many layers is another matter."""
    return spec.block not in LAYERED


def sums(spec: Spec) -> bool:
    """Whether results add up several numbers, weighted or not."""
    return spec.terms > 1 and told(spec)


def small_sums(spec: Spec) -> bool:
    """Whether the reference bounds sums of subnormal numbers: not of float64, nor of their powers or averages."""
    return told(spec) and spec.dtype != "float64"


@dataclass(frozen=True)
class Data:
    """A data set: how to draw one operand, what its results show, and the element types and specs that it is for."""

    draw: Callable[[Spec, str, Ints, Draw], Tensor]
    shows: str
    dtypes: tuple[str, ...] = FLOATS
    suits: Callable[[Spec], bool] = always
    whole: Callable[[Spec], bool] = always  # specs that all get it; of others each gets one such set in turn

    def applies(self, spec: Spec) -> bool:
        """Whether the set is valid for the spec."""
        return spec.dtype in self.dtypes and self.suits(spec)


LAYERED = ("network", "pyramid")
CODES = (
    "int16", "uint16", "int32", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "int4", "uint4",
    "float4_e2m1fn", "int2", "uint2", "float6_e2m3fn", "float6_e3m2fn",
)  # fmt: skip
CURVED = ("sigmoid", "tanh", "hard_sigmoid", "hard_swish")  # small and random numbers do not reach their ends
POOLED = ("max_pool", "min_pool", "median_pool", "global_max_pool", "pad_max_pool", "max_pool_gradient")
IN_TURN = among()  # no block gets it always
DATA = {
    "small": Data(
        integers.small, "a wrong element, tap, channel or weight: any change of a sum is a whole number",
        (*FLOATS, "int8", "int16", "int32", "int64", "uint8"),
    ),
    "wide": Data(
        integers.wide, "inputs read with fewer bits than the type has: every whole sum is then wrong",
        (*FLOATS, "int32", "int64"), lambda spec: spec.tells_precision,
    ),
    "random": Data(magnitudes.random, "rounding by more than the claim allows, on numbers as a network has them"),
    "negative": Data(
        integers.negative, "a 0 of the padding among maxima, and what is done to negative numbers", (*FLOATS, "int8")
    ),
    "special": Data(
        magnitudes.special, "a NaN or an infinity that is swallowed, or that spreads; a -0 taken for another number",
        suits=lambda spec: spec.takes_special,
    ),
    "full": Data(integers.full, "an integer type taken for signed, unsigned or a narrower one", ("int8", "uint8")),
    "peak": Data(
        integers.peak, "an integer accumulator that is too narrow, or saturates", ("int8", "uint8"),
        among("conv_integer", "qlinear_conv"),
    ),
    "range": Data(
        magnitudes.spread, "a way through integers or a format of a narrower range; comparison of bits; float64 sums "
        "that are rounded by more than the claim allows", suits=told, whole=among(*CURVED),
    ),
    "ties": Data(
        codes.ties, "halves rounded away from zero, up or down; a quotient of fewer bits; an end that is missing",
        ("float16", "bfloat16", "float32", "int32"), among("quantize_linear"),
    ),
    "codes": Data(codes.codes, "a code that is read as another", CODES, among("dequantize_linear")),
    "zeros": Data(
        integers.zeros, "zeros left out, not counted or taken for padding; a division by a norm of 0",
        (*FLOATS, "int8", "int16", "int32", "int64", "uint8"), whole=IN_TURN,
    ),
    "equal": Data(
        integers.equal, "which of several equal elements of a window counts", (*FLOATS, "int8", "uint8"),
        among(*POOLED), IN_TURN,
    ),
    "bends": Data(
        magnitudes.bends, "a bend or a step that lies beside its place, or takes the wrong side at it",
        suits=lambda spec: bool(spec.bends), whole=IN_TURN,
    ),
    "descending": Data(
        addends.descending, "an accumulator that loses small numbers after a large one; running sums", suits=sums,
        whole=IN_TURN,
    ),
    "ascending": Data(
        addends.ascending, "an accumulator that has no room for a large number after small ones", suits=sums,
        whole=IN_TURN,
    ),
    "cancelling": Data(
        addends.cancelling, "inputs, products or sums with a bit less than claimed: all that is left is the last bits",
        suits=sums, whole=IN_TURN,
    ),
    "large": Data(
        magnitudes.large, "a format of a narrower range, and overflow on the way to a result that is finite",
        suits=told, whole=IN_TURN,
    ),
    "subnormal": Data(
        magnitudes.subnormal, "subnormal numbers flushed to 0", suits=small_sums, whole=IN_TURN,
    ),
    # Of named cases alone (graphs/statistics.py).
    "single": Data(probes.single, "the last bit of an input dropped", ()),
    "impulse": Data(probes.impulse, "the last bit of a weight dropped", ()),
    "mirrored": Data(probes.mirrored, "sums whose errors are of one sign, as truncation makes them", ()),
    "signed": Data(probes.signed, "sums whose errors are too large on the whole, each being inside its bound", ()),
}  # fmt: skip


def chosen(specs: list[Spec], *, every: bool = False) -> dict[Spec, list[str]]:
    """The data sets of each spec that apply: of those in turn the one that its type has met least, or ``every`` one."""
    met: dict[tuple[str, str], int] = {}
    found: dict[Spec, list[str]] = {}
    for spec in specs:
        known = {name: data for name, data in DATA.items() if data.applies(spec)}
        found[spec] = [name for name, data in known.items() if every or data.whole(spec)]
        waiting = [name for name in known if name not in found[spec]]
        if waiting:
            least = min(waiting, key=lambda name: met.get((spec.dtype, name), 0))
            met[spec.dtype, least] = met.get((spec.dtype, least), 0) + 1
            found[spec].append(least)
    return found


def operands(spec: Spec, data: str, case_id: str) -> dict[str, Tensor]:
    """Operand name -> array in the spec's type, C-contiguous; equal on every machine and numpy version."""
    given, types, draw = spec.given(), spec.operand_types(), Draw(case_id)

    def operand(name: str, shape: Ints) -> Tensor:
        if name in given:
            return given[name]
        if data in FIXED:
            return np.array(FIXED[data][name], spec.dtype).reshape(shape)
        own = spec.drawn(name, draw)
        return np.asarray(DATA[data].draw(spec, name, shape, draw) if own is None else own, types.get(name, spec.dtype))

    return {name: operand(name, shape) for name, shape in spec.inputs().items()}


# The lecture's own numbers; subnormal float32 numbers of both signs, their ends among them.
FIXED: dict[str, dict[str, list[float]]] = {
    "subnormal-ends": {
        "x": [math.ldexp(k, -149) for k in (1, -1, 3, -6, 1000, -70000, 4194304, -4194304, 8388607, -8388607)],
        "w": [1.0],
    },
    "lecture": {"x": [10, 11, 13, 14, 9, 7, 10, 11, 10, 6, 10, 13, 14, 7, 17, 15], "dy": [1, 1, 1, 1]},
    "lecture-pooled": {"x": [11, 14, 14, 17]},
    "slopes": {"x": [-2, -1, 0, 1, 2], "dy": [1, 1, 1, 1, 1]},
}
