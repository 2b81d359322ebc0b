"""Data sets by purpose: which inputs a case gets, drawn from its id with integer arithmetic alone."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs import codes, probes
from graphs.geometry import Ints
from graphs.numbers import FLOATS
from graphs.numbers import SIGNIFICAND as SIGNIFICAND
from graphs.spec import Spec

Tensor = NDArray[Any]
EXPONENTS = {"float16": (-14, 15), "bfloat16": (-126, 127), "float32": (-126, 127), "float64": (-1022, 1023)}  # normal


class Digest(np.random.bit_generator.ISeedSequence):
    """SHA-256 of a case's id as the 256 bits of a generator's first state."""

    def __init__(self, case_id: str):
        self.digest = hashlib.sha256(case_id.encode()).digest()

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """The digest as little-endian words, however many were asked for."""
        return np.frombuffer(self.digest, "<u8", n_words).astype(dtype)


class Draw:
    """Integers from SHA-256(case id) -> PCG64; `random_raw` is the same in every numpy version."""

    def __init__(self, case_id: str):
        self.bits = np.random.PCG64(Digest(case_id))  # type: ignore[arg-type]  # numpy's stub knows no ISeedSequence

    def integers(self, low: int, high: int, shape: Ints) -> NDArray[np.int64]:
        """Over low..high, both included, at most 2^31 apart; each as likely as any other up to 2^-32."""
        raw = self.bits.random_raw(prod(shape)) >> np.uint64(32)
        scaled = (raw * np.uint64(high - low + 1)) >> np.uint64(32)
        return scaled.astype(np.int64).reshape(shape) + low


def small(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Integers so small that every sum is exact: any difference is an indexing bug, whatever the precision.

    Negative ones count down from 256 where the type is uint8.
    """
    narrow = {"float16": (2, 1), "bfloat16": (2, 1)}  # which count to 2^11 and 2^8 only
    reach = narrow.get(spec.dtype, (8, 4))[name != spec.signal]
    return around(spec, name, draw.integers(-reach, reach, shape))


def around(spec: Spec, name: str, values: Tensor) -> Tensor:
    """Whole numbers counted from what stands for 0, to the other side of it where the type ends on this one."""
    origin = spec.origin(name)
    if origin is None:
        return values
    ends = np.iinfo(spec.type_of(name))
    moved = origin + values
    return np.where((moved < int(ends.min)) | (moved > int(ends.max)), origin - values, moved)


WIDTH = {"float32": (13, 0), "float16": (11, -7), "bfloat16": (8, 0)}  # bits at most, and the exponent of the unit


def wide(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Odd integers a little wider than the next narrower type, weights of -1, 0 and 1.

    An odd number of odd rounding errors is never 0, so every output is wrong under any rounding of the
    inputs to 11 bits (float32: TF32, float16, bfloat16) or 24 bits (float64), and still every sum is exact.
    In float16 and bfloat16 they fill the type, in units of 2^-7 and 1: sums fit a float32 accumulator, and no
    narrower one.
    """
    if name == spec.signal:
        high, unit = WIDTH.get(spec.dtype, (30, 0))
        odd = draw.integers(1 << (high - 3), (1 << (high - 1)) - 1, shape) * 2 + 1
        signed = odd * (draw.integers(0, 1, shape) * 2 - 1)
        return np.ldexp(signed.astype(np.float64), unit) if unit else signed
    if name == "b":
        return draw.integers(-64, 64, shape)
    if name in spec.ranked:
        return ranks(shape, draw)
    sums = spec.sums() if name == "w" else None
    return signs(shape, draw) if sums is None else signs_in(sums, draw)


def signs(shape: Ints, draw: Draw) -> Tensor:
    """Weights of -1 and 1 with as many zeros a filter as leave an odd number, at most 2047, of others."""
    weights = draw.integers(0, 1, shape) * 2 - 1
    length = prod(shape[1:])
    keep = min(length - 1 + length % 2, 2047)
    if keep < length:  # which weights stay is drawn too
        order = np.argsort(draw.integers(0, 1 << 31, (shape[0], length)), axis=1, kind="stable")
        np.put_along_axis(weights.reshape(shape[0], length), order[:, keep:], 0, axis=1)
    return weights


def signs_in(sums: NDArray[np.int64], draw: Draw) -> Tensor:
    """The same where each sum has weights of its own: those that have an equal number."""
    weights = draw.integers(0, 1, sums.shape) * 2 - 1
    order = np.argsort(draw.integers(0, 1 << 31, (sums.size,)), kind="stable")
    for number in np.unique(sums):
        terms = order[sums.reshape(-1)[order] == number]
        weights.reshape(-1)[terms[min(terms.size - 1 + terms.size % 2, 2047) :]] = 0
    return weights


def ranks(shape: Ints, draw: Draw) -> Tensor:
    """For each channel whole numbers around 0 in a drawn order, which survive rounding to 8 bits.

    None occurs twice in a plane of up to 512 elements.
    """
    plane = draw.integers(0, 1 << 31, (prod(shape[:2]), prod(shape[2:])))
    order = np.argsort(np.argsort(plane, axis=1, kind="stable"), axis=1)
    return (order % 512 - min(prod(shape[2:]), 512) // 2).reshape(shape)


def random(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Numbers in (-1, 1) on a grid of 2^-19 (float16: 2^-10, bfloat16: 2^-7): float64 sums of products are exact."""
    bits = min(19, SIGNIFICAND[spec.dtype] - 1)
    reach = (1 << bits) - 1
    return np.ldexp(draw.integers(-reach, reach, shape).astype(np.float64), -bits)


def negative(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Negative integers: padding by zero shows in a maximum, and a rectifier gives nothing but 0."""
    is_negative = name in ("x", spec.signal)
    return draw.integers(-9, -1, shape) if is_negative else draw.integers(1, 4, shape)


def special(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Random data with one NaN, both infinities and two -0 strewn in, and one infinite weight in the last filter."""
    values = random(spec, name, shape, draw)
    flat = values.reshape(-1)
    if name in ("x", spec.signal):
        places = np.argsort(draw.integers(0, 1 << 31, (flat.size,)), kind="stable")
        strewn = (np.nan, np.inf, -np.inf, -0.0, -0.0)
        flat[places[: len(strewn)]] = strewn[: flat.size]
    elif name == "w" and shape[0] > 1:
        flat[-1] = np.inf
    return values


def full(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """The whole range of an integer type: taking it for signed, unsigned or a narrower one shows.

    A bias of 32 bits has 15, as the sums of products of bytes have.
    """
    if name == "b":
        return draw.integers(-(1 << 14), 1 << 14, shape)
    ends = np.iinfo(spec.type_of(name))
    return draw.integers(int(ends.min), int(ends.max), shape)


def peak(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Bytes within 3 of an end of their type, so that sums grow as far as they can: an accumulator too narrow shows.

    X is at the end that is further from what stands for 0, filters are at either end in turn.
    """
    if name == "b":
        return draw.integers(-(1 << 14), 1 << 14, shape)
    ends = np.iinfo(spec.type_of(name))
    is_low = 2 * np.asarray(spec.origin(name)) > int(ends.min) + int(ends.max)
    if name == "w":
        is_low = is_low ^ (np.arange(shape[0]) % 2 == 1).reshape(-1, *[1] * (len(shape) - 1))
    inwards = draw.integers(0, 3, shape)
    return np.where(is_low, int(ends.min) + inwards, int(ends.max) - inwards)


def spread(spec: Spec, name: str, shape: Ints, draw: Draw) -> Tensor:
    """Magnitudes over the type's exponents, subnormal ones too; every other one from 2^-4 to 2^10, where curves bend.

    Below a 16th of the type's largest number, so that no way to compute a hard swish overflows.
    """
    (least, most), bits = EXPONENTS[spec.dtype], SIGNIFICAND[spec.dtype]
    anywhere = draw.integers(least - bits + 1, most - 4, shape)
    exponent = np.where(draw.integers(0, 1, shape) == 0, anywhere, draw.integers(-4, 9, shape))
    digits = (draw.integers(1 << 25, (1 << 26) - 1, shape) << 27) + draw.integers(0, (1 << 27) - 1, shape)
    lost = 53 - bits + (least - exponent).clip(0)  # what the type, and a subnormal number, has no room for
    whole = (digits >> lost) * (draw.integers(0, 1, shape) * 2 - 1)
    return np.asarray(np.ldexp(whole.astype(np.float64), exponent.clip(least) - bits + 1))


@dataclass(frozen=True)
class Data:
    """A data set: how to draw one operand, and which element types and blocks (all where none) it is for."""

    draw: Callable[[Spec, str, Ints, Draw], Tensor]
    dtypes: tuple[str, ...]
    blocks: tuple[str, ...] = ()

    def applies(self, spec: Spec) -> bool:
        """Whether the set is valid for the spec."""
        suits: dict[Callable[..., Tensor], bool] = {wide: spec.tells_precision, special: spec.takes_special}
        is_for = spec.dtype in self.dtypes and (not self.blocks or spec.block in self.blocks)
        return is_for and suits.get(self.draw, True)


QUANTISED = ("conv_integer", "qlinear_conv")
CODES = (
    "int16", "uint16", "int32", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "int4", "uint4",
    "float4_e2m1fn", "int2", "uint2", "float6_e2m3fn", "float6_e3m2fn",
)  # fmt: skip
CURVED = ("sigmoid", "tanh", "hard_sigmoid", "hard_swish")  # small and random numbers do not reach their ends
DATA = {
    "small": Data(small, (*FLOATS, "int8", "int16", "int32", "int64", "uint8")),
    "wide": Data(wide, (*FLOATS, "int32", "int64")),
    "random": Data(random, FLOATS),
    "negative": Data(negative, (*FLOATS, "int8")),
    "special": Data(special, FLOATS),
    "full": Data(full, ("int8", "uint8")),
    "peak": Data(peak, ("int8", "uint8"), QUANTISED),
    "range": Data(spread, FLOATS, CURVED),
    "ties": Data(codes.ties, ("float16", "bfloat16", "float32", "int32"), ("quantize_linear",)),
    "codes": Data(codes.codes, CODES, ("dequantize_linear",)),
    # Of named cases alone (graphs/statistics.py).
    "single": Data(probes.single, ()),
    "impulse": Data(probes.impulse, ()),
    "mirrored": Data(probes.mirrored, ()),
    "signed": Data(probes.signed, ()),
}


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
    "subnormal": {
        "x": [math.ldexp(k, -149) for k in (1, -1, 3, -6, 1000, -70000, 4194304, -4194304, 8388607, -8388607)],
        "w": [1.0],
    },
    "lecture": {"x": [10, 11, 13, 14, 9, 7, 10, 11, 10, 6, 10, 13, 14, 7, 17, 15], "dy": [1, 1, 1, 1]},
    "lecture-pooled": {"x": [11, 14, 14, 17]},
    "slopes": {"x": [-2, -1, 0, 1, 2], "dy": [1, 1, 1, 1, 1]},
}
