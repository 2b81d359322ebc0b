"""The script of a bundle: about twenty lines that need NumPy and the runtime, in the runtime's own words."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import ml_dtypes

from conformance.observed import Observation
from conformance.problem import Problem
from conformance.runtimes import plain
from graphs.model import feeds

HEAD = '''\
"""{title}

Exit status 1 while it is wrong, 0 once it is right, 2 where this cannot run; --here runs in this process.
"""
from pathlib import Path

import check  # in this folder; NumPy alone

MODEL = Path(__file__).with_name("model.onnx")
'''
TAIL = """\


if __name__ == "__main__":
    check.main(prepare, __file__)
"""
Lines = list[str]


def script_of(problem: Problem, seen: Observation, outputs: Mapping[str, Any]) -> str:
    """The script's text."""
    base, _, rest = plain(seen.record.runtime).partition(":")
    types = {value.dtype.name for value in problem.operands.values()} | {said["dtype"] for said in outputs.values()}
    is_narrow = any(hasattr(ml_dtypes, name) for name in types)
    lines = SCRIPTS[base](problem, seen, rest, is_narrow)
    title = " ".join(f"{problem.case.id} on {seen.record.runtime} {seen.version}: {said(seen)}".split())
    head = HEAD.format(title=title.replace("\\", "/").replace('"""', "'''"))
    return head + "\n\n" + "\n".join(lines) + "\n" + TAIL


def said(seen: Observation) -> str:
    """The message, or that there is none."""
    return seen.record.message or seen.record.verdict


def onnxruntime(problem: Problem, seen: Observation, rest: str, is_narrow: bool) -> Lines:
    """A session, with the options of the runtime that was tested."""
    device, *flags = rest.split(":")
    lines = [
        "import onnxruntime as ort", "",
        "options = ort.SessionOptions()",
        "options.intra_op_num_threads = options.inter_op_num_threads = 1",
        "options.log_severity_level = 4",
    ]  # fmt: skip
    if "noopt" in flags:
        lines.append("options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL")
    provider: Any = "CPUExecutionProvider"
    if device == "cuda":
        lines += ["ort.preload_dlls()", 'options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")']
        settings = {"use_tf32": str(int("tf32" in flags)), "cudnn_conv_algo_search": "DEFAULT"}
        provider = ("CUDAExecutionProvider", settings)
    lines.append(
        f"session = ort.InferenceSession(MODEL.read_bytes(), options, providers={[provider]}, enable_fallback=0)"
    )
    if not is_narrow:
        return function([*lines, "return lambda inputs: session.run(None, inputs)"])
    inner = [
        "values = {n: value_of(ort, v.name, v.bits) if isinstance(v, check.Bits) else",
        "          ort.OrtValue.ortvalue_from_numpy(v) for n, v in inputs.items()}",
        "return [check.Bits(*bits_of(value)) for value in session.run_with_ort_values(None, values)]",
    ]
    imports = ["from check.onnxruntime_bits import bits_of, value_of"]
    return function([*imports, *lines, "", "def run(inputs):", *indented(inner), "", "return run"])


def torch(problem: Problem, seen: Observation, rest: str, is_narrow: bool) -> Lines:
    """The calls as they were written down; through our adapter where they could not be."""
    device, *flags = rest.split(":")
    cast = next((flag for flag in flags if flag in ("float16", "bfloat16")), None)
    if not seen.code:
        return adapted(seen)
    tf32 = "tf32" in flags
    fed = feeds(problem.spec, problem.operands)
    is_cast = cast is not None and not {v.dtype.name for v in fed.values()} & {"float16", "bfloat16"}
    lines = ["import torch", "", "torch.set_num_threads(1)"]
    if device == "cuda":
        lines += [
            "torch.backends.cudnn.enabled = False",
            f"torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = {tf32}",
        ]
    place = f'.to("{device}")' * (device != "cpu")
    lines += ["", "def tensor(value):"]
    if is_narrow:
        lines += indented([
            "if isinstance(value, check.Bits):",
            f'    return torch.from_numpy(value.bits.view("i2")).view(torch.bfloat16){place}',
        ])  # fmt: skip
    lines += [f"    return torch.from_numpy(value){place}", ""]  # no copy: a run that writes into it is found out
    held = [name for name in {**problem.operands, **problem.spec.held} if name not in fed]
    if held:
        lines += ["held = check.held(__file__)"]
    lines += ["", "def run(inputs):"]
    body = [f"{identifier(name)} = tensor(held[{name!r}])" for name in held]
    body += [f"{identifier(name)} = tensor(inputs[{name!r}])" for name in fed]
    code = list(seen.code)
    results = code.pop() if code[-1].startswith("return ") else ""
    calls = [*code, *([results.replace("return ", "found = ")] if results else [])]
    autocast = f', torch.autocast("{device}", torch.{cast})' if is_cast else ""
    body += [f"with torch.no_grad(){autocast}:", *indented(calls)]
    if is_cast:
        wanted = {dtype for dtype, _ in problem.spec.outputs().values()}
        body.append(f"found = [f.to(torch.{min(wanted)}) if f.dtype == torch.{cast} else f for f in found]")
    plain = "f.cpu().numpy()"
    if is_narrow:
        bits = 'check.Bits("bfloat16", f.cpu().contiguous().view(torch.int16).numpy().view("u2"))'
        plain = f"{bits} if f.dtype == torch.bfloat16 else {plain}"
    body.append(f"return [{plain} for f in found]")
    return function([*lines, *indented(body), "", "return run"])


def adapted(seen: Observation) -> Lines:
    """Where the calls cannot be written down: through the adapter of this package, which must be installed."""
    return function([
        "# The calls that torch gets cannot be written down here: this needs convformance, beside torch.",
        "from conformance.runtimes import open_runtime", "",
        f"ready = open_runtime({plain(seen.record.runtime)!r}).prepare(MODEL.read_bytes())",
        "return lambda inputs: ready({n: v.array() if isinstance(v, check.Bits) else v for n, v in inputs.items()})",
    ])  # fmt: skip


def onnx_reference(problem: Problem, seen: Observation, rest: str, is_narrow: bool) -> Lines:
    """ONNX's evaluator."""
    fed = (
        "{n: v.array() if isinstance(v, check.Bits) else v for n, v in inputs.items()}" if is_narrow else "dict(inputs)"
    )
    return function([
        "import onnx", "from onnx.reference import ReferenceEvaluator", "",
        "evaluator = ReferenceEvaluator(onnx.ModelProto.FromString(MODEL.read_bytes()))",
        f"return lambda inputs: list(evaluator.run(None, {fed}))",
    ])  # fmt: skip


def backend(problem: Problem, seen: Observation, rest: str, is_narrow: bool) -> Lines:
    """ONNX's backend interface, found as we find it."""
    names = list(feeds(problem.spec, problem.operands))
    value = "v.array() if isinstance(v := inputs[n], check.Bits) else v" if is_narrow else "inputs[n]"
    return function([
        "import os, pkgutil, sys", "import onnx", "",
        "sys.path.append(os.getcwd())",
        f"backend = pkgutil.resolve_name({rest!r})",
        'prepared = backend.prepare(onnx.ModelProto.FromString(MODEL.read_bytes()), device="CPU")',
        f"return lambda inputs: prepared.run([{value} for n in {names}])",
    ])  # fmt: skip


def function(body: Lines) -> Lines:
    """``prepare`` with this body."""
    return ["def prepare():", *indented(body)]


def indented(lines: Lines) -> Lines:
    """Four columns to the right."""
    return [textwrap.indent(line, "    ") for line in lines]


def identifier(name: str) -> str:
    """A value's name as the transcript has it."""
    return f"v_{name}"


SCRIPTS: dict[str, Callable[[Problem, Observation, str, bool], Lines]] = {
    "onnxruntime": onnxruntime, "torch": torch, "onnx-reference": onnx_reference, "backend": backend,
}  # fmt: skip
