"""The way back from a window: the transposed convolution has X's size, and its text decides."""

from __future__ import annotations

from itertools import product

import pytest

from graphs.blocks.average_pool_gradient import AveragePoolGradient
from graphs.blocks.conv_gradient import ConvGradient
from graphs.geometry import AUTO_PADS, resolve
from graphs.grid import cases


@pytest.mark.parametrize("auto_pad", AUTO_PADS)
def test_fewer_elements_than_the_stride_are_left_behind_the_last_window(auto_pad: str) -> None:
    """So that output_padding, which must be below the stride, can add them, whatever the pads."""
    for size, kernel, stride, begin, end, ceil in product(
        range(1, 9), range(1, 7), range(1, 6), range(4), range(4), (False, True)
    ):
        axis = resolve(size, kernel, stride, auto_pad, begin, end, ceil)
        if axis.span >= 0:
            last = (axis.count - 1) * stride - axis.begin + kernel - 1  # the last window's last tap
            assert axis.tail == size - 1 - last
            assert axis.tail < stride


@pytest.mark.parametrize("block", ["average_pool_gradient", "conv_gradient"])
def test_the_way_back_has_x_s_size_and_is_decided(block: str) -> None:
    for case in cases(block, "quick"):
        spec = case.spec
        assert isinstance(spec, AveragePoolGradient | ConvGradient)
        assert spec.back.outputs()["y"][1] == spec.outputs()["dx"][1]
        assert spec.back.silent is None


def test_the_kernel_of_dy_reaches_the_kernel_or_further() -> None:
    """What is further is cut off; that occurs, and that nothing is cut off."""
    cut = set()
    for case in cases("conv_gradient", "quick"):
        assert isinstance(case.spec, ConvGradient)
        found = case.spec.across.output_extent
        assert all(have >= due for have, due in zip(found, case.spec.kernel_shape, strict=True))
        assert case.spec.across.silent is None
        cut.add(found != case.spec.kernel_shape)
    assert cut == {False, True}
