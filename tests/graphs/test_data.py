"""Each data set has the property that it is there for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graphs.blocks import BLOCKS
from graphs.blocks.conv import Conv
from graphs.blocks.conv_gradient import ConvGradient
from graphs.blocks.conv_transpose import ConvTranspose
from graphs.blocks.qlinear_conv import QLinearConv
from graphs.data import CURVED, DATA, operands
from graphs.draw import Draw
from graphs.grid import Case, cases
from graphs.numbers import FLOATS, SIGNIFICAND
from reference import KERNELS
from reference.ball import Ball
from reference.claim import FLOAT32, NATIVE, Claim
from reference.conv_integer import accumulated, counted
from tests.reference.inside import inside
from tests.reference.loops import windows

CASES = [case for block in BLOCKS for case in cases(block, "quick")]
# bits that a float32 keeps when it is read as TF32 or float16, and as bfloat16; a float64 as float32
NARROW = {"float16": (8,), "bfloat16": (6, 4), "float32": (11, 8), "float64": (24, 11, 8)}
WIDE = {"float32": (0, 12, 13), "float16": (-7, 10, 11), "bfloat16": (0, 7, 8)}  # unit 2^k, bits at least and at most
# A float32 accumulator, and a result of its own format: in it every sum of wide integers is exact.
SUMS = Claim({**NATIVE, **dict.fromkeys(("float16", "bfloat16"), FLOAT32)})


def of(data: str, block: str | None = None) -> list[Case]:
    """The quick tier's cases on one data set."""
    return [case for case in CASES if case.data == data and block in (None, case.spec.block)]


def drawn(case: Case) -> dict[str, NDArray[Any]]:
    """The operands, but for those whose values belong to the setting."""
    found = operands(case.spec, case.data, case.id)
    return {name: value for name, value in found.items() if name not in case.spec.given()}


def free(case: Case) -> dict[str, NDArray[Any]]:
    """The operands that the data set draws, not the block, nor the setting."""
    found, source = drawn(case), Draw(case.id)
    return {name: a for name, a in found.items() if case.spec.drawn(name, source) is None}


def rounded(a: NDArray[Any], bits: int) -> NDArray[Any]:
    """To ``bits`` significand bits, ties to even."""
    fraction, exponent = np.frexp(a.astype(np.float64))
    return np.asarray(np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits))


@pytest.mark.parametrize("data", DATA)
def test_operands_fit_the_spec(data: str) -> None:
    """Names in ONNX's order, shapes, types, one block of memory each; a second draw is the same."""
    for case in of(data):
        found = operands(case.spec, case.data, case.id)
        assert {name: a.shape for name, a in found.items()} == case.spec.inputs(), case.id
        assert list(found) == list(case.spec.inputs())
        assert all(a.dtype == case.spec.type_of(name) for name, a in found.items()), case.id
        assert all(a.flags.c_contiguous for a in found.values()), case.id
        assert all(a.tobytes() == found[name].tobytes() for name, a in drawn(case).items())


def test_small_sums_are_exact_in_every_type() -> None:
    """Whatever the precision, nothing but equality is admissible."""
    for case in of("small"):
        if case.spec.block == "conv":
            (ball,) = KERNELS["conv"](*drawn(case).values(), claim=Claim(), **case.spec.attributes())
            assert isinstance(ball, Ball)
            assert not ball.radius.any(), case.id


def test_small_sums_of_a_long_float16_filter_are_exact() -> None:
    """The longest of the grid's, whichever case gets it: 17 channels times 3 x 3 x 3, below 2^11 in all."""
    spec = Conv(batch=1, channels=17, filters=5, extent=(5, 5, 5), kernel_shape=(3, 3, 3), dtype="float16")
    (ball,) = KERNELS["conv"](*operands(spec, "small", spec.id).values(), claim=Claim(), **spec.attributes())
    assert isinstance(ball, Ball)
    assert not ball.radius.any()


def test_wide_integers_are_odd_and_as_wide_as_stated() -> None:
    for case in of("wide"):
        x = drawn(case)[case.spec.signal]
        unit, low, high = WIDE.get(case.spec.dtype, (0, 29, 30))
        units = np.ldexp(np.abs(x.astype(np.float64)), -unit)
        assert (units % 2 == 1).all(), case.id
        assert ((units > 2 ** (low - 1)) & (units < 2**high)).all(), case.id
    assert {case.spec.dtype for case in of("wide")} == {*FLOATS, "int32", "int64"}


def test_wide_weights_are_an_odd_number_of_signs() -> None:
    """Every filter; and sum |x||w| + |b| stays below the significand, so that every sum is exact."""
    for case in of("wide", "conv"):
        found = drawn(case)
        w = found["w"].reshape(len(found["w"]), -1)
        assert set(np.unique(w)) <= {-1.0, 0.0, 1.0}, case.id
        count = np.count_nonzero(w, axis=1)
        assert (count % 2 == 1).all(), case.id
        assert (count >= min(w.shape[1] - 1, 2047)).all(), case.id
        assert (count <= 2047).all(), case.id
        largest = float(np.abs(found["x"]).max()) * count.max() + float(np.abs(found.get("b", np.zeros(1))).max())
        unit = 2.0 ** WIDE.get(case.spec.dtype, (0,))[0]
        assert largest / unit < 2 ** max(24, SIGNIFICAND[case.spec.dtype]), case.id
        (ball,) = KERNELS["conv"](*found.values(), claim=SUMS, **case.spec.attributes())
        assert isinstance(ball, Ball)
        assert not ball.radius.any(), case.id


def test_wide_weights_of_a_transposed_convolution_are_an_odd_number_of_signs_in_every_sum() -> None:
    """Taps whose places k * d are alike modulo the stride land on the same elements."""
    for case in of("wide", "conv_transpose"):
        spec, found = case.spec, drawn(case)
        assert isinstance(spec, ConvTranspose)
        steps, gaps = spec.strides or (1,) * spec.rank, spec.dilations or (1,) * spec.rank
        terms: dict[tuple[int, ...], int] = {}
        for (c, m, *taps), weight in np.ndenumerate(found["w"]):
            assert weight in (-1, 0, 1), case.id
            group = c * (spec.group or 1) // spec.channels
            onto = (group, m, *(k * d % s for k, d, s in zip(taps, gaps, steps, strict=True)))
            terms[onto] = terms.get(onto, 0) + int(weight != 0)
        assert all(count % 2 == 1 and count <= 2047 for count in terms.values()), case.id
        (ball,) = KERNELS["conv_transpose"](*found.values(), claim=SUMS, **spec.attributes())
        assert isinstance(ball, Ball)
        assert not ball.radius.any(), case.id


def test_wide_weights_of_a_long_filter() -> None:
    """Past 2047 terms the rest of the weights are 0, and not always the same ones."""
    spec = Conv(batch=1, channels=300, filters=3, extent=(3, 3), kernel_shape=(3, 3))
    found = operands(spec, "wide", "long")
    w = found["w"].reshape(3, -1)
    assert (np.count_nonzero(w, axis=1) == 2047).all()
    assert ((w[0] == 0) != (w[1] == 0)).any()
    assert np.abs(found["x"]).max() * 2047 + 64 < 2**24


def test_narrower_inputs_make_every_interior_result_of_wide_wrong() -> None:
    """An odd number of odd errors is never 0."""
    checked = 0
    for case in of("wide", "conv"):
        found, spec = drawn(case), case.spec
        assert isinstance(spec, Conv)
        window: dict[str, Any] = {name: value for name, value in spec.attributes().items() if name != "group"}
        window["kernel_shape"] = spec.kernel_shape
        interior = [p for p, taps in windows(spec.extent, **window) if all(tap.is_inside for tap in taps)]
        (due,) = KERNELS["conv"](*found.values(), claim=SUMS, **spec.attributes())
        for bits in NARROW[spec.dtype]:
            cast = found | {"x": rounded(found["x"], bits).astype(spec.dtype)}
            (wrong,) = KERNELS["conv"](*cast.values(), claim=SUMS, **spec.attributes())
            assert isinstance(wrong, Ball)
            for position in interior:
                where: tuple[Any, ...] = (slice(None), slice(None), *position)
                met = inside(due, wrong.value)[where]
                assert not met.any(), f"{case.id}, {bits} bits, {position}"
        checked += len(interior)
    assert checked > 300


def test_wide_weights_of_a_derivative_leave_every_sum_exact() -> None:
    """An odd number of signs in every image of X, and in every sum of dX; dX, dW and dB must be met exactly."""
    for case in of("wide", "conv_gradient"):
        spec, found = case.spec, drawn(case)
        assert isinstance(spec, ConvGradient)
        counts = np.count_nonzero(found["x"].reshape(spec.batch, -1), axis=1)
        assert (counts % 2 == 1).all(), case.id
        sums = spec.sums()
        terms = np.bincount(sums.reshape(-1), found["w"].reshape(-1) != 0)[np.unique(sums)]
        assert (terms % 2 == 1).all(), case.id
        for ball in KERNELS["conv_gradient"](**found, claim=SUMS, outputs=len(spec.outputs()), **spec.meaning()):
            assert isinstance(ball, Ball)
            assert not ball.radius.any(), case.id


def test_ranks_differ_within_a_plane_and_survive_8_bits() -> None:
    for case in of("wide", "max_pool_gradient"):
        x = drawn(case)["x"]
        assert (rounded(x, 8) == x).all(), case.id
        for plane in x.reshape(-1, int(np.prod(x.shape[2:]))):
            assert np.unique(plane).size == min(plane.size, 512), case.id


@pytest.mark.parametrize("block", ["max_pool", "relu"])
def test_narrower_inputs_make_every_selected_value_of_wide_wrong(block: str) -> None:
    for case in of("wide", block):
        if case.spec.silent is not None:
            continue
        x, attributes = drawn(case)["x"], case.spec.attributes()
        (due,) = KERNELS[block](x, claim=Claim(), **attributes)
        narrow = rounded(x, NARROW.get(case.spec.dtype, (11,))[0]).astype(x.dtype)
        (wrong,) = KERNELS[block](narrow, claim=Claim(), **attributes)
        assert isinstance(due, Ball)
        assert isinstance(wrong, Ball)
        is_open = np.zeros(due.value.shape, bool) if due.undecided is None else due.undecided
        assert (inside(due, wrong.value) == ((due.value == 0) | is_open)).all(), case.id


def test_random_sits_on_its_grid() -> None:
    """Multiples of 2^-19 (float16: 2^-10, bfloat16: 2^-7) in (-1, 1): a float64 sum of 8192 products is exact."""
    for case in of("random"):
        bits = {"float16": 10, "bfloat16": 7}.get(case.spec.dtype, 19)
        for name, a in free(case).items():
            units = a.astype(np.float64) * 2.0**bits
            assert (units == np.rint(units)).all(), f"{case.id}: {name}"
            assert (np.abs(a) < 1).all(), f"{case.id}: {name}"


def test_negative_is_negative() -> None:
    for case in of("negative"):
        found = free(case)
        below = {"x", case.spec.signal}
        assert all((a < 0).all() if name in below else (a > 0).all() for name, a in found.items()), case.id


def test_full_reaches_both_halves_of_the_range() -> None:
    """Whichever sign the top bit is taken for, it is set somewhere and clear elsewhere."""
    assert {case.spec.dtype for case in of("full")} == {"int8", "uint8"}
    for case in of("full"):
        x = drawn(case)["x"]
        assert {0, 1} == set((x.view(np.uint8) >> 7).flat) or x.size < 9, case.id


def test_small_integers_lie_around_zero_points() -> None:
    """On both sides, where the type goes on on both."""
    for case in [*of("small", "conv_integer"), *of("small", "qlinear_conv")]:
        for name, reach in (("x", 8), ("w", 4)):
            origin, ends = case.spec.origin(name), np.iinfo(case.spec.type_of(name))
            assert origin is not None
            away = drawn(case)[name].astype(int) - origin
            assert (np.abs(away) <= reach).all(), case.id
            if away.size > 20 and origin.size == 1:
                assert (away >= 0).all() == (origin.item() == ends.min), case.id
                assert (away <= 0).all() == (origin.item() == ends.max), case.id


def test_peak_sums_are_past_24_bits_and_within_32() -> None:
    """Some of ConvInteger's, odd ones too, which float32 lacks."""
    tops = []
    for case in of("peak", "conv_integer"):
        (ball,) = KERNELS["conv_integer"](**operands(case.spec, case.data, case.id), claim=Claim(),
                                          **case.spec.attributes())  # fmt: skip
        assert isinstance(ball, Ball)
        tops += list(ball.value[(np.abs(ball.value) > 2**24) & (ball.value % 2 == 1)])
    assert len(tops) > 10
    assert min(tops) < 0 < max(tops) < 2**31


def test_small_sums_under_scales_of_halves_are_ties_as_often_as_not() -> None:
    """Of those that do not leave the type."""
    found: list[float] = []
    for case in of("small", "qlinear_conv"):
        spec, given = case.spec, operands(case.spec, case.data, case.id)
        assert isinstance(spec, QLinearConv)
        if (spec.x_scale, spec.w_scale, spec.y_scale) == (0.5, 0.25, 0.25):
            x, w = (counted(given[name], given[f"{name}_zero_point"]) for name in "xw")
            attributes: dict[str, Any] = spec.attributes()
            real = accumulated(x, w, given.get("b"), **attributes) / 2
            found += [abs(one - round(one)) for one in real[np.abs(real) < 100].tolist()]
    assert 0.35 < found.count(0.5) / len(found) < 0.65
    assert found.count(0.5) > 100


def test_range_reaches_every_stretch_of_its_type() -> None:
    """Both signs of subnormal numbers, and of what lies between the places where the curves bend and end."""
    assert {case.spec.block for case in of("range")} > set(CURVED)
    stretches = [(2.0**-4, 1), (1, 3), (3, 8), (8, 16), (16, 32), (32, 88), (88, 2.0**10)]
    for block in CURVED:
        for dtype in ("float16", "float32", "float64"):
            found = np.concatenate([drawn(c)["x"].ravel() for c in of("range", block) if c.spec.dtype == dtype])
            ends = np.finfo(dtype)
            least, most = float(ends.smallest_subnormal), float(ends.max)
            wanted = [(least, float(ends.tiny)), (float(ends.tiny), 2.0**-8), (2.0**10, most / 16), *stretches]
            for low, high in wanted:
                for x in (found, -found):
                    assert ((x >= low) & (x < high)).any(), f"{block}, {dtype}: {low} to {high}"
            assert (np.abs(found) < most / 16).all()
            digits = np.frexp(found[np.abs(found) >= ends.tiny].astype(np.float64))[0]
            assert (np.ldexp(digits, SIGNIFICAND[dtype] - 1) % 1 != 0).any(), "the last place is used"


def test_special_has_every_special_value() -> None:
    """One NaN, both infinities and -0 wherever there is room, and finite numbers beside them."""
    for case in of("special"):
        found = drawn(case)
        x = found[case.spec.signal]
        if x.size >= 8:
            assert np.isnan(x).any(), case.id
            assert np.isposinf(x).any(), case.id
            assert np.isneginf(x).any(), case.id
            assert ((x == 0) & np.signbit(x)).any(), case.id
            assert np.isfinite(x).any(), case.id
        if "w" in found and len(found["w"]) > 1:
            assert np.count_nonzero(np.isinf(found["w"])) == 1, case.id
            assert np.isfinite(found["w"][:-1]).all(), case.id


def test_draw_is_even_and_reaches_both_ends() -> None:
    """A chi-squared statistic of 9 degrees of freedom below 27.9, its 99.9 % point; the draw is fixed."""
    numbers = Draw("a case").integers(-3, 6, (100, 100))
    found, counts = np.unique(numbers, return_counts=True)
    assert found.tolist() == list(range(-3, 7))
    assert float(((counts - 1000.0) ** 2 / 1000).sum()) < 27.9
    assert (Draw("a case").integers(-3, 6, (100, 100)) == numbers).all()
    assert (Draw("another").integers(-3, 6, (100, 100)) != numbers).any()


def test_every_case_has_its_own_data() -> None:
    """Another id, other numbers: no two large inputs are alike."""
    found = [drawn(case)[case.spec.signal] for case in of("random")]
    large = [a.tobytes() for a in found if a.size > 20]
    assert len(set(large)) == len(large)
