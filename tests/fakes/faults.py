"""Ways to be wrong, one each: what a fault does to a run, and the verdict and message that it must get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.claim import Claim
from reference.formats import FORMATS, is_float
from tests.fakes import fusion, misquantised
from tests.fakes.executor import Call, Tensor, unpooled_shape
from tests.fakes.fake import After, Before, Fake, hand_over, leave
from tests.fakes.misquantised import operand, rounding, step
from tests.fakes.quantised import SINGLE
from tests.fakes.quantizing import Rounding, ends_of

TAIL = "(, as in the run before, which had other inputs)?$"
DUE = r"should be \S+( or \S+)* \(error \S+, bound \S+, [1-9]\d* of [1-9]\d* outside\)" + TAIL
VALUE = r"^(y|d[xwb])(\[[\d,]+\])? is \S+, " + DUE
ANY_VALUE = r"^\w+(\[[\d,]+\])? is \S+, " + DUE
SHAPE = r"^(y|d[xwb]) has shape \[[\d, ]+\], should be \[[\d, ]+\]" + TAIL
INDEX = r"^indices\[[\d,]+\] is -?\d+, should be \d+( or \d+)* \([1-9]\d* of [1-9]\d* outside\)" + TAIL
INFINITE = r"^(y|dx)\[[\d,]+\] is \S+, should be -?inf \(.* of [1-9]\d* outside\)" + TAIL
TWICE = r"^y(\[[\d,]+\])? is \S+, then \S+ when the run is repeated \([1-9]\d* of [1-9]\d*\)$"


@dataclass(frozen=True)
class Fault:
    """One fault, in the blocks it applies to; ``message`` is how at least one bad result must read."""

    blocks: tuple[str, ...]
    before: Before = leave
    after: After = hand_over
    message: str = VALUE
    verdict: str = "fail"
    claim: Claim | None = None
    bends: tuple[str, ...] = ()  # operators that ``before`` changes, where not the block's own

    def runtime(self) -> Fake:
        """The faulty runtime."""
        return Fake(self.before, self.after, claim=self.claim, bends=self.bends)


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


def swap_same(call: Call) -> None:
    """The odd pixel goes to the other side."""
    other = {"SAME_UPPER": "SAME_LOWER", "SAME_LOWER": "SAME_UPPER"}
    mode = call.attributes.get("auto_pad", "NOTSET")
    call.attributes["auto_pad"] = other.get(mode, mode)


def reverse_strides(call: Call) -> None:
    """The stride of the first axis serves the last."""
    call.attributes.get("strides", []).reverse()


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


def turn_bytes(call: Call) -> None:
    """Signed bytes are compared as if they had no sign, and the other way round."""
    x = call.operands[0]
    if x.dtype.kind in "iu":
        call.operands[0] = np.asarray(x ^ np.array(1 << 7, np.uint8).astype(x.dtype))


def through_float32(call: Call) -> None:
    """Integers take the way of the other numbers."""
    x = call.operands[0]
    if x.dtype.kind in "iu":
        call.operands[0] = x.astype(np.float32).astype(x.dtype)


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


def sort_axes(call: Call) -> None:
    """Amounts go to the axes in ascending order."""
    if len(call.operands) > 3:
        call.operands[3] = np.sort(call.operands[3])


def forget_constant(call: Call) -> None:
    """Always padded by 0."""
    call.attributes.pop("value", None)
    call.operands = [*call.operands[:2], None, *call.operands[3:]]


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


def step_at_zero(call: Call) -> None:
    """0 counts as above 0."""
    dtype = call.operands[1].dtype
    call.operands[1] = np.array(-2 * FORMATS[dtype.name].half_smallest, dtype)


def multiply_mask(call: Call) -> None:
    """What does not pass is multiplied by 0."""
    with np.errstate(invalid="ignore"):
        call.operands[2] = call.operands[1] * call.operands[1].dtype.type(0)


def other_side(call: Call) -> None:
    """What passes and what does not are exchanged."""
    call.operands[0] = ~call.operands[0]


def set_operand(number: int, change: Callable[[Tensor], Any]) -> Before:
    """One operand, where it is there, is another one."""

    def before(call: Call) -> None:
        if len(call.operands) > number:
            call.operands[number] = np.asarray(change(call.operands[number]))

    return before


def overwrite_sums(call: Call) -> None:
    """Where windows overlap the last one counts."""
    call.memory["reduction"] = "none"


def not_exchanged(call: Call) -> None:
    """Strides and dilations as forwards, where the kernel so fits."""
    a, extent, kernel = call.attributes, call.operands[0].shape[2:], call.operands[1].shape[2:]
    pads = np.reshape(a["pads"], (2, -1)).sum(axis=0)
    if all(d * (k - 1) < n + p for d, k, n, p in zip(a["strides"], kernel, extent, pads, strict=True)):
        a["strides"], a["dilations"] = a["dilations"], a["strides"]


def averaged(call: Call, results: list[Tensor]) -> list[Tensor]:
    """What the images add to weights and bias is divided by their number."""
    return [results[0], *(r / r.dtype.type(len(call.operands[0])) for r in results[1:])]


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


def lose_last_column(y: Tensor) -> Tensor:
    """Zeros where a vector loop has no tail."""
    y = y.copy()
    y[..., -1] = 0
    return y


def nudge_one(y: Tensor) -> Tensor:
    """One element is off by 1e-5 of its value, or by 1 in an integer type."""
    y = y.copy()
    at = np.abs(np.nan_to_num(y, posinf=0, neginf=0)).argmax()
    if y.dtype.kind in "iu":
        y.flat[at] ^= 1
    else:
        y.flat[at] *= 1 + 1e-5
    return y


def rounding_by(rounding: Rounding) -> Before:
    """Quotients become codes in another way."""

    def before(call: Call) -> None:
        call.memory["rounding"] = rounding

    return before


def remember(name: str, value: Any = True) -> Before:
    """What tests/fakes/quantizing.py does otherwise."""

    def before(call: Call) -> None:
        call.memory[name] = value

    return before


def narrow_ends(dtype: np.dtype[Any]) -> tuple[int, int]:
    """Signed codes from -127 on."""
    low, high = ends_of(dtype)
    return (low + 1 if low < 0 else low), high


def on_parameter(at: int, change: Callable[[Tensor], Tensor]) -> Before:
    """A scale (1) or a zero point (2) is read otherwise."""

    def before(call: Call) -> None:
        if len(call.operands) > at:
            call.operands[at] = np.asarray(change(call.operands[at])).astype(call.operands[at].dtype)

    return before


def default_axis(call: Call) -> None:
    """A list of parameters lies along the second axis, whatever is said."""
    if call.operands[1].ndim == 1 and not call.attributes.get("block_size"):
        call.attributes.pop("axis", None)


def next_block(call: Call) -> None:
    """Each block has its neighbour's scale."""
    if call.attributes.get("block_size") and call.operands[1].ndim:
        axis = call.attributes.get("axis", 1) % call.operands[1].ndim
        call.operands[1] = np.roll(call.operands[1], 1, axis=axis)


def other_sign(call: Call) -> None:
    """Codes without a sign are read as if they had one, and the other way round."""
    x = call.operands[0]
    if x.dtype.kind in "iu":
        other = x.view(x.dtype.name.removeprefix("u") if x.dtype.kind == "u" else f"u{x.dtype.name}")
        call.operands[0], call.operands[2:] = other, [z.astype(other.dtype) for z in call.operands[2:]]


DEQUANTIZED = ("DequantizeLinear",)


def of_codes(name: str, before: Before) -> Before:
    """A change of the DequantizeLinear of x, W or B alone: x's is the first, and B is of int32."""

    def only(call: Call) -> None:
        found = "b" if call.operands[0].dtype == np.int32 else "x" if call.is_first else "w"
        if found == name:
            before(call)

    return only


def bias_by_x(call: Call) -> None:
    """B counts units of x's scale, W's forgotten."""
    of_codes("x", lambda c: c.memory.update(scale=c.operands[1]))(call)
    of_codes("b", on_parameter(1, lambda s: np.full(s.shape, call.memory["scale"])))(call)


def pad_with_code(call: Call) -> None:
    """Padding is the code 0, which stands for another number than 0."""
    if call.op == "DequantizeLinear":
        of_codes("x", lambda c: c.memory.update(fill=-c.operands[2].astype(np.float32) * c.operands[1]))(call)
    elif "pads" in call.attributes:
        sides = np.reshape(call.attributes.pop("pads"), (2, -1)).T.tolist()
        call.operands[0] = np.pad(call.operands[0], [(0, 0), (0, 0), *sides], constant_values=call.memory["fill"])


def clip_infinity(y: Tensor) -> Tensor:
    """The largest finite number in place of infinity."""
    if not is_float(y.dtype):
        return y
    largest = y.dtype.type(FORMATS[y.dtype.name].largest)
    return np.clip(y, -largest, largest)


def first_results(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Whatever the first run gave."""
    found: list[Tensor] = call.memory.setdefault("first", results)
    return found


def keep_first_weights(call: Call) -> None:
    """Filters and bias are packed at the first run and never looked at again."""
    call.operands[1:] = call.memory.setdefault("weights", call.operands[1:])


def overwrite(call: Call, results: list[Tensor]) -> list[Tensor]:
    """An input serves as scratch space."""
    call.operands[0][...] = 1
    return results


def flicker(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Every other run is one unit in the last place higher, well inside the bound."""
    call.memory["runs"] = call.memory.get("runs", 0) + 1
    up = np.nextafter(results[0], np.array(np.inf, results[0].dtype))
    return [up if call.memory["runs"] % 2 else results[0], *results[1:]]


def leak(call: Call, results: list[Tensor]) -> list[Tensor]:
    """A small slope on the negative side."""
    x = call.operands[0]
    return [np.where(x < 0, x / 64, results[0]).astype(x.dtype)]


def sloped(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The slope of the negative side on the positive one too."""
    x = call.operands[0]
    alpha = x.dtype.type(call.attributes.get("alpha", np.float32(0.01)))
    return [np.asarray(np.where(x > 0, alpha * x, results[0]))]


def at_least(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The step stands on its upper side."""
    x, alpha = call.operands[0], call.attributes.get("alpha", 1.0)
    return [np.where(x == alpha, x, results[0])]


def shrunk(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Soft thresholding."""
    y, alpha = results[0], call.attributes.get("alpha", 1.0)
    return [np.where(y != 0, y - y.dtype.type(alpha), y)]


def one_slope(call: Call) -> None:
    """The first slope serves all."""
    call.operands[1] = np.full_like(call.operands[1], call.operands[1].flat[0])


def slope_in_front(call: Call) -> None:
    """A slope of fewer axes is laid along the first of X's that fits."""
    x, slope = call.operands
    if slope.ndim == 1 and slope.shape == x.shape[:1]:
        call.operands[1] = slope.reshape(-1, *[1] * (x.ndim - 1))
    elif slope.ndim and slope.shape[::-1] == x.shape:
        call.operands[1] = slope.T
    elif slope.size == x.size:
        call.operands[1] = slope.reshape(x.shape[::-1]).T


def no_min(call: Call) -> None:
    """The lower bound is not read."""
    call.attributes.pop("min", None)
    if len(call.operands) > 1:
        call.operands[1] = None  # an operand left out


def no_max(call: Call) -> None:
    """The upper bound is not read."""
    call.attributes.pop("max", None)
    del call.operands[2:]


def swap_bounds(call: Call) -> None:
    """The bounds change places."""
    low, high = call.attributes.pop("min", None), call.attributes.pop("max", None)
    found = {"min": high, "max": low}
    call.attributes.update({name: value for name, value in found.items() if value is not None})
    bounds: list[Any] = [*call.operands[1:], None][:2]
    call.operands[1:] = bounds[::-1] if len(call.operands) > 1 else []


def raised(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The exponential itself."""
    x, alpha = call.operands[0], call.attributes.get("alpha", 1.0)
    return [np.where(x < 0, results[0] + x.dtype.type(alpha), results[0])]


def celu(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Another operator of like name, whose argument is divided by alpha."""
    x, alpha = call.operands[0], call.operands[0].dtype.type(call.attributes.get("alpha", 1.0))
    return [np.where(x < 0, alpha * np.expm1(x / alpha), results[0]) if alpha else results[0]]


def clamped(call: Call) -> None:
    """The argument of an approximation is clamped far too early."""
    call.operands[0] = call.operands[0].clip(-6, 6)


def turned(call: Call) -> None:
    """The sign of x in the exponent is forgotten."""
    call.operands[0] = -call.operands[0]


def overflowing(call: Call, results: list[Tensor]) -> list[Tensor]:
    """exp(x) / (1 + exp(x)) wherever x is: infinity over infinity where x is large."""
    x = call.operands[0]
    raised = np.exp(x if call.op == "Sigmoid" else x + x)
    one = x.dtype.type(1)
    return [np.asarray((raised if call.op == "Sigmoid" else raised - one) / (raised + one))]


def cancelling(call: Call, results: list[Tensor]) -> list[Tensor]:
    """1 - 2 / (exp(2x) + 1): right to an absolute error, and nothing is left of a small x."""
    x = call.operands[0]
    one, two = x.dtype.type(1), x.dtype.type(2)
    return [np.asarray(one - two / (np.exp(two * x) + one))]


def flushed(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Subnormal results are 0, which the claim does not say."""
    y = results[0]
    return [np.where(np.abs(y) < FORMATS[y.dtype.name].tiny, y.dtype.type(0), y)]


def straight_pieces(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The cheap relative in its place."""
    x = call.operands[0]
    return [np.asarray(np.clip(x.dtype.type(0.2) * x + x.dtype.type(0.5), x.dtype.type(0), x.dtype.type(1)))]


def other_slope(call: Call) -> None:
    """The slope of another library's function of that name where alpha is omitted."""
    call.attributes.setdefault("alpha", 1 / 6)


def open_above(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The upper piece goes on rising."""
    x = call.operands[0]
    alpha, beta = call.attributes.get("alpha", 0.2), call.attributes.get("beta", 0.5)
    if call.op == "HardSwish":
        return [np.where(x > 3, x * (x + x.dtype.type(3)) / x.dtype.type(6), results[0])]
    line = x.dtype.type(alpha) * x + x.dtype.type(beta)
    return [np.where(line > 1, line, results[0])]


def open_below(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The lower piece goes on falling."""
    x = call.operands[0]
    alpha, beta = call.attributes.get("alpha", 0.2), call.attributes.get("beta", 0.5)
    if call.op == "HardSwish":
        return [np.where(x < -3, x * (x + x.dtype.type(3)) / x.dtype.type(6), results[0])]
    line = x.dtype.type(alpha) * x + x.dtype.type(beta)
    return [np.where(line < 0, line, results[0])]


def gate_alone(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The factor without x."""
    x = call.operands[0]
    return [np.asarray(np.clip((x + x.dtype.type(3)) / x.dtype.type(6), x.dtype.type(0), x.dtype.type(1)))]


def across(call: Call) -> None:
    """Indices in the other storage order."""
    call.attributes["storage_order"] = 1 - call.attributes.get("storage_order", 0)


def within_plane(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Indices counted in each channel afresh."""
    volume = int(np.prod(call.operands[0].shape[2:]))
    return [results[0], *(at % volume for at in results[1:])]


def raises(error: Exception) -> Before:
    """The runtime refuses a valid graph."""

    def before(call: Call) -> None:
        raise error

    return before


def image_alone(call: Call) -> None:
    """Only the last two axes are pooled: of the first only the start is read."""
    x = call.operands[0]
    call.operands[0] = x[:, :, :1] if x.ndim > 4 else x


def across_channels(call: Call) -> None:
    """The channels are pooled too."""
    x = call.operands[0]
    call.operands[0] = np.broadcast_to(x.reshape(len(x), 1, -1), (*x.shape[:2], x[0].size)).reshape(
        *x.shape[:2], *[1] * (x.ndim - 3), -1
    )


def with_a_zero(call: Call) -> None:
    """An element of padding is pooled too."""
    x = call.operands[0]
    call.operands[0] = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, 1)])


def power_of_norm(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The sum of powers itself."""
    y = results[0]
    return [y ** y.dtype.type(call.attributes.get("p", 2))]


def mean_power(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The power mean: as a norm, but of the mean."""
    y, x = results[0], call.operands[0]
    count = np.prod(call.attributes.get("kernel_shape", x.shape[2:]))
    return [(y / count ** (1 / call.attributes.get("p", 2))).astype(y.dtype)]


def extra_in_front(call: Call) -> None:
    """The elements of output_padding come first, by pads that differ."""
    extra = call.attributes.get("output_padding", [])
    if any(extra) and "output_shape" not in call.attributes and call.attributes.get("auto_pad", "NOTSET") == "NOTSET":
        pads = list(call.attributes.get("pads", [0] * 2 * len(extra)))
        for i, more in enumerate(extra):
            pads[i], pads[len(extra) + i] = pads[i] - more, pads[len(extra) + i] + more
        call.attributes["pads"] = pads


def odd_pixel_at_end(call: Call) -> None:
    """output_shape without auto_pad splits as SAME_UPPER does."""
    if "output_shape" in call.attributes and call.attributes.get("auto_pad", "NOTSET") == "NOTSET":
        call.attributes["auto_pad"] = "SAME_UPPER"


def other_mode(call: Call) -> None:
    """DCR read as CRD, and the other way round."""
    call.attributes["mode"] = "DCR" if call.attributes.get("mode") == "CRD" else "CRD"


def block_transposed(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Columns before rows within each block, as if of the transposed image."""
    b, y = call.attributes["blocksize"], results[0]
    n, c, h, w = y.shape
    if call.op == "DepthToSpace":
        return [y.reshape(n, c, h // b, b, w // b, b).transpose(0, 1, 2, 5, 4, 3).reshape(y.shape)]
    return [y.reshape(n, b, b, c // b**2, h, w).swapaxes(1, 2).reshape(y.shape)]


def channels_first(call: Call, results: list[Tensor]) -> list[Tensor]:
    """SpaceToDepth in the order of CRD."""
    b, y = call.attributes["blocksize"], results[0]
    return [y.reshape(len(y), b * b, -1, *y.shape[2:]).swapaxes(1, 2).reshape(y.shape)]


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


def mean_of_window(call: Call) -> None:
    """Every element of a window becomes their mean."""
    x = call.operands[0]
    call.operands[0] = np.broadcast_to(x.mean(axis=-1, keepdims=True), x.shape).astype(x.dtype)


def last_tap_lost(call: Call) -> None:
    """The last element of a window is taken for the first."""
    x = call.operands[0]
    call.operands[0] = np.concatenate([x[..., :-1], x[..., :1]], axis=-1)


def one_of_two(which: int) -> Before:
    """One operand of two serves as both."""

    def before(call: Call) -> None:
        call.operands = [call.operands[which]] * 2

    return before


def volume_of(call: Call) -> int:
    """Elements of a channel of an un-pooling's result."""
    return int(np.prod(unpooled_shape(call)[2:]))


def column_major(at: Tensor, call: Call) -> Tensor:
    """The spatial axes in the other order, within each channel."""
    extent = unpooled_shape(call)[2:]
    plane, within = np.divmod(at, volume_of(call))
    turned = np.ravel_multi_index(np.unravel_index(within, extent[::-1])[::-1], extent)
    return np.asarray(plane * volume_of(call) + turned)


def padding_counted(at: Tensor, call: Call) -> Tensor:
    """Positions in the padded tensor, of which only the part inside is there."""
    extent = unpooled_shape(call)
    n = len(extent) - 2
    pads = call.attributes.get("pads", [0] * 2 * n)
    whole = (*extent[:2], *np.add(extent[2:], np.add(pads[:n], pads[n:])))
    moved = np.subtract(np.unravel_index(at, whole), np.reshape([0, 0, *pads[:n]], (-1, *[1] * at.ndim)))
    return np.asarray(np.ravel_multi_index(tuple(moved), extent, mode="clip"))


def filled_windows(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Gaps take the element in front of them along the last axis, as where whole windows are filled."""
    y = results[0]
    place = np.where(y != 0, np.arange(y.shape[-1]), 0)
    return [np.take_along_axis(y, np.maximum.accumulate(place, axis=-1), axis=-1)]


def uncleared(call: Call, results: list[Tensor]) -> list[Tensor]:
    """What was in memory before stays in the gaps."""
    y = results[0]
    gaps = np.ones(y.size, bool)
    gaps[call.operands[1].ravel()] = False
    return [np.where(gaps.reshape(y.shape), y.dtype.type(7), y)]


def no_output_shape(call: Call) -> None:
    """The size by formula, whatever is asked for; indices past it are dropped to its end."""
    asked = call.operands[2:]
    del call.operands[2:]
    shape = unpooled_shape(call)
    if min(shape) < 1:  # nothing would be left
        call.operands += asked
    call.operands[1] = np.minimum(call.operands[1], np.prod(unpooled_shape(call)) - 1)


def first_alone(call: Call) -> None:
    """Where several windows overlap the first one wins."""
    if call.op == "Sum":
        del call.operands[1:]
    else:
        call.operands[1] = np.ones_like(call.operands[1])


def not_divided(call: Call) -> None:
    """What lands on one place is added up."""
    call.operands[1] = np.ones_like(call.operands[1])


def gaps_filled(call: Call) -> None:
    """The last element in place of the 0 behind it."""
    x, at = call.operands
    call.operands[1] = np.minimum(at, x.shape[call.attributes["axis"]] - 2)


def of_filters(change: Before) -> Before:
    """A change of calls that have weights."""
    return of(change, "Conv", "ConvTranspose")


def lower_bits(bits: int) -> Before:
    """Weights lose all but ``bits`` of their significand."""

    def before(call: Call) -> None:
        call.operands[1] = rounded(call.operands[1], bits)

    return before


def biased_below(call: Call) -> None:
    """A batch normalisation takes epsilon for 0.001, as other frameworks do by default."""
    call.attributes["epsilon"] = 1e-3


def channels_after_alone(call: Call) -> None:
    """A window over channels begins with the channel itself."""
    x = call.operands[0]
    call.operands[0] = np.concatenate([x[:, 1:], x[:, :1]], axis=1)


def move_pads(call: Call) -> None:
    """A row of padding goes from the first side to the other one."""
    pads = call.attributes.get("pads", [0])
    if pads[0]:
        pads[0] -= 1
        pads[len(pads) // 2] += 1


def sharper(call: Call) -> None:
    """Softmax by powers of 2."""
    call.operands[0] = call.operands[0] * call.operands[0].dtype.type(np.log(2))


def read_as(name: str, **others: str) -> Before:
    """One value of an attribute is taken for another one; half_pixel, nearest and half down are the defaults."""
    defaults = {"coordinate_transformation_mode": "half_pixel", "mode": "nearest", "nearest_mode": "round_prefer_floor"}

    def before(call: Call) -> None:
        found = call.attributes.get(name, defaults.get(name, ""))
        if found in others:
            call.attributes[name] = others[found]

    return before


def change_region(change: Callable[[Tensor], Tensor]) -> Before:
    """Starts (first row) and ends of a Resize's region are read otherwise."""

    def before(call: Call) -> None:
        if len(call.operands) > 3 and call.operands[1] is not None:  # with sizes: lengths stay as they are
            roi = call.operands[1]
            call.operands[1] = np.asarray(change(roi.reshape(2, -1)), roi.dtype).ravel()

    return before


def sort_named_axes(call: Call) -> None:
    """Entries go to the axes in ascending order."""
    if "axes" in call.attributes:
        call.attributes["axes"].sort()


NORMS = ("lp_pool", "global_lp_pool")
GLOBAL = ("global_max_pool", "global_average_pool", "global_lp_pool")
COPYING = ("depth_to_space", "space_to_depth")
PADDED = ("pad_conv", "pad_max_pool", "pad_average_pool")
PADDED_POOLS = PADDED[1:]
FILTERS = ("conv", "conv_transpose", "pad_conv", "sub_pixel")
WINDOWED = ("conv", "max_pool", "average_pool", "lp_pool", "conv_transpose", "min_pool", *PADDED, "sub_pixel")
POOLS = ("max_pool", "average_pool", "lp_pool", "min_pool", *PADDED_POOLS)
CURVED = ("sigmoid", "tanh", "hard_sigmoid", "hard_swish")
POINTWISE = ("relu", "leaky_relu", "p_relu", "clip", "thresholded_relu", "elu", "selu", *CURVED)
COMPOSED = ("median_pool", "copy_unpool")
STEPS = ("relu_gradient", "leaky_relu_gradient")
SPREADING = ("average_pool_gradient", "conv_gradient")
CODING = ("quantize_linear", "qdq_conv")
QUANTIZING = ("quantize_linear", "dequantize_linear")
GRADIENTS = (*STEPS, "max_pool_gradient", *SPREADING)
BYTES = ("conv_integer", "qlinear_conv")
SLIDING = (*WINDOWED, *BYTES)
ALL = (
    *WINDOWED, *POINTWISE, "pad", *COPYING, *GLOBAL, "max_unpool", *COMPOSED, "randomized_relu", *GRADIENTS, "resize",
    *BYTES, *QUANTIZING, "qdq_conv",
)  # fmt: skip
FLOATING = tuple(block for block in ALL if block not in BYTES)
LAYERED = ("network", "pyramid")
FAULTS = {
    "halves of codes rounded away": Fault(
        CODING, rounding_by(lambda v: np.copysign(np.floor(np.abs(v) + 0.5), v))
    ),
    "halves of codes rounded up": Fault(CODING, rounding_by(lambda v: np.floor(v + 0.5))),
    "quotients truncated": Fault(CODING, rounding_by(np.trunc)),
    "quotients rounded down": Fault(("quantize_linear",), rounding_by(np.floor)),
    "zero point added to the quotient": Fault(CODING, remember("zero point first")),
    "codes wrap around": Fault(CODING, remember("wraps")),
    "narrow range": Fault(CODING, remember("ends", narrow_ends)),
    "saturate ignored": Fault(("quantize_linear",), without("saturate")),
    "zero point ignored": Fault(QUANTIZING, on_parameter(2, np.zeros_like)),
    "zero point of another channel": Fault(QUANTIZING, on_parameter(2, lambda z: np.roll(z, 1))),
    "first scale for all": Fault(QUANTIZING, on_parameter(1, lambda s: np.full(s.shape, s.flat[0]))),
    "scale of ten bits": Fault(QUANTIZING, on_parameter(1, lambda s: rounded(s.astype(np.float64), 10))),
    "reciprocal in float16": Fault(
        QUANTIZING, on_parameter(1, lambda s: 1 / (1 / s.astype(np.float32)).astype(np.float16).astype(np.float32))
    ),
    "axis of parameters ignored": Fault(QUANTIZING, default_axis),
    "scale of the next block": Fault(QUANTIZING, next_block),
    "zero point of x ignored": Fault(("qdq_conv",), of_codes("x", on_parameter(2, np.zeros_like)), bends=DEQUANTIZED),
    "zero point of W ignored": Fault(("qdq_conv",), of_codes("w", on_parameter(2, np.zeros_like)), bends=DEQUANTIZED),
    "zero point of another filter": Fault(
        ("qdq_conv",), of_codes("w", on_parameter(2, lambda z: np.roll(z, 1))), bends=DEQUANTIZED
    ),
    "first scale of W for all": Fault(
        ("qdq_conv",), of_codes("w", on_parameter(1, lambda s: np.full(s.shape, s.flat[0]))), bends=DEQUANTIZED
    ),
    "scales of filters along channels": Fault(("qdq_conv",), of_codes("w", default_axis), bends=DEQUANTIZED),
    "signs of x's codes turned": Fault(("qdq_conv",), of_codes("x", other_sign), bends=DEQUANTIZED),
    "signs of W's codes turned": Fault(("qdq_conv",), of_codes("w", other_sign), bends=DEQUANTIZED),
    "bias in units of x alone": Fault(("qdq_conv",), bias_by_x, bends=DEQUANTIZED),
    "bias of codes dropped": Fault(("qdq_conv",), drop_bias, bends=("Conv",)),
    "padding with the code 0": Fault(("qdq_conv",), pad_with_code, bends=("DequantizeLinear", "Conv")),
    "multiplier of ten bits": Fault(
        ("qdq_conv",), on_parameter(1, lambda s: rounded(s.astype(np.float64), 10)), bends=("QuantizeLinear",)
    ),
    "zero point of y ignored": Fault(("qdq_conv",), on_parameter(2, np.zeros_like), bends=("QuantizeLinear",)),
    "codes of the other sign": Fault(("dequantize_linear",), other_sign),
    "output_dtype ignored": Fault(
        ("dequantize_linear",), without("output_dtype"), message=r"^y is b?float\d+, should be b?float\d+$"
    ),
    "weights of ten bits": Fault(("network",), lower_bits(10), message=ANY_VALUE, bends=("Conv", "Gemm")),
    "another epsilon": Fault(("network",), biased_below, message=ANY_VALUE, bends=("BatchNormalization",)),
    "channels of LRN moved": Fault(("network",), channels_after_alone, message=ANY_VALUE, bends=("LRN",)),
    "powers of 2": Fault(("network",), sharper, bends=("Softmax",)),
    "a layer's padding moved": Fault(LAYERED, move_pads, message=ANY_VALUE),
    "pads of a filter swapped": Fault(("classical_filter",), swap_pads),
    "kernel of a filter flipped": Fault(("classical_filter",), of_filters(flip_kernel)),
    "kernel of a filter transposed": Fault(("classical_filter",), of_filters(transpose_kernel)),
    "border reflected with its edge": Fault(("classical_filter",), take_for("reflect", "symmetric")),
    "odd pixels kept": Fault(("pyramid",), set_operand(0, lambda x: np.roll(x, 1, axis=-1)), message=ANY_VALUE),
    "details lost": Fault(("pyramid",), set_operand(0, np.zeros_like), message=ANY_VALUE, bends=("Sub",)),
    "p ignored": Fault(NORMS, without("p")),
    "root not taken": Fault(NORMS, after=power_of_norm),
    "norm of means": Fault(NORMS, after=mean_power),
    "infinite norms clipped": Fault(NORMS, after=on_y(clip_infinity), message=INFINITE),
    "NaN swallowed by a norm": Fault(
        NORMS, after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
    ),
    "the last two axes pooled alone": Fault(GLOBAL, image_alone),
    "channels pooled too": Fault(GLOBAL, across_channels),
    "a zero pooled too": Fault(GLOBAL[:2], with_a_zero),
    "spatial axes squeezed": Fault(GLOBAL, after=on_y(lambda y: y.reshape(y.shape[:2])), message=SHAPE),
    "begin and end pads swapped": Fault(SLIDING, swap_pads),
    "SAME_UPPER and SAME_LOWER swapped": Fault(SLIDING, swap_same),
    "pads ignored": Fault((*SLIDING, "max_unpool"), without("pads"), message=SHAPE),
    "auto_pad ignored": Fault(SLIDING, without("auto_pad"), message=SHAPE),
    "strides swapped": Fault((*SLIDING, "max_unpool"), reverse_strides, message=SHAPE),
    "dilation ignored": Fault(SLIDING, without("dilations"), message=SHAPE),
    "ceil_mode ignored": Fault(POOLS, without("ceil_mode"), message=SHAPE),
    "count_include_pad ignored": Fault(("average_pool", "pad_average_pool"), without("count_include_pad")),
    "padding by zero": Fault(("max_pool", "min_pool", "pad_max_pool"), pad_with_zero),
    "integers go through float32": Fault(("clip", "p_relu", "pad"), through_float32),
    "signedness of bytes mistaken": Fault(
        ("max_pool", "clip"), turn_bytes,
        after=on_y(lambda y: np.asarray(y ^ np.array(1 << 7, np.uint8).astype(y.dtype)) if y.dtype.kind in "iu" else y),
    ),
    "first image serves all": Fault((*SLIDING, *GLOBAL), no_batch),
    "bias dropped": Fault(FILTERS, of_filters(drop_bias)),
    "kernel flipped": Fault(FILTERS, of_filters(flip_kernel)),
    "kernel transposed": Fault(FILTERS, of_filters(transpose_kernel)),
    "first group serves all": Fault(FILTERS, of_filters(first_group_only)),
    "groups interleaved": Fault(FILTERS, of_filters(interleave_groups)),
    "output_padding ignored": Fault(("conv_transpose",), without("output_padding"), message=SHAPE),
    "output_padding in front": Fault(("conv_transpose",), extra_in_front),
    "output_shape ignored": Fault(("conv_transpose",), without("output_shape"), message=SHAPE),
    "odd pixel of output_shape at the end": Fault(("conv_transpose",), odd_pixel_at_end),
    "DCR and CRD swapped": Fault(("depth_to_space", "sub_pixel"), other_mode),
    "mode ignored": Fault(("depth_to_space", "sub_pixel"), without("mode")),
    "rows and columns of a block swapped": Fault(COPYING, after=block_transposed),
    "channels before blocks": Fault(("space_to_depth",), after=channels_first),
    "first image of the batch serves all": Fault((*COPYING, "max_unpool", *COMPOSED), no_batch),
    "mean taken for the median": Fault(("median_pool",), mean_of_window, bends=("TopK",)),
    "last element of a window lost": Fault(("median_pool",), last_tap_lost, bends=("TopK",)),
    "lower middle alone": Fault(("median_pool",), one_of_two(1), bends=("Add",)),
    "upper middle alone": Fault(("median_pool",), one_of_two(0), bends=("Add",)),
    "first window wins": Fault(("copy_unpool",), first_alone, bends=("Sum", "Div")),
    "overlapping windows added up": Fault(("copy_unpool",), not_divided, bends=("Div",)),
    "gaps of copies filled": Fault(("copy_unpool",), gaps_filled, bends=("Gather",)),
    "NaN of a copy swallowed": Fault(
        (*COPYING, "max_unpool", "copy_unpool"), after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
    ),
    "all channels land in the first": Fault(("max_unpool",), reindexed(lambda at, call: at % volume_of(call))),
    "indices read as column major": Fault(("max_unpool",), reindexed(column_major)),
    "indices count the padding too": Fault(("max_unpool",), reindexed(padding_counted)),
    "indices one off": Fault(("max_unpool",), reindexed(lambda at, call: np.maximum(at - 1, 0))),
    "gaps filled": Fault(("max_unpool",), after=filled_windows),
    "gaps not cleared": Fault(("max_unpool",), after=uncleared),
    "size asked for ignored": Fault(("max_unpool",), no_output_shape, message=SHAPE),
    "negatives leak": Fault(("relu",), after=leak),
    "derivative 1 at 0": Fault(STEPS, Only("Greater", step_at_zero)),
    "derivative of the other side": Fault(STEPS, Only("Where", other_side)),
    "mask multiplied": Fault(
        ("relu_gradient",), Only("Where", multiply_mask), message=r"^dx(\[[\d,]+\])? is nan, should be 0 "
    ),
    "slope of a derivative ignored": Fault(("leaky_relu_gradient",), Only("Mul", set_operand(1, np.ones_like))),
    "drawn slopes ignored": Fault(
        ("randomized_relu",), set_operand(1, lambda slope: np.full_like(slope, 11 / 48)),
    ),
    "one drawn slope for all": Fault(
        ("randomized_relu",), set_operand(1, lambda slope: np.full_like(slope, slope.flat[0])),
    ),
    "windows that overlap overwrite": Fault(("max_pool_gradient",), overwrite_sums),
    "maxima sought under other pads": Fault(("max_pool_gradient",), swap_pads),
    "maxima sought in zeros": Fault(("max_pool_gradient",), pad_with_zero),
    "maxima of the first image": Fault(("max_pool_gradient",), Only("MaxPool", no_batch)),
    "divided by the size of the kernel": Fault(
        ("average_pool_gradient",), Only("Div", set_operand(1, lambda count: np.full_like(count, count.max()))),
    ),
    "not divided": Fault(("average_pool_gradient",), Only("Div", set_operand(1, np.ones_like))),
    "pads of a derivative swapped": Fault(SPREADING, swap_pads),
    "last elements first": Fault(SPREADING, extra_in_front),
    "weights turned twice": Fault(("conv_gradient",), Only("ConvTranspose", flip_kernel)),
    "dY turned": Fault(("conv_gradient",), Only("Conv", flip_kernel)),
    "strides and dilations not exchanged": Fault(("conv_gradient",), Only("Conv", not_exchanged)),
    "groups of dX mixed": Fault(("conv_gradient",), Only("ConvTranspose", interleave_groups)),
    "groups of dW mixed": Fault(("conv_gradient",), Only("Conv", interleave_groups)),
    "averaged over the batch": Fault(("conv_gradient",), after=averaged),
    "alpha ignored": Fault(
        ("leaky_relu", "thresholded_relu", "elu", "selu", "hard_sigmoid", "randomized_relu"), without("alpha")
    ),
    "beta ignored": Fault(("hard_sigmoid",), without("beta")),
    "slope of 1/6": Fault(("hard_sigmoid",), other_slope),
    "open above": Fault(("hard_sigmoid", "hard_swish"), after=open_above),
    "open below": Fault(("hard_sigmoid", "hard_swish"), after=open_below),
    "gate alone": Fault(("hard_swish",), after=gate_alone),
    "argument clamped at 6": Fault(("sigmoid", "tanh"), clamped),
    "sign of the exponent": Fault(("sigmoid", "tanh"), turned),
    "exp overflows": Fault(
        ("sigmoid", "tanh"), after=overflowing, message=VALUE.replace(r"is \S+", "is nan", 1),
    ),
    "small numbers cancel": Fault(("tanh",), after=cancelling),
    "subnormal results flushed": Fault(("tanh",), after=flushed),
    "straight pieces": Fault(("sigmoid",), after=straight_pieces),
    "NaN of a curve swallowed": Fault(
        ("sigmoid", "tanh", "hard_swish"), after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
    ),
    "absolute value": Fault(
        ("leaky_relu", "p_relu", "clip", "elu", "tanh", "hard_swish"), after=on_y(lambda y: np.asarray(np.abs(y)))
    ),
    "sloped on both sides": Fault(("leaky_relu",), after=sloped),
    "alpha itself passes": Fault(("thresholded_relu",), after=at_least),
    "alpha subtracted": Fault(("thresholded_relu",), after=shrunk),
    "one slope for all": Fault(("p_relu",), one_slope),
    "slope along the first axis": Fault(("p_relu",), slope_in_front),
    "min ignored": Fault(("clip",), no_min),
    "max ignored": Fault(("clip",), no_max),
    "bounds swapped": Fault(("clip",), swap_bounds),
    "gamma ignored": Fault(("selu",), without("gamma")),
    "1 not subtracted": Fault(("elu",), after=raised),
    "exp of alpha x": Fault(("elu",), after=celu),
    "amounts swapped": Fault(("pad", "median_pool", *PADDED), of(change_amounts(lambda sides: sides[::-1]), "Pad")),
    "amounts read in pairs": Fault(("pad",), change_amounts(lambda sides: sides.reshape(-1, 2).T)),
    "nothing removed": Fault(
        ("pad", *PADDED_POOLS), of(change_amounts(lambda sides: sides.clip(0)), "Pad"), message=SHAPE
    ),
    "axes sorted": Fault(("pad",), sort_axes, message=SHAPE),
    "constant_value ignored": Fault(("pad", *PADDED), of(forget_constant, "Pad")),
    "border reflected too": Fault(("pad", "median_pool", *PADDED), take_for("reflect", "symmetric")),
    "edge taken for wrap": Fault(("pad", *PADDED), take_for("wrap", "edge")),
    "zeros left to MaxPool": Fault(("pad_max_pool",), fusion.ZEROS_OF_MAX),
    "padding of any mode left to the window": Fault(PADDED, fusion.ANY_MODE),
    "any constant left to the window": Fault(PADDED, fusion.ANY_CONSTANT),
    "zeros left to the window not counted": Fault(("pad_average_pool",), fusion.NOT_COUNTED),
    "amounts of batch and channels lost in fusion": Fault(PADDED_POOLS, fusion.LEADING_LOST, message=SHAPE),
    "removal lost in fusion": Fault(PADDED, fusion.REMOVAL_LOST, message=SHAPE),
    "the window's own pads lost in fusion": Fault(("pad_conv", "pad_average_pool"), fusion.OWN_LOST, message=SHAPE),
    "window ignored that starts in fused padding": Fault(PADDED_POOLS, fusion.ROUNDED_UP, message=SHAPE),
    "weights of bytes flipped": Fault(BYTES, misquantised.of_weights(flip_kernel)),
    "weights of bytes transposed": Fault(BYTES, misquantised.of_weights(transpose_kernel)),
    "bytes of the first group serve all": Fault(BYTES, first_group_only),
    "groups of bytes interleaved": Fault(BYTES, interleave_groups),
    "weights of bytes kept": Fault(BYTES, misquantised.of_weights(keep_first_weights)),
    "x's zero point ignored": Fault(BYTES, operand("x_zero", np.zeros_like)),
    "w's zero point ignored": Fault(BYTES, operand("w_zero", np.zeros_like)),
    "y's zero point ignored": Fault(("qlinear_conv",), operand("y_zero", np.zeros_like)),
    "first zero point for all filters": Fault(BYTES, operand("w_zero", misquantised.first_of)),
    "zero points by group": Fault(BYTES, misquantised.of_groups),
    "first scale for all filters": Fault(("qlinear_conv",), operand("w_scale", misquantised.first_of)),
    "padding that is not the zero point": Fault(BYTES, step("raw padding")),
    "bytes of x read with the other sign": Fault(BYTES, operand("x", misquantised.other_sign)),
    "x and its zero point read with the other sign": Fault(
        BYTES, misquantised.both(operand("x", misquantised.other_sign), operand("x_zero", misquantised.other_sign)),
    ),
    "bytes of w read with the other sign": Fault(BYTES, operand("w", misquantised.other_sign)),
    "bias of bytes dropped": Fault(("qlinear_conv",), misquantised.drop_bias),
    "bias added unscaled": Fault(("qlinear_conv",), step("bias late")),
    "halves rounded away from 0": Fault(("qlinear_conv",), rounding(misquantised.away)),
    "halves rounded up": Fault(("qlinear_conv",), rounding(lambda real: np.floor(real + SINGLE(0.5)))),
    "fractions cut off": Fault(("qlinear_conv",), rounding(np.trunc)),
    "fractions rounded down": Fault(("qlinear_conv",), rounding(np.floor)),
    "zero point added before rounding": Fault(("qlinear_conv",), step("store", misquantised.zero_first)),
    "bytes not saturated": Fault(("qlinear_conv",), step("store", misquantised.not_held)),
    "saturated to the other type": Fault(("qlinear_conv",), step("store", misquantised.held_elsewhere)),
    "saturated past 32 bits": Fault(("qlinear_conv",), step("store", misquantised.through_int32)),
    "factor in fixed point": Fault(("qlinear_conv",), step("scale", misquantised.fixed_point)),
    "factor of float16": Fault(("qlinear_conv",), step("scale", misquantised.narrow_factor)),
    "y_scale inverted": Fault(("qlinear_conv",), operand("y_scale", lambda y: SINGLE(1) / y)),
    "pairs saturate at 16 bits": Fault(BYTES, step("dot", misquantised.saturating_pairs)),
    "accumulator of 16 bits": Fault(BYTES, step("total", misquantised.wrapped(16))),
    "accumulator of 24 bits": Fault(BYTES, step("total", misquantised.wrapped(24))),
    "accumulator of float32": Fault(("conv_integer",), step("total", lambda total: total.astype(SINGLE))),
    "transformation ignored": Fault(("resize",), without("coordinate_transformation_mode")),
    "half a pixel lost": Fault(("resize",), read_as("coordinate_transformation_mode", half_pixel="asymmetric")),
    "corners not aligned": Fault(("resize",), read_as("coordinate_transformation_mode", align_corners="half_pixel")),
    "nearest_mode ignored": Fault(("resize",), without("nearest_mode")),
    "halves rounded the other way": Fault(
        ("resize",),
        read_as("nearest_mode", round_prefer_floor="round_prefer_ceil", round_prefer_ceil="round_prefer_floor"),
    ),
    "floor and ceil swapped": Fault(("resize",), read_as("nearest_mode", floor="ceil", ceil="floor")),
    "linear taken for nearest": Fault(("resize",), read_as("mode", linear="nearest")),
    "cubic taken for linear": Fault(("resize",), read_as("mode", cubic="linear")),
    "cubic_coeff_a ignored": Fault(("resize",), without("cubic_coeff_a")),
    "exclude_outside ignored": Fault(("resize",), without("exclude_outside")),
    "antialias ignored": Fault(("resize",), without("antialias")),
    "extrapolation_value ignored": Fault(("resize",), without("extrapolation_value")),
    "region ignored": Fault(("resize",), change_region(lambda roi: np.array([[0.0], [1.0]]) + 0 * roi)),
    "region read in pairs": Fault(("resize",), change_region(lambda roi: roi.reshape(-1, 2).T)),
    "named axes sorted": Fault(("resize",), sort_named_axes, message=SHAPE),
    "policy ignored": Fault(("resize",), without("keep_aspect_ratio_policy"), message=SHAPE),
    "policies swapped": Fault(
        ("resize",), read_as("keep_aspect_ratio_policy", not_larger="not_smaller", not_smaller="not_larger"),
        message=SHAPE,
    ),
    "NaN swallowed": Fault(
        (*FILTERS, "average_pool", "pad_average_pool"), after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
    ),
    "infinity clipped": Fault(
        (*WINDOWED, "max_unpool", *COMPOSED), after=on_y(clip_infinity), message=INFINITE,
    ),
    "sign of infinity lost": Fault(
        (*FILTERS, "max_pool", "average_pool", *PADDED_POOLS), message=INFINITE,
        after=on_y(lambda y: np.where(np.isinf(y), np.abs(y), y)),
    ),
    "float64 returned": Fault(
        ALL, after=on_y(lambda y: y.astype(np.float64)),
        message=r"^(y|dx) is float64, should be (b?float|u?int)\d+\w*" + TAIL,
    ),
    "batch squeezed": Fault(ALL, after=on_y(lambda y: y[0] if y.shape and len(y) == 1 else y), message=SHAPE),
    "layout of channels last": Fault(
        (*SLIDING, "max_unpool", *COMPOSED), after=on_y(lambda y: np.moveaxis(y, 1, -1)), message=SHAPE
    ),
    "a list instead of an array": Fault(
        ALL, after=on_y(lambda y: y.tolist()), message="^(y|dx) is a (list|float), should be an array$"
    ),
    "nothing instead of an array": Fault(
        ALL, after=on_y(lambda y: None), message="^(y|dx) is a NoneType, should be an array$",
    ),
    "no results": Fault(ALL, after=lambda c, r: [], message=r"^0 results, should be [123] \((y|dx)(, \w+)*\)"),
    "indices forgotten": Fault(
        ("max_pool", "pad_max_pool"), after=lambda c, r: r[:1], message=r"^1 results, should be 2 \(y, indices\)$"
    ),
    "one result too many": Fault(
        ALL, after=lambda c, r: [*r, r[0]], message=r"^[234] results, should be [123] \((y|dx)(, \w+)*\)" + TAIL,
    ),
    "indices of 32 bits": Fault(
        ("max_pool", "pad_max_pool"), after=on_indices(lambda at: at.astype(np.int32)),
        message="^indices is int32, should be int64$"
    ),
    "indices in the other order": Fault(("max_pool", "pad_max_pool"), across, message=INDEX),
    "indices within each plane": Fault(("max_pool",), after=within_plane, message=INDEX),
    "indices off by one": Fault(
        ("max_pool", "pad_max_pool"), after=on_indices(lambda at: at + 1), message=INDEX
    ),
    "results of the first run again": Fault(ALL, after=first_results, message=VALUE.replace(")?$", ")$")),
    "weights of the first run again": Fault(("conv", "pad_conv", "sub_pixel"), of_filters(keep_first_weights)),
    "last column lost": Fault((*SLIDING, "max_unpool", *COMPOSED), after=on_y(lose_last_column)),
    "one element off by 1e-5": Fault(FLOATING, after=on_y(nudge_one)),
    "inputs rounded to TF32": Fault(FLOATING, round_inputs(11)),
    "input overwritten": Fault(ALL, after=overwrite, message="^input (x|dy) was overwritten by the run$"),
    "not repeatable": Fault(("average_pool",), after=flicker, message=TWICE),
    "an exception": Fault(ALL, raises(ValueError("no\nway")), message="^ValueError: no way$", verdict="error"),
}  # fmt: skip


def reuse_buffers(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Results in the same memory every time, right when handed over."""
    buffers: list[Tensor] = call.memory.setdefault("buffers", [np.empty_like(r) for r in results])
    for buffer, result in zip(buffers, results, strict=True):
        buffer[...] = result
    return buffers


def frozen(call: Call, results: list[Tensor]) -> tuple[Tensor, ...]:
    """A tuple of arrays that cannot be written."""
    for result in results:
        result.flags.writeable = False
    return tuple(results)


QUIRKS: dict[str, tuple[Before, After]] = {
    "buffers reused": (leave, reuse_buffers),
    "a tuple of read-only arrays": (leave, frozen),
    "not contiguous": (leave, lambda c, r: [np.repeat(y[..., None], 2, axis=-1)[..., 0] for y in r]),
    "column major": (leave, lambda c, r: [y.copy(order="F") for y in r]),
    "signs of zero turned": (leave, on_y(lambda y: np.where(y == 0, -y, y).astype(y.dtype))),
    "NaN of the other sign": (leave, on_y(lambda y: np.where(np.isnan(y), -y, y).astype(y.dtype))),
}
