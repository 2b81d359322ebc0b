"""The rectifier and its relatives in torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from conformance.runtimes.protocol import Unsupported


def relu(x: torch.Tensor, *, outputs: int) -> tuple[Any, ...]:
    """``Relu``."""
    return (torch.relu(x),)


def leaky_relu(x: torch.Tensor, *, outputs: int, alpha: float = 0.009999999776482582) -> tuple[Any, ...]:
    """``LeakyRelu``; the default is the float32 of 0.01."""
    return (F.leaky_relu(x, alpha),)


def p_relu(x: torch.Tensor, slope: torch.Tensor, *, outputs: int) -> tuple[Any, ...]:
    """``PRelu``; torch's own knows one slope, or one a channel, and no integers."""
    is_one = slope.numel() == 1
    a_channel = x.ndim > 1 and slope.shape == (x.shape[1], *[1] * (x.ndim - 2))
    if x.is_floating_point() and (is_one or a_channel):
        return (F.prelu(x, slope.reshape(-1)),)
    slope = slope.reshape(()) if is_one else slope
    if slope.ndim > x.ndim or any(s not in (1, d) for s, d in zip(slope.shape[::-1], x.shape[::-1], strict=False)):
        raise Unsupported(f"a slope of shape {list(slope.shape)} does not broadcast to {list(x.shape)}")
    return (torch.where(x < 0, slope * x, x),)


def clip(x: torch.Tensor, min: Any = None, max: Any = None, *, outputs: int) -> tuple[Any, ...]:
    """``Clip``, bounds as numbers or as tensors; torch wants one at least."""
    if min is None and max is None:
        return (x.clone(),)
    bounds = (b if b is None or isinstance(b, torch.Tensor) else torch.tensor(b, dtype=x.dtype) for b in (min, max))
    return (torch.clamp(x, *bounds),)


def thresholded_relu(x: torch.Tensor, *, outputs: int, alpha: float = 1.0) -> tuple[Any, ...]:
    """``ThresholdedRelu``; torch.nn.functional.threshold hands a NaN on, which is not above alpha."""
    return (torch.where(x > alpha, x, torch.zeros_like(x)),)


def elu(x: torch.Tensor, *, outputs: int, alpha: float = 1.0) -> tuple[Any, ...]:
    """``Elu``."""
    return (F.elu(x, alpha),)


def selu(
    x: torch.Tensor, *, outputs: int, alpha: float = 1.6732631921768188, gamma: float = 1.0507010221481323
) -> tuple[Any, ...]:
    """``Selu``; torch's own has fixed numbers, of more digits, so that it is made of its ELU."""
    return (F.elu(x, alpha) * gamma,)


def sigmoid(x: torch.Tensor, *, outputs: int) -> tuple[Any, ...]:
    """``Sigmoid``."""
    return (torch.sigmoid(x),)


def tanh(x: torch.Tensor, *, outputs: int) -> tuple[Any, ...]:
    """``Tanh``."""
    return (torch.tanh(x),)


def hard_sigmoid(
    x: torch.Tensor, *, outputs: int, alpha: float = 0.20000000298023224, beta: float = 0.5
) -> tuple[Any, ...]:
    """``HardSigmoid``; torch's own has a fixed slope of 1/6, so that it is made of its clamp."""
    return (torch.clamp(alpha * x + beta, 0.0, 1.0),)


def hard_swish(x: torch.Tensor, *, outputs: int) -> tuple[Any, ...]:
    """``HardSwish``."""
    return (F.hardswish(x),)


# Defaults that the first version of an operator alone has.
BEFORE_6 = {"Selu": {"alpha": 1.6732000112533569, "gamma": 1.0506999492645264}}
TABLE: dict[str, Callable[..., tuple[Any, ...]]] = {
    "Relu": relu,
    "LeakyRelu": leaky_relu,
    "PRelu": p_relu,
    "Clip": clip,
    "ThresholdedRelu": thresholded_relu,
    "Elu": elu,
    "Selu": selu,
    "Sigmoid": sigmoid,
    "Tanh": tanh,
    "HardSigmoid": hard_sigmoid,
    "HardSwish": hard_swish,
}
