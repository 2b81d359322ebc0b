"""What every block's spec shares: readable ids, attributes as ONNX has them, errors that name fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto

from graphs.geometry import Ints
from graphs.numbers import SHORT, floats_since

if TYPE_CHECKING:
    from graphs.draw import Draw

Value = int | float | str | Ints


class Invalid(ValueError):
    """A spec that no version of the operator allows; ``fields`` names what the broken rule reads."""

    def __init__(self, message: str, *fields: str):
        super().__init__(message)
        self.fields = fields


class Silence(NamedTuple):
    """A sentence of the operator's text that does not decide the answer; ``fields`` names what makes it apply.

    ``outputs`` are the results it leaves open, where it does not leave open all of them.
    """

    sentence: str
    fields: tuple[str, ...]
    outputs: tuple[str, ...] = ()


class Operand(NamedTuple):
    """An operand of a node that is read back; an omitted one has no name.

    One that comes as an input has no value, unless the setting depends on it and it is said (``is_fed``).
    ``dtype`` is empty where the node's reader was not told.
    """

    name: str
    shape: Ints
    value: NDArray[Any] | None
    is_fed: bool = False
    dtype: str = ""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One operator with one setting of its attributes, operand shapes and type; ``None`` is an omitted attribute."""

    dtype: str = "float32"
    opset: int = 22

    block: ClassVar[str]
    op_type: ClassVar[str]
    versions: ClassVar[Ints]  # the operator's versions, oldest first
    attribute_names: ClassVar[tuple[str, ...]]  # ONNX's names, which are also field names
    former_names: ClassVar[tuple[str, ...]] = ()  # attributes that only older versions have
    since: ClassVar[Mapping[str, int]] = {}  # field -> first operator version that has it
    dtypes_since: ClassVar[Mapping[str, int]] = floats_since(22)
    signal: ClassVar[str] = "x"  # the operand whose values reach the results: of a derivative dy, not x
    adds: ClassVar[bool] = False  # whether a result adds up what a window, or a channel, holds
    coordinates: ClassVar[tuple[str, ...]] = ()  # operands that say where elements lie, whatever these are computed in
    ranked: ClassVar[tuple[str, ...]] = ()  # operands that only choose among others, by which of theirs is the largest

    def __post_init__(self) -> None:
        self.validate()

    @property
    def version(self) -> int:
        """The operator version in force at this opset."""
        return max((v for v in self.versions if v <= self.opset), default=0)

    def validate(self) -> None:
        """Raise `Invalid` unless the operator's text at this opset allows the spec."""
        if not self.version:
            raise Invalid(f"opset is {self.opset}, must be {self.versions[0]} or more", "opset")
        since = self.dtypes_since.get(self.dtype)
        if since is None:
            raise Invalid(f"dtype is {self.dtype}, must be one of {', '.join(self.dtypes_since)}", "dtype")
        if self.version < since:
            raise Invalid(f"{self.op_type} has {self.dtype} from opset {since} on, not {self.opset}", "dtype", "opset")
        for field, first in self.since.items():
            value = getattr(self, field)
            if value is not None and value is not False and self.version < first:
                raise Invalid(f"{self.op_type} has {field} from opset {first} on, not {self.opset}", field, "opset")

    @property
    def silent(self) -> Silence | None:
        """Why the operator's text at this opset does not decide the answer, or None where it does."""
        return None

    @property
    def tells_precision(self) -> bool:
        """Whether results on wide integers tell in which type they were computed."""
        return True

    @property
    def terms(self) -> int:
        """The most products or elements that one result adds up; 1 where none is a sum."""
        return 1

    @property
    def patience(self) -> int:
        """How many times the usual time limit a case may take."""
        return 1

    @property
    def hands_on(self) -> bool:
        """Whether results are judged from those before them, as they came."""
        return False

    @property
    def takes_special(self) -> bool:
        """Whether the reference says what becomes of NaN and infinities."""
        return True

    @property
    def bends(self) -> Sequence[float]:
        """The numbers x at which the curve of an elementwise operator bends or steps."""
        return ()

    def inputs(self) -> dict[str, Ints]:
        """Operand name -> shape, in ONNX's order."""
        raise NotImplementedError

    def operand_names(self) -> list[str]:
        """The node's inputs; an optional one left out in front of another is an empty name."""
        return list(self.inputs())

    def outputs(self) -> dict[str, tuple[str, Ints]]:
        """Result name -> (dtype, shape by formula), in ONNX's order."""
        raise NotImplementedError

    def all_shapes(self) -> dict[str, Ints]:
        """Name -> shape of all that a case holds: operands, results, and values between nodes that have shapes."""
        return self.inputs() | {name: shape for name, (_, shape) in self.outputs().items()}

    def constants(self) -> Collection[str]:
        """Names of the operands that the model holds as initializers."""
        return ()

    def given(self) -> Mapping[str, NDArray[Any]]:
        """Operands whose values belong to the setting, in their own types: the pads of a Pad, the bounds of a Clip."""
        return {}

    @property
    def nodes(self) -> Sequence[NodeProto]:
        """The nodes of the graph: one, unless the block is a composite."""
        return (self.to_node(),)

    @property
    def held(self) -> Mapping[str, NDArray[Any]]:
        """Constants of a composite's graph, which are no operands of what it computes."""
        return {}

    def operand_types(self) -> Mapping[str, str]:
        """Operands that are neither given nor of the spec's own type: the weights of a quantised convolution."""
        return {}

    def type_of(self, name: str) -> str:
        """The element type of an operand."""
        given = self.given()
        return given[name].dtype.name if name in given else self.operand_types().get(name, self.dtype)

    def drawn(self, name: str, draw: Draw) -> NDArray[Any] | None:
        """An operand whose distribution the block sets, such as the slopes of a randomised ReLU; None for any other."""
        return None

    def origin(self, name: str) -> NDArray[np.int64] | None:
        """The number that stands for 0 in a quantised operand, around which small integers lie; it broadcasts."""
        return None

    def sums(self) -> NDArray[np.int64] | None:
        """For each weight the number of its sum; None where a sum is a filter and W's first axis tells them apart."""
        return None

    def attributes(self) -> dict[str, Value]:
        """The attributes present on the node."""
        found = {name: getattr(self, name) for name in self.attribute_names}
        return {name: value for name, value in found.items() if value is not None}

    def meaning(self) -> dict[str, Value]:
        """What the reference is told: the attributes, and an omitted one too where versions differ in its default."""
        return self.attributes()

    def to_node(self) -> NodeProto:
        """The ONNX node; built as a protobuf directly, which costs half of what ``make_node`` does."""
        node = NodeProto(op_type=self.op_type, input=self.operand_names(), output=list(self.outputs()))
        for name, value in self.attributes().items():
            if isinstance(value, str):
                node.attribute.add(name=name, type=onnx.AttributeProto.STRING, s=value.encode())
            elif isinstance(value, int):
                node.attribute.add(name=name, type=onnx.AttributeProto.INT, i=value)
            elif isinstance(value, float):
                node.attribute.add(name=name, type=onnx.AttributeProto.FLOAT, f=value)
            else:
                node.attribute.add(name=name, type=onnx.AttributeProto.INTS, ints=value)
        return node

    @classmethod
    def from_node(
        cls,
        node: NodeProto,
        shapes: Mapping[str, Ints],
        *,
        dtype: str,
        opset: int,
        constants: Mapping[str, NDArray[Any]] = MappingProxyType({}),
        fed: Mapping[str, NDArray[Any]] = MappingProxyType({}),
        types: Mapping[str, str] = MappingProxyType({}),
    ) -> Spec:
        """Read a spec back from a node, given its operands' shapes and the values of those that are constant.

        ``dtype`` is the first operand's, ``types`` has those of others that no value tells. ``fed`` has the values
        of inputs on which the setting depends, such as the pads of a Pad.
        Raises `Invalid` for what no spec can say.
        """
        if node.op_type != cls.op_type:
            raise Invalid(f"node is {node.op_type}, must be {cls.op_type}", "op_type")
        attributes = read_attributes(node)
        unknown = sorted(set(attributes) - {*cls.attribute_names, *cls.former_names})
        if unknown:
            raise Invalid(f"unknown attribute {unknown[0]}, {cls.op_type} has {', '.join(cls.attribute_names)}")
        known = {**fed, **constants}
        types = {name: value.dtype.name for name, value in known.items()} | dict(types)
        operands = [Operand(n, shapes.get(n, ()), known.get(n), n in fed, types.get(n, "")) for n in node.input]
        fields = cls.fields_of(node, operands, attributes)
        spec = cls(**fields, dtype=dtype, opset=opset)
        unknown = sorted(set(attributes) - set(spec.attributes()))
        if unknown:
            raise Invalid(f"{cls.op_type}-{spec.version} has no attribute {unknown[0]}", "opset")
        due = spec.operand_names()
        if presence(node.input) != presence(due):
            raise Invalid(f"{cls.op_type}-{spec.version} takes {due}, the node has {list(node.input)}", "opset")
        return spec

    @classmethod
    def fields_of(cls, node: NodeProto, operands: Sequence[Operand], attributes: dict[str, Value]) -> dict[str, Any]:
        """Constructor arguments read from a node, its operands in order and the attributes present."""
        raise NotImplementedError

    def tokens(self) -> list[str]:
        """The parts of the id that say how this block is set."""
        raise NotImplementedError

    @property
    def id(self) -> str:
        """A readable name, unique within the block: ``conv-2d-x1.4.9.7-m6-k3x2-s2x1-p1.0.1.1-g2-bias-f32-op22``."""
        return "-".join([self.block.replace("_", ""), *self.tokens(), SHORT[self.dtype], f"op{self.opset}"])

    def traits(self) -> dict[str, Any]:
        """Fields and what follows from them, as plain data for reports and predicates."""
        found = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return found | {"block": self.block, "version": self.version}


def read_attributes(node: NodeProto) -> dict[str, Value]:
    """A node's attributes as plain values: int, float, str, or a tuple of ints."""
    read: dict[str, Value] = {}
    for attribute in node.attribute:
        value = onnx.helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            read[attribute.name] = value.decode()
        elif isinstance(value, int | float):
            read[attribute.name] = value
        else:
            read[attribute.name] = tuple(value)
    return read


def presence(names: Iterable[str]) -> str:
    """Which operands of a node are there: x, nothing, max are 101; what is left out at the end shows nowhere."""
    return "".join("1" if name else "0" for name in names).rstrip("0")
