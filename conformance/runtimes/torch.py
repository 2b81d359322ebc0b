"""PyTorch: the same ONNX graph, node after node, through torch.nn.functional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import ml_dtypes
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from conformance.runtimes.protocol import Run, Unavailable, Unsupported

if TYPE_CHECKING:
    from reference.claim import Claim

try:
    import torch

    from conformance.runtimes.torch_ops import BEFORE_6, OPERATORS
except ImportError as error:
    raise Unavailable(str(error), "pip install 'convformance[torch]'") from error

CASTS = ("float16", "bfloat16")  # what torch.autocast makes of float32 tensors
DECLINED = ("not implemented for", "not supported", "unsupported")  # in torch's own RuntimeError messages


Step = tuple[Any, dict[str, Any], list[str], list[str]]  # function, attributes, names of operands and of results


class Graph(NamedTuple):
    """A model whose nodes are bound."""

    steps: list[Step]
    held: dict[str, torch.Tensor]
    wanted: dict[str, np.dtype[Any]]
    is_cast: bool


class Torch:
    """A graph interpreter; the operators are tables of small functions, one module a family."""

    def __init__(self, device: str, *flags: str):
        self.device, self.flags = device, flags
        tf32, fast = "tf32" in flags, "fast" in flags
        self.cast = next((flag for flag in flags if flag in CASTS), None)
        torch.set_num_threads(1)
        torch.backends.cudnn.enabled = fast  # it may choose Winograd or Fourier transforms
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf32

    @cached_property
    def claim(self) -> Claim:
        """That of the device and the flags."""
        from conformance.runtimes.claims import CLAIMS  # only here, for another interpreter has none

        return CLAIMS["torch"](self.device, *self.flags)

    def version(self) -> str:
        """PyTorch's version, local part included: +cpu, +cu130."""
        return str(torch.__version__)

    def prepare(self, model: bytes) -> Run:
        """Bind every node to its function; an operator without one declines."""
        graph = self.bound(model)

        def run(feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
            found = self.compute(graph, {name: self.tensor(value) for name, value in feeds.items()})
            plain = {name: to_numpy(value) for name, value in found.items()}
            if not graph.is_cast:
                return list(plain.values())
            return [r.astype(graph.wanted[n]) if r.dtype.name == self.cast else r for n, r in plain.items()]

        return run

    def bound(self, model: bytes) -> Graph:
        """The nodes' functions and attributes, the initializers as tensors, and the results that are wanted."""
        read = onnx.ModelProto.FromString(model)
        graph, is_old = read.graph, any(not o.domain and o.version < 6 for o in read.opset_import)
        steps: list[Step] = []
        for node in graph.node:
            if node.op_type not in OPERATORS:
                raise Unsupported(f"{node.op_type} is not among {', '.join(sorted(OPERATORS))}")
            attributes: dict[str, Any] = dict(BEFORE_6.get(node.op_type, {})) if is_old else {}
            attributes |= {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            steps.append((OPERATORS[node.op_type], attributes, list(node.input), list(node.output)))
        held = {t.name: self.tensor(numpy_helper.to_array(t)) for t in graph.initializer}
        wanted = {v.name: helper.tensor_dtype_to_np_dtype(v.type.tensor_type.elem_type) for v in graph.output}
        # It would take float16 for a wider type than bfloat16, and cast that too; it leaves float64 alone.
        is_cast = self.cast is not None and all(
            value.type.tensor_type.elem_type not in (TensorProto.FLOAT16, TensorProto.BFLOAT16) for value in graph.input
        )
        return Graph(steps, held, wanted, is_cast)

    def compute(self, graph: Graph, feeds: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The results of a run, by name."""
        values = {**graph.held, **feeds}
        autocast = torch.autocast(self.device, getattr(torch, self.cast or "bfloat16"), enabled=graph.is_cast)
        with torch.no_grad(), autocast:
            for function, attributes, inputs, outputs in graph.steps:
                operands = [values[name] if name else None for name in inputs]
                results = self._call(function, operands, len([o for o in outputs if o]), attributes)
                values.update(zip(outputs, results, strict=False))
        return {name: values[name] for name in graph.wanted}

    def tensor(self, array: NDArray[Any]) -> torch.Tensor:
        """The array on the device."""
        held = array if array.flags.writeable else array.copy()
        if held.dtype.name == "bfloat16":  # which torch does not take from NumPy, nor hand to it
            return torch.from_numpy(held.view("i2")).view(torch.bfloat16).to(self.device)
        try:
            return torch.from_numpy(held).to(self.device)
        except TypeError as error:  # of a type that NumPy has from ml_dtypes
            raise Unsupported(first_line(error)) from error

    @staticmethod
    def _call(function: Any, operands: list[torch.Tensor | None], outputs: int, attributes: dict[str, Any]) -> Any:
        """Call an operator; torch's own words for a missing kernel decline."""
        try:
            return function(*operands, outputs=outputs, **attributes)
        except NotImplementedError as error:
            raise Unsupported(first_line(error)) from error
        except RuntimeError as error:
            if any(words in str(error) for words in DECLINED):
                raise Unsupported(first_line(error)) from error
            raise


def to_numpy(tensor: torch.Tensor) -> NDArray[Any]:
    """The tensor as an array on the CPU."""
    held = tensor.cpu()
    if held.dtype == torch.bfloat16:
        return np.asarray(held.contiguous().view(torch.int16).numpy().view(ml_dtypes.bfloat16))
    return np.asarray(held.numpy())


def first_line(error: Exception) -> str:
    """Torch's message without its stack of calls."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def open_runtime(device: str = "cpu", *flags: str) -> Torch:
    """The adapter; raises `Unavailable` where CUDA is asked for and there is none."""
    if device == "cuda" and not torch.cuda.is_available():
        built = torch.version.cuda
        reason = "no CUDA device" if built else "this build of torch has no CUDA"
        raise Unavailable(reason, "needs an NVIDIA driver and a CUDA build of torch")
    if len({*CASTS} & {*flags}) > 1:
        raise Unavailable(f"tensors cannot be cast to {' and '.join(CASTS)} at once", "choose one of them")
    return Torch(device, *flags)
