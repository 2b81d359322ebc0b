"""Operators that composites are made of in torch: arithmetic of one step, and what cuts, joins and rearranges."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import torch

from conformance.runtimes.protocol import Unsupported


def elementwise(function: Callable[..., torch.Tensor]) -> Callable[..., tuple[Any, ...]]:
    """An operator of tensors that broadcast, without attributes; of any number of them where torch takes two."""

    def operator(*tensors: torch.Tensor, outputs: int) -> tuple[Any, ...]:
        return (reduce(function, tensors) if len(tensors) > 1 else function(tensors[0]),)

    return operator


def where(condition: torch.Tensor, x: torch.Tensor, y: torch.Tensor, *, outputs: int) -> tuple[Any, ...]:
    """``Where``."""
    return (torch.where(condition, x, y),)


def sum_of(*tensors: torch.Tensor, outputs: int) -> tuple[Any, ...]:
    """``Sum``, of one tensor too."""
    return (reduce(torch.add, tensors[1:], tensors[0].clone()),)


def slice_of(
    x: torch.Tensor,
    starts: torch.Tensor,
    ends: torch.Tensor,
    axes: torch.Tensor | None = None,
    steps: torch.Tensor | None = None,
    *,
    outputs: int,
) -> tuple[Any, ...]:
    """``Slice``; torch steps forward only."""
    named = axes.tolist() if axes is not None else list(range(len(starts)))
    strides = steps.tolist() if steps is not None else [1] * len(named)
    if min(strides, default=1) < 1:
        raise Unsupported(f"torch slices by positive steps, not {strides}")
    index: list[slice] = [slice(None)] * x.ndim
    for axis, start, end, step in zip(named, starts.tolist(), ends.tolist(), strides, strict=True):
        index[axis] = slice(start, end, step)
    return (x[tuple(index)],)


def gather(x: torch.Tensor, indices: torch.Tensor, *, outputs: int, axis: int = 0) -> tuple[Any, ...]:
    """``Gather``, indices of any rank."""
    axis %= x.ndim
    flat = torch.index_select(x, axis, indices.reshape(-1))
    return (flat.reshape(*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]),)


def concat(*tensors: torch.Tensor, outputs: int, axis: int) -> tuple[Any, ...]:
    """``Concat``."""
    return (torch.cat(tensors, axis),)


def reshape(x: torch.Tensor, shape: torch.Tensor, *, outputs: int, allowzero: int = 0) -> tuple[Any, ...]:
    """``Reshape``; a 0 copies the extent of x."""
    found = [x.shape[i] if s == 0 and not allowzero else s for i, s in enumerate(shape.tolist())]
    return (x.reshape(found),)


def transpose(x: torch.Tensor, *, outputs: int, perm: Any = None) -> tuple[Any, ...]:
    """``Transpose``."""
    return (x.permute(*(perm if perm is not None else range(x.ndim)[::-1])).contiguous(),)


def top_k(
    x: torch.Tensor, k: torch.Tensor, *, outputs: int, axis: int = -1, largest: int = 1, sorted: int = 1
) -> tuple[Any, ...]:
    """``TopK`` by a stable sort, which puts the lower index first among equals; torch.topk promises nothing there."""
    values, at = torch.sort(x, dim=axis, descending=bool(largest), stable=True)
    return tuple(found.narrow(axis, 0, int(k)).contiguous() for found in (values, at))


def scatter_elements(
    x: torch.Tensor,
    indices: torch.Tensor,
    updates: torch.Tensor,
    *,
    outputs: int,
    axis: int = 0,
    reduction: bytes = b"none",
) -> tuple[Any, ...]:
    """``ScatterElements``, replacing or adding; torch's index has no negative entries."""
    at = torch.where(indices < 0, indices + x.shape[axis], indices)
    if reduction == b"none":
        return (x.scatter(axis, at, updates),)
    if reduction != b"add":
        raise Unsupported(f"this adapter scatters by none and add, not by {reduction.decode()}")
    return (x.scatter_add(axis, at, updates),)


def reduce_sum(
    x: torch.Tensor,
    axes: Any = None,
    *,
    outputs: int,
    keepdims: int = 1,
    noop_with_empty_axes: int = 0,
) -> tuple[Any, ...]:
    """``ReduceSum``, whose axes are an attribute before version 13 and an input from then on."""
    named = [int(axis) for axis in ([] if axes is None else axes)]
    if not named and noop_with_empty_axes:
        return (x.clone(),)
    return (x.sum(named or list(range(x.ndim)), keepdim=bool(keepdims)),)


TABLE: dict[str, Callable[..., tuple[Any, ...]]] = {
    "Neg": elementwise(torch.neg),
    "Add": elementwise(torch.add),
    "Sub": elementwise(torch.sub),
    "Mul": elementwise(torch.mul),
    "Div": elementwise(torch.div),
    "Greater": elementwise(torch.gt),
    "Sum": sum_of,
    "Where": where,
    "Slice": slice_of,
    "Gather": gather,
    "Concat": concat,
    "Reshape": reshape,
    "Transpose": transpose,
    "TopK": top_k,
    "ScatterElements": scatter_elements,
    "ReduceSum": reduce_sum,
}
