"""Runs a model three times and says what of that is wrong whatever its values; NumPy alone, for bundles carry it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Arrays = Sequence[Any]
Feeds = Mapping[str, NDArray[Any]]
AS_BEFORE = ", as in the run before, which had other inputs"


class Runs(NamedTuple):
    """Results of a run on other inputs, of the one that counts, of its repetition; an input that a run wrote into."""

    before: Arrays
    results: Arrays
    again: Arrays
    overwritten: str


def run_thrice(run: Callable[[Feeds], Arrays], decoy: Feeds, feeds: Feeds, *, repeats: bool) -> Runs:
    """The second of three runs counts.

    The first run has other inputs, so that an output left over from it shows in the second; the
    third ``repeats`` the second, where the runtime claims to be deterministic.
    """
    given = {name: value.copy() for name, value in feeds.items()}
    before = keep(run(decoy))
    got = keep(run(feeds))
    overwritten = next((name for name, value in feeds.items() if not same_bytes(value, given[name])), "")
    again = keep(run(feeds)) if repeats and not overwritten else got
    return Runs(before, got, again, overwritten)


def concluded(names: Iterable[str], message: str, runs: Runs) -> str:
    """What is wrong with the results: ``message``, which says more where they are left over; or a repetition's."""
    if message:
        is_stale = any(map(np.size, runs.results)) and alike(runs.before, runs.results)
        return message + AS_BEFORE * is_stale
    if all(isinstance(r, np.ndarray) for r in runs.results) and not alike(runs.results, runs.again):
        return differing(names, runs.results, runs.again)
    return ""


def describe(error: BaseException) -> str:
    """An exception on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def keep(results: Arrays) -> list[Any]:
    """Copies, so that a buffer which the next run reuses does not change them."""
    return [r.copy() if isinstance(r, np.ndarray) else r for r in results]


def same_bytes(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether two arrays are the same to the bit."""
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def unequal(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.bool_]:
    """Where two arrays of one shape differ, two NaN alike; of any type, for a runtime may return text or objects."""
    return np.asarray((a != b) & ~((a != a) & (b != b)))


def alike(first: Arrays, second: Arrays) -> bool:
    """Whether two runs gave the same arrays to the bit, NaN payloads aside."""
    return len(first) == len(second) and all(
        isinstance(a, np.ndarray)
        and isinstance(b, np.ndarray)
        and (same_bytes(a, b) or (a.shape == b.shape and a.dtype == b.dtype and not unequal(a, b).any()))
        for a, b in zip(first, second, strict=True)
    )


def differing(names: Iterable[str], first: Arrays, second: Arrays) -> str:
    """Where two runs on the same inputs differ."""
    for name, a, b in zip(names, first, second, strict=False):
        if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.shape == b.shape):
            return f"{name} has another form when the run is repeated"
        differs = unequal(a, b)
        if differs.any():
            at = np.unravel_index(int(differs.argmax()), a.shape)
            place = f"{name}[{','.join(map(str, at))}]"
            return (
                f"{place} is {a[at]:.9g}, then {b[at]:.9g} when the run is repeated ({int(differs.sum())} of {a.size})"
            )
    return "another number of results when the run is repeated"


def death(code: int | None) -> str:
    """How a worker ended: a signal's name or an exit status."""
    if code is None:
        return "the worker process vanished"
    if code >= 0:
        return f"the process ended with exit status {code}"
    try:
        name = signal.Signals(-code).name
        return f"the process ended by {name}" + ", perhaps out of memory" * (name == "SIGKILL")
    except ValueError:
        return f"the process ended by signal {-code}"
