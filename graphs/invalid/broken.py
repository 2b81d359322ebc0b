"""An invalid graph: a valid one, its twin, and what breaks one rule in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, helper

from graphs.data import operands
from graphs.grid import Case
from graphs.invalid.edits import EDITS
from graphs.model import to_model
from graphs.spec import Spec

IR = "IR.md"  # the normative specification: https://github.com/onnx/onnx/blob/main/docs/IR.md
PROTO = "onnx.proto"  # its comments: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto


@dataclass(frozen=True, kw_only=True)
class Broken(Case):
    """The twin's spec, the rule's sentence and where it stands, and an edit: its name in EDITS, and arguments.

    ``source`` is an operator with its version, such as Conv-22, or one of IR and PROTO.  The edit is of the first node
    whose operator is ``operator``.
    """

    rule: str
    source: str
    edit: tuple[Any, ...]
    operator: str

    @property
    def twin(self) -> Case:
        """The valid graph, which other entries may share."""
        return Case(self.spec, self.data)

    @property
    def change(self) -> str:
        """The edit as a call: ``Conv: attribute('group', 3)``."""
        name, *arguments = self.edit
        return f"{self.operator}: {name}({', '.join(map(repr, arguments))})"


def broken(name: str, spec: Spec, edit: tuple[Any, ...], rule: str, *, source: str = "", operator: str = "") -> Broken:
    """An entry; without a source the rule stands in the text of the operator that is broken, by default the first."""
    node = operator or spec.nodes[0].op_type
    due = source or f"{node}-{onnx.defs.get_schema(node, max_inclusive_version=spec.opset).since_version}"
    return Broken(spec, "small", name, rule=rule, source=due, edit=edit, operator=node)


def model_of(case: Case) -> ModelProto:
    """The model of a twin, or of the broken graph.

    Outputs are declared by their rank alone, so that what an edit does to their extents breaks no second rule.
    """
    twin = case.twin if isinstance(case, Broken) else case
    model = to_model(case.spec, operands(case.spec, case.data, twin.id))
    for output in model.graph.output:
        for dim in output.type.tensor_type.shape.dim:
            dim.ClearField("value")
    if isinstance(case, Broken):
        name, *arguments = case.edit
        node = next(node for node in model.graph.node if node.op_type == case.operator)
        EDITS[name](model, node, *arguments)
    return model


def feeds_of(case: Case, model: ModelProto) -> Mapping[str, NDArray[Any]]:
    """An array for each input, of the type and shape that the model declares as far as there are such arrays."""
    known = operands(case.spec, case.data, (case.twin if isinstance(case, Broken) else case).id)
    held = {tensor.name for tensor in model.graph.initializer}
    found = {}
    for value in model.graph.input:
        if value.name not in held:
            tensor = value.type.tensor_type
            array, extents = known[value.name], tuple(dim.dim_value for dim in tensor.shape.dim)
            if tensor.HasField("shape") and min(extents, default=0) >= 0:
                array = np.resize(array, extents)
            is_typed = tensor.elem_type in helper.get_all_tensor_dtypes() and tensor.elem_type
            found[value.name] = array.astype(helper.tensor_dtype_to_np_dtype(tensor.elem_type)) if is_typed else array
    return found
