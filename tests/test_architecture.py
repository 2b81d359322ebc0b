"""The tables agree, the packages keep apart, and every module is small and says what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from conformance.results import BAD, GOOD, VERDICTS
from conformance.runtimes import DEFAULT, RUNTIMES, availability, canonical
from conformance.runtimes.protocol import Unavailable
from graphs.blocks import AXES, BLOCKS, BUILD
from graphs.data import DATA, FIXED
from graphs.grid import TIERS, cases, rows
from graphs.lecture import LECTURE
from reference import KERNELS
from reports import RENDERERS

ROOT = Path(__file__).parent.parent
PACKAGES = ("graphs", "reference", "conformance", "reports")
OUT = ROOT / "reports" / "out"  # where bundles lie, whose scripts are no modules of ours
MODULES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if not path.is_relative_to(OUT)
)
TESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))
OURS_OR_STANDARD = {"reference": {"reference", "numpy"}, "graphs": {"graphs", "numpy", "onnx"}}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""


def differences(tables: dict[str, Iterable[str]]) -> list[str]:
    """What each table lacks that another one has."""
    every = set().union(*tables.values())
    return [
        f"{name} lacks {', '.join(sorted(every - set(keys)))}" for name, keys in tables.items() if every - set(keys)
    ]


def test_tables_agree_on_the_blocks() -> None:
    assert differences({"BLOCKS": BLOCKS, "AXES": AXES, "BUILD": BUILD, "KERNELS": KERNELS}) == []


def test_blocks_know_their_own_name() -> None:
    assert {name: spec.block for name, spec in BLOCKS.items()} == {name: name for name in BLOCKS}


def test_one_module_a_family_in_each_layer() -> None:
    for name in BLOCKS:
        for path in (f"graphs/blocks/{name}.py", f"reference/{name}.py", f"tests/reference/test_{name}.py"):
            assert (ROOT / path).is_file(), path


def test_torch_has_every_operator() -> None:
    pytest.importorskip("torch")
    from conformance.runtimes.torch_ops import OPERATORS

    wanted = {node.op_type for block in BLOCKS for case in cases(block, "quick") for node in case.spec.nodes}
    assert wanted - set(OPERATORS) == set()


def test_every_axis_is_built_and_every_value_occurs() -> None:
    for block, axes in AXES.items():
        held = rows(block, "quick")
        for axis, values in axes.items():
            assert {repr(row[axis]) for row in held} == {repr(value) for value in values}, f"{block}, {axis}"


@pytest.mark.parametrize("name", [name for name in RUNTIMES if name != "backend"])
def test_every_runtime_opens_or_says_why_not(name: str) -> None:
    for device in RUNTIMES[name].devices:
        found = availability(canonical(f"{name}:{device}"))
        assert isinstance(found, (str, Unavailable))


def test_default_runtimes_are_canonical() -> None:
    assert [canonical(name) for name in DEFAULT] == list(DEFAULT)


def test_small_tables() -> None:
    assert set(GOOD) & set(BAD) == set()
    assert set(VERDICTS) == set(GOOD) | set(BAD)
    assert set(RENDERERS) == {"text", "markdown", "json"}
    assert "quick" in TIERS
    assert all(data in {*DATA, *FIXED} for _, data in LECTURE.values())


@pytest.mark.parametrize("package", OURS_OR_STANDARD)
def test_builder_and_oracle_import_little_and_never_each_other(package: str) -> None:
    import sys

    allowed = OURS_OR_STANDARD[package] | set(sys.stdlib_module_names)
    for path in MODULES:
        if path.parts[0] == package:
            assert {name.partition(".")[0] for name in imports(path)} <= allowed, path


def test_reports_read_results_and_nothing_else_of_ours() -> None:
    for path in MODULES:
        if path.parts[0] == "reports":
            ours = {name for name in imports(path) if name.partition(".")[0] in PACKAGES}
            assert {name for name in ours if not name.startswith("reports")} <= {
                "conformance.localise",  # a function of records
                "conformance.results",
                "conformance.scores",
                "conformance.version_changes",  # functions of records
            }, path


def test_only_the_command_line_imports_reports() -> None:
    found = {str(path) for path in MODULES if any(name.partition(".")[0] == "reports" for name in imports(path))}
    commands = {str(Path("conformance") / name) for name in ("cli.py", "carry_out.py", "version_command.py")}
    assert {path for path in found if not path.startswith("reports")} <= commands


@pytest.mark.parametrize("runtime", ["onnxruntime", "torch", "tensorflow", "jax"])
def test_a_runtime_is_imported_by_its_adapter_alone(runtime: str) -> None:
    for path in MODULES:
        if any(name.partition(".")[0] == runtime for name in imports(path)):
            assert path.parts[:2] == ("conformance", "runtimes"), path
            assert path.parts[2].startswith(runtime), path


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=str)
def test_a_module_opens_with_one_sentence_and_is_small(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    said = ast.get_docstring(tree)
    assert said, f"{path} has no docstring"
    assert isinstance(tree.body[0], ast.Expr)
    assert said.partition("\n\n")[0].endswith((".", "``.")), f"{path}: {said}"
    if path.parts[0] in PACKAGES:
        assert len(text.splitlines()) <= 300, f"{path} is too long"
        assert path.stem not in ("utils", "helpers", "common"), path
