"""The text of an issue on one case: what is wrong, what the operator's text says, how to see it, on what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx

from conformance.observed import Observation
from conformance.problem import Problem
from graphs.model import as_text
from reference.ball import Ball, Expected

MOST = 256  # elements of a tensor that is shown
OPERATORS = "https://onnx.ai/onnx/operators/onnx__"


def issue(
    problem: Problem, seen: Observation, expected: Sequence[Expected], manifest: Mapping[str, Any], script: str
) -> str:
    """The whole text, in Markdown."""
    return "\n".join(parts(problem, seen, expected, manifest, script)).rstrip() + "\n"


def parts(
    problem: Problem, seen: Observation, expected: Sequence[Expected], manifest: Mapping[str, Any], script: str
) -> Iterator[str]:
    """Line after line."""
    record = seen.record
    operators = list(dict.fromkeys(node.op_type for node in problem.spec.nodes))
    yield from (f"# {title(record.verdict, record.message, operators, problem.spec.dtype)}", "")
    yield from (f"**{record.verdict}** on {record.runtime} {seen.version}, at {record.stage or 'compare'}:", "")
    yield from ("```text", record.message or "nothing is wrong", "```", "")
    if record.deviation:
        yield from (f"Known: {record.deviation}", "")
    yield from ("## Model", "", "```text", as_text(onnx.ModelProto.FromString(problem.model)).rstrip(), "```", "")
    yield from ("## What the operator's text says", "", *sentences(problem), "")
    yield from ("## Reproduce", "", "In the folder that this text lies in (`python repro.py`):", "")
    yield from ("```python", script.rstrip(), "```", "")
    yield from ("## Expected and got", "", "```text", *arrays(problem, seen, expected), "```", "")
    yield from ("## Versions", "")
    yield from (f"- {name}: {version}" for name, version in manifest["versions"].items())
    yield f"- convformance: {manifest['tool']}, case `{manifest['case']}`"


def title(verdict: str, message: str, operators: Sequence[str], dtype: str) -> str:
    """One line."""
    short = {"crash": "ends the process", "timeout": "does not come back", "error": "is refused, and is valid"}
    what = short.get(verdict) or (message.split(" (")[0] if message else "is as it should be")
    return f"{' + '.join(operators)} ({dtype}): {' '.join(what.split())[:120]}"


def sentences(problem: Problem) -> Iterator[str]:
    """Of each operator the version in force, with its address, and the sentences on the attributes that are set."""
    if problem.spec.silent:
        yield f"It leaves open: {problem.spec.silent.sentence}"
    seen: set[str] = set()
    for node in problem.spec.nodes:
        schema = onnx.defs.get_schema(node.op_type, problem.spec.opset)
        if node.op_type not in seen:
            version = f"{node.op_type}-{schema.since_version}"
            yield f"- [{version}]({OPERATORS}{node.op_type}.html), opset {problem.spec.opset}"
        seen.add(node.op_type)
        for attribute in node.attribute:
            known = schema.attributes.get(attribute.name)
            if known is not None and f"{node.op_type}.{attribute.name}" not in seen:
                seen.add(f"{node.op_type}.{attribute.name}")
                yield f'  - `{attribute.name}`: "{" ".join(re.sub("<[^>]*>", "", known.description).split())}"'


def arrays(problem: Problem, seen: Observation, expected: Sequence[Expected]) -> Iterator[str]:
    """What is fed, what is due and what came, where that is little."""
    with np.printoptions(threshold=MOST, edgeitems=3, linewidth=110, precision=9):
        for name, value in problem.operands.items():
            yield f"{name} {value.dtype} {list(value.shape)}\n{value}"
        for number, (name, want) in enumerate(zip(problem.spec.outputs(), expected, strict=True)):
            if isinstance(want, Ball):
                yield f"expected {name} {list(want.value.shape)}\n{want.value}"
                yield "equality is due" if not want.radius.any() else f"bound of the error\n{want.radius}"
            if number < len(seen.results):
                yield f"got {name}\n{seen.results[number]}"
