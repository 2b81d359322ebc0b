"""Padding: ONNX ``Pad``, versions 1 to 25, whose amounts are an attribute before opset 11 and an input from then on."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from graphs.amounts import NAMED, PATTERNS
from graphs.geometry import Ints
from graphs.numbers import floats_since
from graphs.padded import AMOUNTS, OPERANDS_SINCE, PadAmounts
from graphs.spec import Invalid, Operand, Silence, Value


@dataclass(frozen=True, kw_only=True)
class Pad(PadAmounts):
    """``x`` with elements added, or removed where the amount is negative, at the begin and end of each axis."""

    block: ClassVar[str] = "pad"
    op_type: ClassVar[str] = "Pad"
    versions: ClassVar[Ints] = (1, 2, 11, 13, 18, 19, 21, 23, 24, 25)
    attribute_names: ClassVar[tuple[str, ...]] = ("mode",)
    former_names: ClassVar[tuple[str, ...]] = ("paddings", "pads", "value")
    since: ClassVar[Mapping[str, int]] = {"axes": 18}
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(13) | dict.fromkeys(
        ("int8", "uint8", "int32", "int64"), OPERANDS_SINCE
    )

    @property
    def silent(self) -> Silence | None:
        """Repeated axes, what the first versions do not say, and what depends on whether removal comes first."""
        name = f"Pad-{self.version}"
        if self.axes is not None and len({axis % len(self.shape) for axis in self.axes}) < len(self.axes):
            return Silence(f"{name}, axes: 'Behavior is undefined if an axis is repeated.'", ("axes", "shape"))
        if self.version < OPERANDS_SINCE and self.mode == "reflect":
            return Silence(
                f"{name}, mode: 'Three modes: constant(default), reflect, edge' (whether a reflection repeats the "
                "border is not said)",
                ("mode", "opset"),
            )
        return self._silent_first_version() or self._silent_amounts()

    def _silent_first_version(self) -> Silence | None:
        """Pad-1 has an example that contradicts its sentence, and does not speak of removing."""
        if self.version > 1:
            return None
        if min(self.pads) < 0:
            return Silence(
                "Pad-1, paddings: 'List of integers indicate the padding element count' (of negative ones nothing)",
                ("pads", "opset"),
            )
        half = len(self.pads) // 2
        if (self.pads[0::2], self.pads[1::2]) != (self.pads[:half], self.pads[half:]):
            return Silence(
                "Pad-1, paddings: 'format should be as follow [x1_begin, x2_begin...x1_end, x2_end,...]', but in its "
                "example 'paddings = [0, 0, 2, 0]' adds 2 at the beginning of the second axis",
                (*AMOUNTS, "opset"),
            )
        return None

    def _silent_amounts(self) -> Silence | None:
        """Where adding first and removing first differ, and reflections of more than there is."""
        name, fields = f"Pad-{self.version}", (*AMOUNTS, "mode", "opset")
        remove = "number of padding elements to add or remove (if negative) at the beginning and end of each axis"
        if any(side.order_matters(self.mode) for side in self.sides):
            return Silence(f"{name}, pads: '{remove}' (which of the two comes first is not said)", fields)
        if self.mode == "reflect" and any(side.exceeds_reflection for side in self.sides):
            return Silence(
                f"{name}: 'pads with the reflection of the vector mirrored on the first and last values of the vector "
                "along each axis' (of more than the vector holds? the example that does so, 'pads = [0, 2, 0, 0]' of "
                "two columns, was taken back as incorrect in https://github.com/onnx/onnx/pull/7700)",
                fields,
            )
        return None

    def inputs(self) -> dict[str, Ints]:
        """X, and from version 11 on pads, constant_value and axes where given."""
        return {"x": self.shape} | {name: value.shape for name, value in self.given().items()}

    def operand_names(self) -> list[str]:
        """An empty name for a constant_value that is left out in front of axes, or where asked for."""
        names = super().operand_names()
        if self.empty_value or (self.axes is not None and self.value is None):
            names.insert(2, "")
        return names

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return {"y": (self.dtype, self.output_shape)}

    def constants(self) -> Collection[str]:
        """All but x, unless they come as inputs."""
        return tuple(self.given()) if self.pads_as == "initializer" else ()

    def given(self) -> Mapping[str, NDArray[Any]]:
        """Amounts, constant and axes belong to the setting."""
        if not self.has_operands:
            return {}
        found = {"pads": np.array(self.pads, np.int64)}
        if self.value is not None:
            found["constant_value"] = np.array(self.value, self.dtype)
        return found if self.axes is None else found | {"axes": np.array(self.axes, self.axes_dtype)}

    def attributes(self) -> dict[str, Value]:
        """The mode, and in the first two versions amounts and constant."""
        found = super().attributes()
        if self.has_operands:
            return found
        constant: dict[str, Value] = {} if self.value is None else {"value": self.value}
        return found | constant | {"paddings" if self.version == 1 else "pads": self.pads}

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """Attributes of the first two versions, or operands, whose values must be known."""
        fields: dict[str, Any] = {"shape": operands[0].shape, "mode": attributes.get("mode")}
        if len(operands) == 1:
            amounts = attributes.get("pads", attributes.get("paddings", ()))
            return fields | {"pads": amounts, "value": _canonical(attributes.get("value"))}
        absent: list[Operand] = [Operand("", (), None)] * 3
        pads, constant, axes = [*operands[1:4], *absent][:3]
        for operand in (pads, constant, axes):
            if operand.name and operand.value is None:
                raise Invalid(f"{operand.name} comes as an input, its value must be known", "pads_as")
        if pads.value is None:
            raise Invalid("pads is missing, the operator requires it", "pads")
        fields["pads"] = tuple(map(int, pads.value))
        if axes.value is not None:
            fields |= {"axes": tuple(map(int, axes.value)), "axes_dtype": axes.value.dtype.name}
        return fields | {
            "value": None if constant.value is None else _canonical(constant.value.item()),
            "pads_as": "input" if pads.is_fed else "initializer",
            "empty_value": axes.value is None and len(operands) > 2 and not constant.name,
        }

    def tokens(self) -> list[str]:
        """Shape, amounts, axes, mode, constant, and where they come from; m is minus."""
        parts = ["x" + ".".join(map(str, self.shape)), _numbers("p", self.pads)]
        if self.axes is not None:
            parts.append(_numbers("a", self.axes) + ("i32" if self.axes_dtype == "int32" else ""))
        parts += [self.mode] if self.mode is not None else []
        if self.value is not None:
            parts.append("v" + repr(float(self.value)).replace("-", "m").replace("+", ""))
        flags = {"vempty": self.empty_value, "pinput": self.pads_as == "input"}
        return parts + [name for name, is_set in flags.items() if is_set]

    def traits(self) -> dict[str, Any]:
        """Fields, and what the amounts do; the constant as a word, because NaN equals nothing."""
        return super().traits() | {
            "value": None if self.value is None else repr(float(self.value)),
            "rank": len(self.shape),
            "removes": min(self.pads) < 0,
        }


def _canonical(value: Any) -> float | None:
    """A number as specs hold it: the one NaN."""
    return math.nan if value is not None and math.isnan(value) else None if value is None else float(value)


def _numbers(mark: str, values: Ints) -> str:
    """Numbers for an id."""
    return mark + ".".join(str(v).replace("-", "m") for v in values)


AXES: dict[str, tuple[Any, ...]] = {
    "opset": (25, 24, 23, 21, 19, 18, 13, 11, 7, 1),
    "pads": tuple(PATTERNS),
    "dtype": ("float32", "float64", "float16", "int32", "int64", "uint8", "bfloat16"),
    "mode": (None, "constant", "reflect", "edge", "wrap"),
    "shape": ((3, 4), (7,), (1, 3, 4), (2, 3, 5, 4), (2, 1, 3, 2, 3)),
    "value": (None, 3.0, "empty name", math.nan, -math.inf),
    "axes": tuple(NAMED),
    "pads_as": ("initializer", "input"),
}


def build(values: dict[str, Any]) -> Pad:
    """The spec for one value of every axis."""
    shape, value = values["shape"], values["value"]
    axes, axes_dtype = NAMED[values["axes"]](len(shape))
    sizes = shape if axes is None else [shape[axis] for axis in axes]
    sides = [PATTERNS[values["pads"]](i, n, len(sizes) - 1) for i, n in enumerate(sizes)]
    is_empty = value == "empty name"
    return Pad(
        shape=shape, axes=axes, axes_dtype=axes_dtype, value=None if is_empty else value, empty_value=is_empty,
        pads=tuple(b for b, _ in sides) + tuple(e for _, e in sides),
        **{name: values[name] for name in ("opset", "dtype", "mode", "pads_as")},
    )  # fmt: skip
