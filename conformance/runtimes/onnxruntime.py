"""ONNX Runtime on the CPU and CUDA providers; this module runs in other interpreters too, Python 3.9 and later."""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from conformance.runtimes.onnxruntime_bits import LACKED, bits_of, value_of
from conformance.runtimes.protocol import Run, Unavailable, Unsupported
from conformance.runtimes.wire import Bits, of_bits

if TYPE_CHECKING:
    from reference.claim import Claim

try:
    import onnxruntime as ort
    from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as OrtNotImplemented
except ImportError as error:
    raise Unavailable(str(error), "pip install 'convformance[onnxruntime]'") from error

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
NUMPY_LACKS = {f"tensor({name.replace('_', '')})": number for name, number in LACKED.items()}  # as sessions name them
OLDEST_OPSET = 7  # https://onnxruntime.ai/docs/reference/compatibility.html
TOO_NEW = "only *guarantees* support for models stamped with official released onnx opset versions"
TOO_NEW_IR = "Unsupported model IR version"  # of an opset that is newer still
UNKNOWN_TYPE = "is not currently registered or supported"  # such as float8 in 1.15.1, int4 in 1.18.1
NO_FALLBACK = "fallback to CPU EP has been explicitly disabled"


class OnnxRuntime:
    """One single-threaded session a model, all nodes on one provider."""

    takes_bits = True  # of types that NumPy lacks

    def __init__(self, device: str, *flags: str):
        self.device, self.flags = device, flags
        self.provider = PROVIDERS[device]
        self.is_cuda = device == "cuda"
        tf32, fast = "tf32" in flags, "fast" in flags
        # cuDNN's DEFAULT algorithm is a sum of the products as written; EXHAUSTIVE, which is ONNX Runtime's default,
        # may choose Winograd or Fourier transforms: claim fast.
        search = "EXHAUSTIVE" if fast else "DEFAULT"
        settings = {"use_tf32": str(int(tf32)), "cudnn_conv_algo_search": search}
        self.arguments = settings if self.is_cuda else {}
        self.options = ort.SessionOptions()
        self.options.intra_op_num_threads = self.options.inter_op_num_threads = 1
        self.options.log_severity_level = 4
        if "noopt" in flags:
            self.options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        if self.is_cuda:
            self.options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
            self.options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")

    @cached_property
    def claim(self) -> Claim:
        """That of the device and the flags."""
        from conformance.runtimes.claims import CLAIMS  # only here, for another interpreter has none

        return CLAIMS["onnxruntime"](self.device, *self.flags)

    def version(self) -> str:
        """ONNX Runtime's version."""
        return str(ort.__version__)

    def prepare(self, model: bytes, opset: int | None = None) -> Run:
        """A session on the model; NOT_IMPLEMENTED, no CUDA kernel, or an opset below the guarantee declines.

        ``opset`` is the model's, where ONNX may be missing that could tell.
        """
        try:
            session = (
                ort.InferenceSession(  # without enable_fallback=0 its Python part goes on with the CPU after a failure
                    model, self.options, providers=[(self.provider, self.arguments)], enable_fallback=0
                )
            )
        except Exception as error:
            decline(error, opset_of(model) if opset is None else opset, self.provider)
            raise
        if self.is_cuda:
            verify_placement(session, self.provider)

        has_own_types = any(value.type in NUMPY_LACKS for value in (*session.get_inputs(), *session.get_outputs()))

        def run(feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
            try:
                results = run_values(session, feeds) if has_own_types else session.run(None, dict(feeds))
            except Unsupported:
                raise
            except Exception as error:
                decline(error, opset_of(model) if opset is None else opset, self.provider)
                raise
            return results

        return run


def run_values(session: Any, feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
    """Run with tensors of types that NumPy lacks, which go in and come out as bytes."""
    if not all(hasattr(ort.OrtValue, name) for name in ("ortvalue_from_numpy_with_onnx_type", "tensor_size_in_bytes")):
        raise Unsupported(
            f"the Python interface of onnxruntime {ort.__version__} passes no tensors of types NumPy lacks"
        )
    values = {name: to_value(feed) for name, feed in feeds.items()}
    return [from_value(value) for value in session.run_with_ort_values(None, values)]


def to_value(array: NDArray[Any] | Bits) -> Any:
    """An OrtValue of the array's type."""
    if isinstance(array, Bits):
        return value_of(ort, array.name, array.bits)
    if array.dtype.name not in LACKED:
        return ort.OrtValue.ortvalue_from_numpy(array)
    return value_of(ort, array.dtype.name, array.view(f"u{array.itemsize}"))


def from_value(value: Any) -> Any:
    """The array of an OrtValue on the CPU, copied; as bits where its type is missing."""
    name, bits = bits_of(value)
    return of_bits(name, bits) if name else bits


def decline(error: Exception, opset: int, provider: str) -> None:
    """Raise `Unsupported` where an error means that the runtime does not promise to run the model."""
    reason = ""
    if isinstance(error, OrtNotImplemented):
        raise Unsupported(first_line(error)) from error
    if NO_FALLBACK in str(error):
        reason = f"no {provider} kernel"
    elif TOO_NEW in str(error) or TOO_NEW_IR in str(error):
        reason = "opset above the newest guaranteed"
    elif UNKNOWN_TYPE in str(error):
        reason = "a type that it does not know"
    elif opset < OLDEST_OPSET:
        reason = f"opset below {OLDEST_OPSET}, the oldest guaranteed"
    if reason:
        raise Unsupported(f"{reason}: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """The runtime's message without its stack of calls and its error number."""
    return re.sub(r"^\[ONNXRuntimeError\] : \d+ : ", "", (str(error).splitlines() or [type(error).__name__])[0])


def opset_of(model: bytes) -> int:
    """The model's opset for the default domain."""
    from onnx import ModelProto  # only here, so that the adapter needs ONNX Runtime alone

    return next((o.version for o in ModelProto.FromString(model).opset_import if not o.domain), 0)


def verify_placement(session: Any, provider: str) -> None:
    """Raise `Unsupported` unless the session's own records put every node on ``provider``."""
    if provider not in session.get_providers():
        raise RuntimeError(f"the session has {session.get_providers()}, without {provider}")
    placed = {subgraph.ep_name for subgraph in session.get_provider_graph_assignment_info()}
    if placed != {provider}:
        raise Unsupported(f"nodes were placed on {', '.join(sorted(placed)) or 'no provider'}, not {provider} alone")


def open_runtime(device: str = "cpu", *flags: str) -> OnnxRuntime:
    """The adapter; raises `Unavailable` where CUDA is asked for and does not work."""
    if device == "cuda":
        remedy = "needs an NVIDIA driver and pip install 'convformance[cuda]'"
        if PROVIDERS["cuda"] not in ort.get_available_providers():
            raise Unavailable("this build of onnxruntime has no CUDA provider", remedy)
        try:
            driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        except OSError as error:
            raise Unavailable(f"no NVIDIA driver ({error})", remedy) from error
        if driver.cuInit(0):
            raise Unavailable("no CUDA device (cuInit failed)", remedy)
        if not hasattr(ort.InferenceSession, "get_provider_graph_assignment_info"):
            raise Unavailable(
                f"onnxruntime {ort.__version__} cannot say where nodes were placed", "needs 1.24 or later"
            )
        ort.preload_dlls()
    return OnnxRuntime(device, *flags)
