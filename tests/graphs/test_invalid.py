"""The catalogue of invalid graphs: rules that stand where they are said to, one place broken, twins that are valid."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from onnx import ModelProto, defs

from graphs.blocks import BLOCKS
from graphs.grid import Case
from graphs.invalid import CATALOGUE
from graphs.invalid.broken import IR, PROTO, Broken, feeds_of, model_of
from graphs.invalid.edits import EDITS
from graphs.spec import Spec

TWINS = list(dict.fromkeys(entry.twin for entry in CATALOGUE))
every_entry = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)


def plain(text: str) -> str:
    """Without line breaks and double spaces."""
    return " ".join(text.split())


def span(least: int, most: int) -> str:
    """A number of operands or results, as ONNX's own documents have it."""
    return str(least) if least == most else f"{least} - {most}"


def lines(operator: str, version: int) -> Iterator[str]:
    """An operator's text at a version, with its signature as ONNX's own documents have it."""
    schema = defs.get_schema(operator, max_inclusive_version=version)
    assert schema.since_version == version, f"{operator} has no version {version}"
    yield schema.doc or ""
    for attribute in schema.attributes.values():
        kind = str(attribute.type).rpartition(".")[2].lower()
        listed = f"list of {kind}" if kind.endswith("s") else kind
        yield f"{attribute.name} : {listed}{' (required)' if attribute.required else ''}"
        yield attribute.description
    yield f"Inputs ({span(schema.min_input, schema.max_input)})"
    yield f"Outputs ({span(schema.min_output, schema.max_output)})"
    for parameter in (*schema.inputs, *schema.outputs):
        yield f"{parameter.name} : {parameter.type_str}"
        yield parameter.description
    for constraint in schema.type_constraints:
        yield f"{constraint.type_param_str} : {', '.join(constraint.allowed_type_strs)}"


def text_of(source: str) -> list[str]:
    """The text that an entry's source names, in parts that a sentence does not go beyond."""
    if source == IR:
        return [plain(Path(__file__).with_name("IR.md").read_text(encoding="utf-8"))]
    if source == PROTO:
        path = Path(onnx.__file__).with_name("onnx.proto")
        return [plain(re.sub(r"//", "", path.read_text(encoding="utf-8")))]
    operator, _, version = source.partition("-")
    return [plain(line) for line in lines(operator, int(version))]


def parts(model: ModelProto) -> dict[str, Counter[str]]:
    """Everything that a model says, part by part; what belongs to no order as a bag."""
    graph = model.graph
    found = {
        "ir_version": Counter([str(model.ir_version)] if model.HasField("ir_version") else []),
        "opset_import": Counter(map(str, model.opset_import)),
        "name": Counter([graph.name]),
    }
    for number, node in enumerate(graph.node):
        for field in ("op_type", "domain", "input", "output"):
            found[f"node {number} {field}"] = Counter([str(getattr(node, field))])
        found[f"node {number} attribute"] = Counter(map(str, node.attribute))
    for field in ("input", "output", "initializer"):
        found[field] = Counter(str(value) for value in getattr(graph, field))
    return found


def places(a: ModelProto, b: ModelProto) -> int:
    """In how many places two models differ; nodes in another order are one, and so is an added node."""
    nodes_a, nodes_b = list(map(str, a.graph.node)), list(map(str, b.graph.node))
    in_order = int(nodes_a != nodes_b and Counter(nodes_a) == Counter(nodes_b))
    added = abs(len(nodes_a) - len(nodes_b))
    of_a, of_b = parts(a), parts(b)
    of_nodes = {part for part in of_a | of_b if part.startswith("node ")}
    compared = (of_a.keys() & of_b.keys()) - (of_nodes if in_order else set())
    changed = [max((of_a[p] - of_b[p]).total(), (of_b[p] - of_a[p]).total()) for p in compared]
    return sum(changed) + added + in_order


def test_there_are_enough_and_each_has_its_own_name() -> None:
    assert len(CATALOGUE) >= 80
    assert [name for name, times in Counter(entry.id for entry in CATALOGUE).items() if times > 1] == []
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", entry.id) for entry in CATALOGUE)


def test_every_way_to_break_a_model_is_used() -> None:
    assert {entry.edit[0] for entry in CATALOGUE} == set(EDITS)


def test_operators_that_have_rules_of_their_own_are_covered() -> None:
    """Elementwise ones of one operand and no attribute have nothing to break that others do not show."""
    covered = {entry.operator for entry in CATALOGUE}
    assert {spec.op_type for spec in BLOCKS.values() if spec.op_type} - covered == set()


def test_the_page_has_every_graph_with_its_rule() -> None:
    """As the command printed them; what became of them is of the versions that it names."""
    rows = (Path(__file__).parents[2] / "docs" / "invalid.md").read_text(encoding="utf-8").splitlines()
    for entry in CATALOGUE:
        start = f"| {entry.id} | `{entry.change}` | {entry.source}: "
        assert sum(row.startswith(start) for row in rows) == 1, f"docs/invalid.md lacks {start}"


@every_entry
def test_its_rule_stands_where_it_is_said_to(entry: Broken) -> None:
    rule = plain(entry.rule)
    assert any(rule in part for part in text_of(entry.source)), f"{entry.source} does not say: {rule}"


@every_entry
def test_its_rule_is_of_the_version_in_force(entry: Broken) -> None:
    """That of the broken graph, and where it is an operator's of the one that is broken."""
    if entry.source in (IR, PROTO):
        return
    operator, _, version = entry.source.partition("-")
    imported = model_of(entry).opset_import[0].version
    assert operator == entry.operator
    assert int(version) == defs.get_schema(operator, max_inclusive_version=imported).since_version


@every_entry
def test_it_differs_from_its_twin_in_one_place(entry: Broken) -> None:
    assert places(model_of(entry.twin), model_of(entry)) == 1


def test_two_places_are_told_from_one() -> None:
    one, two = model_of(TWINS[0]), model_of(TWINS[0])
    assert places(one, two) == 0
    two.graph.node[0].op_type = "Other"
    two.graph.node.add(op_type="Relu", input=["y"], output=["z"])
    assert places(one, two) == places(two, one) == 2


@every_entry
def test_its_inputs_are_as_the_broken_graph_declares_them(entry: Broken) -> None:
    """As far as it declares what an array can be."""
    model = model_of(entry)
    feeds = feeds_of(entry, model)
    held = {tensor.name for tensor in model.graph.initializer}
    assert set(feeds) == {value.name for value in model.graph.input} - held
    for value in model.graph.input:
        tensor = value.type.tensor_type
        extents = tuple(dim.dim_value for dim in tensor.shape.dim)
        if value.name in feeds and tensor.HasField("shape") and min(extents, default=0) >= 0:
            assert feeds[value.name].shape == extents


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.id)
def test_the_twin_is_valid(twin: Case) -> None:
    """By its spec's own rules, which could not be built otherwise, by the checker, and by strict inference."""
    assert isinstance(twin.spec, Spec)
    assert twin.spec.silent is None
    onnx.checker.check_model(model_of(twin), full_check=True)
