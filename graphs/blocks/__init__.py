"""The blocks, one module each: a spec and the axes its grid is made of."""

from __future__ import annotations

from graphs.blocks import average_pool, conv, max_pool, relu
from graphs.spec import Spec

BLOCKS: dict[str, type[Spec]] = {
    "conv": conv.Conv,
    "max_pool": max_pool.MaxPool,
    "average_pool": average_pool.AveragePool,
    "relu": relu.Relu,
}
AXES = {
    "conv": conv.AXES,
    "max_pool": max_pool.AXES,
    "average_pool": average_pool.AXES,
    "relu": relu.AXES,
}
BUILD = {
    "conv": conv.build,
    "max_pool": max_pool.build,
    "average_pool": average_pool.build,
    "relu": relu.build,
}
