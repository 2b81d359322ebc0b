"""Invalid graphs of activation functions."""

from __future__ import annotations

from graphs.blocks.clip import Clip
from graphs.blocks.elu import Elu
from graphs.blocks.hard_sigmoid import HardSigmoid
from graphs.blocks.hard_swish import HardSwish
from graphs.blocks.leaky_relu import LeakyRelu
from graphs.blocks.p_relu import PRelu
from graphs.blocks.relu import Relu
from graphs.blocks.selu import Selu
from graphs.blocks.sigmoid import Sigmoid
from graphs.blocks.tanh import Tanh
from graphs.blocks.thresholded_relu import ThresholdedRelu
from graphs.invalid.broken import IR, broken
from graphs.invalid.rules import DECLARED, SIGNATURE

RELU = Relu(shape=(2, 3))
SLOPES = PRelu(shape=(1, 2, 3, 3), slope=(2, 1, 1))
SLOPES_INTEGERS = PRelu(shape=(2, 3), slope=(3,), dtype="int32", opset=9)
ONE_IMAGE = PRelu(shape=(1, 2, 3), slope=(1, 2, 3), weights="input")
BOUNDS = Clip(shape=(2, 3), min=-2.0, max=4.0)
BOUNDS_FED = Clip(shape=(2, 3), min="input", max="input")
BOUNDS_INTEGERS = Clip(shape=(2, 3), min=-2.0, max=4.0, dtype="int32", opset=12)
BOUNDS_11 = Clip(shape=(2, 3), min=-2.0, max=4.0, opset=11)
BROADCAST = "its shape must be unidirectional broadcastable to X"
SCALAR = "It must be a scalar(tensor of empty shape)."

ENTRIES = (
    broken("relu-second-operand", RELU, ("inputs", "x", "x"), "Inputs (1)"),
    broken("relu-without-operand", RELU, ("inputs",), "Inputs (1)"),
    broken("relu-operand-left-out", RELU, ("inputs", ""), "X : T"),
    broken("relu-attribute", RELU, ("attribute", "alpha", 0.5), SIGNATURE, source=IR),
    broken("relu-result-type", RELU, ("dtype", "y", "float64"), "Y : T"),
    broken("leaky-relu-alpha-int", LeakyRelu(shape=(2, 3), alpha=0.5), ("attribute", "alpha", 1), "alpha : float"),
    broken(
        "leaky-relu-alpha-list", LeakyRelu(shape=(2, 3), alpha=0.5), ("attribute", "alpha", (0.5, 0.25, 0.5)),
        "alpha : float",
    ),
    broken("elu-alpha-string", Elu(shape=(2, 3), alpha=0.5), ("attribute", "alpha", "0.5"), "alpha : float"),
    broken("selu-gamma-int", Selu(shape=(2, 3), gamma=1.0), ("attribute", "gamma", 1), "gamma : float"),
    broken("hard-sigmoid-beta-int", HardSigmoid(shape=(2, 3), beta=0.5), ("attribute", "beta", 1), "beta : float"),
    broken("hard-swish-13", HardSwish(shape=(2, 3), opset=14), ("opset", 13), DECLARED, source=IR),
    broken("thresholded-relu-9", ThresholdedRelu(shape=(2, 3), opset=10), ("opset", 9), DECLARED, source=IR),
    broken("sigmoid-second-result", Sigmoid(shape=(2, 3)), ("outputs", "y", "z"), "Outputs (1)"),
    broken("tanh-attribute", Tanh(shape=(2, 3)), ("attribute", "alpha", 1.0), SIGNATURE, source=IR),
    broken("p-relu-without-slope", SLOPES, ("inputs", "x"), "Inputs (2)"),
    broken("p-relu-slope-a-channel", SLOPES, ("shape", "slope", (2,)), BROADCAST),
    broken("p-relu-slope-of-two-images", ONE_IMAGE, ("shape", "slope", (2, 2, 3)), BROADCAST),
    broken("p-relu-slope-rank", ONE_IMAGE, ("shape", "slope", (1, 1, 2, 3)), BROADCAST),
    broken("p-relu-slope-type", SLOPES, ("dtype", "slope", "float64"), "slope : T"),
    broken(
        "p-relu-7-int32", SLOPES_INTEGERS, ("opset", 8), "T : tensor(float16), tensor(float), tensor(double)",
        source="PRelu-7",
    ),
    broken("clip-min-of-one", BOUNDS, ("shape", "min", (1,)), SCALAR),
    broken("clip-min-a-column", BOUNDS, ("value", "min", (-2.0, 0.0, 2.0)), SCALAR),
    broken("clip-max-fed-a-column", BOUNDS_FED, ("shape", "max", (3,)), SCALAR),
    broken("clip-min-type", BOUNDS, ("dtype", "min", "float64"), "min : T"),
    broken("clip-fourth-operand", BOUNDS, ("inputs", "x", "min", "max", "x"), "Inputs (1 - 3)"),
    broken("clip-attribute", BOUNDS, ("attribute", "max", 6.0), SIGNATURE, source=IR),
    broken("clip-6-operands", BOUNDS_11, ("opset", 10), "Inputs (1)", source="Clip-6"),
    broken(
        "clip-11-int32", BOUNDS_INTEGERS, ("opset", 11), "T : tensor(float16), tensor(float), tensor(double)",
        source="Clip-11",
    ),
)  # fmt: skip
