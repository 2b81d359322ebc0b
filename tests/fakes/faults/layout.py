"""Axes in another order than ONNX has them: kernels, planes, channels, indices."""

from __future__ import annotations

import numpy as np

from tests.fakes.executor import Call, Tensor, unpooled_shape
from tests.fakes.faults.blocks import (
    COMPOSED,
    COPYING,
    FILTERS,
    SLIDING,
)
from tests.fakes.faults.changes import (
    Only,
    flip_kernel,
    of_filters,
    on_indices,
    on_y,
    reindexed,
    transpose_kernel,
)
from tests.fakes.faults.fault import INDEX, SHAPE, Fault


def within_plane(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Indices counted in each channel afresh."""
    volume = int(np.prod(call.operands[0].shape[2:]))
    return [results[0], *(at % volume for at in results[1:])]


def block_transposed(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Columns before rows within each block, as if of the transposed image."""
    b, y = call.attributes["blocksize"], results[0]
    n, c, h, w = y.shape
    if call.op == "DepthToSpace":
        return [y.reshape(n, c, h // b, b, w // b, b).transpose(0, 1, 2, 5, 4, 3).reshape(y.shape)]
    return [y.reshape(n, b, b, c // b**2, h, w).swapaxes(1, 2).reshape(y.shape)]


def channels_first(call: Call, results: list[Tensor]) -> list[Tensor]:
    """SpaceToDepth in the order of CRD."""
    b, y = call.attributes["blocksize"], results[0]
    return [y.reshape(len(y), b * b, -1, *y.shape[2:]).swapaxes(1, 2).reshape(y.shape)]


def volume_of(call: Call) -> int:
    """Elements of a channel of an un-pooling's result."""
    return int(np.prod(unpooled_shape(call)[2:]))


def column_major(at: Tensor, call: Call) -> Tensor:
    """The spatial axes in the other order, within each channel."""
    extent = unpooled_shape(call)[2:]
    plane, within = np.divmod(at, volume_of(call))
    turned = np.ravel_multi_index(np.unravel_index(within, extent[::-1])[::-1], extent)
    return np.asarray(plane * volume_of(call) + turned)


FAULTS = {
    "kernel of a filter flipped": Fault(
        ("classical_filter",),
        of_filters(flip_kernel),
        source="the operators' texts: the order of axes in X, W and Indices",
    ),
    "kernel of a filter transposed": Fault(
        ("classical_filter",),
        of_filters(transpose_kernel),
        source="the operators' texts: the order of axes in X, W and Indices",
    ),
    "kernel flipped": Fault(
        FILTERS, of_filters(flip_kernel), source="the operators' texts: the order of axes in X, W and Indices"
    ),
    "kernel transposed": Fault(
        FILTERS, of_filters(transpose_kernel), source="the operators' texts: the order of axes in X, W and Indices"
    ),
    "rows and columns of a block swapped": Fault(
        COPYING, after=block_transposed, source="the operators' texts: the order of axes in X, W and Indices"
    ),
    "channels before blocks": Fault(
        ("space_to_depth",), after=channels_first, source="the operators' texts: the order of axes in X, W and Indices"
    ),
    "all channels land in the first": Fault(
        ("max_unpool",),
        reindexed(lambda at, call: at % volume_of(call)),
        source="the operators' texts: the order of axes in X, W and Indices",
    ),
    "indices read as column major": Fault(
        ("max_unpool",), reindexed(column_major), source="the operators' texts: the order of axes in X, W and Indices"
    ),
    "indices one off": Fault(
        ("max_unpool",),
        reindexed(lambda at, call: np.maximum(at - 1, 0)),
        source="the operators' texts: the order of axes in X, W and Indices",
    ),
    "weights turned twice": Fault(
        ("conv_gradient",),
        Only("ConvTranspose", flip_kernel),
        source="the operators' texts: the order of axes in X, W and Indices",
    ),
    "dY turned": Fault(
        ("conv_gradient",),
        Only("Conv", flip_kernel),
        source="the operators' texts: the order of axes in X, W and Indices",
    ),
    "layout of channels last": Fault(
        (*SLIDING, "max_unpool", *COMPOSED),
        after=on_y(lambda y: np.moveaxis(y, 1, -1)),
        message=SHAPE,
        source="the operators' texts: the order of axes in X, W and Indices",
    ),
    "indices within each plane": Fault(
        ("max_pool",),
        after=within_plane,
        message=INDEX,
        source="the operators' texts: the order of axes in X, W and Indices",
    ),
    "indices off by one": Fault(
        ("max_pool", "pad_max_pool"),
        after=on_indices(lambda at: at + 1),
        message=INDEX,
        source="the operators' texts: the order of axes in X, W and Indices",
    ),
}
