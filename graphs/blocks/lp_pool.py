"""Lp pooling: ONNX ``LpPool``, versions 1, 2, 11, 18 and 22."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

from graphs import patterns
from graphs.geometry import Axis, Ints, same_total
from graphs.norm import Norm
from graphs.pooling import Pooling, pooled
from graphs.spec import Silence
from graphs.windowed import SIZE_FIELDS


@dataclass(frozen=True, kw_only=True)
class LpPool(Norm, Pooling):
    """The Lp norm of each window.

    Its texts do not say whether padding counts; zeros and nothing have one norm, so that need not be known.
    """

    block: ClassVar[str] = "lp_pool"
    op_type: ClassVar[str] = "LpPool"
    versions: ClassVar[Ints] = (1, 2, 11, 18, 22)
    adds: ClassVar[bool] = True
    attribute_names: ClassVar[tuple[str, ...]] = (
        "auto_pad", "ceil_mode", "dilations", "kernel_shape", "p", "pads", "strides",
    )  # fmt: skip
    since: ClassVar[Mapping[str, int]] = {"ceil_mode": 18, "dilations": 18}
    ignoring: ClassVar[float] = inf

    @property
    def silent(self) -> Silence | None:
        """Pooling's silences, what the old texts lack, and a dilated kernel under auto_pad."""
        name = f"{self.op_type}-{self.version}"
        spatial = "" if self.version == 1 else "spatial "
        if self.version < 11 and self.strides is None:
            return Silence(
                f"{name}, strides: 'Stride along each {spatial}axis.' (no default stated)", ("strides", "opset")
            )
        if self.version == 1 and self.pads is None and self.auto_pad in (None, "NOTSET"):
            return Silence(
                f"{name}, pads: 'Padding for the beginning and ending along each axis' (no default stated)",
                ("pads", "auto_pad", "opset"),
            )
        if self.version < 11 and self.is_same and max(self.strides or (1,)) > 1:
            return Silence(
                f"{name}, auto_pad: 'pad the input so that the output {spatial}size match the input' (under a stride?)",
                ("auto_pad", "strides", "kernel_shape", "opset"),
            )
        if self.version < 18 and self.same_is_negative:
            return Silence(
                f"{name}, auto_pad: 'pad the input so that `output_shape[i] = ceil(input_shape[i] / strides[i])`' "
                "would take negative padding",
                (*SIZE_FIELDS, "opset"),
            )
        if self._dilation_decides or (self.is_same and self._undilated_is_negative()):
            return Silence(
                f"{name}: '{'pad_shape' if self.is_same else 'VALID: output_spatial_shape'}[i] = ...' with "
                "'{kernelSpatialShape}' never filled in (whether dilated is not said)",
                (*SIZE_FIELDS, "ceil_mode"),
            )
        if any(a.ceil and a.starts_in_right_pad(a.formula_count) for a in self.axes):
            return Silence(
                f"{name}: 'output_spatial_shape[i] = ceil(...)' counts a window that starts in the right padding, "
                "ONNX's shape inference does not",
                (*SIZE_FIELDS, "ceil_mode", "opset"),
            )
        return super().silent

    @property
    def _dilation_decides(self) -> bool:
        """Whether auto_pad worked out for the kernel without its dilation would lay the windows otherwise."""
        return any(self._needs_dilation(a, taps) for a, taps in zip(self.axes, self.kernel_shape, strict=True))

    def _needs_dilation(self, axis: Axis, taps: int) -> bool:
        """Under VALID another number of windows, under SAME_* other pads, and so another first window or number."""
        if self.auto_pad == "VALID":
            return Axis(axis.size, taps, axis.stride).count != axis.count
        if not self.is_same:
            return False
        total = same_total(axis.size, taps, axis.stride)  # may be negative; runtimes round it and the span towards 0
        span = axis.size + total - axis.kernel
        begin = int((total + (self.auto_pad == "SAME_LOWER")) / 2)
        count = (-(-span // axis.stride) if self.ceil else int(span / axis.stride)) + 1
        return (begin, count) != (axis.begin, axis.count)

    def _undilated_is_negative(self) -> bool:
        """Whether the SAME_* padding formula without dilation comes out below zero on some axis."""
        return any(same_total(a.size, k, a.stride) < 0 for a, k in zip(self.axes, self.kernel_shape, strict=True))

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return {"y": (self.dtype, (self.batch, self.channels, *self.output_extent))}


AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.PADS,
    "opset": (22, 18, 11, 7, 1),
    **patterns.WINDOW,
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "ceil_mode": (None, 0, 1),
    "p": (1, 2, 3, None, 1.5),
    "channels": (1, 3),
    "batch": (1, 3),
}


def build(values: dict[str, Any]) -> LpPool:
    """The spec for one value of every axis."""
    return pooled(LpPool, values)
