"""Ways to be wrong, one each: what a fault does to a run, and the verdict and message that it must get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.claim import Claim
from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import After, Before, Fake, hand_over, leave

TAIL = "(, as in the run before, which had other inputs)?$"
VALUE = r"^y(\[[\d,]+\])? is \S+, should be \S+( or \S+)* \(error \S+, bound \S+, [1-9]\d* of [1-9]\d* outside\)" + TAIL
SHAPE = r"^y has shape \[[\d, ]+\], should be \[[\d, ]+\]" + TAIL
INDEX = r"^indices\[[\d,]+\] is -?\d+, should be \d+( or \d+)* \([1-9]\d* of [1-9]\d* outside\)" + TAIL
INFINITE = r"^y\[[\d,]+\] is \S+, should be -?inf \(.* of [1-9]\d* outside\)" + TAIL
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

    def runtime(self) -> Fake:
        """The faulty runtime."""
        return Fake(self.before, self.after, claim=self.claim)


def rounded(x: Tensor, bits: int) -> Tensor:
    """Rounded to nearest with a significand of ``bits``."""
    fraction, exponent = np.frexp(x)
    return np.asarray(np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits).astype(x.dtype))


def round_inputs(bits: int) -> Before:
    """Inputs as a narrower type has them."""

    def before(call: Call) -> None:
        change_tensors(call, lambda x: rounded(x, bits))

    return before


def change_tensors(call: Call, change: Callable[[Tensor], Tensor]) -> None:
    """All operands but the region, scales and sizes of a Resize, which are its setting."""
    count = 1 if call.op == "Resize" else len(call.operands)
    call.operands[:count] = [x if x is None else np.asarray(change(x)) for x in call.operands[:count]]


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
        call.operands[0] = x ^ np.array(1 << 7, np.uint8).astype(x.dtype)


def change_amounts(change: Callable[[Tensor], Tensor]) -> Before:
    """Pad's begins (first row) and ends are read otherwise."""

    def before(call: Call) -> None:
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
    """One element is off by 1e-5 of its value."""
    y = y.copy()
    at = np.abs(np.nan_to_num(y, posinf=0, neginf=0)).argmax()
    y.flat[at] *= 1 + 1e-5
    return y


def clip_infinity(y: Tensor) -> Tensor:
    """The largest finite number in place of infinity."""
    return np.clip(y, np.finfo(y.dtype).min, np.finfo(y.dtype).max) if y.dtype.kind == "f" else y


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
WINDOWED = ("conv", "max_pool", "average_pool", "lp_pool", "conv_transpose")
POINTWISE = ("relu", "leaky_relu", "p_relu", "clip", "thresholded_relu", "elu", "selu")
ALL = (*WINDOWED, *POINTWISE, "pad", *COPYING, *GLOBAL, "resize")
FAULTS = {
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
    "begin and end pads swapped": Fault(WINDOWED, swap_pads),
    "SAME_UPPER and SAME_LOWER swapped": Fault(WINDOWED, swap_same),
    "pads ignored": Fault(WINDOWED, without("pads"), message=SHAPE),
    "auto_pad ignored": Fault(WINDOWED, without("auto_pad"), message=SHAPE),
    "strides swapped": Fault(WINDOWED, reverse_strides, message=SHAPE),
    "dilation ignored": Fault(WINDOWED, without("dilations"), message=SHAPE),
    "ceil_mode ignored": Fault(("max_pool", "average_pool", "lp_pool"), without("ceil_mode"), message=SHAPE),
    "count_include_pad ignored": Fault(("average_pool",), without("count_include_pad")),
    "padding by zero": Fault(("max_pool",), pad_with_zero),
    "signedness of bytes mistaken": Fault(
        ("max_pool",), turn_bytes,
        after=on_y(lambda y: y ^ np.array(1 << 7, np.uint8).astype(y.dtype) if y.dtype.kind in "iu" else y),
    ),
    "first image serves all": Fault((*WINDOWED, *GLOBAL), no_batch),
    "bias dropped": Fault(("conv", "conv_transpose"), drop_bias),
    "kernel flipped": Fault(("conv", "conv_transpose"), flip_kernel),
    "kernel transposed": Fault(("conv", "conv_transpose"), transpose_kernel),
    "first group serves all": Fault(("conv", "conv_transpose"), first_group_only),
    "groups interleaved": Fault(("conv", "conv_transpose"), interleave_groups),
    "output_padding ignored": Fault(("conv_transpose",), without("output_padding"), message=SHAPE),
    "output_padding in front": Fault(("conv_transpose",), extra_in_front),
    "output_shape ignored": Fault(("conv_transpose",), without("output_shape"), message=SHAPE),
    "odd pixel of output_shape at the end": Fault(("conv_transpose",), odd_pixel_at_end),
    "DCR and CRD swapped": Fault(("depth_to_space",), other_mode),
    "mode ignored": Fault(("depth_to_space",), without("mode")),
    "rows and columns of a block swapped": Fault(COPYING, after=block_transposed),
    "channels before blocks": Fault(("space_to_depth",), after=channels_first),
    "first image of the batch serves all": Fault(COPYING, no_batch),
    "NaN of a copy swallowed": Fault(
        COPYING, after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
    ),
    "negatives leak": Fault(("relu",), after=leak),
    "alpha ignored": Fault(("leaky_relu", "thresholded_relu", "elu", "selu"), without("alpha")),
    "absolute value": Fault(("leaky_relu", "p_relu", "clip", "elu"), after=on_y(lambda y: np.asarray(np.abs(y)))),
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
    "amounts swapped": Fault(("pad",), change_amounts(lambda sides: sides[::-1])),
    "amounts read in pairs": Fault(("pad",), change_amounts(lambda sides: sides.reshape(-1, 2).T)),
    "nothing removed": Fault(("pad",), change_amounts(lambda sides: sides.clip(0)), message=SHAPE),
    "axes sorted": Fault(("pad",), sort_axes, message=SHAPE),
    "constant_value ignored": Fault(("pad",), forget_constant),
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
    "border reflected too": Fault(("pad",), take_for("reflect", "symmetric")),
    "edge taken for wrap": Fault(("pad",), take_for("wrap", "edge")),
    "NaN swallowed": Fault(
        ("conv", "average_pool", "conv_transpose"), after=on_y(lambda y: np.where(np.isnan(y), y.dtype.type(0), y)),
        message=r"^y\[[\d,]+\] is 0, should be nan \(.* of [1-9]\d* outside\)$",
    ),
    "infinity clipped": Fault(
        WINDOWED, after=on_y(clip_infinity), message=INFINITE,
    ),
    "sign of infinity lost": Fault(
        ("conv", "max_pool", "average_pool", "conv_transpose"), message=INFINITE,
        after=on_y(lambda y: np.where(np.isinf(y), np.abs(y), y)),
    ),
    "float64 returned": Fault(
        ALL, after=on_y(lambda y: y.astype(np.float64)), message=r"^y is float64, should be (float|u?int)\d+$"
    ),
    "batch squeezed": Fault(ALL, after=on_y(lambda y: y[0] if y.shape and len(y) == 1 else y), message=SHAPE),
    "layout of channels last": Fault(WINDOWED, after=on_y(lambda y: np.moveaxis(y, 1, -1)), message=SHAPE),
    "a list instead of an array": Fault(
        ALL, after=on_y(lambda y: y.tolist()), message="^y is a (list|float), should be an array$"
    ),
    "nothing instead of an array": Fault(
        ALL, after=on_y(lambda y: None), message="^y is a NoneType, should be an array$",
    ),
    "no results": Fault(ALL, after=lambda c, r: [], message=r"^0 results, should be [12] \(y(, indices)?\)"),
    "indices forgotten": Fault(
        ("max_pool",), after=lambda c, r: r[:1], message=r"^1 results, should be 2 \(y, indices\)$"
    ),
    "one result too many": Fault(
        ALL, after=lambda c, r: [*r, r[0]], message=r"^[23] results, should be [12] \(y(, indices)?\)$",
    ),
    "indices of 32 bits": Fault(
        ("max_pool",), after=on_indices(lambda at: at.astype(np.int32)), message="^indices is int32, should be int64$"
    ),
    "indices in the other order": Fault(("max_pool",), across, message=INDEX),
    "indices within each plane": Fault(("max_pool",), after=within_plane, message=INDEX),
    "indices off by one": Fault(("max_pool",), after=on_indices(lambda at: at + 1), message=INDEX),
    "results of the first run again": Fault(ALL, after=first_results, message=VALUE.replace(")?$", ")$")),
    "weights of the first run again": Fault(("conv",), keep_first_weights),
    "last column lost": Fault(WINDOWED, after=on_y(lose_last_column)),
    "one element off by 1e-5": Fault(ALL, after=on_y(nudge_one)),
    "inputs rounded to TF32": Fault(ALL, round_inputs(11)),
    "input overwritten": Fault(ALL, after=overwrite, message="^input x was overwritten by the run$"),
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
    "signs of zero turned": (leave, on_y(lambda y: np.where(y == 0, -y, y))),
    "NaN of the other sign": (leave, on_y(lambda y: np.where(np.isnan(y), -y, y))),
}
