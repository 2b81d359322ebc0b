"""Sizes of sliding windows by the operators' own formulas, in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

Ints = tuple[int, ...]
AUTO_PADS = ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")


@dataclass(frozen=True)
class Axis:
    """One spatial axis of a sliding-window operator, its attributes resolved.

    ``size`` is the input extent M, ``kernel`` the dilated kernel w, ``stride`` S, ``begin`` and ``end``
    the pads in pixels.  The output size is the lecture's ``o = floor((M - w + begin + end) / S) + 1``.
    """

    size: int
    kernel: int
    stride: int
    begin: int = 0
    end: int = 0
    ceil: bool = False

    @property
    def span(self) -> int:
        """Positions a window may start at, less one; negative where the kernel does not fit."""
        return self.size + self.begin + self.end - self.kernel

    @property
    def floor_count(self) -> int:
        """Windows under the floor formula."""
        return self.span // self.stride + 1

    @property
    def formula_count(self) -> int:
        """Windows under the formula as printed, ceil_mode applied, none ignored."""
        return -(-self.span // self.stride) + 1 if self.ceil else self.floor_count

    @property
    def count(self) -> int:
        """Windows that count: with ``ceil``, one that would start in the right padding is ignored (MaxPool-22)."""
        hangs = self.ceil and self.starts_in_right_pad(self.formula_count)
        return self.floor_count if hangs else self.formula_count

    def starts_in_right_pad(self, count: int) -> bool:
        """Whether the last of ``count`` windows starts behind the input."""
        return (count - 1) * self.stride >= self.size + self.begin

    @property
    def overhang(self) -> int:
        """Pixels by which the last counted window reaches past the end padding."""
        return max(0, (self.count - 1) * self.stride - self.span)

    @property
    def tail(self) -> int:
        """Elements of the input behind the last counted window; negative: pixels by which it reaches past the end."""
        return self.size + self.begin - (self.count - 1) * self.stride - self.kernel

    @property
    def last_is_padding(self) -> bool:
        """Whether the last counted window touches no element of the input."""
        return self.starts_in_right_pad(self.count)


def same_total(size: int, kernel: int, stride: int) -> int:
    """Padding that ``auto_pad=SAME_*`` asks for by its formula; it can come out negative."""
    return (-(-size // stride) - 1) * stride + kernel - size


def resolve(size: int, kernel: int, stride: int, auto_pad: str, begin: int, end: int, ceil: bool) -> Axis:
    """The axis with ``auto_pad`` turned into pads; ceil_mode does not act on automatic padding."""
    if auto_pad == "NOTSET":
        return Axis(size, kernel, stride, begin, end, ceil)
    if auto_pad == "VALID":
        return Axis(size, kernel, stride)
    total = max(0, same_total(size, kernel, stride))
    small, large = total // 2, total - total // 2
    pads = (small, large) if auto_pad == "SAME_UPPER" else (large, small)
    return Axis(size, kernel, stride, *pads)


@dataclass(frozen=True)
class Spread:
    """One spatial axis of a transposed window: every input element spreads over ``kernel`` output elements.

    Uncropped the output has the lecture's ``o = (M - 1) S + w`` elements and ``extra`` (output_padding)
    after them; ``begin`` and ``end`` are taken off, or put on where negative.
    """

    size: int
    kernel: int
    stride: int
    extra: int
    begin: int
    end: int

    @property
    def count(self) -> int:
        """Extent of the output."""
        return self.total + self.size * self.stride - self.begin - self.end

    @property
    def total(self) -> int:
        """Elements above ``size * stride`` before any are taken off: what ``auto_pad=SAME_*`` takes off."""
        return self.kernel + self.extra - self.stride


def spread(size: int, kernel: int, stride: int, extra: int, auto_pad: str, pads: Ints, wanted: int | None) -> Spread:
    """The axis with ``wanted`` (output_shape) or ``auto_pad`` turned into pads; the odd pixel at the end for UPPER."""
    begin, end = pads if auto_pad == "NOTSET" else (0, 0)
    if wanted is not None or auto_pad.startswith("SAME"):
        total = stride * (size - 1) + extra + kernel - (size * stride if wanted is None else wanted)
        less, more = total // 2, total - total // 2
        begin, end = (less, more) if auto_pad == "SAME_UPPER" else (more, less)
    return Spread(size, kernel, stride, extra, begin, end)
