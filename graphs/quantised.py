"""What quantising and dequantising share: a scale and a zero point for a tensor, a slice of it, or a block."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from graphs.geometry import Ints
from graphs.numbers import has, readable
from graphs.spec import Invalid, Operand, Silence, Spec, Value

EIGHT_BITS = ("int8", "uint8")
FLOAT8 = ("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz")
CODES_SINCE = {
    **dict.fromkeys(EIGHT_BITS, 10),
    **dict.fromkeys(FLOAT8, 19),
    **dict.fromkeys(("int16", "uint16", "int4", "uint4"), 21),
    "float4_e2m1fn": 23,
    **dict.fromkeys(("int2", "uint2"), 25),
    **dict.fromkeys(("float6_e2m3fn", "float6_e3m2fn"), 28),
}
ONE_AXIS, BLOCKS = 13, 21  # the versions from which on there are scales for an axis, and for blocks


@dataclass(frozen=True, kw_only=True)
class Quantised(Spec):
    """Parameters of one number (shape ()), of one an index of ``axis``, or of one a block along it."""

    shape: Ints
    scale: tuple[float, ...]
    scale_shape: Ints = ()
    scale_dtype: str = "float32"
    zero_point: tuple[float, ...] | None = None
    zero_point_shape: Ints | None = None  # where it is not the scale's
    axis: int | None = None
    block_size: int | None = None
    output_dtype: int | None = None
    operands_as: str = "initializer"

    prefix: ClassVar[str]  # of the parameters' names

    @property
    def code(self) -> str:
        """The type of the codes."""
        raise NotImplementedError

    def scale_types(self) -> Collection[str]:
        """Types that the scale may have at this opset."""
        raise NotImplementedError

    def validate(self) -> None:
        """Parameters whose shapes fit, in numbers that their types hold."""
        super().validate()
        if any(d < 1 for d in self.shape):
            raise Invalid(f"shape is {self.shape}, every entry must be 1 or more", "shape")
        if self.operands_as not in ("initializer", "input"):
            raise Invalid(f"operands_as is {self.operands_as!r}, must be initializer or input", "operands_as")
        if self.scale_dtype not in self.scale_types():
            known = ", ".join(self.scale_types())
            raise Invalid(
                f"scale_dtype is {self.scale_dtype}, must be one of {known} at opset {self.opset}",
                "scale_dtype", "dtype", "opset",
            )  # fmt: skip
        if self.block_size is not None and self.block_size < 0:
            raise Invalid(f"block_size is {self.block_size}, must be positive, or 0 for none", "block_size")
        self._validate_granularity()
        self._validate_numbers()

    def _validate_granularity(self) -> None:
        """A scalar, a list as long as the axis, or x's shape with the axis in blocks."""
        fields = ("scale_shape", "shape", "axis", "block_size", "opset")
        if self.scale_shape == ():
            return
        if self.version < ONE_AXIS:
            raise Invalid(f"the scale has shape {self.scale_shape}, must be a scalar before opset 13", *fields)
        at = self._place
        if self.block_size:
            if self.version < BLOCKS:
                return  # the attribute itself is refused
            due = tuple(-(-d // self.block_size) if i == at else d for i, d in enumerate(self.shape))
        else:
            due = (self.shape[at],)
        if self.scale_shape != due:
            raise Invalid(f"the scale has shape {self.scale_shape}, must have {due}", *fields)

    @property
    def _place(self) -> int:
        """The axis of a list or of blocks, counted from the front."""
        rank, axis = len(self.shape), 1 if self.axis is None else self.axis
        if not -rank <= axis < rank:  # of one scale for all it is "ignored"
            raise Invalid(f"axis is {axis}, must be in {-rank}..{rank - 1}", "axis", "scale_shape", "shape")
        return axis % rank

    def _validate_numbers(self) -> None:
        """As many as the shapes have."""
        if len(self.scale) != prod(self.scale_shape):
            raise Invalid(
                f"there are {len(self.scale)} scales for a shape of {self.scale_shape}", "scale", "scale_shape"
            )
        if not all(isfinite(s) and s > 0 and has(self.scale_dtype, s) for s in self.scale):
            raise Invalid(f"scale is {self.scale}, must be positive {self.scale_dtype}", "scale", "scale_dtype")
        if self.zero_point is None:
            if self.zero_point_shape is not None:
                raise Invalid("there is no zero point to have a shape", "zero_point", "zero_point_shape")
            return
        shape = self.zero_shape
        if self.zero_point_shape == self.scale_shape:
            raise Invalid("zero_point_shape is said where it is the scale's", "zero_point_shape")
        if shape != self.scale_shape and not (prod(shape) == len(self.scale) == 1 and len(shape) < 2):
            raise Invalid(
                f"the zero point has shape {shape}, must have {self.scale_shape}", "zero_point", "scale_shape"
            )
        if len(self.zero_point) != prod(shape):
            raise Invalid(
                f"there are {len(self.zero_point)} zero points for a shape of {shape}", "zero_point", "scale_shape"
            )
        if not all(has(self.code, z) for z in self.zero_point):
            raise Invalid(f"zero_point is {self.zero_point}, must be of {self.code}", "zero_point", *self.code_fields)

    code_fields: ClassVar[tuple[str, ...]]  # what sets the type of the codes

    @property
    def zero_shape(self) -> Ints:
        """The zero point's shape."""
        return self.scale_shape if self.zero_point_shape is None else self.zero_point_shape

    @property
    def silent(self) -> Silence | None:
        """Parameters of two shapes, and zero points of types that have fractions."""
        name = f"{self.op_type}-{self.version}"
        if self.zero_point_shape is not None:
            said = "must have the same shape" if self.version >= BLOCKS else "must have same shape"
            said = said if self.version >= ONE_AXIS else "which means a per-tensor/layer quantization"
            return Silence(
                f"{name}, of scale and zero point: '{said}' (ONNX's own cases have one of (1,) beside one of ())",
                ("zero_point",),
            )
        if self.code.startswith("float") and any(self.zero_point or ()):
            return Silence(
                f"{name}: the zero point 'is usually not used' for {self.code} (whether it is added before or after "
                "rounding is not said)",
                ("zero_point", *self.code_fields),
            )
        return None

    def inputs(self) -> dict[str, Ints]:
        """X and its parameters."""
        found = {"x": self.shape, f"{self.prefix}_scale": self.scale_shape}
        return found if self.zero_point is None else found | {f"{self.prefix}_zero_point": self.zero_shape}

    def constants(self) -> Collection[str]:
        """The parameters, unless they come as inputs."""
        return tuple(self.inputs())[1:] if self.operands_as == "initializer" else ()

    def given(self) -> Mapping[str, NDArray[Any]]:
        """The parameters."""
        scale = np.array(self.scale, "float64").reshape(self.scale_shape).astype(self.scale_dtype)
        found = {f"{self.prefix}_scale": np.asarray(scale)}
        if self.zero_point is None:
            return found
        zero = np.array(self.zero_point, "float64").reshape(self.zero_shape).astype(self.code)
        return found | {f"{self.prefix}_zero_point": np.asarray(zero)}

    def spread(self, parameter: Sequence[float]) -> NDArray[np.float64]:
        """A parameter for each element of x."""
        value = np.array(parameter, "float64")
        if not self.scale_shape:
            return np.broadcast_to(value.reshape(()), self.shape)
        at, size = self._place, self.block_size or 1
        index = np.arange(self.shape[at]) // size
        whole = value.reshape(
            self.scale_shape if self.block_size else [-1 if i == at else 1 for i in range(len(self.shape))]
        )
        return np.broadcast_to(np.take(whole, index, axis=at), self.shape)

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """Shapes, numbers and types of the parameters; they must be known."""
        x, scale, *rest = operands
        zero = rest[0] if rest and rest[0].name else None
        if scale.value is None or (zero is not None and zero.value is None):
            raise Invalid("the scale and the zero point must be known", "scale", "zero_point")
        fields: dict[str, Any] = {
            "shape": x.shape, "scale": numbers(scale.value), "scale_shape": scale.shape, "scale_dtype": scale.dtype,
            "operands_as": "input" if scale.is_fed else "initializer", **attributes,
        }  # fmt: skip
        if zero is None:
            return fields
        own = None if zero.shape == scale.shape else zero.shape
        return fields | {"zero_point": numbers(zero.value), "zero_point_shape": own}

    def tokens(self) -> list[str]:
        """The shape, the parameters, and the attributes."""
        parts = ["x" + (".".join(map(str, self.shape)) or "scalar"), "s" + short(self.scale, self.scale_shape)]
        if self.zero_point is not None:
            parts.append("z" + short(self.zero_point, self.zero_shape))
        parts.append(f"{self.scale_dtype}scale" if self.scale_dtype != "float32" else "")
        words = {"axis": "axis", "block_size": "b", "saturate": "sat", "precision": "precision", "output_dtype": "out"}
        found = {word: getattr(self, name, None) for name, word in words.items()}
        parts += [f"{word}{value}" for word, value in found.items() if value is not None]
        return [part for part in parts if part] + (["fed"] if self.operands_as == "input" else [])

    def traits(self) -> dict[str, Any]:
        """Fields, and how many elements share a scale."""
        kind = "blocked" if self.block_size and self.scale_shape else "axis" if self.scale_shape else "tensor"
        return super().traits() | {
            "rank": len(self.shape), "granularity": kind, "code": self.code,
            "types_differ": self.dtype != self.scale_dtype,
        }  # fmt: skip


def numbers(value: Any) -> tuple[float, ...]:
    """A parameter's numbers in order."""
    return tuple(float(v) for v in np.asarray(value).astype("float64").reshape(-1))


def short(values: Sequence[float], shape: Ints) -> str:
    """Shape and numbers of a parameter; of many the first and a digest."""
    said = [readable(v) for v in values]
    if len(said) > 3:
        digest = hashlib.sha256(" ".join(map(repr, map(float, values))).encode()).hexdigest()[:8]
        said = [said[0], digest]
    return (".".join(map(str, shape)) + "of" if shape else "") + "x".join(said)
