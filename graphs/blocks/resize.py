"""Resampling to another size: ONNX ``Resize``, versions 10, 11, 13, 18 and 19."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar

from graphs.geometry import Ints
from graphs.numbers import FLOATS, readable, single
from graphs.resampled import CROP, Resampled
from graphs.resizing import Along
from graphs.spec import Invalid, Silence
from graphs.targets import NAMED, REGIONS, SAMPLING, TARGETS

# coordinate_transformation_mode -> its first and last version
TRANSFORMATIONS = {
    "half_pixel": (11, 19),
    "half_pixel_symmetric": (19, 19),
    "pytorch_half_pixel": (11, 19),
    "align_corners": (11, 19),
    "asymmetric": (11, 19),
    "tf_half_pixel_for_nn": (11, 13),
    CROP: (11, 19),
}
MODES = {"nearest": 10, "linear": 10, "cubic": 11}  # mode -> first version
NEAREST = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
POLICIES = ("stretch", "not_larger", "not_smaller")


@dataclass(frozen=True, kw_only=True)
class Resize(Resampled):
    """Every element of y is one element of x, or an average of some, around a coordinate along each axis."""

    mode: str | None = None
    nearest_mode: str | None = None
    antialias: int | None = None
    cubic_coeff_a: float | None = None
    exclude_outside: int | None = None
    extrapolation_value: float | None = None

    block: ClassVar[str] = "resize"
    op_type: ClassVar[str] = "Resize"
    versions: ClassVar[Ints] = (10, 11, 13, 18, 19)
    attribute_names: ClassVar[tuple[str, ...]] = (
        "mode", "coordinate_transformation_mode", "nearest_mode", "axes", "antialias", "keep_aspect_ratio_policy",
        "cubic_coeff_a", "exclude_outside", "extrapolation_value",
    )  # fmt: skip
    since: ClassVar[Mapping[str, int]] = {
        "coordinate_transformation_mode": 11, "nearest_mode": 11, "cubic_coeff_a": 11, "exclude_outside": 11,
        "extrapolation_value": 11, "axes": 18, "antialias": 18, "keep_aspect_ratio_policy": 18,
    }  # fmt: skip
    dtypes_since: ClassVar[Mapping[str, int]] = dict.fromkeys((*FLOATS, "int8", "uint8", "int32", "int64"), 10) | {
        "bfloat16": 13
    }

    def validate(self) -> None:
        """Names, lengths and ranges as the text has them."""
        self._validate_names()
        self._validate_flags()
        super().validate()

    def _validate_names(self) -> None:
        """Raise `Invalid` unless this version has every mode; one that ``mode`` does not read has no effect."""
        if MODES.get(self.mode or "nearest", 99) > self.version:
            raise Invalid(f"mode is {self.mode!r}, must be nearest, linear or, from opset 11, cubic", "mode", "opset")
        first, last = TRANSFORMATIONS.get(self.transformation, (99, 0))
        if self.coordinate_transformation_mode is not None and not first <= self.version <= last:
            raise Invalid(
                f"Resize-{self.version} has no coordinate_transformation_mode {self.coordinate_transformation_mode!r}",
                "coordinate_transformation_mode", "opset",
            )  # fmt: skip
        if self.nearest_mode not in (None, *NEAREST):
            raise Invalid(f"nearest_mode is {self.nearest_mode!r}, must be one of {', '.join(NEAREST)}", "nearest_mode")
        if self.keep_aspect_ratio_policy not in (None, *POLICIES):
            known = ", ".join(POLICIES)
            raise Invalid(
                f"keep_aspect_ratio_policy is {self.keep_aspect_ratio_policy!r}, must be one of {known}",
                "keep_aspect_ratio_policy",
            )

    def _validate_flags(self) -> None:
        """Raise `Invalid` unless flags are 0 or 1 and numbers are float32."""
        for name in ("antialias", "exclude_outside"):
            if getattr(self, name) not in (None, 0, 1):
                raise Invalid(f"{name} is {getattr(self, name)!r}, must be 0 or 1", name)
        for name in ("cubic_coeff_a", "extrapolation_value"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, float) and isfinite(value) and single(value) == value):
                raise Invalid(f"{name} is {value!r}, must be a finite float32", name)

    @property
    def silent(self) -> Silence | None:
        """What the text of this version does not say."""
        return (
            self._silent_first_version()
            or self._silent_axes()
            or self._silent_lengths()
            or self._silent_halves()
            or self._silent_values()
        )

    def _silent_first_version(self) -> Silence | None:
        """Resize-10 has no formula for coordinates."""
        if self.version > 10:
            return None
        return Silence(
            "Resize-10, mode: 'Two interpolation modes: nearest (default), and linear (including bilinear, trilinear, "
            "etc)' (at which coordinates the input is read is not said)",
            ("opset",),
        )

    def _silent_axes(self) -> Silence | None:
        """Repeated axes."""
        if len(set(self.named)) == len(self.named):
            return None
        return Silence(
            f"Resize-{self.version}, axes: 'Behavior is undefined if an axis is repeated.'", ("axes", "shape")
        )

    def _silent_lengths(self) -> Silence | None:
        """Lengths at the mercy of rounding, a quotient of 0 and 0, and two numbers that are called scale."""
        name, reads = f"Resize-{self.version}", "coordinate_transformation_mode"
        alongs = self.resized.values()
        if not all(along.is_sure for along in alongs):
            formula = "'floor(input_dimension * (roi_end - roi_start) * scale)'"
            if self.scales is None:
                formula = "keep_aspect_ratio_policy: 'rounding halfway cases up'"
            return Silence(f"{name}: {formula} (of a product that floats round to another length)", self.lengths_from)
        if self.is_crop and any(along.is_cropped for along in alongs):
            return Silence(
                f"{name}: 'output_dimension = floor(input_dimension * (roi_end - roi_start) * scale)' (ONNX's shape "
                "inference and reference leave the region out)",
                self.lengths_from,
            )
        if self.transformation == "align_corners" and any(a.length == 1 < a.size for a in alongs):
            return Silence(
                f"{name}: 'x_original = x_resized * (length_original - 1) / (length_resized - 1)' "
                "(0 / 0 where the resized length is 1)",
                (*self.lengths_from, reads),
            )
        if any(self._reads_scale(along) and not along.has_one_scale for along in alongs):
            return Silence(
                f"{name}: 'scale = length_resized / length_original' (the scale that was given, or that the policy "
                "chose, is another number where the length was rounded)",
                (*self.lengths_from, reads, *(("antialias", "mode") if self._stretches else ())),
            )
        return None

    def _silent_halves(self) -> Silence | None:
        """Axes that keep their length, and would be moved all the same."""
        is_moved = self.mode in ("linear", "cubic") or self.nearest_mode in ("ceil", "round_prefer_ceil")
        if self.transformation != "tf_half_pixel_for_nn" or not is_moved:
            return None
        if all(along.length != along.size for along in self.resized.values()):
            return None
        return Silence(
            f"Resize-{self.version}: 'x_original = (x_resized + 0.5) / scale' (half an element on, along "
            "axes whose scale is 1 too, such as batch and channels?)",
            (*self.lengths_from, "shape", "coordinate_transformation_mode", "mode", "nearest_mode"),
        )

    @property
    def _stretches(self) -> bool:
        """Whether the filter is stretched where an axis shrinks."""
        return bool(self.antialias) and self.mode in ("linear", "cubic")

    def _reads_scale(self, along: Along) -> bool:
        """Whether the result depends on the axis's scale, and not on its lengths alone."""
        if self._stretches:
            return True
        if self.transformation == "pytorch_half_pixel":
            return along.length > 1
        return self.transformation not in ("align_corners", CROP)

    def _silent_values(self) -> Silence | None:
        """Averages and constants of a whole type."""
        if self.dtype in FLOATS:
            return None
        if self.mode in ("linear", "cubic"):
            return Silence(
                f"Resize-{self.version}: 'it calculates every value in the output tensor as a weighted average of "
                "neighborhood' (how the average is rounded to a whole number is not said)",
                ("dtype", "mode"),
            )
        value = self.extrapolation_value or 0.0
        if self.is_crop and not (value.is_integer() and 0 <= value < 128):
            return Silence(
                f"Resize-{self.version}, extrapolation_value: 'this value is used as the corresponding output value' "
                "(of a type that lacks it?)",
                ("dtype", "extrapolation_value", "coordinate_transformation_mode"),
            )
        return None

    @property
    def tells_precision(self) -> bool:
        """Averages round; a copy shows in which type it was read."""
        return (self.mode or "nearest") == "nearest"

    def tokens(self) -> list[str]:
        """Shape, scales or sizes, axes, modes, region and flags; m is minus."""
        parts = ["x" + ".".join(map(str, self.shape))]
        parts.append(_numbers("s", self.scales) if self.scales is not None else _numbers("to", self.sizes or ()))
        parts += [_numbers("a", self.axes)] if self.axes is not None else []
        words = (self.mode, self.coordinate_transformation_mode, self.nearest_mode, self.keep_aspect_ratio_policy)
        marks = ("", "", "by.", "")
        parts += [mark + w.replace("_", ".") for mark, w in zip(marks, words, strict=True) if w is not None]
        if self.roi is not None:
            parts.append(_numbers("roi", self.roi) + (f"f{self.roi_dtype[-2:]}" if self.roi_dtype != "float32" else ""))
        numbers = {"aa": self.antialias, "eo": self.exclude_outside, "ca": self.cubic_coeff_a}
        numbers |= {"ev": self.extrapolation_value}
        parts += [_numbers(mark, (value,)) for mark, value in numbers.items() if value is not None]
        return parts + ["input"] * (self.operands_as == "input")

    def traits(self) -> dict[str, Any]:
        """Fields, modes with their defaults resolved, and what the lengths do."""
        return super().traits() | {
            "rank": len(self.shape),
            "kind": self.mode or "nearest",
            "transformation": self.transformation,
            "given_as": "scales" if self.scales is not None else "sizes",
            "counts_back": min(self.axes or (0,)) < 0,
            "keeps_lengths": all(along.length == along.size for along in self.resized.values()),
            "cuts": any(along.is_cut for along in self.resized.values()),
            "region_counts": self.is_crop and self.roi != (0.0,) * len(self.named) + (1.0,) * len(self.named),
            "names_all": len(self.named) == len(self.shape),
            "scales_outer": any(self.resized[axis].scale != 1 for axis in (0, 1) if axis in self.resized),
        }


def _numbers(mark: str, values: Sequence[float]) -> str:
    """Numbers for an id, m for minus and p for the point."""
    said = (readable(v) if single(v) == v else repr(float(v)) for v in values)
    return mark + ".".join(text.replace("-", "m").replace(".", "p").replace("+", "") for text in said)


AXES: dict[str, tuple[Any, ...]] = {
    "opset": (19, 18, 13, 11, 10),
    "target": tuple(TARGETS),
    "mode": tuple(SAMPLING),
    "coordinate_transformation_mode": (None, *TRANSFORMATIONS),
    "roi": tuple(REGIONS),
    "shape": ((1, 2, 6, 7), (2, 3, 9), (6, 5), (1, 2, 4, 5, 3), (12,)),
    "dtype": ("float32", "float64", "float16", "uint8", "bfloat16"),
    "axes": tuple(NAMED),
    "keep_aspect_ratio_policy": (None, *POLICIES),
    "operands_as": ("initializer", "input"),
}


def build(values: dict[str, Any]) -> Resize:
    """The spec for one value of every axis."""
    shape: Ints = values["shape"]
    rank = len(shape)
    spatial = tuple(range(2 if rank > 2 else 0, rank))
    axes = NAMED[values["axes"]](rank, spatial)
    named = range(rank) if axes is None else [axis % rank for axis in axes]
    target, region = TARGETS[values["target"]], REGIONS[values["roi"]]
    plain = ("opset", "dtype", "shape", "operands_as", "coordinate_transformation_mode", "keep_aspect_ratio_policy")
    fields = {name: values[name] for name in plain} | SAMPLING[values["mode"]] | {"axes": axes}
    fields[target.operand] = target.entries(shape, named, spatial)
    if region is not None:
        ends = tuple(region.ends[k] if axis in spatial else float(k) for k in (0, 1) for axis in named)
        fields |= {"roi": ends, "roi_dtype": region.dtype, "extrapolation_value": region.extrapolation_value}
    return Resize(**fields)
