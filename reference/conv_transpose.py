"""Transposed convolution with its bound: ONNX ``ConvTranspose``, any number of spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball, Floats
from reference.claim import Claim
from reference.conv import conv

NON_FINITE = "ConvTranspose: a non-finite weight that meets no input element may count as 0 times it, or not at all"
Ints = Sequence[int]


def places(
    size: int, reach: int, stride: int, extra: int, begin: int, end: int, auto_pad: str, wanted: int | None
) -> tuple[NDArray[np.int64], int]:
    """Where along one axis the input elements stand in what a flipped kernel of ``reach`` slides over, and its extent.

    ``wanted`` is the entry of output_shape: it and SAME_* set the pads, the odd pixel at the end for UPPER.
    """
    full = stride * (size - 1) + extra + reach
    if wanted is not None or auto_pad.startswith("SAME"):
        total = full - (size * stride if wanted is None else wanted)
        end = (total + 1) // 2 if auto_pad == "SAME_UPPER" else total // 2
        begin = total - end
    return stride * np.arange(size) + reach - 1 - begin, full - begin - end + reach - 1


def apart(
    x: NDArray[Any],
    kernel_shape: Ints,
    *,
    strides: Ints | None = None,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    output_padding: Ints | None = None,
    output_shape: Ints | None = None,
    auto_pad: str = "NOTSET",
) -> tuple[NDArray[Any], Floats]:
    """X with its elements S apart, as the flipped kernel is to slide over it, and 1 wherever there is none of them."""
    rank = x.ndim - 2
    pads, strides, dilations = pads or [0] * 2 * rank, strides or [1] * rank, dilations or [1] * rank
    reach = [(k - 1) * d + 1 for k, d in zip(kernel_shape, dilations, strict=True)]
    layout = map(
        places, x.shape[2:], reach, strides, output_padding or [0] * rank, pads[:rank], pads[rank:],
        repeat(auto_pad), output_shape or repeat(None),
    )  # fmt: skip
    spots, extents = zip(*layout, strict=True)
    kept = [np.flatnonzero((spot >= 0) & (spot < extent)) for spot, extent in zip(spots, extents, strict=True)]
    spread = np.zeros((*x.shape[:2], *extents), x.dtype)
    empty = np.ones(spread.shape)
    at: tuple[Any, ...] = (..., *np.ix_(*(spot[k] for spot, k in zip(spots, kept, strict=True))))
    of: tuple[Any, ...] = (..., *np.ix_(*kept))
    spread[at] = x[of]
    empty[at] = 0
    return spread, empty


def turned(w: NDArray[Any], group: int) -> NDArray[Any]:
    """W (C, M/group, k...) flipped along its spatial axes, as the filters (M, C/group, k...) of a convolution."""
    flipped = np.flip(w, tuple(range(2, w.ndim))).reshape(group, -1, *w.shape[1:]).swapaxes(1, 2)
    return flipped.reshape(-1, *flipped.shape[2:])


def is_dense(strides: Ints | None) -> bool:
    """Whether no zeros come between the elements of X."""
    return all(stride == 1 for stride in strides or ())


def conv_transpose(
    x: NDArray[Any],
    w: NDArray[Any],
    b: NDArray[Any] | None = None,
    *,
    claim: Claim,
    group: int = 1,
    kernel_shape: Ints | None = None,
    dilations: Ints | None = None,
    **window: Any,
) -> tuple[Ball, ...]:
    """``Y[n,m,i*S+k*d-p] = sum x[n,c,i] w[c,m,k] + b[m]`` over the channels c of m's group and what lands there.

    x is (N, C, D...), w (C, M/group, k...), b (M), Y (N, M, O...); attributes as in ConvTranspose-11 and
    22, with which 1 agrees wherever it decides.  Computed as a convolution of x, its elements S apart, with
    w flipped; the zeros between them count among the terms of the bound, which makes it wider than it
    need be, never too narrow.  The claim's fast algorithms are admitted where all strides are 1.
    Raises OverflowError if a partial sum might overflow x's type.
    """
    claim = claim if is_dense(window.get("strides")) else claim.directly()
    spread, empty = apart(x, w.shape[2:], dilations=dilations, **window)
    filters = turned(w, group)
    (ball,) = conv(spread, filters, b, claim=claim, group=group, dilations=dilations)
    if np.isfinite(w).all():
        return (ball,)
    (met,) = conv(empty, 1.0 - np.isfinite(filters), claim=Claim(), group=group, dilations=dilations)
    is_open = met.value > 0
    if ball.undecided is not None:
        is_open |= ball.undecided
    return (replace(ball, undecided=is_open, sentence=NON_FINITE),)
