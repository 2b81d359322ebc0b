"""The part of a resampling spec that says how far: scales or sizes, along which axes, and of which region."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from graphs.geometry import Ints
from graphs.numbers import single
from graphs.resizing import Along, by_policy, by_scale, by_size
from graphs.spec import Invalid, Operand, Spec, Value

Floats = tuple[float, ...]
CROP = "tf_crop_and_resize"
BY_POLICY = ("sizes", "keep_aspect_ratio_policy", "shape", "axes")  # what lengths of one scale for all follow from
ROI_TYPES = ("float16", "float32", "float64")


@dataclass(frozen=True, kw_only=True)
class Resampled(Spec):
    """``x`` resampled at ``scales`` times as many points, or at ``sizes`` of them, along each of ``axes``."""

    coordinates: ClassVar[tuple[str, ...]] = ("roi", "scales")

    shape: Ints
    scales: Floats | None = None
    sizes: Ints | None = None
    axes: Ints | None = None
    keep_aspect_ratio_policy: str | None = None
    coordinate_transformation_mode: str | None = None
    roi: Floats | None = None  # all starts, then all ends, of ``axes``; in version 11 None is an empty tensor
    roi_dtype: str = "float32"
    operands_as: str = "initializer"

    @property
    def transformation(self) -> str:
        """The mode in force, its default resolved."""
        return self.coordinate_transformation_mode or "half_pixel"

    @property
    def is_crop(self) -> bool:
        """Whether the region of interest takes effect."""
        return self.transformation == CROP

    @property
    def named(self) -> Ints:
        """The axes that scales, sizes and roi speak of, counted from the front."""
        rank = len(self.shape)
        return tuple(range(rank)) if self.axes is None else tuple(axis % rank for axis in self.axes)

    @cached_property
    def resized(self) -> dict[int, Along]:
        """Axis -> how its length follows from scales or sizes."""
        sizes = [self.shape[axis] for axis in self.named]
        policy = self.keep_aspect_ratio_policy or "stretch"
        if self.scales is not None:
            spans = [Fraction(1)] * len(sizes)
            if self.is_crop and self.roi is not None:
                starts, ends = self.roi[: len(sizes)], self.roi[len(sizes) :]
                spans = [Fraction(e) - Fraction(s) for s, e in zip(starts, ends, strict=True)]
            found: Sequence[Along] = list(map(by_scale, sizes, self.scales, spans))
        elif policy == "stretch":
            found = list(map(by_size, sizes, self.sizes or ()))
        else:
            found = by_policy(sizes, self.sizes or (), larger=policy == "not_smaller")
        return dict(zip(self.named, found, strict=True))

    @cached_property
    def output_shape(self) -> Ints:
        """The length of each axis; one that is not named keeps it."""
        return tuple(self.resized[a].length if a in self.resized else d for a, d in enumerate(self.shape))

    @property
    def lengths_from(self) -> tuple[str, ...]:
        """The fields that decide how lengths come out; scales of the grid come out alike in all of its shapes."""
        if self.scales is None:
            is_plain = self.keep_aspect_ratio_policy in (None, "stretch")
            return ("sizes", "keep_aspect_ratio_policy") if is_plain else BY_POLICY
        return ("scales", "shape", "roi", "coordinate_transformation_mode") if self.is_crop else ("scales",)

    def validate(self) -> None:
        """Lengths and ranges as the text has them; a result without elements is left to no spec."""
        super().validate()
        if not self.shape or min(self.shape) < 1:
            raise Invalid(f"shape is {self.shape}, must have entries, each 1 or more", "shape")
        self._validate_axes()
        self._validate_lengths()
        self._validate_roi()
        if self.operands_as not in ("initializer", "input"):
            raise Invalid(f"operands_as is {self.operands_as!r}, must be initializer or input", "operands_as")
        if min(self.output_shape) < 1:
            message = f"the result has shape {self.output_shape}, every entry must be 1 or more"
            raise Invalid(message, *self.lengths_from)

    def _validate_axes(self) -> None:
        """Raise `Invalid` unless axes name axes of x."""
        rank = len(self.shape)
        if self.axes is not None and (not self.axes or any(not -rank <= axis < rank for axis in self.axes)):
            raise Invalid(f"axes is {self.axes}, must have entries, each from {-rank} to {rank - 1}", "axes", "shape")

    def _validate_lengths(self) -> None:
        """Raise `Invalid` unless there are scales or sizes, as many as axes and positive."""
        if (self.scales is None) == (self.sizes is None):
            raise Invalid("one of scales and sizes must be given, not both", "scales", "sizes")
        if self.sizes is not None and self.version < 11:
            raise Invalid(f"Resize has sizes from opset 11 on, not {self.opset}", "sizes", "opset")
        given: Sequence[float] = self.scales or self.sizes or ()
        if len(given) != len(self.named):
            raise Invalid(f"scales or sizes are {given}, must be {len(self.named)} numbers", "scales", "sizes", "axes")
        if self.scales is not None and self.keep_aspect_ratio_policy not in (None, "stretch"):
            raise Invalid(
                "keep_aspect_ratio_policy is not applicable when scales are used",
                "keep_aspect_ratio_policy", "scales", "sizes",
            )  # fmt: skip
        if any(not isfinite(number) or number <= 0 for number in given):
            raise Invalid(f"scales or sizes are {given}, every entry must be above 0", "scales", "sizes")
        if any(single(scale) != scale for scale in self.scales or ()):
            raise Invalid(f"scales are {self.scales}, every entry must be a float32", "scales")

    def _validate_roi(self) -> None:
        """Raise `Invalid` unless roi has a start and an end for each axis, and is there where it takes effect."""
        if self.roi_dtype not in ROI_TYPES or (self.roi is None and self.roi_dtype != "float32"):
            raise Invalid(f"roi_dtype is {self.roi_dtype!r}, must be float32, or another float type with roi", "roi")
        if self.roi is None:
            if self.is_crop:
                raise Invalid(f"{CROP} reads roi, which is not given", "roi", "coordinate_transformation_mode")
            return
        if self.version < 11:
            raise Invalid(f"Resize has roi from opset 11 on, not {self.opset}", "roi", "opset")
        if len(self.roi) != 2 * len(self.named):
            raise Invalid(f"roi is {self.roi}, must have {2 * len(self.named)} entries", "roi", "axes", "shape")
        if any(not isfinite(r) or float(np.array(r, self.roi_dtype)) != r for r in self.roi):
            raise Invalid(f"roi is {self.roi}, every entry must be a finite {self.roi_dtype}", "roi", "roi_dtype")

    def inputs(self) -> dict[str, Ints]:
        """X, and what is given of roi, scales and sizes; in version 11 roi and scales are there, perhaps empty."""
        return {"x": self.shape} | {name: value.shape for name, value in self.given().items()}

    def operand_names(self) -> list[str]:
        """An empty name for a roi, or for scales, left out in front of others."""
        names = self.inputs()
        if self.version == 10:
            return ["x", "scales"]
        found = [name if name in names else "" for name in ("x", "roi", "scales", "sizes")]
        return found if found[-1] else found[:-1]

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return {"y": (self.dtype, self.output_shape)}

    def constants(self) -> Collection[str]:
        """All but x, unless they come as inputs."""
        return tuple(self.given()) if self.operands_as == "initializer" else ()

    def given(self) -> Mapping[str, NDArray[Any]]:
        """Region, scales and sizes belong to the setting."""
        found: dict[str, NDArray[Any]] = {}
        is_11 = self.version == 11
        if self.roi is not None or is_11:
            found["roi"] = np.array(self.roi or (), self.roi_dtype)
        if self.scales is not None or is_11:
            found["scales"] = np.array(self.scales or (), np.float32)
        if self.sizes is not None:
            found["sizes"] = np.array(self.sizes, np.int64)
        return found

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """Attributes and operands, whose values must be known; an operand without elements is one left out."""
        names = ("scales",) if len(operands) == 2 else ("roi", "scales", "sizes")
        found: dict[str, Any] = {"shape": operands[0].shape, **attributes}
        present = {name: operand for name, operand in zip(names, operands[1:], strict=False) if operand.name}
        for name, operand in present.items():
            if operand.value is None:
                raise Invalid(f"{operand.name} comes as an input, its value must be known", "operands_as")
            if operand.value.size:
                found[name] = tuple(operand.value.tolist())
        if "roi" in found and present["roi"].value is not None:
            found["roi_dtype"] = present["roi"].value.dtype.name
        is_fed = any(operand.is_fed for operand in present.values())
        return found | {"operands_as": "input" if is_fed else "initializer"}
