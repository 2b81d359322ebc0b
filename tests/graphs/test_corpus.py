"""The same bytes on every machine, in every process, from one version of the project to the next."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import Any

from numpy.typing import NDArray

from graphs.blocks import BLOCKS
from graphs.blocks.average_pool import AveragePool
from graphs.blocks.conv import Conv
from graphs.blocks.max_pool import MaxPool
from graphs.blocks.max_unpool import MaxUnpool
from graphs.blocks.pad import Pad
from graphs.blocks.relu import Relu
from graphs.blocks.tanh import Tanh
from graphs.data import operands
from graphs.grid import Case, cases
from graphs.spec import Spec

CASES = [case for block in BLOCKS for case in cases(block, "quick")]


def drawn(case: Case) -> dict[str, NDArray[Any]]:
    return operands(case.spec, case.data, case.id)


SAMPLE: tuple[tuple[Spec, str], ...] = (
    (Conv(batch=2, channels=4, filters=6, extent=(9, 7), kernel_shape=(3, 2), group=2, bias=True), "small"),
    (Conv(batch=1, channels=4, extent=(5,), kernel_shape=(3,)), "wide"),
    (Conv(batch=1, channels=4, extent=(5,), kernel_shape=(3,), dtype="float64"), "wide"),
    (MaxPool(batch=1, channels=3, extent=(6, 5), kernel_shape=(2, 2)), "negative"),
    (AveragePool(batch=1, channels=3, extent=(6, 5), kernel_shape=(2, 2), dtype="float16"), "random"),
    (Relu(shape=(4, 5), dtype="float64"), "special"),
    (Pad(shape=(4, 5), pads=(1, 0, -1, 2), value=3.0, dtype="int32", opset=25), "wide"),
    (MaxUnpool(batch=2, channels=3, extent=(3, 2), kernel_shape=(3, 2), places="drawn"), "random"),
    (MaxUnpool(batch=2, channels=3, extent=(3, 2), kernel_shape=(3, 2), places="anywhere"), "random"),
    (Tanh(shape=(4, 5), dtype="float16"), "range"),
    (Tanh(shape=(4, 5), dtype="float64"), "range"),
)
# Changes when the corpus does: then results can't be compared with earlier ones, and the change log must say so.
FROZEN = {
    "conv-2d-x2.4.9.7-m6-k3x2-g2-bias-f32-op22-small": "2fa7aaf91232cd4f",
    "conv-1d-x1.4.5-m1-k3-f32-op22-wide": "f99581f21def51ee",
    "conv-1d-x1.4.5-m1-k3-f64-op22-wide": "bb2de63ffa59a7a7",
    "maxpool-2d-x1.3.6.5-k2x2-f32-op22-negative": "e26402506816e211",
    "averagepool-2d-x1.3.6.5-k2x2-f16-op22-random": "59e894b10f1ef485",
    "relu-x4.5-f64-op22-special": "9b250e86affadecc",
    "pad-x4.5-p1.0.m1.2-v3.0-i32-op25-wide": "24ef1e796a69ff07",
    "maxunpool-2d-x2.3.3.2-k3x2-drawn-f32-op22-random": "35dd7081f5344077",
    "maxunpool-2d-x2.3.3.2-k3x2-anywhere-f32-op22-random": "b7d7e68ecb7b7ec8",
    "tanh-x4.5-f16-op22-range": "4cd1519983dd1605",
    "tanh-x4.5-f64-op22-range": "50efa1a5e80c8d9d",
}


def digests() -> dict[str, str]:
    """The start of the SHA-256 of a case's operands, by case id."""
    found = {}
    for spec, data in SAMPLE:
        case = Case(spec, data)
        content = b"".join(a.astype(a.dtype.newbyteorder("<")).tobytes() for a in drawn(case).values())
        found[case.id] = hashlib.sha256(content).hexdigest()[:16]
    return found


def test_corpus_is_frozen() -> None:
    assert digests() == FROZEN


PROGRAM = """
import hashlib
from graphs.blocks import BLOCKS
from graphs.blocks.tanh import Tanh
from graphs.data import operands
from graphs.grid import cases
for block in BLOCKS:
    for case in cases(block, "quick"):
        content = b"".join(a.tobytes() for a in operands(case.spec, case.data, case.id).values())
        print(case.id, hashlib.sha256(content).hexdigest())
"""


def test_another_process_with_another_hash_seed_draws_the_same() -> None:
    """Case ids and the bytes of every operand of the quick tier; this process has a seed of its own."""
    environment = os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    here = []
    for case in CASES:
        content = b"".join(a.tobytes() for a in drawn(case).values())
        here.append(f"{case.id} {hashlib.sha256(content).hexdigest()}")
    assert run.stdout.splitlines() == here
