"""Channels to pixels and back in torch, by reshaping and permuting; ``pixel_shuffle`` is the mode CRD."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F


def depth_to_space(x: torch.Tensor, *, outputs: int, blocksize: int, mode: bytes = b"DCR") -> tuple[Any, ...]:
    """``DepthToSpace``."""
    if mode == b"CRD":
        return (F.pixel_shuffle(x, blocksize),)
    n, c, h, w = x.shape
    apart = x.reshape(n, blocksize, blocksize, c // blocksize**2, h, w)
    return (apart.permute(0, 3, 4, 1, 5, 2).reshape(n, -1, h * blocksize, w * blocksize),)


def space_to_depth(x: torch.Tensor, *, outputs: int, blocksize: int) -> tuple[Any, ...]:
    """``SpaceToDepth``: the order of the mode DCR."""
    n, c, h, w = x.shape
    apart = x.reshape(n, c, h // blocksize, blocksize, w // blocksize, blocksize)
    return (apart.permute(0, 3, 5, 1, 2, 4).reshape(n, -1, h // blocksize, w // blocksize),)


TABLE = {"DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth}
