"""The counterpart of a sliding window: every input element spreads over the output through the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from graphs.geometry import Ints, Spread, spread
from graphs.spec import Invalid
from graphs.windowed import Dilated

SIZE_FIELDS = ("extent", "kernel_shape", "strides", "dilations", "output_padding", "output_shape")


@dataclass(frozen=True, kw_only=True)
class Transposed(Dilated):
    """A kernel that spreads each input element; pads take elements off the output, or follow from its size."""

    output_padding: Ints | None = None
    output_shape: Ints | None = None  # spatial axes alone

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

    @cached_property
    def output_extent(self) -> Ints:
        """Spatial size of the result, by formula."""
        return tuple(axis.count for axis in self.spreads)

    def validate(self) -> None:
        """Lists, output_padding below stride or dilation (ConvTranspose-11), and an output that is there."""
        super().validate()
        self._validate_list("output_padding", self.rank, 0)
        self._validate_list("output_shape", self.rank, 1)
        limits = tuple(map(max, self.steps, self.gaps))
        if self.version > 1 and any(map(int.__ge__, self.output_padding or (), limits)):
            raise Invalid(
                f"output_padding is {self.output_padding}, must be below {limits}, the larger of stride and dilation",
                "output_padding", "strides", "dilations", "opset",
            )  # fmt: skip
        if min(self.output_extent) < 1:
            raise Invalid(f"pads {self.pads} leave nothing of the output", *SIZE_FIELDS, "pads", "auto_pad")

    def window_tokens(self, *extra: str) -> list[str]:
        """Id parts of the window, then output_padding and output_shape."""
        parts = super().window_tokens(*extra)
        for mark, value in (("a", self.output_padding), ("o", self.output_shape)):
            parts += [mark + ".".join(map(str, value))] if value is not None else []
        return parts

    @property
    def _pads_as_given(self) -> str:
        """What it comes to if output_shape sets no pads: the "right" result, elements out of "place", or no "fit"."""
        n, pads = self.rank, self.pads or (0,) * (2 * self.rank)
        if not self.output_shape or self.is_same:
            return "right"
        spans = (self.output_shape[i] + pads[i] + pads[n + i] - axis.kernel for i, axis in enumerate(self.spreads))
        if prod(span // step + 1 for span, step in zip(spans, self.steps, strict=True)) != prod(self.extent):
            return "fit"
        return "right" if pads[:n] == tuple(axis.begin for axis in self.spreads) else "place"

    def traits(self) -> dict[str, Any]:
        """Fields, and the facts about the window that reports group by."""
        axes = self.spreads
        return super().traits() | {
            "rank": self.rank,
            "dilated": any(d > 1 for d in self.gaps),
            "strided": any(s > 1 for s in self.steps),
            "padded": any(a.begin or a.end for a in axes),
            "asymmetric": any(a.begin != a.end for a in axes),
            "extra": any(a.extra for a in axes),
            "sized": self.output_shape is not None,
            "same": self.is_same,
            "pads_as_given": self._pads_as_given,
        }
