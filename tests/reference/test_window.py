"""Windows against plain loops over a few thousand drawn settings, and the attributes' defaults against ONNX's own."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graphs.blocks import BLOCKS, SINGLE
from reference import KERNELS
from reference.conv_transpose import apart
from reference.window import taps_inside, view, windows_along
from tests.reference.loops import shape_of, windows

OPERATORS = {name: spec.op_type for name, spec in SINGLE.items()}


@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    """Attributes of one window, pads up to past the kernel; the kernel fits."""
    rank = draw(st.integers(1, 2))

    def ints(low: int, high: int, length: int = rank) -> tuple[int, ...]:
        return draw(st.tuples(*[st.integers(low, high)] * length))

    attributes: dict[str, Any] = {"extent": ints(1, 7), "kernel_shape": ints(1, 4)}
    attributes["strides"] = draw(st.sampled_from([None, ints(1, 5)]))
    attributes["dilations"] = draw(st.sampled_from([None, ints(1, 3)]))
    attributes["auto_pad"] = draw(st.sampled_from(["NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"]))
    if attributes["auto_pad"] == "NOTSET":
        attributes["pads"] = draw(st.sampled_from([None, ints(0, 5, 2 * rank)]))
    attributes["ceil_mode"] = draw(st.integers(0, 1))
    pads, gaps = attributes.get("pads") or (0,) * 2 * rank, attributes["dilations"] or (1,) * rank
    for i in range(rank):
        reach = gaps[i] * (attributes["kernel_shape"][i] - 1) + 1
        room = attributes["extent"][i] + pads[i] + pads[rank + i]
        assume(room >= reach or attributes["auto_pad"].startswith("SAME"))
    return attributes


@given(settings())
def test_view_reads_what_loops_read(attributes: dict[str, Any]) -> None:
    """Every tap of every window, and how many of them count."""
    extent = attributes.pop("extent")
    x = np.arange(1, 1 + np.prod(extent)).reshape(1, *extent)
    layout = windows_along(extent, **attributes)
    seen = view(x, layout, 0, np.int64)
    loops = dict(windows(extent, **attributes))
    counts = shape_of(list(loops))
    assert seen.shape == (1, *counts, *attributes["kernel_shape"])
    for position, taps in loops.items():
        for tap in taps:
            assert seen[(0, *position, *tap.place)] == (x[(0, *tap.point)] if tap.is_inside else 0)
        assert taps_inside(layout, False)[position] == sum(tap.is_inside for tap in taps)
        assert taps_inside(layout, True)[position] == sum(tap.is_counted for tap in taps)


def test_input_is_left_alone() -> None:
    x = np.ones((1, 3))
    view(x, windows_along((3,), (2,), pads=(1, 1)), 0.0)[:] = 7
    np.testing.assert_array_equal(x, np.ones((1, 3)))


@pytest.mark.parametrize("block", OPERATORS)
def test_omitted_attributes_are_onnx_defaults(block: str) -> None:
    """Each default in a kernel's signature is the schema's, and each attribute with a default is known to it."""
    assert set(BLOCKS) == set(KERNELS)
    known = dict(inspect.signature(KERNELS[block]).parameters)
    if "window" in known:
        known |= inspect.signature({"conv_transpose": apart}.get(block, windows_along)).parameters
    schema = onnx.defs.get_schema(OPERATORS[block], 22)
    for name, attribute in schema.attributes.items():
        assert name in known, f"{block} does not take {name}"
        if attribute.default_value.name and name in known:
            due = onnx.helper.get_attribute_value(attribute.default_value)
            assert known[name].default == (due.decode() if isinstance(due, bytes) else due), name
