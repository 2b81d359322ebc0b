"""Transposed convolution (deconvolution): ONNX ``ConvTranspose``, versions 1, 11 and 22, one to three spatial axes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd, prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from graphs import patterns
from graphs.geometry import Ints, Spread, spread
from graphs.spec import Invalid, Operand, Silence, Value
from graphs.windowed import Dilated

SIZE_FIELDS = ("extent", "kernel_shape", "strides", "dilations", "output_padding", "output_shape")


@dataclass(frozen=True, kw_only=True)
class ConvTranspose(Dilated):
    """``Y[o*S + k*d - p] += X[o] W[k] (+ B)``: X is N x C x D..., W is C x M/group x k..., B is M."""

    filters: int = 1
    group: int | None = None
    output_padding: Ints | None = None
    output_shape: Ints | None = None  # spatial axes alone
    bias: bool = False
    weights: str = "initializer"
    infer_kernel: bool = False  # the kernel_shape attribute is omitted and follows from W

    block: ClassVar[str] = "conv_transpose"
    op_type: ClassVar[str] = "ConvTranspose"
    versions: ClassVar[Ints] = (1, 11, 22)
    attribute_names: ClassVar[tuple[str, ...]] = (
        "auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides",
    )  # fmt: skip

    @cached_property
    def steps(self) -> Ints:
        """Strides, 1 where omitted."""
        return self.strides or (1,) * self.rank

    @cached_property
    def gaps(self) -> Ints:
        """Dilations, 1 where omitted."""
        return self.dilations or (1,) * self.rank

    @cached_property
    def spreads(self) -> tuple[Spread, ...]:
        """Each spatial axis with its attributes resolved."""
        n = self.rank
        pads, extra = self.pads or (0,) * (2 * n), self.output_padding or (0,) * n
        return tuple(
            spread(
                self.extent[i], (self.kernel_shape[i] - 1) * self.gaps[i] + 1, self.steps[i], extra[i],
                self.auto_pad or "NOTSET", (pads[i], pads[n + i]), self.output_shape[i] if self.output_shape else None,
            )
            for i in range(n)
        )  # fmt: skip

    def validate(self) -> None:
        """Lists, groups, output_padding below stride or dilation (ConvTranspose-11), and an output that is there."""
        super().validate()
        self._validate_list("output_padding", self.rank, 0)
        self._validate_list("output_shape", self.rank, 1)
        group = 1 if self.group is None else self.group
        if group < 1 or self.filters < 1 or self.channels % group or self.filters % group:
            raise Invalid(
                f"group is {group}, must divide {self.channels} channels and {self.filters} filters",
                "channels", "filters", "group",
            )  # fmt: skip
        if self.weights not in ("initializer", "input"):
            raise Invalid(f"weights is {self.weights!r}, must be initializer or input", "weights")
        limits = tuple(map(max, self.steps, self.gaps))
        if self.version > 1 and any(map(int.__ge__, self.output_padding or (), limits)):
            raise Invalid(
                f"output_padding is {self.output_padding}, must be below {limits}, the larger of stride and dilation",
                "output_padding", "strides", "dilations", "opset",
            )  # fmt: skip
        if any(axis.count < 1 for axis in self.spreads):
            raise Invalid(f"pads {self.pads} leave nothing of the output", *SIZE_FIELDS, "pads", "auto_pad")

    @property
    def silent(self) -> Silence | None:
        """Version 1 leaves much open; pads below zero, and output_shape beside auto_pad, are open in all versions."""
        name = f"ConvTranspose-{self.version}"
        is_same = (self.auto_pad or "").startswith("SAME")
        totals = [axis.begin + axis.end for axis in self.spreads] if is_same or self.output_shape else []
        if self.version == 1:
            found = self._silent_1(is_same, any(t % 2 for t in totals))
            if found:
                return found
        if min(totals, default=0) < 0:
            return Silence(
                f"{name}, pads: 'it can take any value greater than or equal to 0' (they come out below)", self._cause
            )
        if self.output_shape and self.auto_pad == "VALID" and any(totals):
            said = "VALID mean no padding" if self.version == 1 else "either NOTSET, SAME_UPPER, SAME_LOWER or VALID"
            return Silence(
                f"{name}, auto_pad: '{said}' (and output_shape asks for padding)", ("output_shape", "auto_pad")
            )
        if self.output_shape and is_same and self.output_shape != tuple(map(int.__mul__, self.extent, self.steps)):
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

    @property
    def _cause(self) -> tuple[str, ...]:
        """What sets the number of elements to take off; an axis gives output_shape by that number itself."""
        if self.output_shape:
            return ("output_shape",)
        return ("kernel_shape", "strides", "dilations", "output_padding", "auto_pad")

    def _silent_1(self, is_same: bool, is_odd: bool) -> Silence | None:
        """What version 1 alone leaves open."""
        if self.strides is None:
            return Silence(
                "ConvTranspose-1, strides: 'Stride along each spatial axis.' (no default stated)", ("strides", "opset")
            )
        if self.dilations is None:
            return Silence(
                "ConvTranspose-1, dilations: 'dilation value along each spatial axis of the filter.' (no default "
                "stated)",
                ("dilations", "opset"),
            )
        if any(self.output_padding or ()):
            return Silence(
                "ConvTranspose-1, output_padding: 'The zero-padding added to one side of the output.' (later versions "
                "and ONNX's own cases put elements of the sum there, not zeros)",
                ("output_padding", "strides", "dilations", "opset"),
            )
        if is_same and max(self.strides) > 1:
            return Silence(
                "ConvTranspose-1, auto_pad: 'pad the input so that the output spatial size match the input' (under a "
                "stride?)", ("auto_pad", "strides", "opset"),
            )  # fmt: skip
        if is_odd:
            return Silence(
                "ConvTranspose-1: 'If (auto_pads != SAME_UPPER): pads[start_i] = total_padding[i]/2' (its auto_pad and "
                "version 11 have the odd pixel on the other side)", (*self._cause, "opset"),
            )  # fmt: skip
        return None

    def inputs(self) -> dict[str, Ints]:
        """X, W and, with a bias, B."""
        shapes = {
            "x": (self.batch, self.channels, *self.extent),
            "w": (self.channels, self.filters // (self.group or 1), *self.kernel_shape),
        }
        return shapes | {"b": (self.filters,)} if self.bias else shapes

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Y."""
        return {"y": (self.dtype, (self.batch, self.filters, *(axis.count for axis in self.spreads)))}

    def constants(self) -> Collection[str]:
        """W and B, unless they come as inputs."""
        return ("w", "b") if self.weights == "initializer" else ()

    def attributes(self) -> dict[str, Value]:
        """As on the node; kernel_shape is left out where it is to be inferred."""
        found = super().attributes()
        if self.infer_kernel:
            del found["kernel_shape"]
        return found

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

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """Channels, filters and kernel from W's shape where the attribute is omitted."""
        x, w = operands[0].shape, operands[1].shape
        given = {"kernel_shape": w[2:], "infer_kernel": "kernel_shape" not in attributes, **attributes}
        if given["kernel_shape"] != w[2:]:
            raise Invalid(f"kernel_shape is {given['kernel_shape']}, W has {w[2:]}", "kernel_shape")
        if w[0] != x[1]:
            raise Invalid(f"W takes {w[0]} channels, X has {x[1]} channels", "channels")
        return (
            cls.window_fields(x, given)
            | {
                "filters": w[1] * int(attributes.get("group", 1)),  # type: ignore[arg-type]  # group is INT
                "bias": any(operand.name for operand in operands[2:]),
                "weights": "input" if operands[1].value is None else "initializer",
            }
        )

    def tokens(self) -> list[str]:
        """Window parts, then output_padding, output_shape, group, bias and where the weights come from."""
        parts = self.window_tokens(f"m{self.filters}")
        for mark, value in (("a", self.output_padding), ("o", self.output_shape)):
            parts += [mark + ".".join(map(str, value))] if value is not None else []
        parts += [f"g{self.group}"] if self.group is not None else []
        flags = {"nokernel": self.infer_kernel, "bias": self.bias, "winput": self.weights == "input"}
        return parts + [name for name, is_set in flags.items() if is_set]

    @property
    def _pads_as_given(self) -> str:
        """What it comes to if output_shape sets no pads: the "right" result, elements out of "place", or no "fit"."""
        n, pads = self.rank, self.pads or (0,) * (2 * self.rank)
        if not self.output_shape or (self.auto_pad or "").startswith("SAME"):
            return "right"
        spans = (self.output_shape[i] + pads[i] + pads[n + i] - axis.kernel for i, axis in enumerate(self.spreads))
        if prod(span // step + 1 for span, step in zip(spans, self.steps, strict=True)) != prod(self.extent):
            return "fit"
        return "right" if pads[:n] == tuple(axis.begin for axis in self.spreads) else "place"

    def traits(self) -> dict[str, Any]:
        """Fields, and the facts that reports group by."""
        group, axes = self.group or 1, self.spreads
        return super().traits() | {
            "rank": self.rank,
            "dilated": any(d > 1 for d in self.gaps),
            "strided": any(s > 1 for s in self.steps),
            "padded": any(a.begin or a.end for a in axes),
            "asymmetric": any(a.begin != a.end for a in axes),
            "extra": any(a.extra for a in axes),
            "sized": self.output_shape is not None,
            "grouped": group > 1,
            "depthwise": group > 1 and group == self.channels,
            "one_to_one": self.channels == self.filters == group,
            "same": (self.auto_pad or "").startswith("SAME"),
            "pads_as_given": self._pads_as_given,
        }


# (channels, filters, group): past vector widths of 8 and 16, grouped, depthwise, depthwise with a multiplier
CHANNELS = ((1, 1, None), (3, 17, 1), (17, 5, None), (6, 4, 2), (17, 17, 17), (3, 6, 3))
AXES: dict[str, tuple[Any, ...]] = {
    "pads": ("asymmetric", "one", None, "zero", "end only", "up to kernel"),
    "channels": CHANNELS,
    "kernel_shape": patterns.KERNELS,
    "strides": patterns.STRIDES,
    "auto_pad": patterns.AUTO_PAD,
    "dilations": patterns.DILATIONS,
    "rank": (2, 1, 3),
    "extent": ((5, 4, 3), (3, 6, 4)),
    "output_padding": (None, "one", "most", "zero"),
    "output_shape": (None, "one less", "two less", "same", "one more"),
    "opset": (22, 11, 7),
    "dtype": ("float32", "float64", "float16"),
    "batch": (1, 3),
    "bias": (False, True),
    "weights": ("initializer", "input"),
    "infer_kernel": (False, True),
}


def within(pads: Ints | None, full: Ints) -> Ints | None:
    """Pads cut down so that one element or more is left of each axis."""
    if pads is None:
        return None
    begin = tuple(map(min, pads, (size - 1 for size in full)))
    return begin + tuple(min(p, size - 1 - b) for p, size, b in zip(pads[len(full) :], full, begin, strict=True))


def build(values: dict[str, Any]) -> ConvTranspose:
    """The spec for one value of every axis; what is relative to other axes is worked out."""
    channels, filters, group = values["channels"]
    same = {name: values[name] for name in ("opset", "dtype", "batch", "bias", "weights", "infer_kernel")}
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
        channels=channels, filters=filters, group=group, pads=within(window.pop("pads"), full), **same, **window,
        output_padding=extra[values["output_padding"]],
        output_shape=None if less is None else tuple(size - less for size in full),
    )  # fmt: skip
