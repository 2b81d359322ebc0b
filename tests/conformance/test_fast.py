"""Under the claim fast correct fast algorithms pass, and what is not correct still fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.execute import try_case
from conformance.results import BAD, Record
from conformance.runtimes import open_runtime
from graphs.grid import cases
from reference.claim import FAST, NATIVE, THREE_TF32, Claim
from reference.rounding import rounded
from reference.winograd import WINOGRAD
from tests.fakes.arithmetic import CORRECT, divide, three_products
from tests.fakes.executor import Arithmetic, Tensor
from tests.fakes.fake import Fake
from tests.fakes.quick import FAST_WAYS, Planes, Tiles, operators, smooth

LONG = pytest.mark.long
SAMPLE = (pytest.param("F(2, 3)", marks=LONG), "F(6, 3), tiles shifted", pytest.param("Fourier, 5-smooth", marks=LONG))
BLOCKS = (
    "conv", "conv_transpose", "pad_conv", "sub_pixel", "classical_filter", "conv_gradient", "qdq_conv", "pyramid",
    "network",
)  # fmt: skip
ONLY_2 = Claim(fast={"float32": WINOGRAD[:1]}, deterministic=True)
THREE = Claim({**NATIVE, "float32": THREE_TF32}, deterministic=True)
ALL = Claim(fast=FAST, deterministic=True)


def each_bad(block: str, runtime: Fake, tier: str = "quick") -> Iterator[Record]:
    records = (try_case(case, "fake", runtime) for case in cases(block, tier))
    return (record for record in records if record.verdict in BAD)


def bad_ones(block: str, runtime: Fake, tier: str = "quick") -> list[Record]:
    return list(each_bad(block, runtime, tier))


def is_failed(runtime: Fake) -> bool:
    """Whether some convolution fails."""
    return any(record.verdict == "fail" for record in each_bad("conv", runtime))


def told(records: list[Record]) -> list[str]:
    return [f"{record.verdict}: {record.case}: {record.message}" for record in records]


def quick(name: str, claim: Claim = ALL) -> Fake:
    return Fake(claim=claim, operators=operators(FAST_WAYS[name]))


@pytest.mark.parametrize("name", SAMPLE)
def test_fast_convolutions_are_never_failed(name: str) -> None:
    """Though some leave the bound of the sums as written, where they are told from other fakes."""
    assert told(bad_ones("conv", quick(name))) == []
    assert is_failed(quick(name, Claim(deterministic=True)))


@LONG
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("name", FAST_WAYS)
def test_fast_ways_are_never_failed_in_any_block(name: str, block: str) -> None:
    assert told(bad_ones(block, quick(name))) == []


@LONG
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("name", ["F(2, 3)", "F(4, 3)", "F(6, 3), tiles shifted", "Fourier, 5-smooth"])
def test_fast_ways_are_never_failed_in_tier_standard(name: str, block: str) -> None:
    assert told(bad_ones(block, quick(name), "standard")) == []


@LONG
@pytest.mark.parametrize("block", BLOCKS)
def test_three_tf32_products_are_never_failed_in_tier_standard(block: str) -> None:
    assert told(bad_ones(block, Fake(claim=THREE, how=Arithmetic(three_products, divide)), "standard")) == []


def test_every_correct_order_keeps_the_claim_too() -> None:
    """What is direct is right under fast as well, in each of the blocks that fast algorithms change."""
    assert told(bad_ones("classical_filter", Fake(claim=ALL, how=CORRECT["pairwise"]))) == []


@pytest.mark.parametrize("block", ["conv", *(pytest.param(block, marks=LONG) for block in BLOCKS[1:])])
def test_three_tf32_products_keep_a_claim_of_their_own(block: str) -> None:
    """That of float32 they leave where sums are short: the small parts' product is up to 4 u of a product."""
    how = Arithmetic(three_products, divide)
    assert told(bad_ones(block, Fake(claim=THREE, how=how))) == []
    if block == "conv":
        assert is_failed(Fake(how=how))


def to_11_bits(a: Tensor) -> Tensor:
    return np.asarray(rounded(a, 11, "nearest, ties to even"), a.dtype)


def one_product(left: Tensor, right: Tensor) -> Tensor:
    return np.asarray(to_11_bits(left) @ to_11_bits(right))


def test_one_tf32_product_leaves_the_claim_of_three() -> None:
    assert is_failed(Fake(claim=THREE, how=Arithmetic(one_product, divide)))


WRONG: dict[str, tuple[Any, Claim]] = {
    "TF32 in F(2, 3)": (Tiles(2, stored=to_11_bits), ONLY_2),
    "TF32 in F(6, 3)": (Tiles(6, stored=to_11_bits), ALL),
    "float16 in F(2, 3)": (Tiles(2, stored=lambda a: a.astype(np.float16).astype(a.dtype)), ONLY_2),
    "float16 in F(6, 3)": (Tiles(6, stored=lambda a: a.astype(np.float16).astype(a.dtype)), ALL),
    "TF32 in Fourier transforms": (
        Planes(smooth, stored=lambda a: to_11_bits(a.real) + 1j * to_11_bits(a.imag)), ALL
    ),
    "F(4, 3), the last input of a tile lost": (Tiles(4, edge=1), ALL),
    "F(6, 3), an entry of B^T wrong": (Tiles(6, flaw=0.25), ALL),
    "F(4, 3) where F(2, 3) alone is claimed": (Tiles(4), ONLY_2),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_the_claim_still_finds(name: str) -> None:
    way, claim = WRONG[name]
    assert is_failed(Fake(claim=claim, operators=operators(way)))


def test_adapters_say_that_they_are_fast() -> None:
    assert open_runtime("onnxruntime:fast").claim == replace(open_runtime("onnxruntime").claim, fast=FAST)
    assert open_runtime("onnxruntime").claim.direct


def test_precision_is_measured_of_what_is_exact_alone() -> None:
    """Wide integers tell: a fast algorithm rounds them, and nothing is named by the bound that holds."""
    wide = [
        case
        for case in cases("conv", "quick")
        if case.data == "wide" and case.spec.dtype == "float32" and not case.spec.silent
    ]
    exact = {try_case(case, "fake", Fake(claim=ALL)).precision for case in wide}
    assert exact == {"float32"}
    found = {try_case(case, "fake", quick("F(6, 3)")).precision for case in wide}
    assert found == {"float32", "float32 (norm-wise)"}
