"""PyTorch: the same ONNX graph, node after node, through torch.nn.functional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from conformance.runtimes.protocol import Run, Unavailable, Unsupported
from reference.claim import NATIVE, TF32, Claim

try:
    import torch

    from conformance.runtimes.torch_ops import BEFORE_6, OPERATORS
except ImportError as error:
    raise Unavailable(str(error), "pip install 'convformance[torch]'") from error

DECLINED = ("not implemented for", "not supported", "unsupported")  # in torch's own RuntimeError messages


class Torch:
    """A graph interpreter; the operators are tables of small functions, one module a family."""

    def __init__(self, device: str, *flags: str):
        self.device = device
        is_cuda, tf32 = device == "cuda", "tf32" in flags
        self.claim = Claim(
            precision={**NATIVE, "float32": TF32} if is_cuda and tf32 else NATIVE, deterministic=not is_cuda
        )
        torch.set_num_threads(1)
        torch.backends.cudnn.enabled = False  # it may choose Winograd, for which there is no bound yet
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf32

    def version(self) -> str:
        """PyTorch's version, local part included: +cpu, +cu130."""
        return str(torch.__version__)

    def prepare(self, model: bytes) -> Run:
        """Bind every node to its function; an operator without one declines."""
        read = onnx.ModelProto.FromString(model)
        graph, is_old = read.graph, any(not o.domain and o.version < 6 for o in read.opset_import)
        steps = []
        for node in graph.node:
            if node.op_type not in OPERATORS:
                raise Unsupported(f"{node.op_type} is not among {', '.join(sorted(OPERATORS))}")
            attributes: dict[str, Any] = dict(BEFORE_6.get(node.op_type, {})) if is_old else {}
            attributes |= {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            steps.append((OPERATORS[node.op_type], attributes, list(node.input), list(node.output)))
        held = {t.name: self._tensor(numpy_helper.to_array(t)) for t in graph.initializer}
        wanted = [value.name for value in graph.output]

        def run(feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
            values = {**held, **{name: self._tensor(value) for name, value in feeds.items()}}
            with torch.no_grad():
                for function, attributes, inputs, outputs in steps:
                    operands = [values[name] if name else None for name in inputs]
                    results = self._call(function, operands, len([o for o in outputs if o]), attributes)
                    values.update(zip(outputs, results, strict=False))
            return [values[name].cpu().numpy() for name in wanted]

        return run

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        """The array on the device."""
        return torch.from_numpy(array.copy() if not array.flags.writeable else array).to(self.device)

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


def first_line(error: Exception) -> str:
    """Torch's message without its stack of calls."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def open_runtime(device: str = "cpu", *flags: str) -> Torch:
    """The adapter; raises `Unavailable` where CUDA is asked for and there is none."""
    if device == "cuda" and not torch.cuda.is_available():
        built = torch.version.cuda
        reason = "no CUDA device" if built else "this build of torch has no CUDA"
        raise Unavailable(reason, "needs an NVIDIA driver and a CUDA build of torch")
    return Torch(device, *flags)
