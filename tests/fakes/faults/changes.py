"""What several faults change: operands, attributes and results of a call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.formats import FORMATS, is_float
from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import After, Before


def rounded(x: Tensor, bits: int) -> Tensor:
    """Rounded to nearest with a significand of ``bits``."""
    fraction, exponent = np.frexp(x)
    return np.asarray(np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits).astype(x.dtype))


def round_inputs(bits: int) -> Before:
    """Inputs as a narrower type has them; a result on its way to the next node stays as it is."""

    def before(call: Call) -> None:
        change_tensors(call, lambda x: rounded(x, bits))

    return before


def change_tensors(call: Call, change: Callable[[Tensor], Tensor]) -> None:
    """X and other operands of a float type, of a chain's first node alone; what sets a Resize stays."""
    if call.is_first:
        x, *others = call.operands
        kept = [o is None or o.dtype.kind != "f" or call.op == "Resize" for o in others]
        others = [o if is_kept else np.asarray(change(o)) for o, is_kept in zip(others, kept, strict=True)]
        call.operands = [np.asarray(change(x)), *others]


def swap_pads(call: Call) -> None:
    """Pads at the end and at the begin change places."""
    if "pads" in call.attributes:
        pads = call.attributes["pads"]
        call.attributes["pads"] = pads[len(pads) // 2 :] + pads[: len(pads) // 2]


def without(name: str) -> Before:
    """An attribute is not read."""

    def before(call: Call) -> None:
        call.attributes.pop(name, None)

    return before


def drop_bias(call: Call) -> None:
    """B is not added."""
    del call.operands[2:]


def flip_kernel(call: Call) -> None:
    """Convolution as mathematicians have it."""
    w = call.operands[1]
    call.operands[1] = np.flip(w, tuple(range(2, w.ndim)))


def transpose_kernel(call: Call) -> None:
    """Square kernels with their axes in reverse."""
    w = call.operands[1]
    turned = w.transpose(0, 1, *range(2, w.ndim)[::-1])
    call.operands[1] = turned if turned.shape == w.shape else w


def first_group_only(call: Call) -> None:
    """Every group reads the channels of the first."""
    x, group = call.operands[0], call.attributes.get("group", 1)
    call.operands[0] = np.concatenate([x[:, : x.shape[1] // group]] * group, axis=1)


def interleave_groups(call: Call) -> None:
    """Channels are dealt to the groups in turn."""
    x, group = call.operands[0], call.attributes.get("group", 1)
    call.operands[0] = x.reshape(len(x), -1, group, *x.shape[2:]).swapaxes(1, 2).reshape(x.shape)


def pad_with_zero(call: Call) -> None:
    """Padding takes part in the maximum."""
    call.padding = 0.0


def change_amounts(change: Callable[[Tensor], Tensor]) -> Before:
    """Pad's begins (first row) and ends are read otherwise."""

    def before(call: Call) -> None:
        if call.op != "Pad":
            return
        name = next((name for name in ("pads", "paddings") if name in call.attributes), None)
        given = call.attributes[name] if name else call.operands[1]
        changed = change(np.array(given).reshape(2, -1)).ravel()
        if name:
            call.attributes[name] = list(changed)
        else:
            call.operands[1] = changed

    return before


def take_for(mode: str, other: str) -> Before:
    """One of Pad's modes is taken for another one."""

    def before(call: Call) -> None:
        call.modes[mode] = other

    return before


@dataclass(frozen=True)
class Only:
    """A fault of one operator among those of a graph, whichever it is."""

    op: str
    change: Before

    def __call__(self, call: Call) -> None:
        """Change that operator's call."""
        if call.op == self.op:
            self.change(call)


def set_operand(number: int, change: Callable[[Tensor], Any]) -> Before:
    """One operand, where it is there, is another one."""

    def before(call: Call) -> None:
        if len(call.operands) > number:
            call.operands[number] = np.asarray(change(call.operands[number]))

    return before


def no_batch(call: Call) -> None:
    """The first image is used for all."""
    call.operands[0] = np.broadcast_to(call.operands[0][:1], call.operands[0].shape)


def on_y(change: Callable[[Tensor], Any]) -> After:
    """A change of the first result."""

    def after(call: Call, results: list[Tensor]) -> list[Any]:
        return [change(results[0]), *results[1:]]

    return after


def on_indices(change: Callable[[Tensor], Any]) -> After:
    """A change of the second result."""

    def after(call: Call, results: list[Tensor]) -> list[Any]:
        return [results[0], *map(change, results[1:])]

    return after


def clip_infinity(y: Tensor) -> Tensor:
    """The largest finite number in place of infinity."""
    if not is_float(y.dtype):
        return y
    largest = y.dtype.type(FORMATS[y.dtype.name].largest)
    return np.asarray(np.clip(y, -largest, largest), y.dtype)


def keep_first_weights(call: Call) -> None:
    """Filters and bias are packed at the first run and never looked at again."""
    call.operands[1:] = call.memory.setdefault("weights", call.operands[1:])


def flicker(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Every other run is one unit in the last place higher, well inside the bound."""
    call.memory["runs"] = call.memory.get("runs", 0) + 1
    up = np.nextafter(results[0], np.array(np.inf, results[0].dtype))
    return [up if call.memory["runs"] % 2 else results[0], *results[1:]]


def raised(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The exponential itself."""
    x, alpha = call.operands[0], call.attributes.get("alpha", 1.0)
    return [np.where(x < 0, results[0] + x.dtype.type(alpha), results[0])]


def turned(call: Call) -> None:
    """The sign of x in the exponent is forgotten."""
    call.operands[0] = -call.operands[0]


def reindexed(change: Callable[[Tensor, Call], Tensor]) -> Before:
    """Indices are read as others."""

    def before(call: Call) -> None:
        call.operands[1] = change(call.operands[1], call)

    return before


def of(change: Before, *ops: str) -> Before:
    """A change of some operators' calls alone, in a chain of several."""

    def before(call: Call) -> None:
        if call.op in ops:
            change(call)

    return before


def of_filters(change: Before) -> Before:
    """A change of calls that have weights."""
    return of(change, "Conv", "ConvTranspose")


def lower_bits(bits: int) -> Before:
    """Weights lose all but ``bits`` of their significand."""

    def before(call: Call) -> None:
        call.operands[1] = rounded(call.operands[1], bits)

    return before


def read_as(name: str, **others: str) -> Before:
    """One value of an attribute is taken for another one; half_pixel, nearest and half down are the defaults."""
    defaults = {"coordinate_transformation_mode": "half_pixel", "mode": "nearest", "nearest_mode": "round_prefer_floor"}

    def before(call: Call) -> None:
        found = call.attributes.get(name, defaults.get(name, ""))
        if found in others:
            call.attributes[name] = others[found]

    return before
