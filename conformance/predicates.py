"""What can be said of one trait: that it is a value, omitted, above 1, of a family of words, alike on every axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

Said = tuple[str, float, Callable[[Any], bool]]  # words, how little they tell, whether they hold of a value
# A derived fact, such as "dilated", says less about the graph than an attribute does, a size less than either.
SIZES = ("batch", "channels", "filters", "extent", "shape", "group", "sizes", "slope", "output_shape")
HIDDEN = ("block",)
MANY = 12  # values of a trait that are told one by one


def said(name: str, values: Sequence[Any]) -> Iterator[Said]:
    """Everything that holds of some of these values, those of failures."""
    field = name.rpartition(".")[2]
    if field in HIDDEN:
        return
    shown = "data set" if name == "data" else name
    found = list(dict.fromkeys((type(v), v) for v in values if v is not ...))
    base = 3.0 if field in SIZES else 1.0
    for _, value in found if len(found) <= MANY or field in ("opset", "version") else ():
        yield shown_as(shown, value), base + (isinstance(value, tuple) and 1), equal(value)
    plain = [value for _, value in found]
    if any(v is not None for v in plain) and not all(isinstance(v, bool) for v in plain):
        yield f"{shown} given", base + 0.2, lambda v: v is not None
    numbers = [v for v in plain if isinstance(v, int | float) and not isinstance(v, bool)]
    if numbers:
        yield from orders(shown, base, numbers)
    if any(isinstance(v, tuple) for v in plain):
        yield from of_lists(shown, base)
    yield from families(shown, base, [v for v in plain if isinstance(v, str)])


def equal(value: Any) -> Callable[[Any], bool]:
    """Whether another value is this one; True is not 1."""
    return lambda v: type(v) is type(value) and bool(v == value or (v != v and value != value))


def shown_as(name: str, value: Any) -> str:
    """A value in words."""
    if value is None:
        return f"{name} omitted"
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return f"{name}={','.join(map(str, value)) if isinstance(value, tuple) else value}"


def orders(name: str, base: float, numbers: Sequence[float]) -> Iterator[Said]:
    """Above 1, negative, and from or up to a number that occurs."""

    def number(v: Any) -> bool:
        return isinstance(v, int | float) and not isinstance(v, bool)

    yield f"{name}>1", base + 0.1, lambda v: number(v) and v > 1
    yield f"{name}<0", base + 0.1, lambda v: number(v) and v < 0
    for end in sorted(set(numbers))[:MANY]:
        yield f"{name}>={end}", base + 0.6, partial(lambda end, v: number(v) and v >= end, end)
        yield f"{name}<={end}", base + 0.6, partial(lambda end, v: number(v) and v <= end, end)


def of_lists(name: str, base: float) -> Iterator[Said]:
    """What holds of some entry, or of all."""

    def entries(v: Any) -> bool:
        return isinstance(v, tuple) and bool(v) and all(isinstance(e, int | float) for e in v)

    yield f"{name}>1", base + 0.1, lambda v: entries(v) and max(v) > 1
    yield f"{name}=1", base + 0.3, lambda v: entries(v) and set(v) == {1}
    yield f"{name}>0", base + 0.2, lambda v: entries(v) and max(v) > 0
    yield f"{name}<0", base + 0.2, lambda v: entries(v) and min(v) < 0
    yield f"{name} unequal", base + 0.4, lambda v: entries(v) and len(set(v)) > 1
    yield f"{name} even", base + 0.5, lambda v: entries(v) and all(e % 2 == 0 for e in v)
    yield f"{name} with 1", base + 0.5, lambda v: entries(v) and 1 in v
    yield f"{name} at the end alone", base + 0.4, at_end
    yield f"{name} other at the end", base + 0.3, lambda v: entries(v) and v[: len(v) // 2] != v[len(v) // 2 :]
    for length in (1, 2, 3):
        yield (
            f"{length} of {name}",
            base + 0.8,
            partial(lambda length, v: isinstance(v, tuple) and len(v) == length, length),
        )


def at_end(v: Any) -> bool:
    """Whether the first half of the entries is 0, and not the second."""
    return isinstance(v, tuple) and len(v) > 1 and not any(v[: len(v) // 2]) and any(v[len(v) // 2 :])


def families(name: str, base: float, words: Sequence[str]) -> Iterator[Said]:
    """Words that begin alike: SAME_*, float*."""
    for start in sorted({stem(word) for word in words} - {""}):
        yield (
            f"{name}={start}*",
            base + 0.1,
            partial(lambda start, v: isinstance(v, str) and v.startswith(start), start),
        )


def stem(word: str) -> str:
    """What comes before the first underscore or digit."""
    cut = next((i for i, c in enumerate(word) if c in "_0123456789"), 0)
    return word[: cut + (word[cut] == "_")] if cut else ""
