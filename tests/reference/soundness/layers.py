"""Networks in exact arithmetic: layer by layer, each result stored, or linear layers fused as runtimes fuse them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from reference.elementary import ULPS
from reference.ulps import ULPS as POW_ULPS
from tests.reference.soundness import linear, selecting
from tests.reference.soundness.curves import sloped
from tests.reference.soundness.draws import Array, Case, Draw, boxed
from tests.reference.soundness.machine import ZERO, Machine, elementary, root

EPSILON = float(np.float32(1e-5))
HALF = Fraction(1, 2)


def stored(machine: Machine, values: list[Fraction], shape: Any) -> Array:
    """Results of one node."""
    return boxed([machine.store(v) for v in values], shape)


def per_channel(a: Array, rank: int) -> Array:
    """One number a channel, to go with (N, C, D...)."""
    return a.reshape(-1, *[1] * (rank - 2))


def gemm(machine: Machine, x: Array, w: Array, b: Array, *, transB: int = 0) -> Array:
    """A matrix product and a row."""
    matrix = w.T if transB else w
    terms = [
        ([(row[k], matrix[k, j]) for k in range(len(matrix))], [b[j]]) for row, j in product(x, range(matrix.shape[1]))
    ]
    return linear.summed(machine, terms, (len(x), matrix.shape[1]))


def factor(machine: Machine, scale: Array, var: Array) -> list[Fraction]:
    """A batch normalisation's factor for each channel."""
    found = []
    for s, v in zip(scale, var, strict=True):
        spread = machine.plus(machine.cast(v), machine.constant(EPSILON, factor=False))
        found.append(machine.store(machine.over(machine.cast(s), machine.acc(root(spread, HALF)))))
    return found


def batch_normalization(machine: Machine, x: Array, scale: Array, b: Array, mean: Array, var: Array) -> Array:
    """As written, or a product and a shift."""
    s, as_written = factor(machine, scale, var), machine.source.randrange(2)
    values = []
    for (_, c, *_rest), v in np.ndenumerate(x):
        shift, centre, by = machine.cast(b.item(c)), machine.cast(mean.item(c)), machine.read(s[c])
        if as_written:
            values.append(machine.plus(machine.times(machine.plus(machine.read(v), -centre), by), shift))
        else:
            rest = machine.plus(shift, -machine.times(centre, by))
            values.append(machine.plus(machine.times(machine.read(v), by), rest))
    return stored(machine, values, x.shape)


def folded(machine: Machine, w: Array, b: Array | None, norm: list[Array]) -> tuple[Array, Array]:
    """A convolution's weights and bias with a batch normalisation in them."""
    scale, shift, mean, var = norm
    s = factor(machine, scale, var)
    weights = boxed([machine.store(machine.times(machine.cast(v), s[at[0]])) for at, v in np.ndenumerate(w)], w.shape)
    offsets = []
    for m, by in enumerate(s):
        less = (
            machine.cast(-mean.item(m))
            if b is None
            else machine.plus(machine.cast(b.item(m)), -machine.cast(mean.item(m)))
        )
        offsets.append(machine.store(machine.plus(machine.times(less, by), machine.cast(shift.item(m)))))
    return weights, boxed(offsets, (len(w),))


def elementwise(operation: Callable[[Machine, Fraction, Fraction], Fraction]) -> Callable[..., Array]:
    """Two operands that broadcast."""

    def rule(machine: Machine, x: Array, z: Array) -> Array:
        left, right = np.broadcast_arrays(x, z)
        return stored(
            machine, [operation(machine, a, b) for a, b in zip(left.flat, right.flat, strict=True)], left.shape
        )

    return rule


def max_pool(machine: Machine, x: Array, *, outputs: int = 1, **window: Any) -> Any:
    """Maxima of what was computed, and their places."""
    top = selecting.pooled(selecting.extreme(1), x, **window)
    if outputs == 1:
        return top
    places = np.arange(x.size).reshape(x.shape)

    def first(v: Array, at: Any, taps: Any) -> Any:
        largest = max(v[(*at, *tap.point)] for tap in taps)
        return next(places[(*at, *tap.point)] for tap in taps if v[(*at, *tap.point)] == largest)

    return top, selecting.pooled(first, x, **window)


def max_unpool(machine: Machine, x: Array, at: Array, *, shape: Any) -> Array:
    """Each element to its place."""
    flat = [ZERO] * int(np.prod(shape))
    for place, v in zip(at.flat, x.flat, strict=True):
        flat[int(place)] = v
    return boxed(flat, shape)


def lrn(machine: Machine, x: Array, *, size: int, bias: float = 1.0) -> Array:
    """As written, its power in the quotient or in a product."""
    alpha, beta, start = machine.constant(float(np.float32(1e-4))), machine.constant(0.75), machine.constant(bias)
    share, squares = (
        machine.over(alpha, Fraction(size)),
        boxed([machine.times(machine.read(v), machine.read(v)) for v in x.flat], x.shape),
    )
    divides, values = machine.source.randrange(2), []
    for (n, c, *at), v in np.ndenumerate(x):
        near = range(max(0, c - (size - 1) // 2), min(x.shape[1], c + size // 2 + 1))
        total = machine.sum([squares[(n, k, *at)] for k in near])
        base = machine.plus(start, machine.times(share, total))
        power = machine.near(root(base, beta if divides else -beta), POW_ULPS["pow"])
        read = machine.read(v)
        values.append(machine.over(read, power) if divides else machine.times(read, machine.read(power)))
    return stored(machine, values, x.shape)


def softmax(machine: Machine, x: Array) -> Array:
    """Less the largest; a quotient or a product with a reciprocal."""
    rows = []
    for row in x:
        terms = [machine.near(elementary("exp", machine.plus(v, -max(row))), ULPS["exp"]) for v in row]
        total = machine.sum(terms)
        rows += [machine.over(t, total) for t in terms]
    return stored(machine, rows, x.shape)


def average_pool(machine: Machine, x: Array, *, kernel_shape: Any, strides: Any) -> Array:
    """Means of windows."""
    return linear.average_pool(machine, x, kernel_shape=kernel_shape, strides=strides)[0]


def within(machine: Machine, x: Array, *, low: float, high: float) -> Array:
    """Between bounds."""
    ends = [machine.cast(Fraction(bound)) for bound in (low, high)]
    return boxed([min(max(v, ends[0]), ends[1]) for v in x.flat], x.shape)


def step_up(machine: Machine, x: Array, *, alpha: float) -> Array:
    """What lies above alpha."""
    limit = machine.constant(alpha, factor=False)
    return boxed([v if v > limit else ZERO for v in x.flat], x.shape)


def leaky(machine: Machine, x: Array, *, alpha: float) -> Array:
    """A slope below 0; a tensor that was computed is not cast again."""
    slope = machine.constant(alpha)
    return boxed([sloped(machine, v, slope) if v < 0 else v for v in x.flat], x.shape)


OPERATORS: dict[str, Callable[..., Any]] = {
    "Conv": lambda m, *a, **how: linear.conv(m, *a, **how)[0],
    "ConvTranspose": lambda m, *a, **how: linear.conv_transpose(m, *a, **how)[0],
    "Gemm": gemm, "AveragePool": average_pool, "BatchNormalization": batch_normalization, "LRN": lrn,
    "Softmax": softmax,
    "Mul": elementwise(lambda m, a, b: m.times(m.read(a), m.read(b))),
    "Add": elementwise(lambda m, a, b: m.plus(a, m.cast(b))), "Sub": elementwise(lambda m, a, b: m.plus(a, -b)),
    "Relu": lambda m, x: boxed([max(v, ZERO) for v in x.flat], x.shape),
    "LeakyRelu": leaky, "Clip": within, "ThresholdedRelu": step_up, "MaxPool": max_pool, "MaxUnpool": max_unpool,
    "Concat": lambda m, *parts, axis: np.concatenate(parts, axis), "Flatten": lambda m, x: x.reshape(len(x), -1),
    "Repeat": lambda m, x: x.repeat(2, 2).repeat(2, 3),
}  # fmt: skip


def network(machine: Machine, x: Array, *constants: Array, steps: Any, results: Any, names: Any) -> list[Array]:
    """Steps in order, each on its own, or a convolution with what runtimes fuse into it."""
    values = dict(zip(names, (selecting.passed(machine, x), *constants), strict=True))
    fuses, done = (
        machine.source.randrange(3),
        set[str](),
    )  # nothing, a batch normalisation, and what is added to it, too
    for number, (op, operands, outputs, attributes) in enumerate(steps):
        chain = [step[0] for step in steps[number : number + 3]]
        if fuses and chain[:2] == ["Conv", "BatchNormalization"]:
            length = 3 if fuses == 2 and chain[2:] == ["Add"] else 2
            ends = [step[2][0] for step in steps[number : number + length]]
            norm = [values[name] for name in steps[number + 1][1][1:]]
            more = values[steps[number + 2][1][1]] if length == 3 else None
            values[ends[-1]] = fused(machine, *(values[name] for name in operands), norm=norm, more=more, **attributes)
            done |= {*ends}
        elif outputs[0] not in done:
            found = OPERATORS[op](machine, *(values[name] for name in operands), **attributes)
            values |= zip(outputs, found if isinstance(found, tuple) else (found,), strict=True)
    return [values[name] for name in results]


def fused(
    machine: Machine,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    norm: list[Array],
    more: Array | None,
    **window: Any,
) -> Array:
    """A convolution of folded weights; what is added to its result is one more term of each sum."""
    terms, shape = linear.convolved(x, *folded(machine, w, b, norm), **window)
    if more is not None:
        terms = [(pairs, [*last, extra]) for (pairs, last), extra in zip(terms, more.flat, strict=True)]
    return linear.summed(machine, terms, shape)


POOL = {"kernel_shape": (2, 2), "strides": (2, 2)}
BN: tuple[Any, ...] = (
    "BatchNormalization",
    ["c", "scale", "shift", "mean", "var"],
    ["n"],
    {},
)
GRAPHS: dict[str, tuple[list[Any], dict[str, tuple[int, ...]]]] = {
    "residual": (
        [
            ("Conv", ["x", "w", "b"], ["c"], {"pads": (0, 1, 0, 1)}), BN, ("Add", ["n", "x"], ["a"], {}),
            ("Relu", ["a"], ["y"], {}),
        ],
        {"x": (1, 2, 2, 3), "w": (2, 2, 1, 3), "b": (2,), **dict.fromkeys(("scale", "shift", "mean", "var"), (2,))},
    ),
    "classifier": (
        [
            ("Conv", ["x", "w"], ["c"], {}), ("Mul", ["c", "f"], ["m"], {}), ("Add", ["m", "g"], ["s"], {}),
            ("LeakyRelu", ["s"], ["l"], {"alpha": float(np.float32(0.01))}), ("AveragePool", ["l"], ["p"], POOL),
            ("Flatten", ["p"], ["v"], {}), ("Gemm", ["v", "u", "b"], ["q"], {"transB": 1}),
            ("Softmax", ["q"], ["y"], {}),
        ],
        {"x": (1, 1, 3, 3), "w": (2, 1, 2, 2), "f": (2, 1, 1), "g": (2, 1, 1), "u": (3, 2), "b": (3,)},
    ),
    "normalised": (
        [
            ("Conv", ["x", "w"], ["c"], {}), ("LRN", ["c"], ["r"], {"size": 3}),
            ("ThresholdedRelu", ["r"], ["t"], {"alpha": 0.25}), ("Conv", ["t", "v"], ["y"], {}),
        ],
        {"x": (1, 1, 2, 3), "w": (3, 1, 2, 2), "v": (1, 3, 1, 1)},
    ),
    "decoder": (
        [
            ("Clip", ["x"], ["k"], {"low": -1.0, "high": 1.5}), ("MaxPool", ["k"], ["p", "at"], {**POOL, "outputs": 2}),
            ("MaxUnpool", ["p", "at"], ["z"], {"shape": (1, 1, 2, 4)}),
            ("ConvTranspose", ["z", "w"], ["d"], {"strides": (1, 1), "pads": (1, 1, 1, 1), "dilations": (1, 1)}),
            ("Concat", ["d", "x"], ["y"], {"axis": 1}),
        ],
        {"x": (1, 1, 2, 4), "w": (1, 1, 3, 3)},
    ),
}  # fmt: skip
PYRAMID = (
    [
        ("AveragePool", ["x"], ["g"], POOL), ("Repeat", ["g"], ["u"], {}), ("Sub", ["x", "u"], ["l"], {}),
        ("Add", ["l", "u"], ["y"], {}),
    ],
    {"x": (1, 1, 2, 4)},
)  # fmt: skip


def operands_of(draw: Draw, graph: Any, results: Any) -> Case:
    """Drawn operands; variances of 1 and more."""
    steps, shapes = graph
    operands = {name: draw(*shape) for name, shape in shapes.items()}
    if "var" in operands:
        operands["var"] = (np.abs(operands["var"]) + operands["var"].dtype.type(1)).astype(operands["var"].dtype)
    how = {"steps": steps, "results": results}
    return Case(operands, how, {**how, "names": list(operands)})


def drawn_network(draw: Draw) -> Case:
    """One of a few."""
    return operands_of(draw, GRAPHS[draw.of(*GRAPHS)], ["y"])


def drawn_pyramid(draw: Draw) -> Case:
    """A level and its reconstruction."""
    return operands_of(draw, PYRAMID, ["g", "l", "y"])
