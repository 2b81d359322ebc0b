"""Pools over whole channels in torch."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from conformance.runtimes.protocol import Unsupported

MAX = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}
AVERAGE = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}


def rank_of(x: torch.Tensor) -> int:
    """The number of spatial axes; torch pools one to three."""
    rank = len(x.shape) - 2
    if not 1 <= rank <= 3:
        raise Unsupported(f"torch.nn.functional has no adaptive pool over {rank} axes")
    return rank


def global_max_pool(x: torch.Tensor, *, outputs: int) -> tuple[Any, ...]:
    """``GlobalMaxPool``: the adaptive pool of one window."""
    return (MAX[rank_of(x)](x, 1),)


def global_average_pool(x: torch.Tensor, *, outputs: int) -> tuple[Any, ...]:
    """``GlobalAveragePool``: the adaptive pool of one window."""
    return (AVERAGE[rank_of(x)](x, 1),)


def global_lp_pool(x: torch.Tensor, *, outputs: int, p: float = 2) -> tuple[Any, ...]:
    """``GlobalLpPool``, as written; torch has no adaptive one."""
    axes = tuple(range(2, x.ndim))
    return (x.abs().pow(p).sum(axes, keepdim=True).pow(1 / p),)


TABLE = {"GlobalMaxPool": global_max_pool, "GlobalAveragePool": global_average_pool, "GlobalLpPool": global_lp_pool}
