"""Rectifier with slopes that come as a tensor: ONNX ``PRelu``, versions 1, 6, 7, 9 and 16."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from onnx import NodeProto

from graphs.elementwise import DTYPES, SHAPES, Elementwise
from graphs.geometry import Ints
from graphs.numbers import floats_since
from graphs.spec import Invalid, Operand, Silence, Value

INTEGERS = ("int32", "int64")


@dataclass(frozen=True, kw_only=True)
class PRelu(Elementwise):
    """``y = slope x`` where x < 0, ``y = x`` where x >= 0; the slope's shape broadcasts to X's, never the other way."""

    slope: Ints
    weights: str = "initializer"

    block: ClassVar[str] = "p_relu"
    op_type: ClassVar[str] = "PRelu"
    versions: ClassVar[Ints] = (1, 6, 7, 9, 16)
    attribute_names: ClassVar[tuple[str, ...]] = ()
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(16) | dict.fromkeys(INTEGERS, 9)

    def validate(self) -> None:
        """A slope that broadcasts; before version 7 one number, or one a channel."""
        super().validate()
        if any(d < 1 for d in self.slope):
            raise Invalid(f"slope is {self.slope}, every entry must be 1 or more", "slope")
        if self.weights not in ("initializer", "input"):
            raise Invalid(f"weights is {self.weights!r}, must be initializer or input", "weights")
        if self.version < 7 and prod(self.slope) > 1 and self.slope != self.shape[1:2]:
            raise Invalid(
                f"slope is {self.slope}, must have one number or one a channel before opset 7",
                "slope", "shape", "opset",
            )  # fmt: skip
        if self.version >= 7 and not self._broadcasts():
            raise Invalid(f"slope is {self.slope}, must broadcast to {self.shape}", "slope", "shape", "opset")

    def _broadcasts(self) -> bool:
        """Whether every extent of the slope, from the last backwards, is 1 or X's."""
        fits = all(s in (1, d) for s, d in zip(reversed(self.slope), reversed(self.shape), strict=False))
        return fits and len(self.slope) <= len(self.shape)

    @property
    def silent(self) -> Silence | None:
        """Before version 7 the text knows no axis for a slope of several numbers, and no slope of other rank."""
        is_plain = prod(self.slope) == 1 and (self.shape or not self.slope)
        if self.version >= 7 or is_plain:
            return None
        return Silence(
            f"PRelu-{self.version}: 'If `Slope` is of size 1, the value is sharedacross different channels' "
            "(which axis other sizes go along, and what a scalar has for channels, is not said)",
            ("slope", "shape", "opset"),
        )

    def inputs(self) -> dict[str, Ints]:
        """X and slope."""
        return {"x": self.shape, "slope": self.slope}

    def constants(self) -> Collection[str]:
        """The slope, unless it comes as an input."""
        return ("slope",) if self.weights == "initializer" else ()

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """Both shapes, and where the slope comes from."""
        if len(operands) != 2:
            raise Invalid(f"PRelu has {len(operands)} inputs, must have x and slope", "slope")
        x, slope = operands
        weights = "input" if slope.value is None or slope.is_fed else "initializer"
        return {"shape": x.shape, "slope": slope.shape, "weights": weights, **attributes}

    def tokens(self) -> list[str]:
        """Both shapes, and a mark where the slope comes as an input."""
        slope = "slope" + (".".join(map(str, self.slope)) or "scalar")
        return [*super().tokens(), slope, *(["fed"] if self.weights == "input" else [])]


# Which axes of X the slope has: all other extents are 1.  Short ones leave leading axes out.
SLOPES = ("channel", "one", "all", "scalar", "last", "first", "ones", "all but the last")

AXES: dict[str, tuple[Any, ...]] = {
    "slope": SLOPES,
    "shape": SHAPES,
    "opset": (16, 9, 7, 6, 5),
    "dtype": (*DTYPES, *INTEGERS),
    "weights": ("initializer", "input"),
}
ADDED: dict[str, tuple[Any, ...]] = {"dtype": ("bfloat16", *INTEGERS)}


def slope_of(pattern: str, shape: Ints, *, broadcasts: bool) -> Ints:
    """The slope's shape for a named pattern; a slope a channel is one list before slopes broadcast."""
    n = len(shape)
    channel = shape[1:2] if not broadcasts else shape[1:2] + (1,) * (n - 2)
    patterns: dict[str, Ints] = {
        "scalar": (),
        "one": (1,),
        "ones": (1,) * n,
        "all": shape,
        "last": shape[-1:],
        "first": shape[:1] + (1,) * (n - 1),
        "channel": channel,
        "all but the last": shape[:-1] + (1,) * min(n, 1),
    }
    return patterns[pattern]


def build(values: dict[str, Any]) -> PRelu:
    """The spec for one value of every axis."""
    slope = slope_of(values["slope"], values["shape"], broadcasts=values["opset"] >= 7)
    return PRelu(**values | {"slope": slope})
