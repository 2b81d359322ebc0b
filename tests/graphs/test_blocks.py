"""Each block against ONNX's schemas: versions, attributes, types and defaults, and the sentences that it quotes."""

from __future__ import annotations

import dataclasses
import re
from random import Random
from typing import Any

import onnx
import pytest
from onnx.defs import OpSchema

from graphs.blocks import AXES, BUILD, SINGLE
from graphs.blocks.average_pool import AveragePool
from graphs.blocks.conv import Conv
from graphs.blocks.conv_transpose import ConvTranspose
from graphs.blocks.lp_pool import LpPool
from graphs.blocks.max_pool import MaxPool
from graphs.grid import cases
from graphs.spec import Invalid, Spec
from graphs.windowed import Spatial


def history(op_type: str) -> dict[int, OpSchema]:
    """Every version of an operator, up to the default opset or the newest that its block knows."""
    newest = max([Spec.opset, *(v for spec in SINGLE.values() if spec.op_type == op_type for v in spec.versions)])
    known = [s for s in onnx.defs.get_all_schemas_with_history() if s.domain == "" and s.since_version <= newest]
    found = [s for s in known if s.name == op_type]
    return {schema.since_version: schema for schema in sorted(found, key=lambda s: int(s.since_version))}


def text_of(schema: OpSchema) -> str:
    """All that a version says, as one line."""
    said = [part.description for parts in (schema.attributes.values(), schema.inputs, schema.outputs) for part in parts]
    return " ".join(" ".join([schema.doc or "", *said]).split())


@pytest.mark.parametrize("block", SINGLE)
def test_versions_are_the_history(block: str) -> None:
    assert SINGLE[block].versions == tuple(history(SINGLE[block].op_type))


@pytest.mark.parametrize("block", SINGLE)
def test_version_is_the_one_in_force(block: str) -> None:
    spec = next(case.spec for case in cases(block, "quick"))
    for opset in range(spec.opset, 23):
        changed = type(spec)(**{**vars_of(spec), "opset": opset})
        assert changed.version == onnx.defs.get_schema(spec.op_type, opset).since_version


def vars_of(spec: Spec) -> dict[str, Any]:
    """A spec's constructor arguments."""
    return {field.name: getattr(spec, field.name) for field in dataclasses.fields(spec)}


@pytest.mark.parametrize("block", SINGLE)
def test_attribute_names_are_the_schemas(block: str) -> None:
    versions = history(SINGLE[block].op_type).values()
    named = {name for schema in versions for name in schema.attributes} - {"consumed_inputs"}  # a legacy of version 1
    assert {*SINGLE[block].attribute_names, *SINGLE[block].former_names} == named
    assert set(SINGLE[block].attribute_names) <= set(SINGLE[block].__dataclass_fields__)


@pytest.mark.parametrize("block", SINGLE)
def test_since_is_the_first_version_that_has_it(block: str) -> None:
    """And what the operator's first version has needs no entry."""
    kind = SINGLE[block]
    versions = history(kind.op_type)
    due = {name: min(v for v, s in versions.items() if name in s.attributes) for name in kind.attribute_names}
    if "indices" in kind.__dataclass_fields__:
        due["indices"] = min(v for v, s in versions.items() if len(s.outputs) == 2)
    due |= {
        name: min(v for v, s in versions.items() if name in [i.name for i in s.inputs])
        for name in ("axes",) if name in kind.__dataclass_fields__ and name not in kind.attribute_names
    }  # fmt: skip
    assert dict(kind.since) == {name: first for name, first in due.items() if first > kind.versions[0]}


@pytest.mark.parametrize("block", SINGLE)
def test_types_are_allowed_from_their_version_on(block: str) -> None:
    kind = SINGLE[block]
    for dtype, since in kind.dtypes_since.items():
        plain = re.sub(r"^(float\d+)_(e\dm\d)(fn$)?", r"\1\2\3" if dtype.startswith("float8") else r"\1\2", dtype)
        name = f"tensor({ {'float32': 'float', 'float64': 'double'}.get(plain, plain) })".replace(" ", "")
        allowed = [v for v, s in history(kind.op_type).items() if name in s.type_constraints[0].allowed_type_strs]
        assert allowed == [v for v in kind.versions if v >= since], dtype


@pytest.mark.parametrize("block", SINGLE)
def test_an_attribute_at_its_default_changes_no_size(block: str) -> None:
    """The schema's default given, and the attribute omitted, are the same graph."""
    newest = list(history(SINGLE[block].op_type).values())[-1]
    defaults = {
        name: onnx.helper.get_attribute_value(a.default_value)
        for name, a in newest.attributes.items() if a.default_value.name
    }  # fmt: skip
    for spec in dict.fromkeys(case.spec for case in cases(block, "quick")):
        for name, value in defaults.items():
            given_default = value.decode() if isinstance(value, bytes) else value
            if getattr(spec, name) is None and SINGLE[block].since.get(name, 1) <= spec.version:
                full = type(spec)(**{**vars_of(spec), name: given_default})
                assert (full.inputs(), full.outputs(), full.silent) == (spec.inputs(), spec.outputs(), spec.silent)


VERSIONED = [
    (kind, version, name)
    for kind in (Conv, MaxPool, AveragePool, LpPool, ConvTranspose)
    for version in kind.versions for name in ("strides", "dilations") if kind.since.get(name, 1) <= version
]  # fmt: skip


@pytest.mark.parametrize(("kind", "version", "name"), VERSIONED)
def test_omitted_attribute_is_undecided_where_no_default_is_stated(
    kind: type[Spatial], version: int, name: str
) -> None:
    """'If not present, the stride defaults to 1' came with later versions."""
    states_default = "If not present" in history(kind.op_type)[version].attributes[name].description
    given: dict[str, Any] = {
        "pads": (0, 0),
        "strides": (1,),
        "dilations": (1,) if kind.since.get("dilations", 1) <= version else None,
    }
    spec = kind(batch=1, channels=1, extent=(5,), kernel_shape=(3,), opset=version, **given | {name: None})
    assert (spec.silent is None) == states_default
    if spec.silent:
        assert name in spec.silent.fields
        assert name in spec.silent.sentence


def sentences() -> dict[str, Spec]:
    """Every sentence that some drawn spec gives for its being undecided, and one such spec."""
    found: dict[str, Spec] = {}
    source = Random(3)
    for block in SINGLE:
        axes = AXES[block]
        opsets = [*SINGLE[block].versions, *axes["opset"]]
        for _ in range(6000):
            row = {name: source.choice(of) for name, of in axes.items()} | {"opset": source.choice(opsets)}
            try:
                spec = BUILD[block](row)
            except Invalid:
                continue
            if spec.silent is not None:
                found.setdefault(spec.silent.sentence, spec)
    return found


SENTENCES = sentences()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_quoted_sentences_are_in_the_operator_s_text(sentence: str) -> None:
    """Word for word, in the version in force; '...' stands for what was left out."""
    spec = SENTENCES[sentence]
    assert spec.silent is not None
    text = text_of(history(spec.op_type)[spec.version])
    quotes = re.findall(r"'(.+?)'(?:$|[ ,:;(])", sentence)
    assert sentence.startswith(f"{spec.op_type}-{spec.version}")
    assert quotes or "rounds the output size" in sentence
    for part in (part.strip() for quote in quotes for part in quote.split("...")):
        assert part in text, f"{part!r} is not in the text of {spec.op_type}-{spec.version}"
    assert set(spec.silent.fields) <= {field.name for field in dataclasses.fields(spec)}


@pytest.mark.parametrize(
    "block", ["conv", "max_pool", "average_pool", "lp_pool", "pad", "conv_transpose", "max_unpool", "resize"]
)
def test_sentences_were_found(block: str) -> None:
    """The draw above reaches them."""
    assert sum(spec.block == block for spec in SENTENCES.values()) >= 3


def test_what_opens_every_result_of_max_pooling_comes_before_what_opens_the_indices() -> None:
    """VALID under ceil_mode leaves open Y as well, whatever the order in which the indices count."""
    spec = MaxPool(
        batch=1, channels=2, extent=(3,), kernel_shape=(2,), strides=(2,), auto_pad="VALID", ceil_mode=1,
        storage_order=1, indices=True,
    )  # fmt: skip
    assert spec.silent is not None
    assert spec.silent.outputs == ()
