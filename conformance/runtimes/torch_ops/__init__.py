"""ONNX operators as torch functions: ``function(*tensors, outputs=n, **attributes) -> tuple of tensors``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.runtimes.torch_ops import activation, conv, global_pool, pool

OPERATORS: dict[str, Callable[..., tuple[Any, ...]]] = {
    **activation.TABLE,
    **conv.TABLE,
    **pool.TABLE,
    **global_pool.TABLE,
}
