"""Names of runtimes, what makes one unavailable, and what only one adapter has to get right."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest

from conformance.listing import LISTINGS
from conformance.problem import Problem
from conformance.runtimes import RUNTIMES, Entry, Unknown, availability, canonical, open_runtime
from conformance.runtimes.protocol import Unavailable, Unsupported
from conformance.session import every_runtime, runtimes
from graphs.blocks.average_pool import AveragePool
from graphs.blocks.clip import Clip
from graphs.blocks.conv import Conv
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.qlinear_conv import QLinearConv
from graphs.grid import Case

NAMES = {
    "onnxruntime": "onnxruntime:cpu",
    "onnxruntime:": "onnxruntime:cpu",
    "onnxruntime:cpu": "onnxruntime:cpu",
    "onnxruntime:noopt": "onnxruntime:cpu:noopt",
    "onnxruntime:cuda:tf32:noopt": "onnxruntime:cuda:noopt:tf32",
    "torch": "torch:cpu",
    "torch:cuda": "torch:cuda",
    "torch:cuda:tf32:tf32": "torch:cuda:tf32",
    "torch:fast": "torch:cpu:fast",
    "onnxruntime:cuda:tf32:fast": "onnxruntime:cuda:fast:tf32",
    "onnx-reference": "onnx-reference",
    "onnx-reference:cpu": "onnx-reference",
    "backend:some.module.Class": "backend:some.module.Class",
}


@pytest.mark.parametrize("name", NAMES)
def test_canonical(name: str) -> None:
    assert canonical(name) == NAMES[name]
    assert canonical(canonical(name)) == NAMES[name]


UNKNOWN = {
    "onnxruntme": "did you mean onnxruntime?",
    "pytorch": "did you mean torch?",
    "": "must be one of backend, onnx-reference, onnxruntime, torch",
    "xyzzy": "must be one of backend, onnx-reference, onnxruntime, torch",
    "torch:gpu": "(did you mean cpu?), must be one of bfloat16, cpu, cuda, fast, float16",
    "torch:noopt": "'noopt', must be one of bfloat16, cpu, cuda, fast, float16",
    "torch:tf32": "'tf32', must be one of bfloat16, cpu, cuda, fast, float16",
    "torch:cpu:tf32": "'tf32', must be one of ",
    "torch:tf32:cuda": "'tf32', must be one of bfloat16, cpu, cuda, fast, float16",
    "onnxruntime:cpu:tf32": "'tf32', must be one of ",
    "onnxruntime:cuda:tf23": "did you mean tf32?",
    "onnxruntime:tf32:cuda": "'tf32', must be one of ",
    "onnxruntime:quick": "'quick', must be one of cpu, cuda, fast, noopt",
    "onnxruntime:cuda:quick": "fast, noopt, tf32",
    "onnx-reference:cuda": "must be one of cpu",
    "backend": "backend:DOTTED.NAME",
    "backend:": "backend:DOTTED.NAME",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_names_list_the_known_ones(name: str) -> None:
    with pytest.raises(Unknown) as caught:
        canonical(name)
    said = str(caught.value)
    assert UNKNOWN[name] in said
    parts = [name] if name.startswith("backend") else name.split(":")[1:] or [name]
    assert any(f"{part!r}" in said for part in parts)
    assert said.rpartition("must be one of ")[2], "an empty list tells nobody what to give"


@pytest.mark.parametrize("flag", ["tf32", "noopt"])
@pytest.mark.parametrize("name", ["onnxruntime", "torch"])
def test_a_flag_belongs_to_devices(name: str, flag: str) -> None:
    """TF32 is a mode of the GPU's; no CPU has it."""
    devices = {("onnxruntime", "noopt"): ("cpu", "cuda"), ("torch", "noopt"): ()}.get((name, flag), ("cuda",))
    for device in ("cpu", "cuda"):
        if device in devices:
            assert canonical(f"{name}:{device}:{flag}") == f"{name}:{device}:{flag}"
        else:
            with pytest.raises(Unknown):
                canonical(f"{name}:{device}:{flag}")


def test_the_listing_names_the_flags_of_each_device() -> None:
    found = {line.split(": ")[0]: line for line in LISTINGS["runtimes"]("quick", ())}
    assert found["onnxruntime:cpu"].endswith("; also onnxruntime:cpu:noopt, onnxruntime:cpu:fast")
    assert found["onnxruntime:cuda"].endswith(
        "; also onnxruntime:cuda:noopt, onnxruntime:cuda:tf32, onnxruntime:cuda:fast"
    )
    assert found["torch:cuda"].endswith(
        "; also torch:cuda:tf32, torch:cuda:fast, torch:cuda:float16, torch:cuda:bfloat16"
    )
    assert found["torch:cpu"].endswith("; also torch:cpu:fast, torch:cpu:float16, torch:cpu:bfloat16")
    assert not any("also" in found[name] for name in ("onnx-reference", "backend:DOTTED.NAME"))


@pytest.mark.parametrize("cast", ["float16", "bfloat16"])
def test_torch_casts_float32_graphs_and_no_others(cast: str) -> None:
    """Under autocast; the result is of the graph's type, and rounded as the claim says."""
    plain, casting = open_runtime("torch:cpu"), open_runtime(f"torch:cpu:{cast}")
    assert casting.claim.at("float32").cast == cast
    for dtype in ("float16", "bfloat16", "float32", "float64"):
        spec = Conv(batch=1, channels=2, extent=(5,), kernel_shape=(3,), filters=2, dtype=dtype)
        problem = Problem(Case(spec, "random"))
        (y,), (z,) = (r.prepare(problem.model)(problem.feeds()) for r in (plain, casting))
        assert y.dtype == z.dtype == np.dtype(dtype)
        assert (y.tobytes() != z.tobytes()) == (dtype == "float32")
        if dtype == "float32":
            assert (z.astype(np.dtype(cast)).astype(np.float32) == z).all()


def test_torch_casts_to_one_type() -> None:
    with pytest.raises(Unavailable, match="float16 and bfloat16 at once"):
        open_runtime("torch:cpu:float16:bfloat16")


def test_bfloat16_goes_through_onnx_runtime_as_bytes() -> None:
    """NumPy lacks it; of the operators here none has a kernel, but one that does nothing needs none."""
    problem = Problem(Case(Clip(shape=(3, 5), dtype="bfloat16", opset=13), "random"))
    (y,) = open_runtime("onnxruntime:cpu").prepare(problem.model)(problem.feeds())
    assert y.dtype == np.dtype("bfloat16")
    assert y.tobytes() == problem.operands["x"].tobytes()


def test_every_runtime_can_be_asked_for_by_its_listed_name() -> None:
    assert [canonical(name) for name in every_runtime()] == every_runtime()


@pytest.mark.parametrize("name", every_runtime())
def test_every_entry_opens_or_is_unavailable_with_a_remedy(name: str) -> None:
    found = availability(name)
    if isinstance(found, Unavailable):
        assert found.reason
        assert found.remedy
        assert "\n" not in str(found)
    else:
        assert found[0].isdigit()


BACKENDS = {  # what a file holds -> what is said about backend:broken
    "import no_such_package_of_mine": "No module named 'no_such_package_of_mine'",
    "raise RuntimeError('not\\ntoday')": "RuntimeError: not today",
    "def prepare(:": "SyntaxError",
    "": "has no prepare()",
    "prepare = 3": "has no prepare()",
    "import sys; sys.exit(0)": "SystemExit",
}


@pytest.mark.parametrize("text", BACKENDS)
def test_a_backend_that_cannot_be_imported(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the cause and what to give instead."""
    name = f"broken{list(BACKENDS).index(text)}"
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Unavailable) as caught:
        open_runtime(f"backend:{name}")
    assert BACKENDS[text] in caught.value.reason
    assert "backend:package.module" in caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dotted", [
    "no_such_package", "no_such_package.module", "tests.fakes.no_such_module", "tests.fakes.backends.NoSuchClass",
    "tests.fakes.backends.Correct.deeper", "tests.fakes.backends:Correct", "tests..fakes", ".relative", "a b",
])  # fmt: skip
def test_a_backend_that_does_not_exist(dotted: str) -> None:
    with pytest.raises(Unavailable, match=r"backend:package\.module\.Class") as caught:
        open_runtime(f"backend:{dotted}")
    assert dotted in caught.value.reason


def test_a_backend_by_dotted_name() -> None:
    name = "backend:tests.fakes.backends.Correct"
    assert availability(name) in ("3.2.1", "unknown")
    case = Case(MaxPool(batch=1, channels=1, extent=(4,), kernel_shape=(2,)), "small")
    problem = Problem(case)
    (y,) = open_runtime(name).prepare(problem.model)(problem.feeds())
    x = problem.operands["x"]
    np.testing.assert_array_equal(y, np.maximum(x[..., :-1], x[..., 1:]))


def test_a_backend_beside_the_user_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A console command's own path does not hold the folder that it is called from."""
    (tmp_path / "mine_from_here.py").write_text("from tests.fakes.backends import Correct as Mine", encoding="utf-8")
    monkeypatch.setattr("sys.path", [path for path in sys.path if path])
    monkeypatch.chdir(tmp_path)
    assert open_runtime("backend:mine_from_here.Mine").version() == "unknown"


@pytest.mark.parametrize("given", [None, 3, np.zeros(3), {"y": np.zeros(3)}])
def test_a_backend_that_returns_no_sequence_is_told_so(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fakes.backends.Prepared.run", lambda self, inputs: given)
    problem = Problem(Case(MaxPool(batch=1, channels=1, extent=(4,), kernel_shape=(2,)), "small"))
    run = open_runtime("backend:tests.fakes.backends.Correct").prepare(problem.model)
    with pytest.raises(TypeError, match=rf"run\(\) returned {type(given).__name__}, should be a tuple of arrays"):
        run(problem.feeds())


def test_a_broken_installation_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs a line in the list and not the list."""
    (tmp_path / "broken_adapter.py").write_text("raise ValueError('two\\nlines')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(RUNTIMES, "broken", Entry("broken_adapter"))
    found = availability("broken")
    assert isinstance(found, Unavailable)
    assert (found.reason, found.remedy) == ("ValueError: two lines", "its installation is broken")


def test_a_backend_declines_by_is_compatible() -> None:
    problem = Problem(Case(MaxPool(batch=1, channels=1, extent=(4,), kernel_shape=(2,)), "small"))
    with pytest.raises(Unsupported, match="is_compatible"):
        open_runtime("backend:tests.fakes.backends.Declines").prepare(problem.model)


def test_asked_for_and_unavailable_is_an_error_but_by_default_only_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RUNTIMES, "missing", Entry("tests.fakes.missing"))
    monkeypatch.setattr("conformance.session.DEFAULT", ("onnx-reference", "missing"))
    with pytest.raises(Unavailable, match="runtime missing is unavailable: not built for this machine; pip install it"):
        runtimes(["missing"])
    versions, unavailable = runtimes([])
    assert list(versions) == ["onnx-reference"]
    assert unavailable == {"missing": "not built for this machine; pip install it"}


def test_a_runtime_asked_for_twice_runs_once() -> None:
    versions, _ = runtimes(["onnx-reference", "onnx-reference:cpu"])
    assert list(versions) == ["onnx-reference"]


@pytest.mark.parametrize("name", ["onnxruntime:cuda", "torch:cuda"])
def test_cuda_without_a_device_is_unavailable(name: str) -> None:
    found = availability(name)
    if isinstance(found, str):
        pytest.skip(f"{name} {found} works here: there is a GPU")
    assert found.reason
    assert "NVIDIA driver" in found.remedy or "pip install" in found.remedy


class FakeSession:
    """What ONNX Runtime's session tells about itself."""

    def __init__(self, providers: Sequence[str], placed: Sequence[str]):
        self.get_providers = lambda: list(providers)
        self.get_provider_graph_assignment_info = lambda: [SimpleNamespace(ep_name=name) for name in placed]


CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


def placement() -> Any:
    """The adapter's check, where its package is installed."""
    pytest.importorskip("onnxruntime", exc_type=ImportError)
    from conformance.runtimes.onnxruntime import verify_placement

    return verify_placement


def test_all_nodes_on_cuda_are_verified() -> None:
    placement()(FakeSession([CUDA, CPU], [CUDA, CUDA]), CUDA)


@pytest.mark.parametrize(("placed", "named"), [((CUDA, CPU), CPU), ((CPU,), CPU), ((), "no provider")])
def test_a_node_elsewhere_is_unsupported(placed: Sequence[str], named: str) -> None:
    """A result counts only where the placement is known to be CUDA alone."""
    with pytest.raises(Unsupported, match=named):
        placement()(FakeSession([CUDA, CPU], placed), CUDA)


def test_a_session_without_cuda_is_no_cuda_session() -> None:
    with pytest.raises(RuntimeError, match=CUDA):
        placement()(FakeSession([CPU], [CUDA]), CUDA)


def test_cuda_sessions_disable_the_fallback() -> None:
    pytest.importorskip("onnxruntime", exc_type=ImportError)
    from conformance.runtimes.onnxruntime import OnnxRuntime

    adapter = OnnxRuntime("cuda")
    assert adapter.options.get_session_config_entry("session.disable_cpu_ep_fallback") == "1"
    assert adapter.arguments == {"use_tf32": "0", "cudnn_conv_algo_search": "DEFAULT"}
    assert OnnxRuntime("cuda", "tf32").arguments == {"use_tf32": "1", "cudnn_conv_algo_search": "DEFAULT"}
    assert OnnxRuntime("cpu").arguments == {}
    assert adapter.claim.at("float32").name == "float32"
    assert OnnxRuntime("cuda", "tf32").claim.at("float32").name == "TF32"
    assert OnnxRuntime("cpu").claim.deterministic
    assert not adapter.claim.deterministic


def onnxruntime_of(raises: Exception, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, dict[str, Any]]:
    """The adapter, and what it passes to a session that then raises."""
    pytest.importorskip("onnxruntime", exc_type=ImportError)
    from conformance.runtimes.onnxruntime import OnnxRuntime

    passed: dict[str, Any] = {}

    def session(*_: Any, **given: Any) -> None:
        passed.update(given)
        raise raises

    monkeypatch.setattr("onnxruntime.InferenceSession", session)
    return OnnxRuntime("cpu"), passed


def test_no_session_falls_back_to_another_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in ONNX Runtime's C++ nor in its Python part."""
    adapter, passed = onnxruntime_of(ValueError("no"), monkeypatch)
    model = Problem(Case(MaxPool(batch=1, channels=1, extent=(4,), kernel_shape=(2,)), "small")).model
    with pytest.raises(ValueError, match="no"):
        adapter.prepare(model)
    assert passed["enable_fallback"] == 0
    assert [name for name, _ in passed["providers"]] == [CPU]


def test_an_opset_above_the_newest_guaranteed_is_unsupported() -> None:
    pytest.importorskip("onnxruntime", exc_type=ImportError)
    model = onnx.ModelProto.FromString(
        Problem(Case(MaxPool(batch=1, channels=1, extent=(4,), kernel_shape=(2,)), "small")).model
    )
    model.opset_import[0].version = 99
    with pytest.raises(Unsupported, match=r"^opset above the newest guaranteed: ") as caught:
        open_runtime("onnxruntime:cpu").prepare(model.SerializeToString())
    assert "[ONNXRuntimeError]" not in str(caught.value)


@pytest.mark.parametrize(
    ("message", "line"),
    [("[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : no\nstack", "NOT_IMPLEMENTED : no"), ("plain", "plain"),
     ("", "ValueError")],
)  # fmt: skip
def test_a_message_is_its_first_line_without_its_number(message: str, line: str) -> None:
    pytest.importorskip("onnxruntime", exc_type=ImportError)
    from conformance.runtimes.onnxruntime import first_line

    assert first_line(ValueError(message)) == line


def test_torch_leaves_cudnn_out() -> None:
    """Whose Winograd kernels have no bound yet."""
    torch = pytest.importorskip("torch")
    torch.backends.cudnn.enabled = True
    open_runtime("torch:cpu")
    assert not torch.backends.cudnn.enabled


def torch_results(spec: Any) -> tuple[Any, list[Any]]:
    """Distinct inputs and torch's results for a spec."""
    pytest.importorskip("torch")
    problem = Problem(Case(spec, "small"))
    x = np.random.default_rng(5).permutation(problem.operands["x"].size).reshape(spec.inputs()["x"]).astype(spec.dtype)
    return x, list(open_runtime("torch:cpu").prepare(problem.model)({"x": x}))


POOLS: dict[str, dict[str, Any]] = {
    "no pads": {},
    "symmetric pads": {"pads": (1, 1, 1, 1)},
    "begin only": {"pads": (2, 1, 0, 0)},
    "end only": {"pads": (0, 0, 2, 1)},
    "asymmetric, strided, dilated": {"pads": (1, 0, 0, 2), "strides": (2, 1), "dilations": (1, 2)},
    "SAME_LOWER": {"auto_pad": "SAME_LOWER", "strides": (2, 2)},
    "hanging window": {"pads": (1, 0, 0, 0), "strides": (2, 2), "ceil_mode": 1},
}


@pytest.mark.parametrize("order", [None, 0, 1])
@pytest.mark.parametrize("pool", POOLS)
def test_torch_indices_point_at_the_value(pool: str, order: int | None) -> None:
    """Torch counts within the padded plane, ONNX within the whole input; order 1 counts columns first."""
    spec = MaxPool(
        batch=1, channels=1, extent=(6, 5), kernel_shape=(3, 2), indices=True, storage_order=order, **POOLS[pool]
    )
    x, (y, indices) = torch_results(spec)
    flat = x.reshape(6, 5).reshape(-1, order="F" if order else "C")
    assert indices.dtype == np.int64
    np.testing.assert_array_equal(flat[indices], y)


def test_torch_indices_count_channels_and_images() -> None:
    x, (y, indices) = torch_results(
        MaxPool(batch=2, channels=3, extent=(4, 5), kernel_shape=(2, 2), pads=(1, 0, 0, 1), indices=True)
    )
    np.testing.assert_array_equal(x.reshape(-1)[indices], y)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_torch_declines_a_dilated_average_and_no_other(rank: int) -> None:
    shared: dict[str, Any] = {"batch": 1, "channels": 1, "extent": (5,) * rank, "kernel_shape": (2,) * rank}
    with pytest.raises(Unsupported, match="dilation"):
        torch_results(AveragePool(dilations=(2,) * rank, **shared))
    for dilations, pads in itertools.product((None, (1,) * rank), (None, (1,) * rank + (0,) * rank)):
        x, (y,) = torch_results(AveragePool(dilations=dilations, pads=pads, **shared))
        assert y.flat[-1] == x[(..., *(slice(-2, None),) * rank)].mean()


def test_torch_names_an_operator_that_it_lacks() -> None:
    pytest.importorskip("torch")
    from onnx import TensorProto, helper

    y = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Sinh", ["x"], ["y"])], "g", y[:1], y[1:])
    with pytest.raises(Unsupported, match=r"Sinh is not among Add, AveragePool, .*Conv, .*Relu"):
        open_runtime("torch:cpu").prepare(helper.make_model(graph).SerializeToString())


QUANTISED: dict[str, Any] = {
    "batch": 1, "channels": 2, "extent": (5,), "kernel_shape": (3,), "dtype": "uint8", "opset": 10, "x_scale": 0.5,
    "w_scale": 0.25, "y_scale": 2.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dtype": "int8"}, "uint8 with int8 into uint8 alone"),
        ({"weight_dtype": "uint8"}, "uint8 with int8 into uint8 alone"),
        ({"output_dtype": "int8"}, "uint8 with int8 into uint8 alone"),
        ({"y_zero_point": 3}, "may add the zero point before it rounds"),
    ],
)
def test_torch_declines_what_its_quantised_convolution_is_not(change: dict[str, Any], message: str) -> None:
    """Other types, and an odd zero point under weights that one of its engines takes, which rounds after adding."""
    pytest.importorskip("torch")
    for spec, is_taken in ((QLinearConv(**QUANTISED), True), (QLinearConv(**QUANTISED | change), False)):
        problem = Problem(Case(spec, "small"))
        run = open_runtime("torch:cpu").prepare(problem.model)
        if is_taken:
            run(problem.feeds())
        else:
            with pytest.raises(Unsupported, match=message):
                run(problem.feeds())


def test_torch_declines_a_bias_that_float32_may_not_hold() -> None:
    torch = pytest.importorskip("torch")
    from conformance.runtimes.torch_ops.quantised_conv import LARGEST_BIAS, qlinear_conv

    scale, zero = torch.tensor(0.1), torch.tensor(0, dtype=torch.uint8)
    x, w = torch.zeros((1, 1, 1), dtype=torch.uint8), torch.zeros((1, 1, 1), dtype=torch.int8)
    given = (x, scale, zero, w, scale, zero.to(torch.int8), torch.tensor(2.0**10), zero)
    (y,) = qlinear_conv(*given, torch.tensor([LARGEST_BIAS - 1], dtype=torch.int32), outputs=1)
    assert y.item() == round((LARGEST_BIAS - 1) * float(scale) ** 2 / 2**10)
    with pytest.raises(Unsupported, match="above 2"):
        qlinear_conv(*given, torch.tensor([-LARGEST_BIAS], dtype=torch.int32), outputs=1)
