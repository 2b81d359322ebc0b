"""Chains: links fit and keep their names apart, and a chain says what its links say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from graphs.blocks.average_pool import AveragePool
from graphs.blocks.clip import Clip
from graphs.blocks.conv import Conv
from graphs.blocks.lp_pool import LpPool
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.pad import Pad
from graphs.blocks.pad_average_pool import PadAveragePool
from graphs.blocks.pad_conv import PadConv
from graphs.blocks.pad_max_pool import PadMaxPool
from graphs.blocks.relu import Relu
from graphs.blocks.sub_pixel import SubPixel
from graphs.chain import Chain
from graphs.grid import axis_of, cases
from graphs.pad_chain import KINDS, SPATIAL, PadThenWindow, fitted
from graphs.spec import Invalid, Spec


@dataclass(frozen=True, kw_only=True)
class ConvReluClip(Chain):
    """Three links, of which the last has operands of its own."""

    block: ClassVar[str] = "conv_relu_clip"
    kinds: ClassVar[tuple[type[Spec], ...]] = (Conv, Relu, Clip)


@dataclass(frozen=True, kw_only=True)
class Twice(Chain):
    """Two links whose operands have the same names."""

    block: ClassVar[str] = "twice"
    kinds: ClassVar[tuple[type[Spec], ...]] = (Conv, Conv)


@dataclass(frozen=True, kw_only=True)
class Middle(Chain):
    """A link of two results in front of another one."""

    block: ClassVar[str] = "middle"
    kinds: ClassVar[tuple[type[Spec], ...]] = (MaxPool, Relu)


def conv(**fields: Any) -> Conv:
    """A filter of three taps over one channel of five elements."""
    plain: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (5,), "kernel_shape": (3,)}
    return Conv(**plain | fields)


def window(**fields: Any) -> MaxPool:
    """A window of three over one channel of five elements."""
    plain: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (5,), "kernel_shape": (3,)}
    return MaxPool(**plain | fields)


def pad(**fields: Any) -> Pad:
    """Three elements to five."""
    plain: dict[str, Any] = {"shape": (1, 1, 3), "pads": (0, 0, 1, 0, 0, 1)}
    return Pad(**plain | fields)


def three() -> ConvReluClip:
    """Conv, Relu, Clip."""
    return ConvReluClip.of(
        conv(bias=True, weights="input"), Relu(shape=(1, 1, 3)), Clip(shape=(1, 1, 3), min=0.0, max=6.0)
    )


def test_a_chain_has_what_its_links_have() -> None:
    chain = three()
    assert chain.inputs() == {"x": (1, 1, 5), "w": (1, 1, 3), "b": (1,), "min": (), "max": ()}
    assert chain.outputs() == {"y": ("float32", (1, 1, 3))}
    assert [(node.op_type, *node.input) for node in chain.nodes] == [
        ("Conv", "x", "w", "b"), ("Relu", "conv_0"), ("Clip", "relu_1", "min", "max"),
    ]  # fmt: skip
    assert list(chain.constants()) == ["min", "max"]
    assert {name: value.item() for name, value in chain.given().items()} == {"min": 0, "max": 6}
    assert list(chain.meaning()) == ["conv", "relu", "clip"]
    assert chain.meaning()["conv"] == {"kernel_shape": (3,)}
    assert chain.silent is None
    assert chain.id == "convreluclip-1d-x1.1.5-m1-k3-bias-winput-x1.1.3-x1.1.3-min0-max6-f32-op22"


def test_traits_have_the_link_in_front_but_for_what_all_share() -> None:
    found = three().traits()
    assert (found["conv.bias"], found["relu.rank"], found["clip.version"]) == (True, 3, 13)
    assert (found["block"], found["dtype"], found["opset"]) == ("conv_relu_clip", "float32", 22)
    assert not {"links", "conv.dtype", "relu.opset", "clip.block"} & set(found)


@pytest.mark.parametrize(
    ("chain", "links", "said"),
    [
        (Twice, (conv(), conv(extent=(3,))), "operands are x, w, w, no two may have one name"),
        (PadConv, (conv(), pad()), "links must be Pad, Conv"),
        (PadConv, (pad(),), "links must be Pad, Conv"),
        (PadConv, (pad(), conv(extent=(6,))), r"pad gives .* \(1, 1, 5\)\)\], conv takes \(1, 1, 6\)"),
        (PadConv, (pad(), conv(dtype="float64")), "every link must be of float32 and opset 22"),
        (PadConv, (pad(opset=13), conv()), "every link must be of float32 and opset 13"),
        (PadConv, (pad(opset=7), conv(opset=7)), "opset is 7, must be 11 or more"),
        (Middle, (window(indices=True), Relu(shape=(1, 1, 3))), "max_pool gives .* relu takes"),
    ],
)  # fmt: skip
def test_links_that_do_not_fit_are_refused(chain: type[Chain], links: tuple[Spec, ...], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        chain.of(*links)


def test_the_last_link_may_have_two_results() -> None:
    chain = PadMaxPool.of(pad(), window(indices=True))
    assert list(chain.outputs()) == list(chain.nodes[-1].output) == ["y", "indices"]


def test_what_is_silent_names_its_fields_as_the_chain_does() -> None:
    of_pad = pad(shape=(1, 1, 1), pads=(0, 0, 2, 0, 0, 2), mode="reflect")
    silence = PadConv.of(of_pad, conv()).silent
    assert silence is not None
    assert of_pad.silent is not None
    assert silence.sentence == of_pad.silent.sentence
    assert silence.fields == ("pad.pads", "pad.shape", "pad.kind", "opset")


def test_what_the_last_link_leaves_open_of_its_results_alone_is_open() -> None:
    order = {"indices": True, "storage_order": 1, "channels": 2}
    silence = PadMaxPool.of(pad(shape=(1, 2, 3)), window(**order)).silent
    assert silence is not None
    assert silence.outputs == ("indices",)


def test_what_makes_a_link_invalid_is_told_by_the_axes_that_set_it() -> None:
    with pytest.raises(Invalid) as caught:
        SubPixel.link(Conv, batch=1, channels=4, filters=3, group=2, extent=(3, 3), kernel_shape=(1, 1))
    places = ("depth_to_space.blocksize", "depth_to_space.depth")
    assert caught.value.fields == ("conv.channels", *places, "conv.group")
    assert [*map(axis_of, caught.value.fields)] == ["conv.channels", *places, "conv.channels"]
    with pytest.raises(Invalid) as caught:
        PadConv.link(Pad, shape=(3,), pads=(1, 1), mode="wrap", opset=18)
    assert caught.value.fields == ("pad.kind", "opset")


def test_precision_is_told_where_every_link_tells_it() -> None:
    norm = LpPool(batch=1, channels=1, extent=(5,), kernel_shape=(3,), p=2)
    assert not norm.tells_precision
    assert three().tells_precision
    assert not OneNorm.of(norm).tells_precision


@dataclass(frozen=True, kw_only=True)
class OneNorm(Chain):
    """A chain of one link."""

    block: ClassVar[str] = "one_norm"
    kinds: ClassVar[tuple[type[Spec], ...]] = (LpPool,)


@pytest.mark.parametrize("length", range(1, 16))
def test_fitted_amounts_leave_enough_to_reflect(length: int) -> None:
    """Of an axis that is so long afterwards; where all fits nothing is changed."""
    for amounts in (SPATIAL[name](i, k) for name in SPATIAL for i in range(3) for k in (1, 2, 3, 4)):
        begin, end = fitted(amounts, length)
        kept = length - max(begin, 0) - max(end, 0)
        assert kept >= 1
        assert max(begin, end, 0) <= max(kept - 1, 0)
        added = [max(n, 0) for n in amounts]
        assert (begin, end) == amounts or length <= sum(added) + max(added)


@pytest.mark.parametrize("block", ["pad_conv", "pad_max_pool", "pad_average_pool"])
def test_zeros_that_a_window_could_add_make_the_window_that_traits_speak_of(block: str) -> None:
    """The operator itself with the sum of both pads, on what Pad reads."""
    found = [
        s for s in dict.fromkeys(c.spec for c in cases(block, "quick")) if isinstance(s, PadThenWindow) and s.adds_zeros
    ]
    assert len(found) > 5
    for spec in found:
        rank = spec.window.rank
        begin, end = (amounts[2:] for amounts in spec.pad.amounts)
        sums = tuple(map(sum, zip(begin + end, spec.window.pads or (0,) * 2 * rank, strict=True)))
        alone = replace(spec.window, extent=spec.pad.shape[2:], pads=sums)
        assert list(alone.axes) == spec.fused
        assert spec.traits()["fused_window_ignored"] == (alone.outputs()["y"] != spec.outputs()["y"])
        assert spec.traits()["fused_pads_reach_kernel"] == alone.traits()["pad_reaches_kernel"]


@pytest.mark.parametrize(
    ("fields", "pool", "found"),
    [
        ({}, {}, True),
        ({"value": 0.0, "mode": "constant"}, {}, True),
        ({"value": 1.0}, {}, False),
        ({"mode": "edge"}, {}, False),
        ({"pads_as": "input"}, {}, False),
        ({"axes": (0, 1, 2)}, {}, False),
        ({"pads": (0, 0, 0, 0, 0, 0), "shape": (1, 1, 5)}, {}, False),
        ({"pads": (0, 0, -1, 0, 0, 1), "shape": (1, 1, 5)}, {}, False),
        ({"shape": (2, 1, 3), "pads": (-1, 0, 1, 0, 0, 1)}, {}, False),
        ({"shape": (1, 1, 3), "pads": (1, 0, 1, 0, 0, 1)}, {"batch": 2}, False),
        ({}, {"auto_pad": "VALID"}, False),
        ({}, {"auto_pad": "NOTSET"}, True),
        ({}, {"indices": True}, False),
    ],
)
def test_zeros_around_the_image_alone_look_like_a_window_s_own_padding(
    fields: dict[str, Any], pool: dict[str, Any], found: bool
) -> None:
    assert PadMaxPool.of(pad(**fields), window(**pool)).adds_zeros is found


@pytest.mark.parametrize(
    ("own", "found"), [({}, True), ({"pads": (1, 1)}, False), ({"pads": (1, 1), "count_include_pad": 1}, True)]
)
def test_pads_that_do_not_count_stand_for_no_zeros(own: dict[str, Any], found: bool) -> None:
    average = AveragePool(batch=1, channels=1, extent=(5,), kernel_shape=(3,), **own)
    assert PadAveragePool.of(pad(), average).adds_zeros is found


def test_kinds_differ_from_plain_in_one_thing() -> None:
    """But for the inputs, which a number and a mode come with."""
    assert KINDS["plain"] == {}
    assert all(len(KINDS[name]) == 1 for name in KINDS if name not in ("plain", "zero", "inputs"))
    assert np.isneginf(KINDS["lowest"]["value"])
