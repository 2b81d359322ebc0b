"""A block that is a small graph: nodes of specs that we have, and operators that only arrange or add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from graphs.geometry import Ints
from graphs.spec import Spec

S = TypeVar("S", bound=Spec)


def alike(kind: type[S], spec: Spec, **more: Any) -> S:
    """A spec of another kind with the values of all fields that both have, and ``more``."""
    common = {field.name for field in fields(kind)} & {field.name for field in fields(spec)}
    return kind(**{name: getattr(spec, name) for name in common} | more)


class Graph:
    """Nodes in the order in which they are added; a value between them has the name of its operator and a number."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.specs: list[tuple[Spec, NodeProto]] = []
        self.held: dict[str, NDArray[Any]] = {}

    def node(self, op_type: str, *inputs: str, to: Sequence[str] = (), **attributes: Any) -> str:
        """Add an operator; the name of its first result is returned, ``to`` names results that have one already."""
        outputs = list(to) or [self._fresh(op_type)]
        self.nodes.append(helper.make_node(op_type, list(inputs), outputs, **attributes))
        return outputs[0]

    def spec(self, spec: Spec, *inputs: str, to: Sequence[str] = ()) -> str:
        """Add the node of a spec; ``inputs`` take the places of its first operands, the others keep their names."""
        node = spec.to_node()
        node.input[: len(inputs)] = inputs
        node.output[:] = list(to) or [self._fresh(spec.op_type)]
        self.nodes.append(node)
        self.specs.append((spec, node))
        return str(node.output[0])

    def hold(self, name: str, value: Any, dtype: str = "int64") -> str:
        """Add a constant of the graph's own; one that is held already under this name must be the same."""
        array = np.array(value, dtype)
        if name in self.held and not np.array_equal(self.held[name], array):
            raise ValueError(f"two constants are named {name}")
        self.held[name] = array
        return name

    def _fresh(self, op_type: str) -> str:
        """A name that no value has."""
        return f"{op_type.lower()}_{len(self.nodes)}"


@dataclass(frozen=True, kw_only=True)
class Composite(Spec):
    """Several nodes with one meaning, which the reference knows by the block's name."""

    op_type: ClassVar[str] = ""
    versions: ClassVar[Ints] = (11,)  # from here on Pad, Slice, Clip and TopK take what they need as inputs
    attribute_names: ClassVar[tuple[str, ...]] = ()

    @property
    def version(self) -> int:
        """The opset, since the nodes' versions differ; 0 below the first one that has them all."""
        return self.opset if self.opset >= self.versions[0] else 0

    def compose(self, graph: Graph) -> None:
        """Add the nodes, from the operands to the results by their names."""
        raise NotImplementedError

    @cached_property
    def graph(self) -> Graph:
        """The nodes and the graph's own constants."""
        found = Graph()
        self.compose(found)
        return found

    @property
    def nodes(self) -> Sequence[NodeProto]:
        """The graph's nodes in order."""
        return self.graph.nodes

    @property
    def held(self) -> Mapping[str, NDArray[Any]]:
        """The graph's own constants."""
        return self.graph.held

    def traits(self) -> dict[str, Any]:
        """Fields, those that are specs left out."""
        return {name: value for name, value in super().traits().items() if not isinstance(value, Spec)}
