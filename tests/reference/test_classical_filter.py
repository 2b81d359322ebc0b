"""Classical filters against SciPy's, and by what defines them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.ndimage
from numpy.typing import NDArray

from reference.claim import Claim
from reference.classical_filter import FILTERS, classical_filter

MODES = {"zero": "constant", "zero by Pad": "constant", "edge": "nearest", "reflect": "mirror"}
X = np.random.default_rng(3).integers(-99, 99, (2, 3, 9, 8)).astype(np.float32)


def filtered(name: str, border: str = "zero", x: NDArray[Any] = X) -> NDArray[Any]:
    """Values by kernel: (N, C, kernels, H, W)."""
    w = np.full((1,), np.nan, np.float32)  # which the reference must not read
    (ball,) = classical_filter(x, w, claim=Claim(), filter=name, border=border)
    return ball.value.reshape(*x.shape[:2], -1, *x.shape[2:])


@pytest.mark.parametrize("border", MODES)
@pytest.mark.parametrize("name", ["sobel", "prewitt", "laplacian-4"])
def test_derivatives_are_scipys(name: str, border: str) -> None:
    functions = {"sobel": scipy.ndimage.sobel, "prewitt": scipy.ndimage.prewitt}
    for n, c in np.ndindex(*X.shape[:2]):
        image = X[n, c].astype(np.float64)
        found = filtered(name, border)[n, c]
        if name == "laplacian-4":
            np.testing.assert_array_equal(found[0], scipy.ndimage.laplace(image, mode=MODES[border]))
        else:
            for k, axis in enumerate((-1, -2)):
                np.testing.assert_array_equal(found[k], functions[name](image, axis, mode=MODES[border]))


@pytest.mark.parametrize("border", MODES)
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_is_a_correlation(name: str, border: str) -> None:
    """The origin of an even kernel is its first pixel, so that the odd pixel of the border is at the end."""
    image = X[1, 2].astype(np.float64)
    for k, kernel in enumerate(FILTERS[name]):
        origin = [-1 if size % 2 == 0 else 0 for size in kernel.shape]
        due = scipy.ndimage.correlate(image, kernel, mode=MODES[border], origin=origin)
        np.testing.assert_array_equal(filtered(name, border)[1, 2, k], due)


def test_smoothing_keeps_the_mean_and_derivatives_have_none() -> None:
    assert [FILTERS[name][0].sum() for name in ("gaussian-3", "gaussian-5")] == [1, 1]
    for name in ("sobel", "prewitt", "laplacian-4", "laplacian-8"):
        assert all(kernel.sum() == 0 for kernel in FILTERS[name])


def test_the_binomial_kernel_is_scipys_gaussian_within_a_hundredth() -> None:
    """Variance 1 in each direction for five taps."""
    row = np.zeros(5)
    row[2] = 1
    gaussian = scipy.ndimage.gaussian_filter1d(row, 1.0, mode="constant", radius=2)
    assert np.abs(FILTERS["gaussian-5"][0] - np.outer(gaussian, gaussian)).max() < 0.025


def test_a_haar_step_is_orthonormal() -> None:
    """Energy stays, and the four images give the first one back, on blocks of 2x2 pixels."""
    bands = filtered("haar")[:, :, :, 0:8:2, 0:8:2]
    assert np.square(bands).sum() == np.square(X[:, :, :8].astype(np.float64)).sum()
    basis = np.stack(FILTERS["haar"])
    again = np.einsum("nckhw,kij->nchiwj", bands, basis).reshape(2, 3, 8, 8)
    np.testing.assert_array_equal(again, X[:, :, :8])
