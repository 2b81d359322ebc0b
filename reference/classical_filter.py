"""Classical filters: Sobel, Prewitt, binomial, Laplacian and Haar kernels on every channel, the size kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.ball import Ball
from reference.claim import Claim
from reference.conv import conv

Array = NDArray[Any]


def gradient(weight: int) -> list[Array]:
    """Central differences along the width and the height, the middle row or column ``weight`` times."""
    across = np.array([[-1, 0, 1], [-weight, 0, weight], [-1, 0, 1]])
    return [across, across.T]


def binomial(order: int) -> list[Array]:
    """Pascal's triangle in two dimensions, summing to 1: the Gaussian that integers can say."""
    row = np.array([1.0])
    for _ in range(order):
        row = np.convolve(row, [0.5, 0.5])
    return [row[:, None] * row]


def laplacian(diagonal: int) -> list[Array]:
    """The sum of the neighbours less as many times the pixel; the diagonal ones count ``diagonal`` times."""
    kernel = np.array([[diagonal, 1, diagonal], [1, 0, 1], [diagonal, 1, diagonal]])
    kernel[1, 1] = -kernel.sum()
    return [kernel]


def haar() -> list[Array]:
    """Means and differences of 2x2 pixels, orthonormal: LL, LH (along the width), HL, HH (Haar 1910)."""
    low, high = np.array([0.5, 0.5]), np.array([0.5, -0.5])
    return [2 * np.multiply.outer(rows, columns) for rows in (low, high) for columns in (low, high)]


FILTERS = {
    "sobel": gradient(2),
    "prewitt": gradient(1),
    "gaussian-3": binomial(2),
    "gaussian-5": binomial(4),
    "laplacian-4": laplacian(0),
    "laplacian-8": laplacian(1),
    "haar": haar(),
}
NUMPY_MODES = {"zero": "constant", "zero by Pad": "constant", "edge": "edge", "reflect": "reflect"}


def classical_filter(x: Array, w: Array, *, claim: Claim, filter: str, border: str) -> tuple[Ball, ...]:
    """Each of the ``filter``'s kernels correlated with each channel; x is (N, C, H, W), y (N, C kernels, H, W).

    The kernels are made here; ``w``, the graph's own, is not read.  Borders are filled before the
    filter, so that a sum is over all taps.
    """
    kernels = np.stack(FILTERS[filter])[:, None].astype(x.dtype)
    sides = [((k - 1) // 2, k - 1 - (k - 1) // 2) for k in kernels.shape[2:]]
    full = np.pad(x, [(0, 0), (0, 0), *sides], mode=NUMPY_MODES[border])  # type: ignore[call-overload]  # mode is text
    return conv(full, np.tile(kernels, (x.shape[1], 1, 1, 1)), claim=claim, group=x.shape[1])
