"""Global Lp pooling: ONNX ``GlobalLpPool``, versions 1, 2 and 22."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from graphs import global_pooling
from graphs.geometry import Ints
from graphs.global_pooling import GlobalPooling
from graphs.norm import Norm
from graphs.spec import Silence


@dataclass(frozen=True, kw_only=True)
class GlobalLpPool(Norm, GlobalPooling):
    """The Lp norm of each channel."""

    block: ClassVar[str] = "global_lp_pool"
    op_type: ClassVar[str] = "GlobalLpPool"
    versions: ClassVar[Ints] = (1, 2, 22)
    adds: ClassVar[bool] = True
    attribute_names: ClassVar[tuple[str, ...]] = ("p",)

    @property
    def silent(self) -> Silence | None:
        """The first version knows images alone."""
        if self.version == 1 and len(self.extent) != 2:
            return Silence("GlobalLpPool-1: 'Dimensions will be N x C x 1 x 1' (of any rank?)", ("extent", "opset"))
        return None


AXES: dict[str, tuple[Any, ...]] = global_pooling.AXES | {"opset": (22, 7, 1), "p": (1, 2, 3, None, 1.5)}
build = partial(global_pooling.build, GlobalLpPool)
