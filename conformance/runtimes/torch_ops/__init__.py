"""ONNX operators as torch functions: ``function(*tensors, outputs=n, **attributes) -> tuple of tensors``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.runtimes.torch_ops import (
    activation,
    conv,
    conv_transpose,
    global_pool,
    network,
    pad,
    pool,
    quantised_conv,
    quantize,
    rearrange,
    resize,
    tensor,
    unpool,
)

BEFORE_6 = activation.BEFORE_6
OPERATORS: dict[str, Callable[..., tuple[Any, ...]]] = {
    **activation.TABLE,
    **conv.TABLE,
    **pool.TABLE,
    **global_pool.TABLE,
    **pad.TABLE,
    **conv_transpose.TABLE,
    **rearrange.TABLE,
    **tensor.TABLE,
    **unpool.TABLE,
    **network.TABLE,
    **resize.TABLE,
    **quantised_conv.TABLE,
    **quantize.TABLE,
}
