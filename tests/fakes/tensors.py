"""What composites are made of besides the operators under test, in NumPy: steps of arithmetic, cutting and joining."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.fakes.executor import Arithmetic, Call, Tensor


def of_operands(function: Callable[..., Any]) -> Callable[[Call, Arithmetic], list[Tensor]]:
    """An operator without attributes."""
    return lambda call, how: [np.asarray(function(*call.operands))]


def slice_of(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Slice`` by positive steps."""
    x, starts, ends, axes, steps = call.operands
    index = [slice(None)] * x.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        index[axis] = slice(start, end, step)
    return [x[tuple(index)]]


def gather(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Gather``."""
    x, indices = call.operands
    return [np.asarray(np.take(x, indices, axis=call.attributes.get("axis", 0)))]


def top_k(call: Call, how: Arithmetic) -> list[Tensor]:
    """``TopK`` along the last axis, the largest first and the lower index first among equals."""
    x, (k,) = call.operands
    at = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    return [np.take_along_axis(x, at, -1), at]


def sum_of(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Sum``, in the order and type of the arithmetic."""
    terms = np.stack(np.broadcast_arrays(*call.operands), axis=-1)
    return [how.dot(terms, np.ones((terms.shape[-1], 1), terms.dtype))[..., 0].astype(terms.dtype)]


def div(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Div``, also by a reciprocal."""
    x, divisor = np.broadcast_arrays(*call.operands)
    return [how.mean(x[..., None], divisor).astype(x.dtype)]


def scatter_elements(call: Call, how: Arithmetic) -> list[Tensor]:
    """``ScatterElements`` along the only axis: replacing, or adding each place's terms, laid in a row."""
    x, at, updates = call.operands
    if call.memory.get("reduction", call.attributes["reduction"]) == "none":
        found = x.copy()
        found[at] = updates
        return [found]
    order = np.argsort(at, kind="stable")
    place, count = at[order], np.bincount(at, minlength=len(x))
    rank = np.arange(len(at)) - (np.cumsum(count) - count)[place]
    terms = np.zeros((len(x), int(count.max()) + 1), x.dtype)
    terms[:, 0] = x
    terms[place, rank + 1] = updates[order]
    return [np.asarray(how.dot(terms, np.ones((terms.shape[1], 1), x.dtype))[:, 0].astype(x.dtype))]


def reduce_sum(call: Call, how: Arithmetic) -> list[Tensor]:
    """``ReduceSum`` whose axes, an input or an attribute, vanish."""
    x, *axes = call.operands
    gone = tuple(axes[0] if axes else call.attributes["axes"])
    kept = [axis for axis in range(x.ndim) if axis not in gone]
    rows = x.transpose(*kept, *gone).reshape(*(x.shape[axis] for axis in kept), 1, -1)
    return [np.asarray(how.dot(rows, np.ones((rows.shape[-1], 1), x.dtype))[..., 0, 0].astype(x.dtype))]


def gemm(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Gemm`` with W transposed, the bias as one more product."""
    x, w, b = call.operands
    rows = np.concatenate([x, np.ones_like(x[:, :1])], axis=1)
    return [how.dot(rows, np.concatenate([w.T, b[None]])).astype(x.dtype)]


def batch_normalization(call: Call, how: Arithmetic) -> list[Tensor]:
    """``BatchNormalization`` at inference, one operation after the other."""
    x, *numbers = call.operands
    scale, b, mean, var = (a.reshape(-1, *[1] * (x.ndim - 2)) for a in numbers)
    factor = scale / np.sqrt(var + x.dtype.type(call.attributes.get("epsilon", np.float32(1e-5))))
    return [(x - mean) * factor + b]


def lrn(call: Call, how: Arithmetic) -> list[Tensor]:
    """``LRN``, each channel's window summed by itself."""
    x, size = call.operands[0], call.attributes["size"]
    dtype = x.dtype.type
    alpha, beta, bias = (
        dtype(call.attributes.get(k, v)) for k, v in (("alpha", np.float32(1e-4)), ("beta", 0.75), ("bias", 1.0))
    )
    squares, n = x * x, x.shape[1]
    windows = [squares[:, max(0, c - (size - 1) // 2) : c + size // 2 + 1] for c in range(n)]
    terms = [np.moveaxis(window, 1, -1) for window in windows]
    sums = np.stack([how.dot(t, np.ones((t.shape[-1], 1), x.dtype))[..., 0] for t in terms], axis=1).astype(x.dtype)
    return [x / (bias + alpha / dtype(size) * sums) ** beta]


def softmax(call: Call, how: Arithmetic) -> list[Tensor]:
    """``Softmax`` over the last axis, less the largest."""
    x = call.operands[0]
    terms = np.exp(x - x.max(axis=-1, keepdims=True))
    return [(terms / how.dot(terms, np.ones((x.shape[-1], 1), x.dtype))).astype(x.dtype)]


OPERATORS: dict[str, Callable[[Call, Arithmetic], list[Tensor]]] = {
    "Neg": of_operands(np.negative),
    "Add": of_operands(np.add),
    "Sub": of_operands(np.subtract),
    "Mul": of_operands(np.multiply),
    "Div": div,
    "Greater": of_operands(np.greater),
    "Where": of_operands(np.where),
    "Sum": sum_of,
    "Reshape": of_operands(lambda x, shape: x.reshape(shape)),
    "Flatten": of_operands(lambda x: x.reshape(len(x), -1)),
    "Gemm": gemm,
    "BatchNormalization": batch_normalization,
    "LRN": lrn,
    "Softmax": softmax,
    "Slice": slice_of,
    "TopK": top_k,
    "Gather": gather,
    "ScatterElements": scatter_elements,
    "ReduceSum": reduce_sum,
    "Concat": lambda call, how: [np.concatenate(call.operands, axis=call.attributes["axis"])],
    "Transpose": lambda call, how: [call.operands[0].transpose(call.attributes["perm"])],
}
