"""The page on tightness says what its benchmark finds, and no fraction of a bound is above 1."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.tightness import CLAIMS, LENGTHS, PAGE, SUMS, fraction
from tests.reference.soundness.cases import EVALUATIONS


def rows() -> dict[tuple[str, ...], list[str]]:
    """The cells of both tables, by what stands in front of the numbers."""
    lines = [line.strip("| ").split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line] for line in lines]
    keys = [tuple(cell for cell in row if not re.fullmatch(r"\d\.\d{3}|equal", cell)) for row in cells]
    return {key: row[len(key) :] for key, row in zip(keys, cells, strict=True) if len(row) > len(key)}


def test_the_page_has_every_operator_length_and_kernel() -> None:
    found = rows()
    assert set(found) == {(operator, claim) for operator in SUMS for claim in CLAIMS} | {(k,) for k in EVALUATIONS}
    assert all(len(row) == len(LENGTHS) == len(CLAIMS) for row in found.values())
    assert all(cell == "equal" or 0 <= float(cell) <= 1 for row in found.values() for cell in row)
    assert Path(PAGE).with_suffix(".svg").exists()


def test_short_sums_use_most_of_their_bound() -> None:
    """(n - 1) u of sums and u of a product are n of n + 1; and two fifths are used wherever n u is below 1/2."""
    found = rows()
    for n, cell in zip(LENGTHS, found["Conv", "float32"], strict=True):
        assert float(cell) > n / (n + 1) - 1e-3
    for name, (_, precision) in CLAIMS.items():
        for n, cell in zip(LENGTHS, found["Conv", name], strict=True):
            assert float(cell) > 0.4 or n * precision.u_acc > 0.5, (name, n)


@pytest.mark.parametrize("operator", SUMS)
def test_the_page_is_made_by_the_benchmark(operator: str) -> None:
    page = rows()
    for n, claim in ((1, "TF32"), (9, "float32")):
        found = fraction(operator, n, *CLAIMS[claim])
        assert f"{found:.3f}" == page[operator, claim][LENGTHS.index(n)]
