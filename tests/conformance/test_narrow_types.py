"""Elements of less than a byte on their way into ONNX Runtime and back."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

pytest.importorskip("onnxruntime")

from conformance.runtimes.onnxruntime import from_value, to_value
from conformance.runtimes.onnxruntime_bits import packed_of, signed, unpacked


@pytest.mark.parametrize("name", ["int4", "uint4", "int2", "uint2"])
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5), (2, 2, 2)])
def test_there_and_back(name: str, shape: tuple[int, ...]) -> None:
    """Every element at its place, an odd number of them too."""
    dtype = np.dtype(getattr(ml_dtypes, name))
    low, count = (0 if name.startswith("u") else -(2 ** (int(name[-1]) - 1))), 2 ** int(name[-1])
    size = int(np.prod(shape))
    x = (np.arange(size) * 3 % count + low).reshape(shape).astype(dtype)
    again = from_value(to_value(x))
    assert (again.dtype, again.shape) == (x.dtype, x.shape)
    np.testing.assert_array_equal(again.astype(int), x.astype(int))


def test_the_first_element_is_in_the_lowest_bits() -> None:
    assert packed_of(np.array([1, 2, 3], np.uint8), 4).tolist() == [0x21, 0x03]
    assert packed_of(np.array([1, 2, 3, 0, 2], np.uint8), 2).tolist() == [0b00111001, 0b10]
    assert unpacked(np.array([0xF1], np.uint8), 4, 2).tolist() == [1, 15]
    assert signed(np.array([1, 15, 7, 8], np.uint8), 4).tolist() == [1, -1, 7, -8]
    assert unpacked(np.array([0xF1], np.uint8), 4, 1).tolist() == [1]
