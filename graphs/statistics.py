"""Named cases of convolution whose errors are judged together: many independent sums of 9 to 2304 products.

The check and the choice of sizes are derived in docs/numerics.md, section 19.
"""

from __future__ import annotations

from graphs.blocks.conv import Conv
from graphs.spec import Spec

LENGTHS = (9, 27, 576, 2304)  # products of a sum
CHANNELS = {length: length // 9 for length in LENGTHS}
FEW = (9, 27)  # lengths at which sums of the narrow types keep the conditions, and fast algorithms meet whole images
PAIR = 2  # products of a sum that has one order
JUDGED = ("mirrored", "signed")  # data sets whose errors are judged together
EXACT = ("wide", "single", "impulse")  # data sets on which equality is due


def many(length: int, dtype: str) -> Conv:
    """1,024 images of windows that overlap; or, of long sums, one image of 1,024 windows side by side."""
    if length == PAIR:
        return Conv(batch=1024, channels=1, filters=4, extent=(3, 3), kernel_shape=(1, 2), dtype=dtype)
    if length in FEW:
        return Conv(batch=1024, channels=CHANNELS[length], filters=4, extent=(4, 4), kernel_shape=(3, 3), dtype=dtype)
    return Conv(
        batch=1, channels=CHANNELS[length], filters=4, extent=(96, 96), kernel_shape=(3, 3), strides=(3, 3), dtype=dtype
    )


def few(length: int, dtype: str) -> Conv:
    """Four windows side by side in each of two images."""
    return Conv(
        batch=2, channels=CHANNELS[length], filters=4, extent=(6, 6), kernel_shape=(3, 3), strides=(3, 3), dtype=dtype
    )


def name(length: int, data: str, dtype: str) -> str:
    """``statistics-conv-9-mirrored``, with the type where it is not float32."""
    return f"statistics-conv-{length}-{data}" + ("" if dtype == "float32" else f"-{dtype}")


EXACTLY = {"wide": ("float32", "float64"), "single": ("float32", "float64", "float16", "bfloat16")}
EXACTLY["impulse"] = EXACTLY["single"]

# name -> (spec, data set)
STATISTICS: dict[str, tuple[Spec, str]] = {
    name(length, data, dtype): (few(length, dtype), data)
    for data in EXACT
    for dtype in EXACTLY[data]
    for length in LENGTHS
}
# Narrow types have too few numbers around 3: longer sums in order of size would be biased.
TOGETHER: dict[str, dict[str, tuple[int, ...]]] = {
    "mirrored": {"float32": LENGTHS, "float64": FEW, "float16": (PAIR, 9), "bfloat16": (PAIR,)},
    "signed": {"float32": LENGTHS, "float16": FEW, "bfloat16": FEW},
}
STATISTICS |= {
    name(length, data, dtype): (many(length, dtype), data)
    for data in JUDGED
    for dtype, lengths in TOGETHER[data].items()
    for length in lengths
}
