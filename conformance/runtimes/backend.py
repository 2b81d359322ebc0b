"""Any `onnx.backend.base.Backend` by dotted name: ``backend:package.module`` or ``backend:package.module.Class``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import onnx
from numpy.typing import NDArray
from onnx.backend.test.runner import BackendIsNotSupposedToImplementIt

from conformance.runtimes.protocol import Run, Unavailable, Unsupported

if TYPE_CHECKING:
    from reference.claim import Claim


class Backend:
    """ONNX's backend interface; a ``claim`` attribute of the backend replaces the default one."""

    def __init__(self, backend: Any, name: str):
        self.backend = backend
        self.name = name

    @cached_property
    def claim(self) -> Claim:
        """The backend's own, or the default one."""
        from conformance.runtimes.claims import CLAIMS  # only here, for another interpreter has none

        found: Claim = getattr(self.backend, "claim", None) or CLAIMS["backend"](self.name)
        return found

    def version(self) -> str:
        """The version of the package that holds the backend, where it has one."""
        return str(getattr(import_module(self.name.partition(".")[0]), "__version__", "unknown"))

    def prepare(self, model: bytes) -> Run:
        """``prepare`` of the backend; ``is_compatible`` may decline."""
        proto = onnx.ModelProto.FromString(model)
        if not getattr(self.backend, "is_compatible", lambda _: True)(proto):
            raise Unsupported("is_compatible() says no")
        try:
            prepared = self.backend.prepare(proto, device="CPU")
        except (BackendIsNotSupposedToImplementIt, NotImplementedError) as error:
            raise Unsupported(str(error) or type(error).__name__) from error
        held = {tensor.name for tensor in proto.graph.initializer}
        names = [value.name for value in proto.graph.input if value.name not in held]

        def run(feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
            try:
                results = prepared.run([feeds[name] for name in names])
            except (BackendIsNotSupposedToImplementIt, NotImplementedError) as error:
                raise Unsupported(str(error) or type(error).__name__) from error
            if not isinstance(results, (tuple, list)):
                raise TypeError(f"run() returned {type(results).__name__}, should be a tuple of arrays")
            return results

        return run


def open_runtime(dotted: str) -> Backend:
    """Import a backend: a module with ``prepare``, or a class of one.  Raises `Unavailable`."""
    remedy = "give backend:package.module or backend:package.module.Class, importable from here, with prepare()"
    if os.getcwd() not in sys.path:  # a console command's path starts at its own folder, not at the user's
        sys.path.append(os.getcwd())
    try:
        found: Any = import_module(dotted)
    except ModuleNotFoundError as error:
        parent, _, attribute = dotted.rpartition(".")
        if not parent or not dotted.startswith(error.name or " "):
            raise Unavailable(f"cannot import {dotted}: {error}", remedy) from error
        try:
            found = getattr(import_module(parent), attribute)
        except (ImportError, AttributeError) as inner:
            raise Unavailable(f"cannot import {dotted}: {inner}", remedy) from inner
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may end in SystemExit, or in a panic of Rust
        said = " ".join(str(error).split())
        raise Unavailable(f"importing {dotted} raised {type(error).__name__}: {said}", remedy) from error
    if not callable(getattr(found, "prepare", None)):
        raise Unavailable(f"{dotted} has no prepare()", remedy)
    return Backend(found, dotted)
