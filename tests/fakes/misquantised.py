"""Steps of convolutions of bytes that are wrong, each in one way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import Before
from tests.fakes.quantised import SINGLE, stored


def step(name: str, does: Any = True) -> Before:
    """Another step in place of the right one."""

    def before(call: Call) -> None:
        call.steps[name] = does

    return before


def places(call: Call) -> dict[str, int]:
    """Where the operands of a convolution of bytes stand."""
    if call.op == "QLinearConv":
        return {"x": 0, "x_scale": 1, "x_zero": 2, "w": 3, "w_scale": 4, "w_zero": 5, "y_scale": 6, "y_zero": 7}
    return {"x": 0, "w": 1, "x_zero": 2, "w_zero": 3}


def operand(name: str, change: Callable[[Tensor], Any]) -> Before:
    """One operand, where it is there, is another one."""

    def before(call: Call) -> None:
        at = places(call).get(name, len(call.operands))
        if at < len(call.operands) and call.operands[at] is not None:
            call.operands[at] = np.asarray(change(call.operands[at]))

    return before


def both(*changes: Before) -> Before:
    """One change after the other."""

    def before(call: Call) -> None:
        for change in changes:
            change(call)

    return before


def of_weights(change: Before) -> Before:
    """A change of a call whose second operand is W."""

    def before(call: Call) -> None:
        at = places(call)["w"]
        other = Call(call.op, [call.operands[0], call.operands[at]], call.attributes, 1, call.memory)
        change(other)
        call.operands[0], call.operands[at] = other.operands

    return before


def other_sign(a: Tensor) -> Tensor:
    """The same bytes with a sign, or without."""
    return a.view({"uint8": np.int8, "int8": np.uint8}[a.dtype.name])


def first_of(a: Tensor) -> Tensor:
    """The first filter's for all."""
    return np.full_like(a, a.flat[0])


def drop_bias(call: Call) -> None:
    """B is not added."""
    del call.operands[8:]


def of_groups(call: Call) -> None:
    """Filters of a group have the zero point at the group's place in the list."""
    at, group = places(call)["w_zero"], call.attributes.get("group", 1)
    if at < len(call.operands) and call.operands[at] is not None and call.operands[at].size > 1:
        zero = call.operands[at]
        call.operands[at] = zero[:group].repeat(zero.size // group)


def saturating_pairs(left: Tensor, right: Tensor) -> Tensor:
    """Two products at a time are added in 16 bits, which hold at their ends."""
    terms = left[..., :, :, None] * right[..., None, :, :]
    odd = terms.shape[-2] % 2
    terms = np.concatenate([terms, np.zeros_like(terms[..., :1, :])], axis=-2) if odd else terms
    pairs = terms[..., 0::2, :] + terms[..., 1::2, :]
    return np.asarray(pairs.clip(-(2**15), 2**15 - 1).sum(axis=-2))


def wrapped(bits: int) -> Callable[[Tensor], Tensor]:
    """An accumulator of so many bits."""
    return lambda total: np.asarray((total + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1))


def held(real: Tensor, zero: Tensor, rounding: Callable[[Tensor], Tensor]) -> Tensor:
    """Stored by another rounding."""
    ends = np.iinfo(zero.dtype)
    return np.asarray((rounding(real) + SINGLE(zero)).clip(ends.min, ends.max).astype(zero.dtype))


def rounding(way: Callable[[Tensor], Tensor]) -> Before:
    """Another rounding."""
    return step("store", lambda real, zero: held(real, zero, way))


def zero_first(real: Tensor, zero: Tensor) -> Tensor:
    """The zero point is added, then it is rounded."""
    ends = np.iinfo(zero.dtype)
    return np.asarray(np.rint(real + SINGLE(zero)).clip(ends.min, ends.max).astype(zero.dtype))


def not_held(real: Tensor, zero: Tensor) -> Tensor:
    """The lowest eight bits."""
    return np.asarray((np.rint(real).astype(np.int64) + int(zero)).astype(zero.dtype))


def held_elsewhere(real: Tensor, zero: Tensor) -> Tensor:
    """Within the ends of the other type of bytes."""
    ends = np.iinfo(other_sign(zero.reshape(1)).dtype)
    return np.asarray((np.rint(real) + SINGLE(zero)).clip(ends.min, ends.max).astype(np.int64).astype(zero.dtype))


def through_int32(real: Tensor, zero: Tensor) -> Tensor:
    """Turned to 32 bits before it is held: what is past them becomes their lowest number."""
    fits = np.abs(real) < 2.0**31
    return stored(np.where(fits, real, -(2.0**31)), zero)


def fixed_point(total: Tensor, x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    """A factor of 31 bits, and a shift that rounds halves up."""
    fraction, exponent = np.frexp(np.float64(x) * np.float64(w) / np.float64(y))
    factor = np.rint(np.ldexp(fraction, 31))
    return np.asarray(np.floor(np.ldexp(total * factor, exponent - 31) + 0.5))


def narrow_factor(total: Tensor, x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    """The factor as a float16."""
    return np.asarray(total.astype(SINGLE) * (x * w / y).astype(np.float16).astype(SINGLE))


def away(real: Tensor) -> Tensor:
    """Halves away from 0."""
    return np.asarray(np.copysign(np.floor(np.abs(real) + 0.5), real))
