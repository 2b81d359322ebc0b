"""Max un-pooling: ONNX ``MaxUnpool``, versions 9, 11 and 22, whose indices belong to the setting."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from graphs import patterns
from graphs.geometry import Ints
from graphs.places import PLACES, indices
from graphs.spec import Invalid, Operand, Silence, Value
from graphs.windowed import Spatial

SIZES = ("extent", "kernel_shape", "strides", "pads", "output_shape")  # what the size follows from
SETTING = (*SIZES, "batch", "channels", "places")  # and the indices
LARGER = (
    "'The indices are linear, i.e. computed considering the tensor as flattened 1-D tensor' (the tensor of "
    "output_shape, as after MaxPool, or the smaller one that kernel_shape and strides give, as in ONNX's own case "
    "test_maxunpool_export_with_output_shape?)"
)


@dataclass(frozen=True, kw_only=True)
class MaxUnpool(Spatial):
    """Each element of X at the place in Y that its index names, and 0 elsewhere.

    No text has a formula for the size; ONNX's inference, its reference and the lecture agree on
    ``o = (M - 1) S + w``, less the pads.  ``output_shape`` is Y's whole shape; pads have no say then.
    """

    output_shape: Ints | None = None
    places: str | Ints = "first"  # a pattern by name, or the indices themselves
    indices_as: str = "initializer"
    output_shape_as: str = "initializer"

    block: ClassVar[str] = "max_unpool"
    op_type: ClassVar[str] = "MaxUnpool"
    versions: ClassVar[Ints] = (9, 11, 22)
    attribute_names: ClassVar[tuple[str, ...]] = ("kernel_shape", "pads", "strides")

    @cached_property
    def steps(self) -> Ints:
        """Strides, 1 where omitted."""
        return self.strides or (1,) * self.rank

    @cached_property
    def whole(self) -> Ints:
        """Spatial size before pads are taken off."""
        return tuple((m - 1) * s + k for m, s, k in zip(self.extent, self.steps, self.kernel_shape, strict=True))

    @cached_property
    def padded(self) -> Ints:
        """Spatial size by the formula, pads taken off."""
        n, pads = self.rank, self.pads or (0,) * (2 * self.rank)
        return tuple(size - b - e for size, b, e in zip(self.whole, pads[:n], pads[n:], strict=True))

    @cached_property
    def shape(self) -> Ints:
        """Shape of the result."""
        return self.output_shape or (self.batch, self.channels, *self.padded)

    @cached_property
    def counted(self) -> Ints:
        """Shape of the tensor that the patterns count in.

        It is the result's; along an axis that output_shape makes longer than kernel and strides do, the
        part that they reach, so that every index is in range whichever tensor the text means.
        """
        return (*self.shape[:2], *map(min, self.shape[2:], self.whole))

    @cached_property
    def indices(self) -> NDArray[np.int64]:
        """I."""
        if isinstance(self.places, str):
            return self._pattern(self.places)
        return np.array(self.places, np.int64).reshape(self.inputs()["x"])

    def _pattern(self, name: str) -> NDArray[np.int64]:
        """Indices by a pattern's name."""
        begin = (self.pads or (0,) * self.rank)[: self.rank] if self.output_shape is None else (0,) * self.rank
        return indices(name, self.inputs()["x"], self.kernel_shape, self.steps, begin, self.counted)

    def validate(self) -> None:
        """Sizes, indices in range, and one name for each setting."""
        super().validate()
        for name in ("indices_as", "output_shape_as"):
            if getattr(self, name) not in ("initializer", "input"):
                raise Invalid(f"{name} is {getattr(self, name)!r}, must be initializer or input", name)
        if self.output_shape is None and self.output_shape_as != "initializer":
            raise Invalid("output_shape_as is input, needs output_shape", "output_shape_as", "output_shape")
        if self.output_shape is not None and len(self.output_shape) != 2 + self.rank:
            raise Invalid(
                f"output_shape is {self.output_shape}, must have {2 + self.rank} entries", "output_shape", "extent"
            )
        if self.shape[:2] != (self.batch, self.channels):
            raise Invalid(
                f"output_shape is {self.output_shape}, must begin with {self.batch}, {self.channels}",
                "output_shape", "batch", "channels",
            )  # fmt: skip
        if min(self.shape) < 1:
            raise Invalid(f"the result has shape {self.shape}, every entry must be 1 or more", *SIZES)
        self._validate_places()

    def _validate_places(self) -> None:
        """Raise `Invalid` unless places is a pattern or in range, and no earlier pattern has the same indices."""
        if isinstance(self.places, str) and self.places not in PLACES:
            raise Invalid(f"places is {self.places!r}, must be one of {', '.join(PLACES)}, or indices", "places")
        if not isinstance(self.places, str):
            due = self.batch * self.channels * prod(self.extent)
            if len(self.places) != due:
                raise Invalid(f"places has {len(self.places)} entries, must have {due}", *SETTING)
            wrong = [index for index in self.places if not 0 <= index < prod(self.shape)]
            if wrong:
                raise Invalid(f"places has {wrong[0]}, every entry must be from 0 to {prod(self.shape) - 1}", *SETTING)
        if max(self.kernel_shape) == 1 and self.places in PLACES[1:3]:
            raise Invalid(
                f"places is {self.places!r}, windows of one tap have a first one only", "places", "kernel_shape"
            )
        for name in PLACES[: PLACES.index(self.places) if isinstance(self.places, str) else None]:
            if np.array_equal(self._pattern(name), self.indices):
                raise Invalid(f"places is {self.places!r}, these indices are called {name}", *SETTING)

    @property
    def silent(self) -> Silence | None:
        """A default that is not stated, and which tensor the indices count in."""
        name = f"{self.op_type}-{self.version}"
        if self.strides is None and self.version < 11:
            return Silence(
                f"{name}, strides: 'Stride along each spatial axis.' (no default stated)", ("strides", "opset")
            )
        longer = [size > reached for size, reached in zip(self.shape[2:], self.whole, strict=True)]
        if any(longer[1:]):
            return Silence(f"{name}, I: {LARGER}", ("output_shape", "extent"))
        if any(longer) and self.batch * self.channels > 1:
            return Silence(f"{name}, I: {LARGER}", ("output_shape", "batch", "channels"))
        if any(longer) and self.indices.max() >= prod(self.whole):
            return Silence(f"{name}, I: {LARGER}", SETTING)
        return None  # the first axis of an only plane may be longer: the flat positions are the same

    def inputs(self) -> dict[str, Ints]:
        """X, I, and output_shape where given."""
        x = (self.batch, self.channels, *self.extent)
        sized = {} if self.output_shape is None else {"output_shape": (len(self.output_shape),)}
        return {"x": x, "indices": x} | sized

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return {"y": (self.dtype, self.shape)}

    def given(self) -> Mapping[str, NDArray[Any]]:
        """Indices and output_shape belong to the setting."""
        sized = {} if self.output_shape is None else {"output_shape": np.array(self.output_shape, np.int64)}
        return {"indices": self.indices} | sized

    def constants(self) -> Collection[str]:
        """Each of the two, unless it comes as an input."""
        held = {"indices": self.indices_as, "output_shape": self.output_shape_as}
        return tuple(name for name in self.given() if held[name] == "initializer")

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """The window, indices by their pattern's name if they follow one, and output_shape; values must be known."""
        if "kernel_shape" not in attributes:
            raise Invalid("kernel_shape is missing, the operator requires it", "kernel_shape")
        absent: list[Operand] = [Operand("", (), None)] * 3
        x, at, asked = [*operands, *absent][:3]
        if not at.name:
            raise Invalid("indices are missing, the operator requires them", "places")
        for operand in (at, asked):
            if operand.name and operand.value is None:
                raise Invalid(f"{operand.name} comes as an input, its value must be known", "indices_as")
        if at.shape != x.shape:
            raise Invalid(f"indices have shape {at.shape}, must have {x.shape}", "places", "extent")
        fields = cls.window_fields(x.shape, attributes) | {"indices_as": "input" if at.is_fed else "initializer"}
        if asked.value is not None:
            fields["output_shape"] = tuple(map(int, asked.value))
            fields["output_shape_as"] = "input" if asked.is_fed else "initializer"
        return fields | {"places": cls._name_of(np.asarray(at.value), fields)}

    @classmethod
    def _name_of(cls, value: NDArray[np.int64], fields: dict[str, Any]) -> str | Ints:
        """The pattern that gives these indices, or else the indices."""
        for name in PLACES:
            try:
                spec = cls(**fields, places=name)
            except Invalid:  # the same as an earlier pattern, if not wrong in another way
                continue
            if np.array_equal(spec.indices, value):
                return name
        return tuple(map(int, value.flat))

    @property
    def _pads_as_given(self) -> str:
        """What it comes to if indices count in the size by formula although output_shape is there.

        The "right" result, elements out of "place", or no "fit".
        """
        within = (*self.shape[:2], *self.padded)
        if min(within) < 1 or any(map(int.__gt__, within, self.shape)) or self.indices.max() >= prod(within):
            return "fit"
        at = np.ravel_multi_index(np.unravel_index(self.indices, within), self.shape)
        return "right" if np.array_equal(at, self.indices) else "place"

    def traits(self) -> dict[str, Any]:
        """Fields, and the facts that reports group by."""
        n, pads = self.rank, self.pads or (0,) * (2 * self.rank)
        return super().traits() | {
            "rank": n,
            "padded": any(pads),
            "asymmetric": pads[:n] != pads[n:],
            "pad_reaches_kernel": any(map(int.__ge__, pads, self.kernel_shape * 2)),
            "sized": self.output_shape is not None,
            "below_formula": any(map(int.__lt__, self.shape[2:], self.padded)),
            "formula_is_empty": min(self.padded) < 1,
            "pads_as_given": self._pads_as_given,
            "one_place_twice": len(np.unique(self.indices)) < self.indices.size,
        }

    def tokens(self) -> list[str]:
        """Window parts, output_shape, places, and where the operands come from."""
        parts = self.window_tokens()
        parts += ["o" + ".".join(map(str, self.output_shape))] if self.output_shape is not None else []
        parts.append(self.places if isinstance(self.places, str) else "i" + ".".join(map(str, self.places)))
        flags = {"iinput": self.indices_as == "input", "oinput": self.output_shape_as == "input"}
        return parts + [name for name, is_set in flags.items() if is_set]


AXES: dict[str, tuple[Any, ...]] = {
    "pads": patterns.PADS,
    "kernel_shape": patterns.KERNELS,
    "strides": patterns.STRIDES,
    "output_shape": (None, "same", "without pads", "one less", "taller", "one more"),
    "places": ("drawn", "first", "last", "anywhere"),
    "rank": (2, 1, 3),
    "extent": ((3, 4, 2), (2, 3, 4), (1, 1, 1)),
    "channels": (1, 3, 17),
    "opset": (22, 11, 9),
    "dtype": ("float32", "float64", "float16", "bfloat16"),
    "indices_as": ("initializer", "input"),
    "output_shape_as": ("initializer", "input"),
    "batch": (1, 3),
}


def build(values: dict[str, Any]) -> MaxUnpool:
    """The spec for one value of every axis; output_shape is worked out from the size by formula."""
    window = patterns.window(values | {"dilations": None, "auto_pad": None}, pads_below_kernel=True)
    del window["dilations"], window["auto_pad"]
    window["extent"] = values["extent"][: values["rank"]]
    n = values["rank"]
    steps, pads = window["strides"] or (1,) * n, window["pads"] or (0,) * (2 * n)
    whole = tuple((m - 1) * s + k for m, s, k in zip(window["extent"], steps, window["kernel_shape"], strict=True))
    padded = tuple(size - b - e for size, b, e in zip(whole, pads[:n], pads[n:], strict=True))
    sizes = {
        "same": padded, "without pads": whole, "one less": tuple(size - 1 for size in padded),
        "taller": (whole[0] + 1, *whole[1:]), "one more": tuple(size + 1 for size in whole), None: None,
    }  # fmt: skip
    size = sizes[values["output_shape"]]
    names = ("opset", "dtype", "channels", "batch", "places", "indices_as", "output_shape_as")
    return MaxUnpool(
        **{name: values[name] for name in names}, **window,
        output_shape=None if size is None else (values["batch"], values["channels"], *size),
    )  # fmt: skip
