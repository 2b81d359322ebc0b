"""Derivatives by torch's autograd, for a grid of windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

Ints = tuple[int, ...]
KERNELS: tuple[Ints, ...] = ((3,), (2,), (3, 2), (1, 1), (2, 2), (2, 3, 2))


def windows() -> Iterator[tuple[Ints, dict[str, Any]]]:
    """Extents, and a window in ONNX's attributes, its padding symmetric and at most half of the kernel, as torch's."""
    for kernel, stride, dilation, padding in product(KERNELS, (1, 2, 4), (1, 2), (0, 1)):
        if all(2 * padding <= k for k in kernel):
            rank = len(kernel)
            reach = [dilation * (k - 1) + 1 for k in kernel]
            yield tuple(r + more for r, more in zip(reach, (4, 3, 1), strict=False)), {
                "kernel_shape": kernel, "strides": (stride,) * rank, "dilations": (dilation,) * rank,
                "pads": (padding,) * 2 * rank,
            }  # fmt: skip


WINDOWS = list(windows())


def whole(shape: Ints, reach: int, dtype: str, seed: int) -> NDArray[Any]:
    """Whole numbers in -reach..reach."""
    return np.random.default_rng(seed).integers(-reach, reach + 1, shape).astype(dtype)


def fractions(shape: Ints, dtype: str, seed: int) -> NDArray[Any]:
    """Numbers in -1..1, no two alike, whose sums round."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(dtype)


def derivatives(
    function: Callable[..., Any], operands: list[NDArray[Any]], dy: Callable[[Ints], NDArray[Any]]
) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """What arrives, drawn for the result's shape, and torch's derivative by each operand."""
    leaves = [torch.tensor(a, requires_grad=True) for a in operands]
    y = function(*leaves)
    arrives = dy(tuple(y.shape))
    found = torch.autograd.grad(y, leaves, torch.tensor(arrives))
    return arrives, [g.numpy() for g in found]
