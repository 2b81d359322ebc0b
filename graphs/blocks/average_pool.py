"""Average pooling: ONNX ``AveragePool``, versions 1, 7, 10, 11, 19 and 22."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs import patterns
from graphs.geometry import Ints
from graphs.pooling import Pooling, pooled
from graphs.spec import Invalid, Silence
from graphs.windowed import SIZE_FIELDS


@dataclass(frozen=True, kw_only=True)
class AveragePool(Pooling):
    """The mean of each window, over the elements alone or, with count_include_pad, over the padding too."""

    count_include_pad: int | None = None

    block: ClassVar[str] = "average_pool"
    op_type: ClassVar[str] = "AveragePool"
    versions: ClassVar[Ints] = (1, 7, 10, 11, 19, 22)
    adds: ClassVar[bool] = True
    attribute_names: ClassVar[tuple[str, ...]] = (
        "auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides",
    )  # fmt: skip
    since: ClassVar[Mapping[str, int]] = {"count_include_pad": 7, "ceil_mode": 10, "dilations": 19}

    def validate(self) -> None:
        """Pooling rules, and a count_include_pad that is 0 or 1."""
        super().validate()
        if self.count_include_pad not in (None, 0, 1):
            raise Invalid(f"count_include_pad is {self.count_include_pad}, must be 0 or 1", "count_include_pad")

    @property
    def silent(self) -> Silence | None:
        """Pooling's silences, and how an overhanging window is counted."""
        name = f"{self.op_type}-{self.version}"
        window = (*SIZE_FIELDS, "ceil_mode", "count_include_pad")
        if self.count_include_pad and any(axis.overhang for axis in self.axes):
            return Silence(
                f"{name}: 'divided by the number of elements' (whether those past the padding count is not said)",
                window,
            )
        if self.version == 11 and not self.ceil and self._formulas_of_11_disagree():
            return Silence(
                f"{name}: one sentence rounds the output size of auto_pad={self.auto_pad} down, another up",
                (*SIZE_FIELDS, "opset", "ceil_mode"),
            )
        return super().silent

    def _formulas_of_11_disagree(self) -> bool:
        """Version 11 prints floor((M - w + 1)/S) for VALID and floor(M/S) for SAME_* where ceil_mode is off."""
        if self.auto_pad == "VALID":
            return any((a.size - a.kernel + 1) % a.stride for a in self.axes)
        return self.is_same and any(a.size % a.stride for a in self.axes)

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return {"y": (self.dtype, (self.batch, self.channels, *self.output_extent))}

    def tokens(self) -> list[str]:
        """Pooling parts and count_include_pad."""
        return super().tokens() + ([f"incl{self.count_include_pad}"] if self.count_include_pad is not None else [])


AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.PADS,
    "opset": (22, 19, 11, 10, 7, 6),
    **patterns.WINDOW,
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "ceil_mode": (None, 0, 1),
    "count_include_pad": (None, 0, 1),
    "channels": (1, 3, 17),
    "batch": (1, 3),
}


def build(values: dict[str, Any]) -> AveragePool:
    """The spec for one value of every axis."""
    return pooled(AveragePool, values)
