"""What max, average and Lp pooling share: ceil_mode, and the sentences their texts have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from onnx import NodeProto

from graphs import patterns
from graphs.geometry import Ints
from graphs.spec import Invalid, Operand, Silence, Value
from graphs.windowed import SIZE_FIELDS, Windowed

P = TypeVar("P", bound="Pooling")


@dataclass(frozen=True, kw_only=True)
class Pooling(Windowed):
    """A window over each channel by itself."""

    ceil_mode: int | None = None

    ignoring: ClassVar[float] = 22  # first version that ignores windows which start in the right padding

    def validate(self) -> None:
        """Window rules, and a ceil_mode that is 0 or 1."""
        super().validate()
        if self.ceil_mode not in (None, 0, 1):
            raise Invalid(f"ceil_mode is {self.ceil_mode}, must be 0 or 1", "ceil_mode")

    @property
    def silent(self) -> Silence | None:
        """Sentences that both texts lack or get wrong.

        Before version 12 (11) auto_pad also says 'so that the output spatial size match the input', which no
        padding achieves under a stride; the text's formula ceil(input / stride) is explicit, and practice
        follows it.
        """
        name = f"{self.op_type}-{self.version}"
        window = (*SIZE_FIELDS, "ceil_mode", "opset")
        if self.strides is None and self.version < 11:
            return Silence(
                f"{name}, strides: 'Stride along each spatial axis.' (no default stated)", ("strides", "opset")
            )
        if self.ceil and self.auto_pad == "VALID" and any(a.span % a.stride for a in self.axes):
            return Silence(
                f"{name}: 'VALID: output_spatial_shape[i] = ceil((input_spatial_shape[i] - ...' drops what is left "
                "over under ceil_mode too, ONNX's shape inference rounds up",
                window,
            )
        if self.same_is_negative:
            return Silence(
                f"{name}: 'pad_shape[i] = (output_spatial_shape[i] - 1) * strides_spatial_shape[i] + ...' is negative",
                SIZE_FIELDS,
            )
        if self.version >= self.ignoring and any(a.starts_in_right_pad(a.floor_count) for a in self.axes):
            return Silence(
                f"{name}: 'Sliding windows that would start in the right padded region are ignored.' "
                "(whether more than the one that ceil_mode adds is not said)",
                window,
            )
        if (
            self.ceil
            and self.version < self.ignoring
            and any(a.starts_in_right_pad(a.formula_count) for a in self.axes)
        ):
            return Silence(
                f"{name}: 'output_spatial_shape[i] = ceil(...)' counts a window that starts in the right padding",
                window,
            )
        return None

    def inputs(self) -> dict[str, Ints]:
        """X."""
        return {"x": (self.batch, self.channels, *self.extent)}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The window; kernel_shape is required."""
        if "kernel_shape" not in attributes:
            raise Invalid("kernel_shape is missing, the operator requires it", "kernel_shape")
        return cls.window_fields(operands[0].shape, attributes)

    def tokens(self) -> list[str]:
        """Window parts and ceil_mode."""
        return self.window_tokens() + ([f"ceil{self.ceil_mode}"] if self.ceil_mode is not None else [])


def pooled(kind: type[P], values: dict[str, Any]) -> P:
    """The spec for one value of every axis, those of the window cut to its rank; small pads stay below the kernel."""
    own = {name: value for name, value in values.items() if name not in ("pads", *patterns.WINDOW)}
    return kind(**own, **patterns.window(values, pads_below_kernel=True))
