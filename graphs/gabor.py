"""Kernels like those of a trained first layer: gratings under a Gaussian, and blobs of two colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COLOURS = ((1, 1, 1), (1, -1, 0), (0, 1, -1), (-1, 0, 1))  # grey first; the others are opponent
GRID = 2.0**12  # whatever a cosine's last bit is on this machine, the kernel is the same


def gabor(filters: int, size: int) -> NDArray[np.float64]:
    """(filters, 3, size, size) in -1..1 on a grid of 2^-12.

    Half of the filters are grey gratings cos(2 pi f (x cos t + y sin t) + p) exp(-(x^2 + y^2) / 2 s^2) (Daugman
    1985) of eight directions t, the others the same in two colours, of low frequency.
    """
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    found = []
    for k in range(filters):
        is_grey = k < filters // 2
        angle = np.pi * (k % 8) / 8
        frequency = (0.1 + 0.05 * (k // 8 % 4)) if is_grey else 0.03 + 0.03 * (k // 8 % 2)
        wave = np.cos(2 * np.pi * frequency * (x * np.cos(angle) + y * np.sin(angle)) + np.pi / 2 * (k // 32 % 2))
        kernel = wave * np.exp(-(x**2 + y**2) / (2 * (size / 4) ** 2))
        colour = COLOURS[0] if is_grey else COLOURS[1 + (k - filters // 2) // 16 % 3]
        found.append(np.multiply.outer(colour, kernel))
    return np.asarray(np.rint(np.stack(found) * GRID) / GRID)
