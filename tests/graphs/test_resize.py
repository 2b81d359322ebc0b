"""Resize's spec: lengths by the text's formulas, operands as each version has them, what is invalid, what is open."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from graphs.blocks.resize import Resize
from graphs.resizing import by_policy, by_scale
from graphs.spec import Invalid
from graphs.targets import scale_for

FEW: dict[str, Any] = {"shape": (4, 6), "opset": 19}
CROP = {"coordinate_transformation_mode": "tf_crop_and_resize"}
WHOLE = (0.0, 0.0, 1.0, 1.0)


def single(value: float) -> float:
    """The float32."""
    return float(np.float32(value))


@pytest.mark.parametrize(
    ("size", "scale", "length", "is_sure"),
    [
        (4, 2.0, 8, True),
        (5, 1.5, 7, True),
        (5, single(0.6), 3, True),  # 0.6 is a little more in float32
        (5, single(1.4), 6, False),  # and 1.4 a little less: 6.9999998 is 7 as a float32
        (7, 1.0, 7, True),
        (3, single(1 / 3), 1, True),
        (3, 0.25, 0, True),
    ],
)
def test_lengths_by_scale(size: int, scale: float, length: int, is_sure: bool) -> None:
    found = by_scale(size, scale)
    assert (found.length, found.is_sure) == (length, is_sure)
    assert (int(np.floor(np.float32(size) * np.float32(scale))) == length) == is_sure


def test_lengths_by_scale_of_a_part_of_the_axis() -> None:
    """Exact products are sure, also at a whole number; others near one are not."""
    assert by_scale(4, 2.0, Fraction(1, 2)) == (4, 4, Fraction(2), True, True)
    assert by_scale(3, 1.0, Fraction(1 / 3)).is_sure is False
    assert by_scale(7, 1.0, Fraction(1 / 3)) == (7, 2, Fraction(1), True, True)


@pytest.mark.parametrize(
    ("sizes", "wanted", "larger", "lengths", "is_sure"),
    [
        ((2, 4), (7, 8), False, (4, 8), True),
        ((2, 4), (7, 8), True, (7, 14), True),
        ((4, 3), (2, 9), False, (2, 2), True),  # 1.5 is rounded up
        ((6, 3), (7, 9), False, (7, 4), False),  # 7/6 * 3 is 3.5, in floats perhaps less
        ((6, 5), (7, 9), False, (7, 6), True),
    ],
)
def test_lengths_by_policy(sizes: Any, wanted: Any, larger: bool, lengths: Any, is_sure: bool) -> None:
    found = by_policy(sizes, wanted, larger=larger)
    assert tuple(along.length for along in found) == lengths
    assert all(along.is_sure for along in found) == is_sure


@pytest.mark.parametrize("size", range(2, 20))
@pytest.mark.parametrize("up", [True, False])
def test_scales_of_the_grid_make_a_whole_length_in_any_arithmetic(size: int, up: bool) -> None:
    along = by_scale(size, scale_for(size, up=up))
    assert along.is_sure
    assert along.has_one_scale
    assert (along.length > size) == up
    assert along.length != size


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scales": (2.0, 2.0), "sizes": (8, 12)}, "one of scales and sizes"),
        ({}, "one of scales and sizes"),
        ({"sizes": (8,)}, "must be 2 numbers"),
        ({"sizes": (8, 12), "axes": (1,)}, "must be 1 numbers"),
        ({"sizes": (8, 0)}, "above 0"),
        ({"scales": (2.0, -1.0)}, "above 0"),
        ({"scales": (2.0, 0.1)}, "every entry must be a float32"),
        ({"scales": (2.0, 0.125)}, "every entry must be 1 or more"),
        ({"sizes": (8, 12), "axes": (0, 2)}, "from -2 to 1"),
        ({"sizes": (), "axes": ()}, "must have entries"),
        ({"sizes": (8, 12), "axes": (0, 1), "opset": 13}, "has axes from opset 18 on"),
        ({"sizes": (8, 12), "opset": 10}, "has sizes from opset 11 on"),
        ({"sizes": (8, 12), "mode": "area"}, "mode is 'area'"),
        ({"scales": (2.0, 2.0), "mode": "cubic", "opset": 10}, "from opset 11"),
        ({"sizes": (8, 12), "nearest_mode": "round"}, "nearest_mode is 'round'"),
        ({"sizes": (8, 12), "coordinate_transformation_mode": "half_pixel_symmetric", "opset": 18}, "Resize-18 has no"),
        ({"sizes": (8, 12), "coordinate_transformation_mode": "tf_half_pixel_for_nn"}, "Resize-19 has no"),
        ({"sizes": (8, 12), "keep_aspect_ratio_policy": "keep"}, "keep_aspect_ratio_policy is 'keep'"),
        ({"scales": (2.0, 2.0), "keep_aspect_ratio_policy": "not_larger"}, "not applicable"),
        ({"sizes": (1, 6), "keep_aspect_ratio_policy": "not_larger", "shape": (6, 1)}, "every entry must be 1 or more"),
        ({"sizes": (8, 12), "antialias": 2}, "antialias is 2"),
        ({"sizes": (8, 12), "mode": "cubic", "cubic_coeff_a": 0.1}, "cubic_coeff_a is 0.1"),
        ({"sizes": (8, 12), "extrapolation_value": float("nan")}, "extrapolation_value is nan"),
        ({"sizes": (8, 12)} | CROP, "reads roi"),
        ({"sizes": (8, 12), "roi": (0.0, 1.0)} | CROP, "must have 4 entries"),
        ({"sizes": (8, 12), "roi": (0.0, 0.0, 1.0, 1 / 3)} | CROP, "must be a finite float32"),
        ({"sizes": (8, 12), "roi_dtype": "float64"}, "roi_dtype"),
        ({"scales": (2.0, 2.0), "roi": WHOLE, "opset": 10}, "has roi from opset 11 on"),
        ({"scales": (2.0, 2.0), "roi": (1.0, 0.0, 0.0, 1.0)} | CROP, "every entry must be 1 or more"),
        ({"sizes": (8, 12), "operands_as": "attribute"}, "operands_as"),
    ],
)
def test_invalid(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message) as caught:
        Resize(**FEW | fields)
    assert caught.value.fields


SILENT: list[tuple[dict[str, Any], str]] = [
    ({"scales": (1.0, 1.0), "opset": 10}, "at which coordinates"),
    ({"sizes": (8, 12), "axes": (0, -2)}, "Behavior is undefined if an axis is repeated."),
    ({"scales": (1.5, 1.25)}, "scale = length_resized / length_original"),  # 6 * 1.25 is 7.5
    ({"scales": (1.5, 1.25), "mode": "linear", "antialias": 1, "roi": WHOLE} | CROP, "scale = length_resized"),
    ({"sizes": (5, 6), "keep_aspect_ratio_policy": "not_smaller"}, "scale = length_resized"),  # 1.25 * 6 is 7.5
    ({"scales": (2.0, 2.0), "roi": (0.0, 0.0, 1.0, 0.5)} | CROP, "leave the region out"),
    ({"shape": (5,), "scales": (single(1.4),)}, "floats round to another length"),
    ({"shape": (6, 3), "sizes": (7, 9), "keep_aspect_ratio_policy": "not_larger"}, "rounding halfway cases up"),
    ({"sizes": (1, 6), "coordinate_transformation_mode": "align_corners"}, "0 / 0"),
    ({"sizes": (8, 12), "mode": "linear", "dtype": "uint8"}, "rounded to a whole number"),
    ({"sizes": (8, 12), "roi": WHOLE, "extrapolation_value": -1.0, "dtype": "uint8"} | CROP, "of a type that lacks it"),
    (
        {"sizes": (4, 3), "coordinate_transformation_mode": "tf_half_pixel_for_nn", "mode": "linear", "opset": 13},
        "half an element on",
    ),
]


@pytest.mark.parametrize(("fields", "part"), SILENT)
def test_what_is_left_open(fields: dict[str, Any], part: str) -> None:
    spec = Resize(**FEW | fields)
    assert spec.silent is not None
    assert part in spec.silent.sentence


@pytest.mark.parametrize(
    "fields",
    [
        {"scales": (1.5, 0.5)},
        {"scales": (single(5 / 4), single(2 / 3))},  # 6 * 0.6666667 is 4 in floats and in truth
        {"scales": (1.5, 1.25), "coordinate_transformation_mode": "align_corners"},
        {"scales": (1.5, 1.25), "roi": WHOLE} | CROP,
        {"scales": (2.0, 2.0), "roi": (0.5, -1.0, 1.5, 0.0)} | CROP,
        {"scales": (1.5, 1.25), "mode": "nearest", "antialias": 1, "roi": WHOLE} | CROP,
        {"sizes": (8, 9), "keep_aspect_ratio_policy": "not_larger"},
        {"shape": (1, 6), "sizes": (1, 3), "coordinate_transformation_mode": "align_corners"},
        {"sizes": (1, 1), "coordinate_transformation_mode": "pytorch_half_pixel"},
        {
            "sizes": (4, 3),
            "coordinate_transformation_mode": "tf_half_pixel_for_nn",
            "nearest_mode": "floor",
            "opset": 13,
        },
        {"sizes": (8, 12), "dtype": "uint8", "roi": WHOLE, "extrapolation_value": 7.0} | CROP,
        {"sizes": (8, 12), "cubic_coeff_a": -0.5, "nearest_mode": "ceil", "mode": "linear"},
    ],
)
def test_what_is_decided(fields: dict[str, Any]) -> None:
    assert Resize(**FEW | fields).silent is None


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"scales": (2.0, 2.0), "opset": 10}, ["x", "scales"]),
        ({"scales": (2.0, 2.0), "opset": 11}, ["x", "roi", "scales"]),
        ({"sizes": (8, 12), "opset": 11}, ["x", "roi", "scales", "sizes"]),
        ({"scales": (2.0, 2.0)}, ["x", "", "scales"]),
        ({"scales": (2.0, 2.0), "roi": WHOLE}, ["x", "roi", "scales"]),
        ({"sizes": (8, 12)}, ["x", "", "", "sizes"]),
        ({"sizes": (8, 12), "roi": WHOLE}, ["x", "roi", "", "sizes"]),
    ],
)
def test_operands_by_version(fields: dict[str, Any], names: list[str]) -> None:
    """Version 11 has an empty tensor where later ones leave out the name."""
    spec = Resize(**FEW | fields)
    assert list(spec.to_node().input) == names
    lengths = {name: value.size for name, value in spec.given().items()}
    if spec.version == 11:
        assert lengths["roi"] == 0
        assert lengths["scales"] == (0 if spec.sizes else 2)


def test_operands_that_only_the_run_knows_make_no_spec() -> None:
    spec = Resize(**FEW, sizes=(8, 12), operands_as="input")
    with pytest.raises(Invalid, match="sizes comes as an input"):
        Resize.from_node(spec.to_node(), spec.inputs(), dtype="float32", opset=19)


def test_an_empty_operand_is_read_as_one_left_out_in_version_11_alone() -> None:
    """Later versions would write the node otherwise."""
    spec = Resize(**FEW | {"opset": 11}, sizes=(8, 12))
    for opset in (11, 19):
        read = {"dtype": "float32", "opset": opset, "constants": spec.given()}
        if opset == 11:
            assert Resize.from_node(spec.to_node(), spec.inputs(), **read) == spec  # type: ignore[arg-type]
        else:
            with pytest.raises(Invalid, match="Resize-19 takes"):
                Resize.from_node(spec.to_node(), spec.inputs(), **read)  # type: ignore[arg-type]
