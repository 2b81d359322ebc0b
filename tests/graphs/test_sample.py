"""Tier full: every valid row of a small product, and rows drawn alike from all valid ones of a large one."""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import sqrt
from typing import Any

from graphs.blocks import AXES, BUILD
from graphs.data import DATA
from graphs.grid import FULL, cases, extent, full, is_valid
from graphs.sample import MOST, TRIES, sample

AXES_OF_THREE: dict[str, tuple[Any, ...]] = {"a": tuple(range(6)), "b": tuple(range(5)), "c": ("x", "y")}


def fits(row: dict[str, Any]) -> bool:
    return bool(row["a"] >= row["b"])


EVERY = [dict(zip(AXES_OF_THREE, values, strict=True)) for values in product(*AXES_OF_THREE.values())]
VALID = [row for row in EVERY if fits(row)]


def test_a_small_product_is_whole() -> None:
    found = sample("x", AXES_OF_THREE, fits, 60)
    assert list(found.rows) == VALID
    assert (found.size, found.is_whole, found.share) == (60, True, len(VALID) / 60)
    assert str(found) == "all 40 valid rows of the 60 in the product"


def test_a_large_product_is_drawn() -> None:
    """Valid rows, none twice, the same ones again, others for another block."""
    found = sample("x", AXES_OF_THREE, fits, 20)
    assert len(found.rows) == 20
    assert all(fits(row) for row in found.rows)
    assert len({tuple(row.values()) for row in found.rows}) == 20
    assert found == sample("x", AXES_OF_THREE, fits, 20)
    assert found.rows != sample("y", AXES_OF_THREE, fits, 20).rows
    assert str(found).startswith(
        "20 of about 40 valid rows, drawn from the 60 in the product, of which 66.7 % are valid"
    )


def test_every_valid_row_is_as_likely() -> None:
    """Each is drawn in a quarter of 1000 samples, give or take five standard deviations."""
    counts = Counter(tuple(row.values()) for n in range(1000) for row in sample(str(n), AXES_OF_THREE, fits, 10).rows)
    assert len(counts) == len(VALID)
    assert all(abs(count - 250) < 5 * sqrt(1000 * 0.25 * 0.75) for count in counts.values())


def test_hardly_any_valid_row_ends_the_draw() -> None:
    tried: list[dict[str, Any]] = []

    def never(row: dict[str, Any]) -> bool:
        tried.append(row)
        return False

    found = sample("x", {name: tuple(range(100)) for name in "abc"}, never, 100)
    assert (found.rows, found.share) == ((), 0.0)
    assert 0 < len(tried) < 2 * TRIES * 100


def test_a_block_of_each_kind() -> None:
    rows = [dict(zip(AXES["relu"], values, strict=True)) for values in product(*AXES["relu"].values())]
    assert list(full("relu").rows) == [row for row in rows if is_valid("relu", row)]
    drawn = full("pad")
    assert len(drawn.rows) == MOST
    assert all(is_valid("pad", row) for row in drawn.rows)
    assert extent("pad", FULL).startswith("20,000 of about 240,000 valid rows, drawn from the 560,000 in the product")


def test_cases_are_named_ones_and_each_row_on_its_data() -> None:
    found = cases("relu", FULL)
    specs = [BUILD["relu"](row) for row in full("relu").rows]
    due = [(spec, name) for spec in specs for name, data in DATA.items() if data.applies(spec)]
    assert [(case.spec, case.data) for case in found if case.name is None] == due
    assert {case.id for case in cases("relu", "standard")} <= {case.id for case in found}
