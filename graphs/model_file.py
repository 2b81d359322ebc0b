"""Models and tensors from files that anyone may have written: limits, and external data from the model's own folder."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto

MOST_BYTES = (1 << 31) - 1  # of a file, and of the external data of a model: protobuf's own limit


class BadModel(ValueError):
    """A file that cannot be read as a model or a tensor, with the reason."""


def load_model(path: Path) -> ModelProto:
    """The model in a file with its external data; raises `BadModel`."""
    raw = read_limited(path)
    try:
        model = onnx.load_model_from_string(raw)
    except Exception as error:  # protobuf's own, to which ONNX gives no name
        raise BadModel("no ONNX model") from error
    if not model.HasField("graph"):
        raise BadModel("no ONNX model: it has no graph")
    left = MOST_BYTES
    for tensor in tensors_of(model):
        if tensor.data_location == TensorProto.EXTERNAL:
            left -= fill(tensor, path.parent, left)
    return model


def load_tensor(path: Path) -> TensorProto:
    """The tensor in a file; raises `BadModel`."""
    raw = read_limited(path)
    try:
        tensor = onnx.load_tensor_from_string(raw)
    except Exception as error:  # protobuf's own, to which ONNX gives no name
        raise BadModel("no ONNX tensor") from error
    if tensor.data_location == TensorProto.EXTERNAL:
        fill(tensor, path.parent, MOST_BYTES)
    return tensor


def read_limited(path: Path) -> bytes:
    """The bytes of an ordinary file, which a pipe or a device is not; raises `BadModel`."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise BadModel("no ordinary file")
        if found.st_size > MOST_BYTES:
            raise BadModel(f"{found.st_size:,} bytes, at most {MOST_BYTES:,} are read")
        return path.read_bytes()
    except OSError as error:
        raise BadModel(f"cannot be opened: {error.strerror}") from error


def tensors_of(model: ModelProto) -> Iterator[TensorProto]:
    """Every tensor that may have external data."""
    yield from of_graph(model.graph)
    for function in model.functions:
        for node in function.node:
            yield from of_node(node)


def of_graph(graph: GraphProto) -> Iterator[TensorProto]:
    """Those of a graph and of the graphs within."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        yield from of_node(node)


def of_node(node: NodeProto) -> Iterator[TensorProto]:
    """Those of a node's attributes."""
    for attribute in node.attribute:
        yield from [attribute.t] if attribute.HasField("t") else []
        yield from attribute.tensors
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)
        for graph in (attribute.g, *attribute.graphs):
            yield from of_graph(graph)


def fill(tensor: TensorProto, folder: Path, most: int) -> int:
    """Put a tensor's external data into it, and tell their bytes; raises `BadModel`.

    The place is relative to the model's folder and inside it, links followed, as ONNX's text on external data has it:
    a model is no reason to read another file of the user's.
    """
    said = {entry.key: entry.value for entry in tensor.external_data}
    place = said.get("location", "")
    name = f"external data of {tensor.name!r:.80}"
    if not place or PurePosixPath(place).is_absolute() or PureWindowsPath(place).anchor or "\0" in place:
        raise BadModel(f"{name} lie at {place!r:.200}, must be a path in the model's folder")
    try:
        path = (folder / place).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise BadModel(f"{name} lie at {place!r:.200}, which leaves the model's folder")
        if not path.is_file():
            raise BadModel(f"{name} lie at {place!r:.200}, where no ordinary file is")
        offset, length = (extent_of(said.get(key, ""), name, key) for key in ("offset", "length"))
        available = path.stat().st_size - (offset or 0)
        wanted = available if length is None else length
        if not 0 <= wanted <= available:
            raise BadModel(
                f"{name} are {wanted:,} bytes from {offset or 0:,} on, the file has {available:,} from there"
            )
        if wanted > most:
            raise BadModel(f"more than {MOST_BYTES:,} bytes of external data, which is the most that is read")
        with path.open("rb") as stream:
            stream.seek(offset or 0)
            tensor.raw_data = stream.read(wanted)
    except (OSError, RuntimeError) as error:  # a name that is too long, a circle of links
        raise BadModel(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    tensor.data_location = TensorProto.DEFAULT
    del tensor.external_data[:]
    return wanted


def extent_of(text: str, name: str, key: str) -> int | None:
    """A number of bytes as ONNX writes it; None where there is none."""
    if not text:
        return None
    if len(text) > 18 or not (text.isascii() and text.isdigit()):
        raise BadModel(f"{name} have {key} {text!r:.40}, must be a number of bytes")
    return int(text)
