"""What convolutions of quantised numbers share: bytes, and the zero points that they are counted from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from graphs import patterns, weighted
from graphs.geometry import Ints
from graphs.numbers import SHORT
from graphs.spec import Invalid, Operand
from graphs.weighted import Weighted
from graphs.windowed import Windowed

BYTES = ("uint8", "int8")
Number = TypeVar("Number", int, float)


@dataclass(frozen=True, kw_only=True)
class QuantisedConv(Weighted, Windowed):
    """A convolution of X and W counted from zero points; a tuple has one for each filter, ``None`` is left out."""

    weight_dtype: str = "int8"
    x_zero_point: int | None = None
    w_zero_point: int | Ints | None = None
    setting: str = "initializer"  # where zero points come from, and scales where there are such

    versions: ClassVar[Ints] = (10,)
    attribute_names: ClassVar[tuple[str, ...]] = (
        "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides",
    )  # fmt: skip
    dtypes_since: ClassVar[Mapping[str, int]] = dict.fromkeys(BYTES, 10)
    filters_first: ClassVar[bool] = True

    def validate(self) -> None:
        """The convolution's rules, and zero points that are numbers of their tensor's type."""
        super().validate()
        if self.weight_dtype not in BYTES:
            raise Invalid(f"weight_dtype is {self.weight_dtype}, must be one of {', '.join(BYTES)}", "weight_dtype")
        if self.setting not in ("initializer", "input"):
            raise Invalid(f"setting is {self.setting!r}, must be initializer or input", "setting")
        self._validate_scalar("x_zero_point")
        self._validate_zero_point("x_zero_point", self.dtype, "dtype")
        self._validate_zero_point("w_zero_point", self.weight_dtype, "weight_dtype")
        self._validate_each("w_zero_point")
        if self.setting == "input" and not self.given():
            raise Invalid("setting is input, needs a zero point", "setting", "x_zero_point", "w_zero_point")

    def _validate_zero_point(self, field: str, dtype: str, typed: str) -> None:
        """Raise `Invalid` unless a zero point, where present, is a number of the type."""
        value, ends = getattr(self, field), np.iinfo(dtype)
        for one in value if isinstance(value, tuple) else () if value is None else (value,):
            if not ends.min <= one <= ends.max:
                raise Invalid(f"{field} is {one}, must be from {ends.min} to {ends.max}", field, typed)

    def _validate_scalar(self, field: str) -> None:
        """Raise `Invalid` unless there is one number for all filters."""
        if isinstance(getattr(self, field), tuple):
            raise Invalid(f"{field} is {getattr(self, field)}, must be a scalar", field)

    def _validate_each(self, field: str) -> None:
        """Raise `Invalid` unless a list has one number for each filter."""
        value = getattr(self, field)
        if isinstance(value, tuple) and len(value) != self.filters:
            raise Invalid(f"{field} has {len(value)} entries, must have {self.filters}", field, "filters")

    def operand_types(self) -> Mapping[str, str]:
        """W has a type of its own, B has 32 bits."""
        return {"w": self.weight_dtype, "b": "int32"}

    def origin(self, name: str) -> NDArray[np.int64] | None:
        """The zero points of X and W, 0 where omitted."""
        if name not in ("x", "w"):
            return None
        found = self.x_zero_point if name == "x" else self.w_zero_point
        return np.array(0 if found is None else found, np.int64).reshape(-1, *[1] * (1 + self.rank))

    def constants(self) -> Collection[str]:
        """W and B, and what is given, unless they come as inputs."""
        return (*super().constants(), *(self.given() if self.setting == "initializer" else ()))

    def tokens(self) -> list[str]:
        """The convolution's parts, W's type, and zero points."""
        parts = [*super().tokens(), "w" + SHORT[self.weight_dtype]]
        parts += [] if self.x_zero_point is None else [f"xz{self.x_zero_point}"]
        parts += [] if self.w_zero_point is None else ["wz" + listed(self.w_zero_point, str)]
        return parts + (["sinput"] if self.setting == "input" else [])

    def traits(self) -> dict[str, Any]:
        """The convolution's facts, and those of the zero points."""
        is_listed = isinstance(self.w_zero_point, tuple)
        return super().traits() | {
            "listed": is_listed,
            "each": is_listed and self.filters > 1,
            "mixed": self.dtype != self.weight_dtype,
        }


def listed(value: Number | tuple[Number, ...], text: Any) -> str:
    """A number, or ``m`` and one for each filter; where they repeat in turn, those alone."""
    if not isinstance(value, tuple):
        return str(text(value))
    n = len(value)
    period = next(p for p in range(1, n + 1) if all(value[i] == value[i % p] for i in range(n)))
    return "m" + ".".join(text(one) for one in value[:period])


def plain(operand: Operand, kind: type[Number]) -> Any:
    """A scalar's number, or a tuple of a list's; None for one left out."""
    if not operand.name:
        return None
    if operand.value is None:
        raise Invalid(f"{operand.name} comes as an input, its value must be known", "setting")
    value = np.asarray(operand.value)
    return tuple(map(kind, value)) if value.ndim else kind(value)


def source(operands: Sequence[Operand]) -> str:
    """Where operands that belong to the setting come from, all of them."""
    fed = {operand.is_fed for operand in operands if operand.name}
    if len(fed) > 1:
        raise Invalid("zero points and scales must all be initializers, or all inputs", "setting")
    return "input" if True in fed else "initializer"


def zero_point(name: str | None, dtype: str, filters: int = 0) -> Any:
    """A zero point by its name; ``each`` filter has another one in turn."""
    ends = np.iinfo(dtype)
    values = {"least": int(ends.min), "inner": int(ends.min) + 131, "most": int(ends.max), "zero": 0}
    if name != "each":
        return None if name is None else values[name]
    return in_turn(tuple(values.values()), filters)


def in_turn(values: tuple[Number, ...], count: int) -> tuple[Number, ...]:
    """As many as asked for, again from the first after the last."""
    return (values * (count // len(values) + 1))[:count]


# (channels, filters, group), as for Conv, and so many channels that the largest sums pass 24 bits
CHANNELS = ((1, 1, None), (3, 17, 1), (113, 5, None), (4, 6, 2), (17, 17, 17), (3, 6, 3))
ZERO_POINTS = ("inner", "zero", "least", "most")
AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.PADS,
    "channels": CHANNELS,
    **patterns.WINDOW,
    **{name: of for name, of in weighted.AXES.items() if name not in ("opset", "dtype", "bias")},
    "opset": (22, 10),
    "dtype": BYTES,
    "weight_dtype": ("int8", "uint8"),
    "setting": ("initializer", "input"),
}


def fields(values: dict[str, Any]) -> dict[str, Any]:
    """Spec fields of these axes."""
    names = ("opset", "dtype", "weight_dtype", "setting", "batch", "weights", "infer_kernel")
    channels, filters, group = values["channels"]
    found = {name: values[name] for name in names} | patterns.window(values)
    return found | {"channels": channels, "filters": filters, "group": group}
