"""The reference's own table of formats against what NumPy and ml_dtypes say of them."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from reference.formats import FORMATS, is_float


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "TF32"])
def test_formats_are_those_of_the_types(name: str) -> None:
    found, said = FORMATS[name], ml_dtypes.finfo(np.dtype(name))  # type: ignore[no-untyped-call]
    assert (found.largest, found.tiny) == (float(said.max), float(said.tiny))
    assert found.bits == said.nmant + 1
    if name != "float64":
        assert found.half_smallest == float(said.smallest_subnormal) / 2
    assert is_float(np.dtype(name))


def test_half_of_the_smallest_float64_is_none() -> None:
    assert FORMATS["float64"].half_smallest == 5e-324


def test_tf32_has_float32_s_range() -> None:
    assert (FORMATS["TF32"].emin, FORMATS["TF32"].emax) == (FORMATS["float32"].emin, FORMATS["float32"].emax)


@pytest.mark.parametrize("name", ["int8", "uint8", "int64", "bool"])
def test_other_types_are_none(name: str) -> None:
    assert not is_float(np.dtype(name))
