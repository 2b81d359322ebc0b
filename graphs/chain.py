"""A block that is a chain of specs: the first result of each is the x of the next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from graphs.composite import Composite, Graph
from graphs.geometry import Ints
from graphs.spec import Invalid, Silence, Spec

if TYPE_CHECKING:
    from graphs.draw import Draw

SHARED = ("dtype", "opset")  # fields that all links have alike
Link = TypeVar("Link", bound=Spec)


@dataclass(frozen=True, kw_only=True)
class Chain(Composite):
    """Links of one type and opset; a runtime may fuse them, and must not change what they mean.

    A link's fields and axes have names of their own, such as ``conv.pads``, but for type and opset.
    """

    links: tuple[Spec, ...]

    kinds: ClassVar[tuple[type[Spec], ...]]  # of the links, in order
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # a link's field -> the axes of the grid that set it

    @classmethod
    def of(cls, *links: Spec) -> Self:
        """The chain of these links."""
        return cls(links=links, dtype=links[0].dtype, opset=links[0].opset)

    @classmethod
    def link(cls, kind: type[Link], **fields: Any) -> Link:
        """One link; what makes it invalid is told by the chain's names."""
        try:
            return kind(**fields)
        except Invalid as error:
            raise Invalid(str(error), *cls.named(kind.block, error.fields)) from error

    @classmethod
    def named(cls, block: str, fields: Iterable[str]) -> tuple[str, ...]:
        """A link's fields by the chain's names, those that other axes set by theirs."""
        names = (field if field in SHARED else f"{block}.{field}" for field in fields)
        return tuple(dict.fromkeys(axis for name in names for axis in cls.follows.get(name, (name,))))

    def validate(self) -> None:
        """Raise `Invalid` unless each link fits the one before, and no two operands have one name."""
        super().validate()
        if tuple(map(type, self.links)) != self.kinds:
            raise Invalid(f"links must be {', '.join(kind.__name__ for kind in self.kinds)}", "links")
        if any((link.dtype, link.opset) != (self.dtype, self.opset) for link in self.links):
            raise Invalid(f"every link must be of {self.dtype} and opset {self.opset}", "links", "dtype", "opset")
        for link, after in zip(self.links, self.links[1:], strict=False):
            results = list(link.outputs().values())
            if results != [(self.dtype, after.inputs()["x"])]:
                raise Invalid(f"{link.block} gives {results}, {after.block} takes {after.inputs()['x']}", "links")
        names = [name for operands in self.operands_of_links for name in operands]
        if len(set(names)) < len(names):
            raise Invalid(f"operands are {', '.join(names)}, no two may have one name", "links")

    @property
    def operands_of_links(self) -> list[dict[str, Ints]]:
        """Each link's operands, those that come from the link before left out."""
        first, *others = (link.inputs() for link in self.links)
        return [first, *({name: shape for name, shape in found.items() if name != "x"} for found in others)]

    @property
    def silent(self) -> Silence | None:
        """The first link that is; what it leaves open is open in all that follows."""
        for link in self.links:
            if link.silent is not None:
                outputs = link.silent.outputs if link is self.links[-1] else ()
                return Silence(link.silent.sentence, self.named(link.block, link.silent.fields), outputs)
        return None

    @property
    def tells_precision(self) -> bool:
        """Whether every link does."""
        return all(link.tells_precision for link in self.links)

    @property
    def terms(self) -> int:
        """Of the link that adds most."""
        return max(link.terms for link in self.links)

    def inputs(self) -> dict[str, Ints]:
        """The first link's operands, then what the others take besides."""
        return {name: shape for operands in self.operands_of_links for name, shape in operands.items()}

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """The last link's."""
        return self.links[-1].outputs()

    def all_shapes(self) -> dict[str, Ints]:
        """Every link's, by names that begin with the link's."""
        return {f"{link.block}.{name}": shape for link in self.links for name, shape in link.all_shapes().items()}

    def constants(self) -> Collection[str]:
        """Every link's."""
        return [name for link in self.links for name in link.constants()]

    def given(self) -> Mapping[str, NDArray[Any]]:
        """Every link's."""
        return {name: value for link in self.links for name, value in link.given().items()}

    def drawn(self, name: str, draw: Draw) -> NDArray[Any] | None:
        """As the link that takes it has it."""
        owner = next(link for link, found in zip(self.links, self.operands_of_links, strict=True) if name in found)
        return owner.drawn(name, draw)

    def sums(self) -> NDArray[np.int64] | None:
        """Of the one link that has weights."""
        return next((found for found in (link.sums() for link in self.links) if found is not None), None)

    def compose(self, graph: Graph) -> None:
        """One node after the other."""
        value = "x"
        for link in self.links[:-1]:
            value = graph.spec(link, value)
        graph.spec(self.links[-1], value, to=list(self.outputs()))

    def meaning(self) -> dict[str, Any]:
        """Each link's, by the name of its block."""
        return {link.block: link.meaning() for link in self.links}

    def tokens(self) -> list[str]:
        """Every link's."""
        return [token for link in self.links for token in link.tokens()]

    def traits(self) -> dict[str, Any]:
        """The chain's own, and each link's with the name of its block in front."""
        own = {name: value for name, value in super().traits().items() if name != "links"}
        return own | {
            f"{link.block}.{name}": value
            for link in self.links
            for name, value in link.traits().items()
            if name not in (*SHARED, "block")
        }
