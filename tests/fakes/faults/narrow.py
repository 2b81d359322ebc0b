"""Accumulators, operands, results and constants in a narrower type than is claimed, or cut instead of rounded."""

from __future__ import annotations

from collections.abc import Callable

import ml_dtypes
import numpy as np

from reference.formats import FORMATS, is_float
from tests.fakes.arithmetic import PLAIN, divide
from tests.fakes.executor import Arithmetic, Call, Tensor
from tests.fakes.fake import Before
from tests.fakes.faults.blocks import FILTERS, GLOBAL
from tests.fakes.faults.changes import change_tensors, of, of_filters, on_y, round_inputs, rounded
from tests.fakes.faults.fault import ANY_VALUE, Fault

MIOPEN_2109 = "https://github.com/ROCm/MIOpen/issues/2109 '[pooling] FP16 precision issue (averaging mode)'"
ONEDNN_5041 = "https://github.com/uxlfoundation/oneDNN/pull/5041 'Use f32 accumulator for f16 input in convolution'"
ACL_1287 = "https://github.com/ARM-software/ComputeLibrary/pull/1287 'accumulate in fp32 unless in fast_mode'"
TF_43393 = (
    "https://github.com/tensorflow/tensorflow/issues/43393 'GPUDelegate Produces Incorrect Result' (float16 by default)"
)
RCPPS = "Intel's RCPPS and RSQRTPS: a relative error of up to 1.5 * 2^-12, to be refined by a step of Newton's"
FASI = "Fasi, Higham, Mikaitis & Pranesh 2021: tensor cores truncate while they accumulate"
DAZ = "denormals-are-zero and flush-to-zero, which one library switches on for the whole process (-ffast-math)"


def summed_in(dtype: str) -> Callable[[Tensor, Tensor], Tensor]:
    """A product of float32 matrices whose terms are added one by one in a narrower type."""
    narrow = {"float16": np.dtype(np.float16), "bfloat16": np.dtype(ml_dtypes.bfloat16)}[dtype]

    def dot(left: Tensor, right: Tensor) -> Tensor:
        if left.dtype != np.float32:
            return np.asarray(PLAIN.dot(left, right))
        total = np.zeros((*left.shape[:-1], right.shape[-1]), narrow)
        for k in range(left.shape[-1]):
            total = (total.astype(np.float32) + left[..., :, k, None] * right[..., None, k, :]).astype(narrow)
        return total.astype(np.float32)

    return dot


def in_single(left: Tensor, right: Tensor) -> Tensor:
    """float64 in float32."""
    found = PLAIN.dot(left.astype(np.float32), right.astype(np.float32)) if left.dtype == np.float64 else None
    return np.asarray(PLAIN.dot(left, right) if found is None else found)


def single_mean(values: Tensor, count: Tensor) -> Tensor:
    """float64 averages in float32."""
    return divide(values.astype(np.float32) if values.dtype == np.float64 else values, count)


def narrow_mean(values: Tensor, count: Tensor) -> Tensor:
    """float32 averages summed in float16."""
    return divide(values.astype(np.float16), count) if values.dtype == np.float32 else divide(values, count)


def estimated_mean(values: Tensor, count: Tensor) -> Tensor:
    """Times a reciprocal of twelve bits."""
    factor = rounded(values.dtype.type(1) / count.astype(values.dtype), 12) if values.dtype.itemsize > 2 else None
    return divide(values, count) if factor is None else np.asarray(values.sum(axis=-1) * factor)


def cut(bits: int) -> Callable[[Tensor], Tensor]:
    """A significand whose other bits are dropped."""

    def change(x: Tensor) -> Tensor:
        if not is_float(x.dtype):
            return x
        fraction, exponent = np.frexp(x)
        return np.asarray(np.ldexp(np.trunc(np.ldexp(fraction, bits)), exponent - bits).astype(x.dtype))

    return change


def cut_inputs(bits: int) -> Before:
    """The first node's operands, cut."""
    return lambda call: change_tensors(call, cut(bits))


def rounded_operand(number: int, bits: int) -> Before:
    """One operand, rounded."""

    def before(call: Call) -> None:
        if len(call.operands) > number and is_float(call.operands[number].dtype):
            call.operands[number] = rounded(call.operands[number], bits)

    return before


def fits(bits: int) -> Callable[[Tensor], Tensor]:
    """Results of a type of at least float32, rounded."""
    return lambda y: rounded(y, bits) if is_float(y.dtype) and y.dtype.itemsize > 2 else y


def through(dtype: type) -> Callable[[Tensor], Tensor]:
    """There and back."""
    return lambda y: y.astype(dtype).astype(y.dtype) if is_float(y.dtype) and y.dtype.itemsize > 2 else y


def through_single(call: Call) -> None:
    """float64 tensors become float32 at the first node."""
    with np.errstate(over="ignore"):
        change_tensors(call, lambda x: x.astype(np.float32).astype(x.dtype) if x.dtype == np.float64 else x)


def no_subnormals(x: Tensor) -> Tensor:
    """0 in the place of subnormal numbers."""
    return np.where(np.abs(x) < FORMATS[x.dtype.name].tiny, x.dtype.type(0), x) if is_float(x.dtype) else x


def flush_inputs(call: Call) -> None:
    """Subnormal inputs are 0, which the claim does not say."""
    change_tensors(call, no_subnormals)


SUMMED = (*FILTERS, "average_pool_gradient", "conv_gradient")
CURVES = ("sigmoid", "tanh", "elu", "selu")
COPIES = ("relu", "max_pool", "pad", "depth_to_space", "leaky_relu")
FAULTS = {
    "sums of float32 in float16": Fault(
        (*SUMMED, "lp_pool"), how=Arithmetic(summed_in("float16"), narrow_mean), source=ONEDNN_5041
    ),
    "sums of float32 in bfloat16": Fault(SUMMED, how=Arithmetic(summed_in("bfloat16"), divide), source=ACL_1287),
    "averages of float32 in float16": Fault(
        ("average_pool", "global_average_pool", "pad_average_pool"),
        how=Arithmetic(PLAIN.dot, narrow_mean),
        source=MIOPEN_2109,
    ),
    "sums of float64 in float32": Fault(FILTERS, how=Arithmetic(in_single, PLAIN.mean), source=TF_43393),
    "averages of float64 in float32": Fault(
        ("average_pool", "global_average_pool"), how=Arithmetic(PLAIN.dot, single_mean), source=TF_43393
    ),
    "averages by an estimated reciprocal": Fault(
        ("average_pool", "global_average_pool", "pad_average_pool", "copy_unpool"),
        how=Arithmetic(PLAIN.dot, estimated_mean),
        source=RCPPS,
    ),
    "inputs cut to bfloat16": Fault((*FILTERS, *GLOBAL, *COPIES), cut_inputs(8), source=FASI),
    "inputs cut to TF32": Fault((*FILTERS, "average_pool", *COPIES), cut_inputs(11), source=FASI),
    "inputs rounded to bfloat16": Fault((*FILTERS, "average_pool", *COPIES), round_inputs(8), source=TF_43393),
    "float64 inputs as float32": Fault((*FILTERS, *COPIES, "average_pool", *GLOBAL), through_single, source=TF_43393),
    "weights rounded to bfloat16": Fault(FILTERS, of_filters(rounded_operand(1, 8)), source=TF_43393),
    "weights of 16 bits": Fault(FILTERS, of_filters(rounded_operand(1, 16)), source=TF_43393),
    "bias rounded to float16": Fault(
        ("conv", "conv_transpose", "pad_conv"), of_filters(rounded_operand(2, 11)), source=ACL_1287
    ),
    "slopes of ten bits": Fault(("p_relu",), rounded_operand(1, 10), source=TF_43393),
    "results of twelve bits": Fault((*CURVES, "hard_swish", "lp_pool"), after=on_y(fits(12)), source=RCPPS),
    "results rounded to float16": Fault(
        (*FILTERS, *CURVES, "average_pool"), after=on_y(through(np.float16)), source=TF_43393
    ),
    "results of 22 bits": Fault((*FILTERS, *CURVES, *COPIES, "average_pool"), after=on_y(fits(22)), source=RCPPS),
    "results cut to 23 bits": Fault((*FILTERS, "average_pool", *COPIES), after=on_y(cut(23)), source=FASI),
    "a normalisation by an estimated root": Fault(
        ("network",),
        of(rounded_operand(1, 12), "BatchNormalization"),
        message=ANY_VALUE,
        bends=("BatchNormalization",),
        source=RCPPS,
    ),
    "subnormal inputs read as 0": Fault((*COPIES, "conv", "tanh"), flush_inputs, source=DAZ),
    "subnormal results are 0": Fault((*COPIES, "elu"), after=on_y(no_subnormals), source=DAZ),
}
