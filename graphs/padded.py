"""The part of Pad's spec that says what is added where: amounts along axes, and which of them the text allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from graphs.amounts import Side
from graphs.geometry import Ints
from graphs.numbers import holds
from graphs.spec import Invalid, Spec

MODES = (None, "constant", "reflect", "edge", "wrap")
OPERANDS_SINCE = 11  # the version that has amounts and constant as inputs
AMOUNTS = ("pads", "shape", "axes")  # what the amounts along each axis follow from


@dataclass(frozen=True, kw_only=True)
class PadAmounts(Spec):
    """A tensor of any shape, two amounts for each axis or for some, a mode and a constant."""

    shape: Ints
    pads: Ints  # all begins, then all ends, of ``axes``
    mode: str | None = None
    value: float | None = None  # NaN is ``math.nan`` itself, so that specs compare
    empty_value: bool = False  # constant_value is left out by an empty name, not by its absence
    axes: Ints | None = None
    axes_dtype: str = "int64"
    pads_as: str = "initializer"  # so are constant_value and axes

    @property
    def has_operands(self) -> bool:
        """Whether amounts, constant and axes are inputs."""
        return self.version >= OPERANDS_SINCE

    @cached_property
    def amounts(self) -> tuple[Ints, Ints]:
        """Begin and end amount of each axis of x."""
        rank = len(self.shape)
        begin, end = [0] * rank, [0] * rank
        named = range(rank) if self.axes is None else self.axes
        for place, axis in enumerate(named):
            begin[axis] += self.pads[place]
            end[axis] += self.pads[len(named) + place]
        return tuple(begin), tuple(end)

    @cached_property
    def sides(self) -> tuple[Side, ...]:
        """Each axis of x with its amounts."""
        return tuple(map(Side, self.shape, *self.amounts))

    @cached_property
    def output_shape(self) -> Ints:
        """Each extent and its two amounts."""
        return tuple(side.length for side in self.sides)

    def validate(self) -> None:
        """Lengths and ranges as the text has them; a result without elements is left to no spec."""
        super().validate()
        if not self.shape or min(self.shape) < 1:
            raise Invalid(f"shape is {self.shape}, must have entries, each 1 or more", "shape")
        if self.mode not in MODES:
            raise Invalid(f"mode is {self.mode!r}, must be one of {', '.join(filter(None, MODES))}", "mode")
        if self.mode == "wrap" and self.version < 19:
            raise Invalid(f"Pad has mode wrap from opset 19 on, not {self.opset}", "mode", "opset")
        self._validate_axes()
        self._validate_value()
        if self.pads_as not in ("initializer", "input"):
            raise Invalid(f"pads_as is {self.pads_as!r}, must be initializer or input", "pads_as")
        if self.pads_as == "input" and not self.has_operands:
            raise Invalid(f"Pad has pads as an input from opset 11 on, not {self.opset}", "pads_as", "opset")
        if min(self.output_shape) < 1:
            raise Invalid(f"the result has shape {self.output_shape}, every entry must be 1 or more", *AMOUNTS)

    def _validate_axes(self) -> None:
        """Raise `Invalid` unless axes name axes of x, in a type they may have, and pads has two entries for each."""
        rank = len(self.shape)
        if any(not -rank <= axis < rank for axis in self.axes or ()):
            raise Invalid(f"axes is {self.axes}, every entry must be from {-rank} to {rank - 1}", "axes", "shape")
        if self.axes_dtype not in ("int32", "int64") or (self.axes is None and self.axes_dtype != "int64"):
            raise Invalid(f"axes_dtype is {self.axes_dtype!r}, must be int64, or int32 with axes", "axes_dtype", "axes")
        due = 2 * (rank if self.axes is None else len(self.axes))
        if len(self.pads) != due:
            raise Invalid(f"pads is {self.pads}, must have {due} entries", *AMOUNTS)

    def _validate_value(self) -> None:
        """Raise `Invalid` unless the constant is a number of x's type, and left out in a way that there is."""
        if self.empty_value and (self.value is not None or self.axes is not None):
            raise Invalid("empty_value needs value and axes omitted", "empty_value", "value", "axes")
        if self.empty_value and not self.has_operands:
            raise Invalid(f"Pad has constant_value from opset 11 on, not {self.opset}", "empty_value", "value", "opset")
        held_in = (self.dtype,) if self.has_operands else (self.dtype, "float32")  # an attribute is of float32
        if self.value is not None and not all(holds(dtype, self.value) for dtype in held_in):
            raise Invalid(f"value is {self.value}, {' and '.join(held_in)} must have that number", "value", "dtype")
