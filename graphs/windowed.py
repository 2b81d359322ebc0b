"""The part of a spec that convolution and pooling share: a window that slides over spatial axes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from graphs.geometry import AUTO_PADS, Axis, Ints, resolve, same_total
from graphs.spec import Invalid, Spec, Value

SIZE_FIELDS = ("extent", "kernel_shape", "strides", "pads", "dilations", "auto_pad")  # what the geometry reads

# (field, entries an axis, least entry)
LISTS = (("extent", 1, 1), ("kernel_shape", 1, 1), ("strides", 1, 1), ("pads", 2, 0))


@dataclass(frozen=True, kw_only=True)
class Spatial(Spec):
    """An N x C x D1 x ... x Dn input and a kernel over its n axes; tuples have one entry an axis, ``pads`` two."""

    batch: int
    channels: int
    extent: Ints
    kernel_shape: Ints
    strides: Ints | None = None
    pads: Ints | None = None

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return len(self.extent)

    @property
    def output_extent(self) -> Ints:
        """Spatial size of the result, by formula."""
        raise NotImplementedError

    @property
    def terms(self) -> int:
        """The elements of a window, where they are added."""
        return prod(self.kernel_shape) if self.adds else 1

    def validate(self) -> None:
        """Raise `Invalid` unless lengths and ranges fit the operator's text."""
        super().validate()
        if not 1 <= self.rank <= 3:
            raise Invalid(f"extent has {self.rank} axes, must have 1, 2 or 3", "extent")
        for field in ("batch", "channels"):
            if getattr(self, field) < 1:
                raise Invalid(f"{field} is {getattr(self, field)}, must be 1 or more", field)
        for field, length, least in LISTS:
            self._validate_list(field, length * self.rank, least)

    def _validate_list(self, field: str, length: int, least: int) -> None:
        """Raise `Invalid` unless a tuple, where present, has this length and no smaller entry."""
        value = getattr(self, field)
        if value is not None and len(value) != length:
            raise Invalid(f"{field} is {value}, must have {length} entries", field, "extent")
        if value is not None and min(value) < least:
            raise Invalid(f"{field} is {value}, every entry must be {least} or more", field)

    @classmethod
    def window_fields(cls, x: Ints, attributes: dict[str, Value]) -> dict[str, Any]:
        """Constructor arguments from the input's shape and the attributes present."""
        if len(x) < 3:
            raise Invalid(f"input has {len(x)} axes, must have 3 or more", "extent")
        return {"batch": x[0], "channels": x[1], "extent": x[2:], **attributes}

    def window_tokens(self, *extra: str) -> list[str]:
        """Id parts in a fixed order; an omitted attribute leaves no token."""
        shape = ".".join(map(str, (self.batch, self.channels, *self.extent)))
        parts = [f"{self.rank}d", f"x{shape}", *extra, "k" + "x".join(map(str, self.kernel_shape))]
        for mark, value, glue in (("s", self.strides, "x"), ("p", self.pads, ".")):
            if value is not None:
                parts.append(mark + glue.join(map(str, value)))
        return parts


@dataclass(frozen=True, kw_only=True)
class Dilated(Spatial):
    """The same with dilations and automatic padding."""

    dilations: Ints | None = None
    auto_pad: str | None = None

    @property
    def is_same(self) -> bool:
        """Whether auto_pad is SAME_UPPER or SAME_LOWER."""
        return (self.auto_pad or "").startswith("SAME")

    def validate(self) -> None:
        """Raise `Invalid` unless dilations and auto_pad fit the operator's text too."""
        super().validate()
        self._validate_list("dilations", self.rank, 1)
        if self.auto_pad not in (None, *AUTO_PADS):
            raise Invalid(f"auto_pad is {self.auto_pad!r}, must be one of {', '.join(AUTO_PADS)}", "auto_pad")
        if self.auto_pad not in (None, "NOTSET") and self.pads is not None:
            raise Invalid("auto_pad and pads cannot be used together", "auto_pad", "pads")

    def window_tokens(self, *extra: str) -> list[str]:
        """Dilations and auto_pad come last."""
        parts = super().window_tokens(*extra)
        parts += ["d" + "x".join(map(str, self.dilations))] if self.dilations is not None else []
        return parts + ([self.auto_pad.lower().replace("_", "")] if self.auto_pad is not None else [])


@dataclass(frozen=True, kw_only=True)
class Windowed(Dilated):
    """The same under a sliding window."""

    @property
    def ceil(self) -> bool:
        """Whether ceil_mode is on; operators without that attribute never round up."""
        return bool(getattr(self, "ceil_mode", None))

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """Each spatial axis with its attributes resolved."""
        n = self.rank
        strides, dilations = self.strides or (1,) * n, self.dilations or (1,) * n
        pads, auto_pad = self.pads or (0,) * (2 * n), self.auto_pad or "NOTSET"
        return tuple(
            resolve(
                self.extent[i], (self.kernel_shape[i] - 1) * dilations[i] + 1, strides[i],
                auto_pad, pads[i], pads[n + i], self.ceil,
            )
            for i in range(n)
        )  # fmt: skip

    @cached_property
    def output_extent(self) -> Ints:
        """Spatial size of the result, by formula."""
        return tuple(axis.count for axis in self.axes)

    def validate(self) -> None:
        """Raise `Invalid` unless the window fits as well."""
        super().validate()
        for axis in self.axes:
            if axis.span < 0:
                raise Invalid(
                    f"the window of {axis.kernel} does not fit into {axis.size} + {axis.begin} + {axis.end}",
                    *SIZE_FIELDS,
                )

    def opposite(self) -> dict[str, Any]:
        """Fields of the transposed convolution that leads back from the windows to the elements which they read.

        output_padding adds the elements that no window reads; there are fewer than the stride.
        """
        axes = self.axes
        return {
            "extent": self.output_extent,
            "kernel_shape": self.kernel_shape,
            "strides": tuple(axis.stride for axis in axes),
            "dilations": self.dilations or (1,) * self.rank,
            "pads": tuple(axis.begin for axis in axes) + tuple(max(0, -axis.tail) for axis in axes),
            "output_padding": tuple(max(0, axis.tail) for axis in axes),
        }

    @property
    def same_is_negative(self) -> bool:
        """Whether the SAME_* padding formula comes out below zero on some axis."""
        return self.is_same and any(same_total(a.size, a.kernel, a.stride) < 0 for a in self.axes)

    @property
    def pads_order_shows(self) -> bool:
        """Whether pads read as a begin and an end for each axis in turn, not all begins first, would be others."""
        pads = self.pads or ()
        return (pads[0::2], pads[1::2]) != (pads[: self.rank], pads[self.rank :])

    @property
    def reads_padding(self) -> bool:
        """Whether some window reaches into the padding."""
        return any(a.begin or (a.count - 1) * a.stride + a.kernel > a.begin + a.size for a in self.axes)

    @property
    def has_empty_window(self) -> bool:
        """Whether some window takes padding alone, as it does where all its taps on one axis lie there."""
        return any(
            all(not 0 <= window * axis.stride - axis.begin + tap < axis.size for tap in range(0, axis.kernel, gap))
            for axis, gap in zip(self.axes, self.dilations or (1,) * self.rank, strict=True)
            for window in range(axis.count)
        )

    def traits(self) -> dict[str, Any]:
        """Fields, and the facts about the window that reports group by."""
        axes = self.axes
        return super().traits() | {
            "rank": self.rank,
            "dilated": any(d > 1 for d in self.dilations or ()),
            "strided": any(a.stride > 1 for a in axes),
            "padded": any(a.begin or a.end for a in axes),
            "reads_padding": self.reads_padding,
            "asymmetric": any(a.begin != a.end for a in axes),
            "pad_reaches_kernel": any(max(a.begin, a.end) >= k for a, k in zip(axes, self.kernel_shape, strict=True)),
            "overhang": any(a.overhang for a in axes),
            "overhang_pixels": max(a.overhang for a in axes),
            "window_ignored": any(a.count < a.formula_count for a in axes),
            "same_is_negative": self.same_is_negative,
            "stride_above_kernel": any(a.stride > a.kernel for a in axes),
            "unit_step": all(a.stride == 1 for a in axes) and all(d == 1 for d in self.dilations or ()),
            "one_column": axes[-1].count == 1 and axes[-1].stride > 1,
            "ragged": any(a.size % a.stride for a in axes),
            "one_plane": self.batch * self.channels == 1,
            "pads_order_shows": self.pads_order_shows,
            "has_empty_window": self.has_empty_window,
            "dilation_matters": any(a.kernel > k for a, k in zip(axes, self.kernel_shape, strict=True)),
        }
