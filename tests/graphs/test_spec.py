"""What no version of an operator allows is refused, with a message and fields that name the offender."""

from __future__ import annotations

import math
from typing import Any

import pytest

from graphs.blocks.average_pool import AveragePool
from graphs.blocks.clip import Clip
from graphs.blocks.conv import Conv
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.pad import Pad
from graphs.blocks.relu import Relu
from graphs.spec import Invalid, Spec

CONV: dict[str, Any] = {"batch": 1, "channels": 4, "filters": 6, "extent": (6, 5), "kernel_shape": (3, 2)}
POOL: dict[str, Any] = {"batch": 1, "channels": 2, "extent": (6, 5), "kernel_shape": (3, 2)}
PAD: dict[str, Any] = {"shape": (3, 4), "pads": (1, 0, 0, 2)}
# (block, valid fields, change, the field that must be named)
BAD: list[tuple[type[Spec], dict[str, Any], dict[str, Any], str]] = [
    (Conv, CONV, {"opset": 0}, "opset"),
    (Conv, CONV, {"dtype": "int8"}, "dtype"),
    (Conv, CONV, {"dtype": "float31"}, "dtype"),
    (Conv, CONV, {"batch": 0}, "batch"),
    (Conv, CONV, {"channels": 0}, "channels"),
    (Conv, CONV, {"filters": 0}, "filters"),
    (Conv, CONV, {"filters": -6}, "filters"),
    (Conv, CONV, {"extent": ()}, "extent"),
    (Conv, CONV, {"extent": (6, 5, 4, 3), "kernel_shape": (1, 1, 1, 1)}, "extent"),
    (Conv, CONV, {"extent": (6, 0)}, "extent"),
    (Conv, CONV, {"kernel_shape": (3,)}, "kernel_shape"),
    (Conv, CONV, {"kernel_shape": (3, 0)}, "kernel_shape"),
    (Conv, CONV, {"strides": (1,)}, "strides"),
    (Conv, CONV, {"strides": (0, 1)}, "strides"),
    (Conv, CONV, {"dilations": (1, 1, 1)}, "dilations"),
    (Conv, CONV, {"dilations": (0, 1)}, "dilations"),
    (Conv, CONV, {"pads": (1, 1)}, "pads"),
    (Conv, CONV, {"pads": (0, 0, 0, -1)}, "pads"),
    (Conv, CONV, {"auto_pad": "SAME"}, "auto_pad"),
    (Conv, CONV, {"auto_pad": "VALID", "pads": (0, 0, 0, 0)}, "auto_pad"),
    (Conv, CONV, {"group": 0}, "group"),
    (Conv, CONV, {"group": 3}, "group"),
    (Conv, CONV, {"group": 4}, "group"),
    (Conv, CONV, {"weights": "elsewhere"}, "weights"),
    (Conv, CONV, {"kernel_shape": (7, 2)}, "window"),
    (Conv, CONV, {"dilations": (1, 5)}, "window"),
    (MaxPool, POOL, {"ceil_mode": 2}, "ceil_mode"),
    (MaxPool, POOL, {"ceil_mode": 1, "opset": 8}, "ceil_mode"),
    (MaxPool, POOL, {"storage_order": 2}, "storage_order"),
    (MaxPool, POOL, {"storage_order": 0, "opset": 7}, "storage_order"),
    (MaxPool, POOL, {"indices": True, "opset": 7}, "indices"),
    (MaxPool, POOL, {"dilations": (1, 1), "opset": 9}, "dilations"),
    (MaxPool, POOL, {"dtype": "uint8", "opset": 11}, "uint8"),
    (AveragePool, POOL, {"count_include_pad": 2}, "count_include_pad"),
    (AveragePool, POOL, {"count_include_pad": 0, "opset": 6}, "count_include_pad"),
    (AveragePool, POOL, {"ceil_mode": 0, "opset": 9}, "ceil_mode"),
    (AveragePool, POOL, {"dilations": (1, 1), "opset": 18}, "dilations"),
    (AveragePool, POOL, {"dtype": "uint8"}, "dtype"),
    (Relu, {"shape": (2,)}, {"shape": (2, 0)}, "shape"),
    (Relu, {"shape": (2,)}, {"opset": 0}, "opset"),
    (Pad, PAD, {"shape": ()}, "shape"),
    (Pad, PAD, {"shape": (3, 0)}, "shape"),
    (Pad, PAD, {"mode": "symmetric"}, "mode"),
    (Pad, PAD, {"mode": "wrap", "opset": 18}, "wrap"),
    (Pad, PAD, {"pads": (1, 1)}, "pads"),
    (Pad, PAD, {"axes": (1,)}, "pads"),
    (Pad, PAD, {"axes": (0, 2)}, "axes"),
    (Pad, PAD, {"axes": (-3, 0)}, "axes"),
    (Pad, PAD, {"axes": (0, 1), "opset": 13}, "axes"),
    (Pad, PAD, {"axes_dtype": "int32"}, "axes_dtype"),
    (Pad, PAD, {"pads": (-1, 0, -2, 0)}, "result"),
    (Pad, PAD, {"value": 0.1}, "value"),
    (Pad, PAD | {"dtype": "uint8"}, {"value": -1.0}, "value"),
    (Pad, PAD | {"dtype": "int32"}, {"value": math.nan}, "value"),
    (Pad, PAD | {"dtype": "float64", "opset": 2}, {"value": 0.1}, "value"),
    (Pad, PAD, {"empty_value": True, "value": 1.0}, "empty_value"),
    (Pad, PAD | {"opset": 7}, {"empty_value": True}, "constant_value"),
    (Pad, PAD, {"pads_as": "attribute"}, "pads_as"),
    (Pad, PAD | {"opset": 7}, {"pads_as": "input"}, "as an input"),
    (Pad, PAD | {"opset": 7}, {"dtype": "int32"}, "int32"),
]


@pytest.mark.parametrize(("kind", "fields", "change", "named"), BAD)
def test_bad_setting_is_refused(kind: type[Spec], fields: dict[str, Any], change: dict[str, Any], named: str) -> None:
    """Its twin without the change is accepted, so the change is the reason."""
    kind(**fields)
    with pytest.raises(Invalid, match=named) as caught:
        kind(**fields | change)
    assert set(caught.value.fields) & set(change), "the solver learns from the fields which axes to blame"
    assert set(caught.value.fields) <= set(kind.__dataclass_fields__)


IDS: list[tuple[Spec, str]] = [
    (
        Conv(
            batch=1, channels=4, filters=6, extent=(9, 7), kernel_shape=(3, 2), strides=(2, 1), pads=(1, 0, 1, 1),
            group=2, bias=True,
        ),
        "conv-2d-x1.4.9.7-m6-k3x2-s2x1-p1.0.1.1-g2-bias-f32-op22",
    ),
    (
        MaxPool(batch=1, channels=1, extent=(5,), kernel_shape=(2,), auto_pad="SAME_UPPER", indices=True, opset=12),
        "maxpool-1d-x1.1.5-k2-sameupper-indices-f32-op12",
    ),
    (
        AveragePool(batch=1, channels=1, extent=(5,), kernel_shape=(2,), ceil_mode=1, count_include_pad=0),
        "averagepool-1d-x1.1.5-k2-ceil1-incl0-f32-op22",
    ),
    (Relu(shape=(), dtype="float16", opset=6), "relu-xscalar-f16-op6"),
    (
        Pad(shape=(3, 4), pads=(-1, 2), axes=(-1,), axes_dtype="int32", value=-2.5, pads_as="input", opset=25),
        "pad-x3.4-pm1.2-am1i32-vm2.5-pinput-f32-op25",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "due"), IDS)
def test_ids_read_well(spec: Spec, due: str) -> None:
    assert spec.id == due


def test_traits_are_plain_data() -> None:
    """Reports group by them and predicates of known deviations read them."""
    spec = Conv(batch=1, channels=2, filters=2, extent=(9, 9), kernel_shape=(3, 2), pads=(3, 0, 0, 0), group=2)
    due = {
        "block": "conv", "version": 22, "rank": 2, "strided": False, "padded": True, "asymmetric": True,
        "dilated": False, "grouped": True, "depthwise": True, "pad_reaches_kernel": True, "overhang": False,
        "stride_above_kernel": False, "extent": (9, 9), "auto_pad": None,
    }  # fmt: skip
    assert due.items() <= spec.traits().items()


FEW: dict[str, Any] = {"shape": (2, 3), "opset": 25}


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"pads": (1, 0, 0, 0)}, ["x", "pads"]),
        ({"pads": (1, 0, 0, 0), "value": 2.0}, ["x", "pads", "constant_value"]),
        ({"pads": (1, 0, 0, 0), "empty_value": True}, ["x", "pads", ""]),
        ({"pads": (1, 0), "axes": (1,)}, ["x", "pads", "", "axes"]),
        ({"pads": (1, 0), "axes": (1,), "value": 2.0}, ["x", "pads", "constant_value", "axes"]),
        ({"pads": (1, 0, 0, 0), "value": 2.0, "opset": 7}, ["x"]),
    ],
)
def test_operands_left_out_have_an_empty_name_or_none(fields: dict[str, Any], names: list[str]) -> None:
    assert list(Pad(**FEW | fields).to_node().input) == names


def test_attributes_of_the_first_two_versions() -> None:
    """The amounts have another name in the first; a later version takes neither."""
    first, second = (Pad(shape=(3,), pads=(1, 1), value=2.0, opset=opset) for opset in (1, 2))
    assert first.attributes() == {"value": 2.0, "paddings": (1, 1)}
    assert second.attributes() == {"value": 2.0, "pads": (1, 1)}
    for opset in (2, 11):
        with pytest.raises(Invalid):
            Pad.from_node(first.to_node(), first.inputs(), dtype="float32", opset=opset)


@pytest.mark.parametrize(
    ("spec", "opset"),
    [
        (Clip(shape=(3,), min=2.0, opset=6), 13),  # attributes, where bounds are operands
        (Clip(shape=(3,), min=2.0, opset=13), 6),
        (Clip(shape=(3,), max=2.0, opset=13), 6),
        (Pad(shape=(3,), pads=(1, 1), opset=11), 10),
        (Pad(shape=(3,), pads=(1, 1), value=2.0, opset=11), 1),
    ],
)
def test_what_another_version_has_as_operands_makes_no_spec(spec: Spec, opset: int) -> None:
    """As attributes or as operands, whichever this version has not."""
    constants = dict(spec.given())
    assert type(spec).from_node(spec.to_node(), spec.inputs(), dtype="float32", opset=spec.opset, constants=constants)
    with pytest.raises(Invalid):
        type(spec).from_node(spec.to_node(), spec.inputs(), dtype="float32", opset=opset, constants=constants)


def test_an_operand_too_many_makes_no_spec() -> None:
    """One without a name at the end is none."""
    node = Relu(shape=(3,)).to_node()
    node.input.append("")
    assert Relu.from_node(node, {"x": (3,)}, dtype="float32", opset=22) == Relu(shape=(3,))
    node.input[1] = "z"
    with pytest.raises(Invalid, match=r"Relu-14 takes \['x'\], the node has \['x', 'z'\]"):
        Relu.from_node(node, {"x": (3,), "z": (3,)}, dtype="float32", opset=22)


def test_amounts_that_only_the_run_knows_make_no_spec() -> None:
    spec = Pad(shape=(3,), pads=(1, 1), pads_as="input")
    with pytest.raises(Invalid, match="pads comes as an input"):
        Pad.from_node(spec.to_node(), spec.inputs(), dtype="float32", opset=22)


SILENT: list[tuple[dict[str, Any], str]] = [
    ({"pads": (1, 0, 0, 0), "axes": (0, -2)}, "Behavior is undefined if an axis is repeated."),
    ({"pads": (0, 0, 2, 0), "opset": 1}, "paddings = [0, 0, 2, 0]"),
    ({"pads": (-1, 0, 0, -1), "opset": 1}, "of negative ones nothing"),
    ({"pads": (0, 1, 0, 1), "mode": "reflect", "opset": 7}, "Three modes"),
    ({"pads": (0, 3, 0, 0), "mode": "reflect"}, "of more than the vector holds?"),
    ({"pads": (0, -1, 0, 1), "mode": "wrap"}, "which of the two comes first"),
    ({"pads": (0, -4, 0, 2)}, "which of the two comes first"),
]


@pytest.mark.parametrize(("fields", "part"), SILENT)
def test_what_pad_leaves_open(fields: dict[str, Any], part: str) -> None:
    spec = Pad(**FEW | fields)
    assert spec.silent is not None
    assert part in spec.silent.sentence


@pytest.mark.parametrize(
    "fields",
    [
        {"pads": (1, 1, 1, 1), "opset": 1},
        {"pads": (0, -1, 0, -1), "mode": "wrap"},
        {"pads": (0, -1, 0, 1), "mode": "reflect"},
        {"pads": (0, -2, 0, 5), "mode": "edge"},
        {"pads": (0, -3, 0, 2)},
        {"pads": (0, 7, 0, 8), "mode": "wrap"},
        {"pads": (0, 2, 0, 2), "mode": "reflect"},
        {"pads": (0, 9, 0, -1), "mode": "edge", "opset": 7},
    ],
)
def test_what_pad_decides(fields: dict[str, Any]) -> None:
    assert Pad(**FEW | fields).silent is None


@pytest.mark.parametrize(
    ("kernel", "dilations", "is_wider"),
    [((2, 3), None, False), ((2, 3), (1, 1), False), ((2, 3), (1, 2), True), ((1, 1), (2, 3), False),
     ((1, 2), (3, 1), False), ((1, 2), (1, 3), True)],
)  # fmt: skip
def test_dilation_matters_where_it_widens_the_window(kernel: Any, dilations: Any, is_wider: bool) -> None:
    """Between the taps of a kernel of one pixel there is nothing to widen."""
    spec = MaxPool(batch=1, channels=1, extent=(7, 8), kernel_shape=kernel, dilations=dilations)
    assert spec.traits()["dilation_matters"] is is_wider


@pytest.mark.parametrize(
    ("auto_pad", "kernel", "stride", "is_negative"),
    [("SAME_UPPER", 1, 4, True), ("SAME_LOWER", 1, 4, True), ("SAME_UPPER", 2, 4, True), ("SAME_UPPER", 4, 4, False),
     ("SAME_UPPER", 1, 3, False), ("VALID", 1, 4, False), ("NOTSET", 1, 4, False), (None, 1, 4, False)],
)  # fmt: skip
def test_same_is_negative_where_the_formula_would_crop(
    auto_pad: str | None, kernel: int, stride: int, is_negative: bool
) -> None:
    """(ceil(4 / 4) - 1) * 4 + 1 - 4 is -3."""
    spec = Conv(
        batch=1, channels=1, filters=1, extent=(4,), kernel_shape=(kernel,), strides=(stride,), auto_pad=auto_pad
    )
    assert spec.traits()["same_is_negative"] is is_negative


@pytest.mark.parametrize(
    ("fields", "has_one"),
    [({"pads": (1, 0)}, False), ({"pads": (2, 0)}, True), ({"pads": (0, 1)}, False), ({"pads": (0, 2)}, True),
     ({"pads": (0, 2), "strides": (2,)}, False), ({"pads": (1, 1), "dilations": (3,)}, False),
     ({"pads": (1, 1), "dilations": (4,)}, True), ({"pads": None}, False)],
)  # fmt: skip
def test_an_empty_window_takes_padding_alone(fields: dict[str, Any], has_one: bool) -> None:
    """Of three pixels, under two taps, which may lie on both sides of them."""
    spec = MaxPool(batch=1, channels=1, extent=(3,), kernel_shape=(2,), **fields)
    assert spec.traits()["has_empty_window"] is has_one


def test_an_axis_is_enough_for_an_empty_window() -> None:
    spec = MaxPool(batch=1, channels=1, extent=(3, 3), kernel_shape=(2, 2), pads=(0, 0, 0, 2))
    assert spec.traits()["has_empty_window"]


PADDED: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (2,), "kernel_shape": (2,), "pads": (3, 2)}


@pytest.mark.parametrize("kind", [MaxPool, AveragePool])
@pytest.mark.parametrize("change", [{}, {"dilations": (3,), "pads": (1, 1)}, {"pads": (2, 0)}])
def test_a_window_of_padding_alone_silences_no_other(
    kind: type[MaxPool] | type[AveragePool], change: dict[str, Any]
) -> None:
    """The reference leaves its element open instead (under opset 21: from 22 on a start in the padding is at issue)."""
    assert kind(**PADDED | {"opset": 21} | change).silent is None


@pytest.mark.parametrize("kind", [MaxPool, AveragePool])
@pytest.mark.parametrize("opset", [11, 21])
@pytest.mark.parametrize(
    ("pads", "ceil_mode", "is_silent"),
    [((0, 0), 1, False), ((0, 1), 1, True), ((0, 2), 1, True), ((0, 3), 1, True), ((0, 3), 0, False)],
)
def test_before_opset_22_ceil_mode_is_silent_where_its_last_window_starts_behind_the_input(
    kind: type[MaxPool] | type[AveragePool], opset: int, pads: Any, ceil_mode: int, is_silent: bool
) -> None:
    """Windows start at 0, 2, 4 ...; of an input of 4 the third one starts in the padding, counted or not."""
    given: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (4,), "kernel_shape": (2,), "strides": (2,)}
    spec = kind(**given, pads=pads, ceil_mode=ceil_mode, opset=opset)
    assert (spec.silent is not None) == is_silent
    if spec.silent:
        assert "counts a window that starts in the right padding" in spec.silent.sentence
