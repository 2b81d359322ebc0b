"""What an omitted attribute or operand stands for, as other frameworks and versions have it."""

from __future__ import annotations

from typing import Any

from tests.fakes.executor import Call
from tests.fakes.fake import Before
from tests.fakes.faults.blocks import POOLS, WINDOWED
from tests.fakes.faults.fault import INDEX, SHAPE, Fault

TORCH_POOL = "torch.nn.MaxPool2d: 'stride: the stride of the window. Default value is kernel_size'"
TORCH_AVERAGE = "torch.nn.AvgPool2d(count_include_pad=True); AveragePool-22: 'Default is 0, doesn't count include pad.'"
CAFFE_POOL = (
    "Caffe's pooling layer rounds up; ceil_mode: 'Whether to use ceil or floor (default) to compute the output shape.'"
)
KERAS_LEAKY = (
    "tf.nn.leaky_relu(alpha=0.2), keras.layers.LeakyReLU(0.3); LeakyRelu-16 alpha: 'Coefficient of leakage.' (0.01)"
)
KERAS_SIGMOID = "keras.activations.hard_sigmoid(x): relu6(x + 3) / 6; HardSigmoid-22: 'default: 0.2', 'default: 0.5'"
TORCH_SHUFFLE = "torch.nn.PixelShuffle is CRD; DepthToSpace-13 mode: 'DCR (default)'"
ORT_RESIZE = "https://github.com/onnx/onnx/issues/8480 'version_converter: Resize 10->11 adapter silently changes operator semantics'"
PILLOW = "Resize-19 cubic_coeff_a: 'Two common choice are -0.5 (in some cases of TensorFlow) and -0.75 (in PyTorch)'"
RELU6 = "https://github.com/opencv/opencv/pull/22100 'the implementation here is based on ReLU6'"
TEXT = "the operator's text: the attribute's default"


def by_default(op: str | None = None, **values: Any) -> Before:
    """Attributes that are omitted get these values."""

    def before(call: Call) -> None:
        if op in (None, call.op):
            for name, value in values.items():
                call.attributes.setdefault(name, value)

    return before


def stride_of_kernel(call: Call) -> None:
    """Windows side by side where no strides are given."""
    if "kernel_shape" in call.attributes:
        call.attributes.setdefault("strides", list(call.attributes["kernel_shape"]))


def same_by_default(call: Call) -> None:
    """As many windows as elements where neither pads nor auto_pad is given."""
    if call.op != "Pad" and not {"pads", "output_shape"} & set(call.attributes):
        call.attributes.setdefault("auto_pad", "SAME_UPPER")


def half_padded(call: Call) -> None:
    """Half the kernel on both sides where nothing is said."""
    kernel = call.attributes.get("kernel_shape")
    if kernel and "auto_pad" not in call.attributes:
        call.attributes.setdefault("pads", [k // 2 for k in kernel] * 2)


def step_of_output(call: Call) -> None:
    """Where output_padding is omitted, what makes the result a multiple of the stride."""
    a = call.attributes
    if "strides" in a and "output_shape" not in a and a.get("auto_pad", "NOTSET") == "NOTSET":
        a.setdefault("output_padding", [s - 1 for s in a["strides"]])


def bounds_by_default(low: float | None, high: float | None) -> Before:
    """Bounds of Clip where they are omitted, as attributes or inputs."""

    def before(call: Call) -> None:
        dtype = call.operands[0].dtype.type
        given: list[Any] = [*call.operands[1:], None, None][:2]
        low_, high_ = (call.attributes.get(n) if g is None else g for n, g in zip(("min", "max"), given, strict=True))
        call.operands[1:] = [
            dtype(default) if found is None and default is not None else found
            for found, default in ((low_, low), (high_, high))
        ]

    return before


def constant_by_default(value: float) -> Before:
    """Pad's constant where it is omitted."""

    def before(call: Call) -> None:
        x, amounts, constant, axes = (*call.operands, None, None, None)[:4]
        if constant is not None or call.attributes.get("mode", "constant") != "constant":
            return
        if amounts is None:
            call.attributes.setdefault("value", value)
        else:
            call.operands = [x, amounts, x.dtype.type(value), *([axes] if axes is not None else [])]

    return before


FAULTS = {
    "strides by default the kernel": Fault((*POOLS, "max_unpool"), stride_of_kernel, message=SHAPE, source=TORCH_POOL),
    "padded to the same size by default": Fault(
        WINDOWED, same_by_default, message=SHAPE, source=TEXT + " of auto_pad: NOTSET"
    ),
    "half the kernel padded by default": Fault(
        ("conv", *POOLS),
        half_padded,
        message=SHAPE,
        source=TEXT + " of pads: 'default to 0 along start and end of each spatial axis'",
    ),
    "ceil_mode by default": Fault(POOLS, by_default(ceil_mode=1), message=SHAPE, source=CAFFE_POOL),
    "padding counted by default": Fault(
        ("average_pool", "pad_average_pool"), by_default("AveragePool", count_include_pad=1), source=TORCH_AVERAGE
    ),
    "columns first by default": Fault(
        ("max_pool",), by_default(storage_order=1), message=INDEX, source=TEXT + " of storage_order: 0, row major"
    ),
    "absolute values by default": Fault(("lp_pool", "global_lp_pool"), by_default(p=1), source=TEXT + " of p: 2"),
    "cubes by default": Fault(("lp_pool", "global_lp_pool"), by_default(p=3), source=TEXT + " of p: 2"),
    "output_padding by default": Fault(
        ("conv_transpose",),
        step_of_output,
        message=SHAPE,
        source="tf.keras.layers.Conv2DTranspose: out = in * stride; " + TEXT,
    ),
    "leakage of 0.2 by default": Fault(("leaky_relu",), by_default(alpha=0.2), source=KERAS_LEAKY),
    "leakage of 0.3 by default": Fault(("leaky_relu",), by_default(alpha=0.3), source=KERAS_LEAKY),
    "no leakage by default": Fault(("leaky_relu",), by_default(alpha=0.0), source=KERAS_LEAKY),
    "alpha of Selu by default": Fault(("elu",), by_default(alpha=1.67326), source=TEXT + " of alpha: 1"),
    "threshold 0 by default": Fault(("thresholded_relu",), by_default(alpha=0.0), source=TEXT + " of alpha: 1"),
    "gamma 1 by default": Fault(("selu",), by_default(gamma=1.0), source=TEXT + " of gamma"),
    "alpha 1 by default": Fault(("selu",), by_default(alpha=1.0), source=TEXT + " of alpha"),
    "beta 0 by default": Fault(("hard_sigmoid",), by_default(beta=0.0), source=KERAS_SIGMOID),
    "alpha 0.25 by default": Fault(("hard_sigmoid",), by_default(alpha=0.25), source=KERAS_SIGMOID),
    "from 0 by default": Fault(("clip",), bounds_by_default(0, None), source=RELU6),
    "to 6 by default": Fault(("clip",), bounds_by_default(None, 6), source=RELU6),
    "CRD by default": Fault(("depth_to_space",), by_default(mode="CRD"), source=TORCH_SHUFFLE),
    "padded with 1 by default": Fault(
        ("pad",), constant_by_default(1), source=TEXT + ": 'by default it is 0, empty string or False'"
    ),
    "reflected by default": Fault(("pad",), by_default(mode="reflect"), source=TEXT + " of mode: constant"),
    "edge by default": Fault(("pad",), by_default(mode="edge"), source=TEXT + " of mode: constant"),
    "floor by default": Fault(("resize",), by_default(nearest_mode="floor"), source=ORT_RESIZE),
    "asymmetric by default": Fault(
        ("resize",), by_default(coordinate_transformation_mode="asymmetric"), source=ORT_RESIZE
    ),
    "corners aligned by default": Fault(
        ("resize",), by_default(coordinate_transformation_mode="align_corners"), source=ORT_RESIZE
    ),
    "linear by default": Fault(("resize",), by_default(mode="linear"), source=TEXT + " of mode: nearest"),
    "coefficient of -0.5 by default": Fault(("resize",), by_default(cubic_coeff_a=-0.5), source=PILLOW),
    "antialias by default": Fault(("resize",), by_default(antialias=1), source="PIL.Image.resize always does; " + TEXT),
    "extrapolated by 1 by default": Fault(
        ("resize",), by_default(extrapolation_value=1.0), source=TEXT + " of extrapolation_value: 0"
    ),
    "not larger by default": Fault(
        ("resize",), by_default(keep_aspect_ratio_policy="not_larger"), message=SHAPE, source=TEXT + ": stretch"
    ),
}
