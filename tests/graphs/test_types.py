"""Which element types an operator has, and since when: what the blocks say against ONNX's schemas."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, defs, helper

from graphs.blocks import SINGLE
from graphs.numbers import EXPONENTS, FLOATS, SIGNIFICAND
from reference.formats import FORMATS

NAMES = {  # as schemas write them -> NumPy's name
    f"tensor({helper.tensor_dtype_to_string(number).rpartition('.')[2].lower()})": helper.tensor_dtype_to_np_dtype(
        number
    )
    for number in TensorProto.DataType.values()
    if number not in (TensorProto.UNDEFINED, TensorProto.STRING)
}
NAMES |= {"tensor(float)": np.dtype("float32"), "tensor(double)": np.dtype("float64")}


def allowed(op_type: str, version: int) -> set[str]:
    """Element types of the operator's first operand."""
    schema = defs.get_schema(op_type, version, "")
    return {NAMES[name].name for name in schema.inputs[0].types if name in NAMES}


@pytest.mark.parametrize("block", SINGLE)
def test_types_are_those_of_the_schemas(block: str) -> None:
    """Every version of the operator, every type that the spec names or a float could be of."""
    spec = SINGLE[block]
    for version in spec.versions:
        for dtype in {*spec.dtypes_since, *FLOATS}:
            has = dtype in spec.dtypes_since and version >= spec.dtypes_since[dtype]
            assert has == (dtype in allowed(spec.op_type, version)), (spec.op_type, version, dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_data_know_the_types_as_the_reference_does(dtype: str) -> None:
    """Two tables, because neither package may read the other's."""
    found = FORMATS[dtype]
    assert (SIGNIFICAND[dtype], EXPONENTS[dtype]) == (found.bits, (found.emin, found.emax))
