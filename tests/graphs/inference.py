"""Where ONNX's own shape inference departs from the operator's text, so that it cannot tell the size."""

from __future__ import annotations

from graphs.blocks.conv_transpose import ConvTranspose
from graphs.blocks.max_unpool import MaxUnpool
from graphs.spec import Spec

# ConvTranspose-11: 'pad the input so that `output_shape[i] = input_shape[i] * strides[i]`'; output_padding is added
SAME = ConvTranspose(
    batch=1, channels=1, extent=(3,), kernel_shape=(3,), strides=(2,), auto_pad="SAME_UPPER", output_padding=(1,)
)
# ConvTranspose: 'output_shape can also be explicitly specified'; inference stops at an axis that it makes smaller
SMALLER = ConvTranspose(batch=1, channels=1, extent=(3,), kernel_shape=(1,), output_shape=(1,))
# MaxUnpool, output_shape: 'The shape of the output can be explicitly set'; an initializer is not looked at
ASKED = MaxUnpool(batch=1, channels=1, extent=(3,), kernel_shape=(2,), strides=(2,), output_shape=(1, 1, 6))


def errs(spec: Spec) -> bool:
    """Whether onnx 1.23.2 infers another shape than the text's, or part of a shape, or none."""
    if isinstance(spec, MaxUnpool):
        return spec.output_shape is not None
    if not isinstance(spec, ConvTranspose):
        return False
    if spec.output_shape:
        return any(map(int.__lt__, spec.output_shape, spec.extent))
    return (spec.auto_pad or "").startswith("SAME") and any(spec.output_padding or ())
