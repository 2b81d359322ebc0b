"""What networks need besides windows and activations, in torch: fully connected layers and normalisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from conformance.runtimes.protocol import Unsupported


def gemm(
    a: torch.Tensor, b: torch.Tensor, c: torch.Tensor | None = None, *, outputs: int, alpha: float = 1.0,
    beta: float = 1.0, transA: int = 0, transB: int = 0
) -> tuple[Any, ...]:  # fmt: skip
    """``Gemm``; a row added to a plain product goes through torch's own linear layer."""
    left, right = a.T if transA else a, b.T if transB else b
    if c is None:
        return (alpha * (left @ right),)
    if alpha == beta == 1.0 and c.ndim == 1:
        return (F.linear(left, right.T, c),)
    return (torch.addmm(c, left, right, beta=beta, alpha=alpha),)


def flatten(x: torch.Tensor, *, outputs: int, axis: int = 1) -> tuple[Any, ...]:
    """``Flatten`` to two axes."""
    lead = 1
    for extent in x.shape[:axis]:
        lead *= extent
    return (x.reshape(lead, -1),)


def softmax(x: torch.Tensor, *, outputs: int, axis: int = -1) -> tuple[Any, ...]:
    """``Softmax`` as from version 13 on, over one axis."""
    return (F.softmax(x, axis),)


def batch_normalization(
    x: torch.Tensor, scale: torch.Tensor, b: torch.Tensor, mean: torch.Tensor, var: torch.Tensor, *, outputs: int,
    epsilon: float = 9.999999747378752e-06, momentum: float = 0.9, training_mode: int = 0
) -> tuple[Any, ...]:  # fmt: skip
    """``BatchNormalization`` at inference."""
    if training_mode or outputs > 1:
        raise Unsupported("this adapter has BatchNormalization at inference only")
    return (F.batch_norm(x, mean, var, scale, b, eps=epsilon),)


def lrn(
    x: torch.Tensor, *, outputs: int, size: int, alpha: float = 9.999999747378752e-05, beta: float = 0.75,
    bias: float = 1.0
) -> tuple[Any, ...]:  # fmt: skip
    """``LRN`` over an odd number of channels, where torch's window has the same middle."""
    if size % 2 == 0:
        raise Unsupported("torch places the window of an even size otherwise")
    return (F.local_response_norm(x, size, alpha, beta, bias),)


TABLE: dict[str, Callable[..., tuple[Any, ...]]] = {
    "Gemm": gemm,
    "Flatten": flatten,
    "Softmax": softmax,
    "BatchNormalization": batch_normalization,
    "LRN": lrn,
}
