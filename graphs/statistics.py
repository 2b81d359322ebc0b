"""Named cases of convolution whose errors are judged together: many independent sums of 9 to 2304 products.

The check and the choice of sizes are derived in docs/numerics.md, section 19.
"""

from __future__ import annotations

from graphs.blocks.conv import Conv
from graphs.spec import Spec

LENGTHS = (9, 27, 576, 2304)  # products of a sum
CHANNELS = {length: length // 9 for length in LENGTHS}
FEW = (9, 27)  # lengths at which sums of the narrow types keep the conditions, and fast algorithms meet whole images
JUDGED = ("mirrored", "signed")  # data sets whose errors are judged together
EXACT = ("wide", "single", "impulse")  # data sets on which equality is due


def many(length: int, dtype: str) -> Conv:
    """1,024 images of four windows that overlap; or, of long sums, one image of 1,024 windows side by side."""
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
TOGETHER = {"mirrored": ("float32", "float64", "float16", "bfloat16"), "signed": ("float32", "float16", "bfloat16")}
STATISTICS |= {
    name(length, data, dtype): (many(length, dtype), data)
    for data in JUDGED
    for dtype in TOGETHER[data]
    for length in (LENGTHS if dtype == "float32" else FEW)
}
