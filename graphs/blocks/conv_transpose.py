"""Transposed convolution (deconvolution): ONNX ``ConvTranspose``, versions 1, 11 and 22, one to three spatial axes."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs import patterns, weighted
from graphs.geometry import Ints
from graphs.spec import Silence
from graphs.transposed import SIZE_FIELDS, Transposed
from graphs.weighted import Weighted


@dataclass(frozen=True, kw_only=True)
class ConvTranspose(Weighted, Transposed):
    """``Y[o*S + k*d - p] += X[o] W[k] (+ B)``: X is N x C x D..., W is C x M/group x k..., B is M."""

    block: ClassVar[str] = "conv_transpose"
    op_type: ClassVar[str] = "ConvTranspose"
    versions: ClassVar[Ints] = (1, 11, 22)
    attribute_names: ClassVar[tuple[str, ...]] = (
        "auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides",
    )  # fmt: skip
    filters_first: ClassVar[bool] = False

    @property
    def silent(self) -> Silence | None:
        """Version 1 leaves much open; pads below zero, and output_shape beside auto_pad, are open in all versions."""
        return super().silent or self._silent_first_version() or self._silent_size()

    @property
    def _totals(self) -> Ints:
        """Elements to take off each axis, where that follows from the size."""
        return tuple(axis.begin + axis.end for axis in self.spreads if self.is_same or self.output_shape)

    @property
    def _cause(self) -> tuple[str, ...]:
        """What sets the number of elements to take off; an axis gives output_shape by that number itself."""
        if self.output_shape:
            return ("output_shape",)
        return ("kernel_shape", "strides", "dilations", "output_padding", "auto_pad")

    def _silent_first_version(self) -> Silence | None:
        """What version 1 alone leaves open, beside defaults."""
        if self.version > 1:
            return None
        if any(self.output_padding or ()):
            return Silence(
                "ConvTranspose-1, output_padding: 'The zero-padding added to one side of the output.' (later versions "
                "and ONNX's own cases put elements of the sum there, not zeros)",
                ("output_padding", "strides", "dilations", "opset"),
            )
        if self.is_same and max(self.steps) > 1:
            return Silence(
                "ConvTranspose-1, auto_pad: 'pad the input so that the output spatial size match the input' (under a "
                "stride?)", ("auto_pad", "strides", "opset"),
            )  # fmt: skip
        if any(total % 2 for total in self._totals):
            return Silence(
                "ConvTranspose-1: 'If (auto_pads != SAME_UPPER): pads[start_i] = total_padding[i]/2' (its auto_pad and "
                "version 11 have the odd pixel on the other side)", (*self._cause, "opset"),
            )  # fmt: skip
        return None

    def _silent_size(self) -> Silence | None:
        """What every version leaves open where sizes set the pads, or the dilation alone allows output_padding."""
        name, totals = f"ConvTranspose-{self.version}", self._totals
        if min(totals, default=0) < 0:
            return Silence(
                f"{name}, pads: 'it can take any value greater than or equal to 0' (they come out below)", self._cause
            )
        if self.output_shape and self.auto_pad == "VALID" and any(totals):
            said = "VALID mean no padding" if self.version == 1 else "either NOTSET, SAME_UPPER, SAME_LOWER or VALID"
            return Silence(
                f"{name}, auto_pad: '{said}' (and output_shape asks for padding)", ("output_shape", "auto_pad")
            )
        if self.output_shape and self.is_same and self.output_shape != tuple(map(int.__mul__, self.extent, self.steps)):
            same = "the output spatial size match the input" if self.version == 1 else "`output_shape[i] ="
            return Silence(
                f"{name}, auto_pad: 'pad the input so that {same}' (output_shape is another)",
                (*SIZE_FIELDS, "auto_pad"),
            )
        if self.version > 1 and any(map(int.__ge__, self.output_padding or (), self.steps)):
            return Silence(
                f"{name}: 'Each padding value in \"output_padding\" must be less than the corresponding "
                "stride/dilation dimension.' (it is less than the dilation alone)",
                ("output_padding", "strides", "dilations", "opset"),
            )  # fmt: skip
        return None

    def sums(self) -> NDArray[np.int64]:
        """For each weight the number of the sums it takes part in.

        Output elements of one filter fall into classes, along each axis: taps k and k + S / gcd(S, d) land on the same.
        """
        shape = self.inputs()["w"]
        place = np.indices(shape)
        number = place[0] // (self.channels // (self.group or 1)) * shape[1] + place[1]
        for along, stride, gap in zip(place[2:], self.steps, self.gaps, strict=True):
            period = stride // gcd(stride, gap)
            number = number * period + along % period
        return np.asarray(number)

    def traits(self) -> dict[str, Any]:
        """The facts of window and weights, and whether each filter has a channel and a group of its own."""
        return super().traits() | {"one_to_one": self.channels == self.filters == (self.group or 1)}


# (channels, filters, group): past vector widths of 8 and 16, grouped, depthwise, depthwise with a multiplier
CHANNELS = ((1, 1, None), (3, 17, 1), (17, 5, None), (6, 4, 2), (17, 17, 17), (3, 6, 3))
AXES: dict[str, tuple[Any, ...]] = {
    "pads": (*patterns.INNER_PADS, "up to kernel"),
    "channels": CHANNELS,
    **patterns.WINDOW | {"extent": ((5, 4, 3), (3, 6, 4))},
    "output_padding": (None, "one", "most", "zero"),
    "output_shape": (None, "one less", "two less", "same", "one more"),
    **weighted.AXES,
}


def within(pads: Ints | None, full: Ints) -> Ints | None:
    """Pads cut down so that one element or more is left of each axis."""
    if pads is None:
        return None
    begin = tuple(map(min, pads, (size - 1 for size in full)))
    return begin + tuple(min(p, size - 1 - b) for p, size, b in zip(pads[len(full) :], full, begin, strict=True))


def build(values: dict[str, Any]) -> ConvTranspose:
    """The spec for one value of every axis; what is relative to other axes is worked out."""
    window = patterns.window(values) | {"extent": values["extent"][: values["rank"]]}
    n = len(window["extent"])
    steps, gaps = window["strides"] or (1,) * n, window["dilations"] or (1,) * n
    most = tuple(max(s, d) - 1 for s, d in zip(steps, gaps, strict=True))
    extra = {None: None, "zero": (0,) * n, "one": tuple(min(1, m) for m in most), "most": most}
    full = ConvTranspose(
        channels=1, batch=1, extent=window["extent"], kernel_shape=window["kernel_shape"], strides=steps,
        dilations=gaps, output_padding=extra[values["output_padding"]],
    ).outputs()["y"][1][2:]  # fmt: skip
    less = {"one less": 1, "two less": 2, "same": 0, "one more": -1, None: None}[values["output_shape"]]
    return ConvTranspose(
        **weighted.fields(values), pads=within(window.pop("pads"), full), **window,
        output_padding=extra[values["output_padding"]],
        output_shape=None if less is None else tuple(size - less for size in full),
    )  # fmt: skip
