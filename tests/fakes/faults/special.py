"""NaN and infinities: skipped, made, spread, replaced; and ties, where elements are equal or lie in the middle."""

from __future__ import annotations

import numpy as np

from reference.formats import FORMATS, is_float
from tests.fakes.arithmetic import PLAIN
from tests.fakes.executor import Arithmetic, Call, Tensor, gather
from tests.fakes.fake import Before
from tests.fakes.faults.blocks import COPYING, FILTERS, GLOBAL, PADDED
from tests.fakes.faults.changes import clip_infinity, of, on_y
from tests.fakes.faults.fault import INDEX, Fault

NANMEAN = "numpy.nanmean beside numpy.mean; Conv and AveragePool are sums, and NaN plus a number is NaN (IEEE 754)"
SPARSE = "kernels that skip zeros (sparse weights, ReLU's zeros): 0 * inf is NaN, and nothing else (IEEE 754)"
MASKS = "x * (x > 0), as branch-free code has it: 0 * inf is NaN"
TF_2501 = "https://github.com/tensorflow/tensorflow/issues/2501 'nan values management in max_pool' (-3.40282347e+38)"
TORCH_1465 = "https://github.com/pytorch/pytorch/pull/1465 'the indices stored in forward were remaining at -1'"
SATURATE = "conversions that saturate: quantised and fixed-point back ends have no infinity"
WINOGRAD = "Lavin & Gray 2016: a tile is transformed as a whole, so that one NaN in it reaches every result of the tile"
ONE_HOT = "a maximum by one-hot selection, sum(x * (x == max)), counts equal elements more than once"
ROUNDING = "rint and C's round beside Resize's 'round_prefer_floor (default, also known as round half down)'"
UNIQUE = "a median of a set, or of a histogram's bins, counts equal elements once"


def skipping(left: Tensor, right: Tensor) -> Tensor:
    """No product is formed with 0."""
    terms = left[..., :, :, None] * right[..., None, :, :]
    return np.asarray(
        np.where((left == 0)[..., None] | (right == 0)[..., None, :, :], 0, terms).sum(axis=-2, dtype=left.dtype)
    )


def without_nan(call: Call) -> None:
    """NaN inputs count 0."""
    x = call.operands[0]
    if is_float(x.dtype):
        call.operands[0] = np.where(np.isnan(x), x.dtype.type(0), x)


def finite_inputs(call: Call) -> None:
    """Infinite inputs are the largest number."""
    call.operands[0] = np.asarray(clip_infinity(call.operands[0]))


def masked(call: Call, results: list[Tensor]) -> list[Tensor]:
    """What does not pass is multiplied by 0 and added."""
    return [np.asarray(results[0] + call.operands[0] * results[0].dtype.type(0)), *results[1:]]


def spread_nan(call: Call, results: list[Tensor]) -> list[Tensor]:
    """A NaN reaches its neighbour in a tile of 2."""
    y = results[0].copy()
    n = y.shape[-1] // 2 * 2
    pairs = y[..., :n].reshape(*y.shape[:-1], -1, 2)
    bad = np.isnan(pairs).any(axis=-1, keepdims=True)
    y[..., :n] = np.where(bad, np.array(np.nan, y.dtype), pairs).reshape(*y.shape[:-1], n)
    return [y]


def lowest(call: Call) -> None:
    """Padding, and the start of a maximum, is the lowest finite number."""
    dtype = call.operands[0].dtype
    if is_float(dtype):
        call.padding = -FORMATS[dtype.name].largest


def lost_index(call: Call, results: list[Tensor]) -> list[Tensor]:
    """The index of a maximum of minus infinity is -1."""
    return [results[0], *(np.where(np.isneginf(results[0].astype(float)), -1, at) for at in results[1:])]


def constant(change: float) -> Before:
    """NaN and minus infinity as Pad's constant are another number."""

    def before(call: Call) -> None:
        if len(call.operands) > 2 and call.operands[2] is not None and is_float(call.operands[2].dtype):
            value = call.operands[2]
            call.operands[2] = np.where(np.isfinite(value.astype(float)), value, value.dtype.type(change))
        if not np.isfinite(call.attributes.get("value", 0.0)):
            call.attributes["value"] = change

    return before


def equal_added(call: Call, results: list[Tensor]) -> list[Tensor]:
    """A maximum that occurs twice in its window is doubled."""
    x, y = call.operands[0], results[0]
    taps = gather(call, tuple(call.attributes.get("kernel_shape", x.shape[2:])), -np.inf)
    count = ((taps.values == y[..., None]) & taps.real).sum(axis=-1).clip(1)
    return [np.asarray((y * count).astype(y.dtype)), *results[1:]]


def rounding(name: str) -> Before:
    """Coordinates in the middle go another way."""

    def before(call: Call) -> None:
        if call.attributes.get("nearest_mode", "round_prefer_floor").startswith("round"):
            call.attributes["nearest_mode"] = name

    return before


def counted_once(call: Call) -> None:
    """Of equal elements of a window all but one are put at its lower end."""
    x = np.sort(call.operands[0], axis=-1)[..., ::-1]
    is_again = np.concatenate([np.zeros_like(x[..., :1], bool), x[..., 1:] == x[..., :-1]], axis=-1)
    call.operands[0] = np.where(is_again, x[..., -1:], x)


def nan_to_infinity(y: Tensor) -> Tensor:
    """Infinity in the place of NaN."""
    return np.where(np.isnan(y), np.array(np.inf, y.dtype), y) if is_float(y.dtype) else y


NAN = {
    "NaN counts 0": Fault(
        (*FILTERS, "average_pool", "global_average_pool"),
        of(without_nan, "Conv", "ConvTranspose", "AveragePool", "GlobalAveragePool"),
        source=NANMEAN,
    ),
    "products with 0 skipped": Fault(("conv", "pad_conv"), how=Arithmetic(skipping, PLAIN.mean), source=SPARSE),
    "infinite inputs are the largest number": Fault(
        ("relu", "leaky_relu", "max_pool", "pad", "resize", *COPYING, *GLOBAL, "max_unpool"),
        finite_inputs,
        source=SATURATE,
    ),
    "a mask multiplied": Fault(
        ("relu", "leaky_relu", "elu", "selu", "thresholded_relu", "hard_swish"), after=masked, source=MASKS
    ),
    "NaN spread over a tile": Fault(("conv", "average_pool"), after=spread_nan, source=WINOGRAD),
    "maximum from the lowest number": Fault(("max_pool", "min_pool", "pad_max_pool"), lowest, source=TF_2501),
    "no index of minus infinity": Fault(("max_pool",), after=lost_index, message=INDEX, source=TORCH_1465),
    "infinite constant is the largest number": Fault(("pad", *PADDED), of(constant(-65504.0), "Pad"), source=SATURATE),
    "NaN becomes infinity": Fault(
        (*FILTERS, "average_pool", "pad", *COPYING), after=on_y(nan_to_infinity), source=SATURATE
    ),
}
TIES = {
    "equal maxima added": Fault(("max_pool", "global_max_pool"), after=equal_added, source=ONE_HOT),
    "halves to even": Fault(("resize",), rounding("half to even"), source=ROUNDING),
    "halves away from 0": Fault(("resize",), rounding("half away"), source=ROUNDING),
    "halves up": Fault(("resize",), rounding("round_prefer_ceil"), source=ROUNDING),
    "equal elements of a median counted once": Fault(("median_pool",), counted_once, bends=("TopK",), source=UNIQUE),
}
