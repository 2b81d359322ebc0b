"""Global average pooling: ONNX ``GlobalAveragePool``, versions 1 and 22."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from graphs import global_pooling
from graphs.geometry import Ints
from graphs.global_pooling import GlobalPooling


@dataclass(frozen=True, kw_only=True)
class GlobalAveragePool(GlobalPooling):
    """The mean of each channel."""

    block: ClassVar[str] = "global_average_pool"
    op_type: ClassVar[str] = "GlobalAveragePool"
    versions: ClassVar[Ints] = (1, 22)
    adds: ClassVar[bool] = True


AXES = global_pooling.AXES
build = partial(global_pooling.build, GlobalAveragePool)
