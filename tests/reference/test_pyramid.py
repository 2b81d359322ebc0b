"""The Laplacian pyramid step by step in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage

from graphs.blocks.pyramid import Pyramid
from graphs.data import operands
from reference.claim import Claim
from reference.pyramid import pyramid

ROW = np.array([1, 4, 6, 4, 1]) / 16


def smoothed(x: np.ndarray) -> np.ndarray:
    """By the binomial kernel, zeros around."""
    return np.asarray(scipy.ndimage.convolve(x, np.outer(ROW, ROW), mode="constant"))


def test_every_level_is_burt_and_adelsons() -> None:
    spec = Pyramid(smoothing="binomial", extent=(16, 24), levels=2, channels=1)
    given: dict[str, Any] = operands(spec, "small", "a case")
    found = dict(zip(spec.outputs(), pyramid(**given, claim=Claim(), **spec.meaning()), strict=True))
    image, images = given["x"][0, 0].astype(np.float64), []
    for level in range(2):
        small = smoothed(image)[::2, ::2]
        apart = np.zeros(image.shape)
        apart[::2, ::2] = small
        images.append(image - 4 * smoothed(apart))
        np.testing.assert_array_equal(found[f"d{level}"].value[0, 0], images[-1])
        image = small
    np.testing.assert_array_equal(found["g"].value[0, 0], image)
    np.testing.assert_array_equal(found["y"].value[0, 0], given["x"][0, 0])
