"""Small graphs of layers: balls carried from the inputs to the results, chains of linear layers as one sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.affine import Affine, Context, added, committed, joined, moved, negated, opened, through
from reference.ball import Ball, Expected, Floats
from reference.bound import copy_radius
from reference.claim import Claim, NoBound
from reference.linear import LINEAR
from reference.nonlinear import NONLINEAR

Step = tuple[str, Sequence[str], Sequence[str], Mapping[str, Any]]  # operator, operands, results, attributes
State = Affine | Expected


# Layers that put elements elsewhere, and change none.
MOVES: dict[str, Callable[[Floats], Floats]] = {
    "Flatten": lambda v: v.reshape(len(v), -1),
    "Repeat": lambda v: v.repeat(2, 2).repeat(2, 3),
}


def network(
    *, claim: Claim, steps: Sequence[Step], results: Sequence[str], **operands: NDArray[Any]
) -> tuple[Ball, ...]:
    """Balls of the ``results`` of a graph given in order of evaluation.

    A result that is among the operands is taken as it came from there on, so that what follows is judged by
    it; where it is not finite, or what follows might overflow though it need not, it is not taken.  Operands
    are exact; ``x`` has the type in which everything is computed.  Raises OverflowError where
    a partial sum might overflow it, NoBound for a claim that flushes to zero.
    """
    if claim.flush_to_zero:
        raise NoBound("a network's bound is known without flush-to-zero")
    came = {name: operands[name] for name in results if name in operands and np.isfinite(operands[name]).all()}
    own = {name: value for name, value in operands.items() if name not in results}
    context = Context(claim, own["x"].dtype)
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # of what came
            return carried(context, steps, results, own, came)
    except OverflowError:
        if not came:
            raise
        return carried(context, steps, results, own, {})


def carried(
    context: Context,
    steps: Sequence[Step],
    results: Sequence[str],
    operands: Mapping[str, NDArray[Any]],
    came: Mapping[str, NDArray[Any]],
) -> tuple[Ball, ...]:
    """Balls of the results; those that came stand for what precedes them."""
    found: dict[str, Ball] = {}
    states: dict[str, State] = {"x": source(operands["x"], context)}
    for op, names, outputs, attributes in steps:
        tensors = [states[name] for name in names if name in states]
        constants = [operands[name] for name in names if name not in states]
        for name, state in zip(outputs, step(op, tensors, constants, attributes, context), strict=True):
            if name in results:
                found[name] = at_end(state, context)
            states[name] = given(came[name], context) if name in came else state
    return tuple(found[name] for name in results)


def given(x: NDArray[Any], context: Context) -> Ball:
    """A tensor as it came; where results are stored in fewer bits than sums, what follows may read it unrounded."""
    value, p = x.astype(np.float64), context.precision
    unrounded = p.u_out * np.abs(value) + context.eta if p.u_out > p.u_acc else np.zeros(value.shape)
    return Ball(value, unrounded)


def source(x: NDArray[Any], context: Context) -> Ball:
    """An input, rounded where the claim casts whole tensors."""
    value = x.astype(np.float64)
    return Ball(value, copy_radius(value, context.claim, x.dtype))


def step(
    op: str,
    tensors: Sequence[State],
    constants: Sequence[NDArray[Any]],
    attributes: Mapping[str, Any],
    context: Context,
) -> Sequence[State]:
    """One layer's results."""
    if op in NONLINEAR:
        ends = [state if not isinstance(state, Affine) else committed(state, context) for state in tensors]
        return NONLINEAR[op](context, *ends, *constants, **attributes)
    chains = [chain(state) for state in tensors]
    if op in ("Add", "Sub") and not constants:
        if op == "Sub":
            chains[1] = negated(chains[1])
        return [added(chains, context)]
    if op == "Concat":
        return [joined(chains, attributes["axis"])]
    (only,) = chains
    if op in MOVES:
        return [moved(only, MOVES[op])]
    return [through(only, LINEAR[op](only.value.shape, *constants, **attributes), context)]


def chain(state: State) -> Affine:
    """A chain, begun where there is none."""
    if isinstance(state, Affine):
        return state
    if not isinstance(state, Ball):
        raise TypeError("indices are no operand of a linear layer")
    return opened(state)


def at_end(state: State, context: Context) -> Ball:
    """What a result must lie in."""
    if isinstance(state, Affine):
        return committed(state, context)
    if not isinstance(state, Ball):
        raise TypeError("indices are no result of a network")
    return state
