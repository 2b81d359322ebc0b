"""What a spec shows, as labels that hold for specs from anywhere: a kernel is odd, pads are at the end only.

Axis values are patterns, which no other suite has; what they are for is a trait that any spec may have.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from graphs.blocks.clip import Clip
from graphs.blocks.conv_integer import ConvInteger
from graphs.blocks.max_unpool import MaxUnpool
from graphs.blocks.p_relu import PRelu
from graphs.blocks.qlinear_conv import QLinearConv
from graphs.elementwise import Elementwise
from graphs.global_pooling import GlobalPooling
from graphs.labels import (
    amount,
    amounts,
    axes,
    bounds,
    constant,
    direction,
    each_axis,
    flag,
    group,
    last_window,
    pads,
    plain,
    region,
    scale,
    shape,
    size_asked_for,
    slope,
    small,
    strides,
    zero_point,
)
from graphs.norm import Norm
from graphs.padded import PadAmounts
from graphs.quantised_conv import QuantisedConv
from graphs.rearrangement import Rearrangement
from graphs.resampled import Resampled
from graphs.spec import Spec
from graphs.transposed import Transposed
from graphs.weighted import Weighted
from graphs.windowed import Dilated, Spatial, Windowed

Label = Callable[[Any], str]  # a spec -> what it shows


# Kind of spec -> name -> what it shows.  A name that is a field's replaces the field.
SHOWN: dict[type[Spec], dict[str, Label | None]] = {
    Spec: {"opset": lambda s: f"version {s.version}"},
    Spatial: {
        "batch": lambda s: amount(s.batch), "channels": lambda s: amount(s.channels), "rank": lambda s: str(s.rank),
        "extent": lambda s: shape(s.extent), "kernel_shape": lambda s: each_axis(s.kernel_shape), "strides": strides,
        "pads": pads,
    },
    Norm: {"p": lambda s: small(s.p)},
    Dilated: {"dilations": lambda s: each_axis(s.dilations)},
    Windowed: {"last_window": last_window},
    Weighted: {"filters": lambda s: amount(s.filters), "group": group},
    Transposed: {
        "output_padding": lambda s: plain(s.output_padding and float(any(s.output_padding))),
        "output_shape": lambda s: flag(s.output_shape is None, "omitted", "given"),
    },
    QuantisedConv: {
        "opset": lambda s: f"opset {s.opset}", "x_zero_point": lambda s: zero_point(s.x_zero_point, s.dtype),
        "w_zero_point": lambda s: zero_point(s.w_zero_point, s.weight_dtype),
    },
    ConvInteger: {"bias": None},
    QLinearConv: {
        "x_scale": lambda s: scale(s.x_scale), "w_scale": lambda s: scale(s.w_scale),
        "y_scale": lambda s: scale(s.y_scale), "y_zero_point": lambda s: zero_point(s.y_zero_point, s.output_dtype),
    },
    Elementwise: {"shape": lambda s: f"{len(s.shape)} axes"},
    PRelu: {"slope": slope},
    Clip: {"bounds": bounds},
    GlobalPooling: {
        "batch": lambda s: amount(s.batch), "channels": lambda s: amount(s.channels),
        "rank": lambda s: str(len(s.extent)), "extent": lambda s: shape(s.extent),
    },
    Rearrangement: {
        "shape": lambda s: shape(s.shape[2:]), "batch": lambda s: amount(s.shape[0]),
        "channels": lambda s: amount(s.shape[1]), "blocksize": lambda s: small(s.blocksize),
    },
    PadAmounts: {
        "shape": lambda s: f"{len(s.shape)} axes", "pads": amounts, "value": constant, "axes": axes,
        "empty_value": None, "axes_dtype": None,
    },
    MaxUnpool: {
        "output_shape": size_asked_for, "places": lambda s: s.places if s.places in ("first", "last") else "any",
    },
    Resampled: {
        "shape": lambda s: f"{len(s.shape)} axes", "axes": axes, "roi": region, "roi_dtype": None,
        "given_as": lambda s: flag(s.sizes is None, "scales", "sizes"), "direction": direction,
        "sizes": None, "scales": None,
    },
}  # fmt: skip


def labels_of(kind: type[Spec]) -> Mapping[str, Label]:
    """What specs of a kind show; a field without an entry of its own shows itself."""
    fields = {field.name: (lambda s, name=field.name: plain(getattr(s, name))) for field in dataclasses.fields(kind)}
    found: dict[str, Label | None] = dict(fields)
    for base in reversed(kind.__mro__):
        found |= SHOWN.get(base, {})
    return {name: label for name, label in found.items() if label is not None}


def shown(spec: Spec) -> dict[str, str]:
    """Name -> label."""
    return {name: label(spec) for name, label in labels_of(type(spec)).items()}
