"""ONNX's own cases of one node of a block's operator, every one by name, judged by the reference."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, numpy_helper
from onnx.backend.test.case.test_case import TestCase
from onnx.backend.test.loader import load_model_tests

from graphs.blocks import SINGLE
from graphs.model import from_model
from graphs.spec import Invalid
from reference import KERNELS
from reference.ball import Ball, Expected
from reference.claim import Claim
from tests.reference.inside import inside

TESTED_ONNX = "1.23.2"  # constraints.txt
KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator")
OPERATORS = {block.op_type for block in SINGLE.values()}
NAMES = (
    "test_AvgPool2d",
    "test_AvgPool2d_stride",
    "test_AvgPool3d",
    "test_AvgPool3d_stride",
    "test_AvgPool3d_stride1_pad0_gpu_input",
    "test_ConstantPad2d",
    "test_Conv1d",
    "test_Conv1d_dilated",
    "test_Conv1d_groups",
    "test_Conv1d_pad1",
    "test_Conv1d_pad1size1",
    "test_Conv1d_pad2",
    "test_Conv1d_pad2size1",
    "test_Conv1d_stride",
    "test_Conv2d",
    "test_Conv2d_depthwise",
    "test_Conv2d_depthwise_padded",
    "test_Conv2d_depthwise_strided",
    "test_Conv2d_depthwise_with_multiplier",
    "test_Conv2d_dilated",
    "test_Conv2d_groups",
    "test_Conv2d_groups_thnn",
    "test_Conv2d_no_bias",
    "test_Conv2d_padding",
    "test_Conv2d_strided",
    "test_Conv3d",
    "test_Conv3d_dilated",
    "test_Conv3d_dilated_strided",
    "test_Conv3d_groups",
    "test_Conv3d_no_bias",
    "test_Conv3d_stride",
    "test_Conv3d_stride_padding",
    "test_ELU",
    "test_LeakyReLU",
    "test_LeakyReLU_with_negval",
    "test_ConvTranspose2d",
    "test_ConvTranspose2d_no_bias",
    "test_MaxPool1d",
    "test_MaxPool1d_stride",
    "test_MaxPool1d_stride_padding_dilation",
    "test_MaxPool2d",
    "test_MaxPool2d_stride_padding_dilation",
    "test_MaxPool3d",
    "test_MaxPool3d_stride",
    "test_MaxPool3d_stride_padding",
    "test_PReLU_1d",
    "test_PReLU_1d_multiparam",
    "test_PReLU_2d",
    "test_PReLU_2d_multiparam",
    "test_PReLU_3d",
    "test_PReLU_3d_multiparam",
    "test_ReLU",
    "test_SELU",
    "test_Sigmoid",
    "test_Tanh",
    "test_ReflectionPad2d",
    "test_ReplicationPad2d",
    "test_ZeroPad2d",
    "test_averagepool_1d_default",
    "test_averagepool_2d_ceil",
    "test_averagepool_2d_ceil_last_window_starts_on_pad",
    "test_averagepool_2d_default",
    "test_averagepool_2d_dilations",
    "test_averagepool_2d_pads",
    "test_averagepool_2d_pads_count_include_pad",
    "test_averagepool_2d_precomputed_pads",
    "test_averagepool_2d_precomputed_pads_count_include_pad",
    "test_averagepool_2d_precomputed_same_upper",
    "test_averagepool_2d_precomputed_strides",
    "test_averagepool_2d_same_lower",
    "test_averagepool_2d_same_upper",
    "test_averagepool_2d_strides",
    "test_averagepool_3d_default",
    "test_averagepool_3d_dilations_large_count_include_pad_is_0_ceil_mode_is_False",
    "test_averagepool_3d_dilations_large_count_include_pad_is_0_ceil_mode_is_True",
    "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_False",
    "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True",
    "test_averagepool_3d_dilations_small",
    "test_basic_conv_with_padding",
    "test_basic_conv_without_padding",
    "test_clip",
    "test_clip_default_inbounds",
    "test_clip_default_inbounds_expanded",
    "test_clip_default_int8_inbounds",
    "test_clip_default_int8_inbounds_expanded",
    "test_clip_default_int8_max",
    "test_clip_default_int8_max_expanded",
    "test_clip_default_int8_min",
    "test_clip_default_int8_min_expanded",
    "test_clip_default_max",
    "test_clip_default_max_expanded",
    "test_clip_default_min",
    "test_clip_default_min_expanded",
    "test_clip_example",
    "test_clip_example_expanded",
    "test_clip_expanded",
    "test_clip_inbounds",
    "test_clip_inbounds_expanded",
    "test_clip_min_greater_than_max",
    "test_clip_min_greater_than_max_expanded",
    "test_clip_outbounds",
    "test_clip_outbounds_expanded",
    "test_clip_splitbounds",
    "test_clip_splitbounds_expanded",
    "test_constant_pad",
    "test_constant_pad_axes",
    "test_constant_pad_negative_axes",
    "test_conv_with_autopad_same",
    "test_conv_with_strides_and_asymmetric_padding",
    "test_conv_with_strides_no_padding",
    "test_conv_with_strides_padding",
    "test_convinteger_with_padding",
    "test_convinteger_without_padding",
    "test_globalaveragepool",
    "test_globalaveragepool_precomputed",
    "test_globalmaxpool",
    "test_globalmaxpool_precomputed",
    "test_hardsigmoid",
    "test_hardsigmoid_default",
    "test_hardsigmoid_default_expanded_ver18",
    "test_hardsigmoid_example",
    "test_hardsigmoid_example_expanded_ver18",
    "test_hardsigmoid_expanded_ver18",
    "test_hardswish",
    "test_hardswish_expanded",
    "test_lppool_1d_default",
    "test_lppool_2d_default",
    "test_lppool_2d_dilations",
    "test_lppool_2d_pads",
    "test_lppool_2d_same_lower",
    "test_lppool_2d_same_upper",
    "test_lppool_2d_strides",
    "test_lppool_3d_default",
    "test_elu",
    "test_elu_default",
    "test_elu_default_expanded_ver18",
    "test_elu_example",
    "test_elu_example_expanded_ver18",
    "test_elu_expanded_ver18",
    "test_leakyrelu",
    "test_leakyrelu_default",
    "test_leakyrelu_default_expanded",
    "test_leakyrelu_example",
    "test_leakyrelu_example_expanded",
    "test_leakyrelu_expanded",
    "test_edge_pad",
    "test_convtranspose",
    "test_convtranspose_1d",
    "test_convtranspose_3d",
    "test_convtranspose_autopad_same",
    "test_convtranspose_dilations",
    "test_convtranspose_group_2",
    "test_convtranspose_group_2_image_3",
    "test_convtranspose_kernel_shape",
    "test_convtranspose_output_shape",
    "test_convtranspose_pad",
    "test_convtranspose_pads",
    "test_depthtospace_crd_mode_example",
    "test_depthtospace_crd_mode_example_expanded",
    "test_depthtospace_example",
    "test_depthtospace_example_expanded",
    "test_maxpool_1d_default",
    "test_maxpool_2d_ceil",
    "test_maxpool_2d_ceil_output_size_reduce_by_one",
    "test_maxpool_2d_default",
    "test_maxpool_2d_dilations",
    "test_maxpool_2d_pads",
    "test_maxpool_2d_precomputed_pads",
    "test_maxpool_2d_precomputed_same_upper",
    "test_maxpool_2d_precomputed_strides",
    "test_maxpool_2d_same_lower",
    "test_maxpool_2d_same_upper",
    "test_maxpool_2d_strides",
    "test_maxpool_2d_uint8",
    "test_maxpool_3d_default",
    "test_maxpool_3d_dilations",
    "test_maxpool_3d_dilations_use_ref_impl",
    "test_maxpool_3d_dilations_use_ref_impl_large",
    "test_maxpool_with_argmax_2d_precomputed_pads",
    "test_maxpool_with_argmax_2d_precomputed_strides",
    "test_maxunpool_export_with_output_shape",
    "test_maxunpool_export_without_output_shape",
    "test_operator_clip",
    "test_operator_conv",
    "test_operator_convtranspose",
    "test_operator_maxpool",
    "test_operator_selu",
    "test_prelu_broadcast",
    "test_prelu_broadcast_expanded",
    "test_prelu_example",
    "test_prelu_example_expanded",
    "test_operator_pad",
    "test_qlinearconv",
    "test_reflect_pad",
    "test_relu",
    "test_relu_expanded_ver18",
    "test_selu",
    "test_selu_default",
    "test_selu_default_expanded_ver18",
    "test_selu_example",
    "test_selu_example_expanded_ver18",
    "test_selu_expanded_ver18",
    "test_sigmoid",
    "test_sigmoid_example",
    "test_single_relu_model",
    "test_tanh",
    "test_tanh_example",
    "test_thresholdedrelu",
    "test_thresholdedrelu_default",
    "test_thresholdedrelu_default_expanded_ver18",
    "test_thresholdedrelu_example",
    "test_thresholdedrelu_example_expanded_ver18",
    "test_thresholdedrelu_expanded_ver18",
    "test_wrap_pad",
    "test_spacetodepth",
    "test_resize_downsample_scales_cubic",
    "test_resize_downsample_scales_cubic_A_n0p5_exclude_outside",
    "test_resize_downsample_scales_cubic_align_corners",
    "test_resize_downsample_scales_cubic_antialias",
    "test_resize_downsample_scales_linear",
    "test_resize_downsample_scales_linear_align_corners",
    "test_resize_downsample_scales_linear_antialias",
    "test_resize_downsample_scales_linear_half_pixel_symmetric",
    "test_resize_downsample_scales_nearest",
    "test_resize_downsample_sizes_cubic",
    "test_resize_downsample_sizes_cubic_antialias",
    "test_resize_downsample_sizes_linear_antialias",
    "test_resize_downsample_sizes_linear_pytorch_half_pixel",
    "test_resize_downsample_sizes_nearest",
    "test_resize_downsample_sizes_nearest_not_larger",
    "test_resize_downsample_sizes_nearest_not_smaller",
    "test_resize_tf_crop_and_resize",
    "test_resize_tf_crop_and_resize_axes_2_3",
    "test_resize_tf_crop_and_resize_axes_3_2",
    "test_resize_tf_crop_and_resize_extrapolation_value",
    "test_resize_upsample_scales_cubic",
    "test_resize_upsample_scales_cubic_A_n0p5_exclude_outside",
    "test_resize_upsample_scales_cubic_align_corners",
    "test_resize_upsample_scales_cubic_asymmetric",
    "test_resize_upsample_scales_linear",
    "test_resize_upsample_scales_linear_align_corners",
    "test_resize_upsample_scales_linear_half_pixel_symmetric",
    "test_resize_upsample_scales_nearest",
    "test_resize_upsample_scales_nearest_axes_2_3",
    "test_resize_upsample_scales_nearest_axes_3_2",
    "test_resize_upsample_sizes_cubic",
    "test_resize_upsample_sizes_nearest",
    "test_resize_upsample_sizes_nearest_axes_2_3",
    "test_resize_upsample_sizes_nearest_axes_3_2",
    "test_resize_upsample_sizes_nearest_ceil_half_pixel",
    "test_resize_upsample_sizes_nearest_floor_align_corners",
    "test_resize_upsample_sizes_nearest_not_larger",
    "test_resize_upsample_sizes_nearest_not_smaller",
    "test_resize_upsample_sizes_nearest_round_prefer_ceil_asymmetric",
    "test_dequantizelinear",
    "test_dequantizelinear_axis",
    "test_dequantizelinear_blocked",
    "test_dequantizelinear_e4m3fn",
    "test_dequantizelinear_e4m3fn_float16",
    "test_dequantizelinear_e4m3fn_zero_point",
    "test_dequantizelinear_e5m2",
    "test_dequantizelinear_float4e2m1",
    "test_dequantizelinear_int16",
    "test_dequantizelinear_int2",
    "test_dequantizelinear_int4",
    "test_dequantizelinear_uint16",
    "test_dequantizelinear_uint2",
    "test_dequantizelinear_uint4",
    "test_quantizelinear",
    "test_quantizelinear_axis",
    "test_quantizelinear_blocked_asymmetric",
    "test_quantizelinear_blocked_symmetric",
    "test_quantizelinear_e4m3fn",
    "test_quantizelinear_e5m2",
    "test_quantizelinear_float4e2m1",
    "test_quantizelinear_int16",
    "test_quantizelinear_int2",
    "test_quantizelinear_int4",
    "test_quantizelinear_uint16",
    "test_quantizelinear_uint2",
    "test_quantizelinear_uint4",
    "test_spacetodepth_example",
    "test_spacetodepth_example_expanded",
    "test_spacetodepth_expanded",
)
# Of versions that came after opset 22, the newest that the project knows: the attribute that they have in addition.
LATER = {
    "test_spacetodepth_crd_mode_example": "SpaceToDepth-28 has mode",
    "test_spacetodepth_crd_mode_example_expanded": "SpaceToDepth-28 has mode",
    "test_spacetodepth_dcr_mode_example": "SpaceToDepth-28 has mode",
    "test_spacetodepth_dcr_mode_example_expanded": "SpaceToDepth-28 has mode",
}
# name -> (the operator's sentence and what the case does instead, how far that may take a result)
CONFLICTS: dict[str, tuple[str, float]] = {
    "test_averagepool_2d_ceil_last_window_starts_on_pad": (
        "AveragePool-22: 'The output of each pooling window is divided by the number of elements'. Of the inputs as "
        "the case gives them that is 0.15105555, 0.28404444 and 0.35722222; it expects what torch had printed, "
        "'y = np.array([[[[0.1511]], [[0.2841]], [[0.3572]]]])', for inputs that are cut to four decimals too: half a "
        "unit of the fourth decimal in the result, and in each of 4 elements of a window counted as 9",
        0.5e-4 * (1 + 4 / 9),
    ),
    "test_maxunpool_export_with_output_shape": (
        "MaxUnpool-22, I: 'This tensor is typically the second output of the MaxPool op', 'computed considering the "
        "tensor as flattened 1-D tensor'. What comes back is MaxPool's input, here of shape 1 x 1 x 5 x 5, whose "
        "positions 5, 7, 13 and 15 are (1,0), (1,2), (2,3) and (3,0). The case has 5, 6, 7 and 8 at (1,1), (1,3), "
        "(3,1) and (3,3), where the indices lead in 1 x 1 x 4 x 4, the size without output_shape. The spec is silent "
        "there; the reference counts in output_shape, as https://github.com/onnx/onnx/issues/2398 asks for",
        8.0,  # the largest element
    ),
    "test_resize_downsample_scales_linear_align_corners": (
        "Resize-19: 'x_original = x_resized * (length_original - 1) / (length_resized - 1)', and length_resized is "
        "'the length of the resized tensor in axis x', 2: 1 * 3 / 1 is the last column, 4. The case takes "
        "4 * 0.6 = 2.4, "
        "'output_width the target length on the axis x which can be a fractional number', for it, and reads the "
        "columns at 3 / 1.4 = 2.142857",
        3 - 3 / 1.4,
    ),
    "test_resize_downsample_scales_cubic_align_corners": (
        "Resize-19: 'x_original = x_resized * (length_original - 1) / (length_resized - 1)' with 'the length of the "
        "resized tensor in axis x', 3, reads the last of each axis at 2 * 3 / 2 = 3. The case takes 4 * 0.8 = 3.2, "
        "'which can be a fractional number', for it and reads at 2 * 3 / 2.2 = 2.727273; "
        "from one element to the next the values rise by 4 and by 1",
        5 * (3 - 6 / 2.2),
    ),
}


@cache
def shipped() -> dict[str, TestCase]:
    """ONNX's cases whose model is one node of ours, and the expansions of those into other operators."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ONNX computes its other cases on import, with overflows and divisions by zero
        found = {case.name: case for kind in KINDS for case in load_model_tests(kind=kind)}
    single = {name for name, case in found.items() if [n.op_type for n in model_of(case).graph.node][1:] == []}
    ours = {name for name in single if model_of(found[name]).graph.node[0].op_type in OPERATORS}
    expanded = {name for name in found if name.partition("_expanded")[0] in ours}
    return {name: found[name] for name in sorted(ours | expanded)}


def model_of(case: TestCase) -> ModelProto:
    """The model, in memory or on the disk."""
    return case.model if case.model is not None else onnx.load(folder_of(case) / "model.onnx")


def folder_of(case: TestCase) -> Path:
    """Where a case that is not in memory lies."""
    assert case.model_dir is not None
    return Path(case.model_dir)


def data_of(case: TestCase) -> Iterator[tuple[Sequence[NDArray[Any]], Sequence[NDArray[Any]]]]:
    """Inputs and expected outputs of each data set, in memory or on the disk."""
    if case.data_sets is not None:
        yield from case.data_sets
        return
    for folder in sorted(folder_of(case).glob("test_data_set_*")):
        yield tensors(folder, "input"), tensors(folder, "output")


def tensors(folder: Path, kind: str) -> list[NDArray[Any]]:
    """The arrays of ``input_0.pb``, ``input_1.pb`` and so on."""
    count = len(list(folder.glob(f"{kind}_*.pb")))
    return [numpy_helper.to_array(onnx.load_tensor(folder / f"{kind}_{i}.pb")) for i in range(count)]


def arrays(values: Sequence[Any]) -> list[NDArray[Any]]:
    """Tensors of types that NumPy lacks come as ONNX's own."""
    return [numpy_helper.to_array(v) if isinstance(v, onnx.TensorProto) else np.asarray(v) for v in values]


def operands(model: ModelProto, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any] | None]:
    """The node's operands in its order: initializers, and inputs as fed; None for one left out."""
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    free = [value.name for value in model.graph.input if value.name not in held]
    given = held | dict(zip(free, inputs, strict=False))
    return [given[name] if name else None for name in model.graph.node[0].input]


def test_every_shipped_case_is_listed() -> None:
    """Of the ONNX this was written for, exactly; another may have gained cases, and must not have lost any."""
    assert set(NAMES) <= set(shipped())
    if onnx.__version__ == TESTED_ONNX:
        assert sorted([*NAMES, *LATER]) == list(shipped())


@pytest.mark.parametrize("name", LATER)
def test_a_later_version_s_attribute_is_refused_by_name(name: str) -> None:
    if name in shipped():  # an older ONNX has no such case
        with pytest.raises(Invalid, match=f"unknown attribute {LATER[name].split()[-1]}"):
            from_model(model_of(shipped()[name.partition("_expanded")[0]]), SINGLE)


Judged = tuple[Expected, tuple[str, tuple[int, ...]], NDArray[Any]]


def judged(name: str) -> Iterator[Judged]:
    """For each result: what the reference expects, the spec's type and shape, and what ONNX expects."""
    case = shipped()[name]
    model = model_of(shipped()[name.partition("_expanded")[0]])  # an expansion computes the same from the same
    first = operands(
        model, arrays(next(data_of(case))[0])
    )  # pads and the like belong to the setting, alike in each data set
    spec = from_model(
        model, SINGLE, {n: a for n, a in zip(model.graph.node[0].input, first, strict=True) if a is not None}
    )
    results = {"outputs": len(model.graph.output)} if spec.block == "max_pool" else {}
    for given, due in data_of(case):
        inputs, outputs = map(arrays, (given, due))
        expected = KERNELS[spec.block](*operands(model, inputs), claim=Claim(), **spec.attributes(), **results)
        yield from zip(expected, spec.outputs().values(), outputs, strict=True)


@pytest.mark.parametrize("name", NAMES)
def test_expected_output_is_inside(name: str) -> None:
    """What ONNX expects lies in the ball of the native claim, in the type and shape of the formulas."""
    results = list(judged(name))
    assert results
    for due, (dtype, shape), actual in results:
        assert actual.dtype == np.dtype(dtype)
        assert actual.shape == shape
        assert bool(inside(due, actual).all()) != (name in CONFLICTS), f"{actual} against {due}"


def test_the_other_reading_of_max_unpool_is_what_the_case_has() -> None:
    """Element by element, since an allowance of the largest element would hold anything."""
    ((_, _, actual),) = judged("test_maxunpool_export_with_output_shape")
    due = np.zeros((1, 1, 5, 5))
    due[0, 0, [1, 1, 3, 3], [1, 3, 1, 3]] = [5, 6, 7, 8]
    np.testing.assert_array_equal(actual, due)


@pytest.mark.parametrize("name", CONFLICTS)
def test_conflict_is_as_explained(name: str) -> None:
    """Outside the ball, and within what the explanation allows."""
    _, reach = CONFLICTS[name]
    for due, _, actual in judged(name):
        assert isinstance(due, Ball)
        away = np.abs(actual - due.value)
        assert (away > due.radius).any()
        assert (away <= reach + due.radius).all()
